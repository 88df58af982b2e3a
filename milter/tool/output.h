/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_OUTPUT_H
#define WAYBILL_TOOL_OUTPUT_H

#include <stdio.h>

/*
 * What a command prints, to standard output, or whole into a file: a process of
 * its own makes it (and may become another user), this one writes the file as
 * the user that it is, and only when make() returned 0 or EXIT_ATTENTION. What
 * is no regular file, such as /dev/null, is written into and not replaced. path
 * NULL or "-": standard output, without another process. Returns an exit code.
 */
int output_write(const char *path, int (*make)(void *arg, FILE *out),
    void *arg);

#endif
