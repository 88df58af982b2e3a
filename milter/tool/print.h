/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_PRINT_H
#define WAYBILL_TOOL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Rows, said once and printed as a table for people or as one JSON object a
 * line for programs. A cell is said in the order of the columns:
 *
 *	print_text(p, "example.org");
 *	print_number(p, 3);
 *	print_row(p);
 */

enum print_form { PRINT_TABLE, PRINT_JSON };

/* How a cell looks on a terminal; other places show no difference. */
enum print_paint { PRINT_PLAIN, PRINT_GOOD, PRINT_ODD, PRINT_BAD, PRINT_DIM };

struct print_column {
	const char *key;	/* of the JSON object */
	const char *title;	/* of the table; NULL: not in the table */
	bool is_right;		/* aligned at its right end */
};

/* Rows of a table are held until print_end(), since each may widen it; after
 * these many they are printed, and the next ones make a new table. */
enum { PRINT_HELD_MAX = 10000, PRINT_COLUMNS_MAX = 20 };

struct print;

/* Columns must outlive it. NULL without memory. */
struct print *print_begin(FILE *out, enum print_form form,
    const struct print_column *columns, size_t n);

/* The next cell. NULL text: none ("-" in a table, null in JSON). Foreign text
 * is escaped for where it goes. */
void print_text(struct print *p, const char *s);
void print_painted(struct print *p, enum print_paint paint, const char *s);
void print_number(struct print *p, long long n);
void print_bool(struct print *p, bool yes);

/* Ends the row; cells that weren't said are none. */
void print_row(struct print *p);

/* Prints what is held, and frees. -1 when something was lost: no memory. */
int print_end(struct print **p);

/* May out be coloured: a terminal, no NO_COLOR, TERM isn't "dumb"? */
bool print_has_colour(FILE *out);

/* In a process whose standard output and error another one copies: do they lead
 * to a terminal? */
void print_leads_to(bool out_is_terminal, bool errors_are);

/* Ends a colour. */
extern const char print_paint_end[];

/* Are len bytes at s one of the sequences that change or end (*is_end) a colour
 * here, the beginning of one, or neither? */
enum print_match { PRINT_NO_PAINT, PRINT_BEGINS_PAINT, PRINT_IS_PAINT };
enum print_match print_match_paint(const char *s, size_t len, bool *is_end);

/* The text in its colour (out can have it) or plain, escaped. */
void print_word(FILE *out, enum print_paint paint, const char *s);

#endif
