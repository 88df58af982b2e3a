/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_LOGS_H
#define WAYBILL_TOOL_LOGS_H

#include <stdbool.h>

#include "base/err.h"
#include "config/config.h"
#include "record/source.h"

/*
 * Reads all that the logs of this host still hold, rotated files too, in the
 * order of time, each line once though several logs have it. got() returns
 * false when it wants no more. Progress is told on a terminal. 0, or -1 when
 * there is no log or none can be read.
 */
int logs_read(const struct config *c,
    bool (*got)(void *arg, const struct source_line *line), void *arg,
    struct err *err);

#endif
