/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_OUTPUT_H
#define WAYBILL_TOOL_OUTPUT_H

#include "tool/worker.h"

/*
 * What a command that reads the record prints, by a worker: to standard output,
 * or whole into a file (base/owner.h), and that only when it returned 0 or
 * EXIT_ATTENTION. path NULL, "-" or /dev/stdout is standard output, /dev/fd/N an
 * open descriptor. Returns an exit code.
 */
int output_write(const char *path, const struct worker *worker);

#endif
