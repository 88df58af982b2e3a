/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_PARAGRAPH_H
#define WAYBILL_TOOL_PARAGRAPH_H

#include <stdio.h>

#include "tool/print.h"

/* Columns of what is printed for people. */
enum { PARAGRAPH_COLUMNS = 78 };

/*
 * Prints text broken at blanks, behind label, its lines indented. Foreign text
 * is escaped. margin, "" for none, stands at the right end of the last line,
 * or of one more.
 */
void paragraph_print(FILE *out, int indent, const char *label,
    const char *text, const char *margin);

/* The same with a painted word between label and text; where both are wider
 * than the indent the text begins on a line of its own. */
void paragraph_print_word(FILE *out, int indent, const char *label,
    enum print_paint paint, const char *word, const char *text,
    const char *margin);

#endif
