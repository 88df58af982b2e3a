/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_DESCRIBE_H
#define WAYBILL_CONFIG_DESCRIBE_H

#include "base/text.h"
#include "config/config.h"

/* Descriptions of the table of options. Each function appends to out. */

/* The effective configuration, in the format of the file. */
void describe_config(const struct config *c, struct text *out);

/* Every option with its help text and default: conf/waybill.conf. */
void describe_defaults(struct text *out);

/* The options as a list of waybill.conf(5), in mdoc(7). */
void describe_man(struct text *out);

/* Formats sentences as mdoc(7) text: one per line, no line too long, nothing
 * that could be taken for a macro. */
void describe_man_text(struct text *out, const char *s);

/* A size sufficient for each of them, except describe_config() with thousands
 * of domains. */
enum { DESCRIBE_MAX = 1 << 24 };

#endif
