/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_PGSQL_TEXT_H
#define WAYBILL_RECORD_PGSQL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Foreign text as PostgreSQL takes it. It refuses bytes that aren't UTF-8, so
 * each of these is stored as \xHH; what is looked for is written the same way.
 */

/* Appends s, max bytes of what is stored at most, whole characters. */
void pgsql_text_add(struct text *out, const char *s, size_t max);

/* Columns of a row for COPY, in its text form: the same text with COPY's own
 * characters escaped, and a tab behind it. */
void pgsql_text_add_column(struct text *row, const char *s, size_t max);
void pgsql_text_add_number(struct text *row, int64_t n);
void pgsql_text_add_bool(struct text *row, bool yes);

/* The tab behind the last column becomes the end of the row. */
void pgsql_text_end_row(struct text *row);

#endif
