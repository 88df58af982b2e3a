/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_READER_H
#define WAYBILL_TOOL_READER_H

#include <stddef.h>

#include "base/err.h"
#include "config/config.h"
#include "record/reply.h"
#include "record/store.h"

/*
 * The record, for a command that reads it: to be called in a worker
 * (tool/worker.h), which is waybill-record where the command is run as root, so
 * that no file of root's is left beside the store. NULL with err.
 */
struct store *reader_open(const struct config *c, struct err *err);

/* The name of this host as its recorder writes it into the record: the
 * configured one, else the kernel's; "" where there is none. Into out of size
 * bytes; returns out. */
const char *reader_host(const struct config *c, char *out, size_t size);

/* The reply classes, the site's included. NULL with err. */
struct reply_rules *reader_rules(struct err *err);

#endif
