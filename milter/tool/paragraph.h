/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_PARAGRAPH_H
#define WAYBILL_TOOL_PARAGRAPH_H

#include <stdio.h>

/* Columns of what is printed for people. */
enum { PARAGRAPH_COLUMNS = 78 };

/*
 * Prints text broken at blanks, behind label, its lines indented. Foreign text
 * is escaped. margin, "" for none, stands at the right end of the last line,
 * or of one more.
 */
void paragraph_print(FILE *out, int indent, const char *label,
    const char *text, const char *margin);

#endif
