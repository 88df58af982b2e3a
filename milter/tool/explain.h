/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_EXPLAIN_H
#define WAYBILL_TOOL_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "config/config.h"
#include "record/reply.h"

/*
 * What a reply means. reply is the text as a server said it, or a line or
 * part of a line of Postfix's log that holds it; untrusted. Returns an exit
 * code.
 */
int explain_text(const char *reply, bool json, FILE *out);

/* Says for people who can fix what a finding is about. */
const char *explain_who(const char *who);

/* One message, from its submission to the last attempt, out of the record and
 * the log. To be called in a worker, which starts no program from there on.
 * Returns an exit code. */
int explain_message(const struct config *c, const char *qid, bool json,
    FILE *out);

/* A received message out of a file ("-": standard input): what its receiver
 * says of it beside what our stamps foretold. Returns an exit code: 1 when they
 * differ, or when nothing vouches for the stamps. */
int explain_received(const struct config *c, const char *path, bool json,
    FILE *out);

#endif
