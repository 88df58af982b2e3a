/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_REPORT_TEXT_H
#define WAYBILL_TOOL_REPORT_TEXT_H

#include <stdio.h>

#include "record/reply.h"
#include "tool/print.h"
#include "tool/report.h"

/* The report for people: a summary, the table, what was rejected and slowed
 * down and what that means. host may be "". */
void report_text(const struct report *r, struct reply_rules *rules,
    const char *host, FILE *out);

/* One JSON object for each group. */
int report_json(const struct report *r, FILE *out);

/* "17 Nov to 24 Nov 2026", with minutes where they aren't whole days. Returns
 * out, of REPORT_PERIOD_SIZE bytes. */
enum { REPORT_PERIOD_SIZE = 56 };
const char *report_period_name(const struct report_options *o, char *out);

/* "17 Nov 09:12", local time. Returns out. */
enum { REPORT_MINUTE_SIZE = 24 };
const char *report_minute_name(int64_t second, char *out);

/* "ipv6" as people write it; "none" for "". */
const char *report_family_name(const char *family);

/* "at MAIL FROM" for a stage, "" where it isn't known. */
const char *report_stage_name(const char *stage);

/* The finding for a trouble, by the rules: scope, who can fix it, page. */
void report_finding(const struct report_trouble *t,
    struct reply_rules *rules, struct reply_finding *out);

/* What happened, and what to do about it; each returns out. */
enum { REPORT_SENTENCE_SIZE = 600 };
const char *report_what(const struct report_trouble *t, char *out);
const char *report_next(const struct report_trouble *t,
    const struct reply_finding *f, char *out);

#endif
