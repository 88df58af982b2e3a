/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_PRINTABLE_H
#define WAYBILL_TOOL_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * Output of a process that isn't trusted, made harmless for a terminal as it
 * comes, in pieces that may be cut anywhere: line feeds, tabs, readable UTF-8
 * and the colours of print.h pass, and a carriage return where it may; anything
 * else becomes \xHH or \u{HHHH}, as escape_terminal() has it. Four bytes come
 * out for one at most. Begins with zeros.
 */
enum { PRINTABLE_HELD = 8 };

struct printable {
	bool may_return;	/* a carriage return passes */
	bool is_coloured;	/* a colour began, and hasn't ended */
	size_t n;
	char held[PRINTABLE_HELD + 1];	/* n bytes whose end is to come */
};

/* Appends what can be told of these bytes and those before. */
void printable_add(struct printable *p, const char *data, size_t len,
    struct text *out);

/* No more comes: appends what is held, and the end of a colour. */
void printable_end(struct printable *p, struct text *out);

#endif
