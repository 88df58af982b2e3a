/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_OUTPUT_H
#define WAYBILL_TOOL_OUTPUT_H

#include <stdio.h>

/*
 * What a command that reads the record prints, by a worker (tool/worker.h)
 * which starts no program: to standard output, or whole into a file
 * (base/owner.h), and that only when make() returned 0 or EXIT_ATTENTION. path
 * NULL, "-" or /dev/stdout is standard output, /dev/fd/N an open descriptor.
 * Returns an exit code.
 */
int output_write(const char *path, int (*make)(void *arg, FILE *out),
    void *arg);

#endif
