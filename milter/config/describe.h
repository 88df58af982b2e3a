/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_DESCRIBE_H
#define WAYBILL_CONFIG_DESCRIBE_H

#include "base/text.h"
#include "config/config.h"

/* The table of options, described. Each appends to out. */

/* What is in force, as a file that says the same. */
void describe_config(const struct config *c, struct text *out);

/* Every option with its sentence and its default: conf/waybill.conf. */
void describe_defaults(struct text *out);

/* The options as a list of waybill.conf(5), in mdoc(7). */
void describe_man(struct text *out);

/* Sentences as text of mdoc(7): one a line, no line too long, nothing that is
 * taken for a macro. */
void describe_man_text(struct text *out, const char *s);

/* Bytes that are enough for each of them but describe_config() with thousands
 * of domains. */
enum { DESCRIBE_MAX = 1 << 24 };

#endif
