/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_EVENT_H
#define WAYBILL_BASE_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * The grammar of waybill's log lines, waybill-log(7):
 *	[QID:] [warning:] name key=value ...[: sentence]
 * A name is of lower-case letters and "-", so that it is never taken for a
 * queue id; a key of lower-case letters, digits, "_" and "-", and never "cut".
 * Values are quoted when they are empty, hold a space, '"', '\', '=', DEL, a
 * control or a non-ASCII byte, or end in ':'; inside quotes such bytes, '"'
 * and '\' are \xHH. One writer and one reader, so that they can't drift.
 */

/* Bytes of a line without the logger's "tag[pid]: ", which gets the rest of
 * the 1,000 that are promised. */
enum {
	EVENT_LINE_MAX = 970,
	EVENT_FIELDS_MAX = 40,
	EVENT_BOUNDED_MAX = 256,	/* of a value that is bounded */
};

/* One line under construction. Open, so that it can live on the stack. */
struct event {
	char line[EVENT_LINE_MAX + 1];
	size_t len;
	size_t n;		/* pairs so far */
	bool warning;
	bool cut;		/* something did not fit: " cut=yes" ends the line */
	bool ended;		/* nothing more can be added */
};

/* Begins a line. qid may be NULL or "" (then there is none); a qid that is
 * no Postfix queue id (letters and digits, one digit or capital at least) is
 * written as NOQUEUE. */
void event_begin(struct event *e, const char *qid, bool warning,
    const char *name);

/* Add key=value, quoted where the grammar asks for it. A NULL value adds
 * nothing. A pair that doesn't fit is left out whole, and so is all that
 * follows it. */
void event_add(struct event *e, const char *key, const char *value);
void event_add_number(struct event *e, const char *key, long long value);

/* As event_add() for text that strangers choose, and for lists: the value takes
 * at most EVENT_BOUNDED_MAX bytes of the line, quotes and escapes included. A
 * longer one is cut, ends in U+2026 (an ellipsis), and the line goes on. What
 * waybill found out stands first and foreign text is bounded, so nobody pushes a
 * fact off a line. */
void event_add_bounded(struct event *e, const char *key, const char *value);

/* As event_add_bounded() of <value>: a mailbox in angle brackets, as Postfix
 * has it. */
void event_add_path(struct event *e, const char *key, const char *value);

/* Ends the key=value part with ": " and a sentence (plain words; control and
 * non-ASCII bytes become "?"). Nothing may be added after it. A sentence that
 * doesn't fit is cut and ends in "..."; where not even its beginning fits,
 * " cut=yes" ends the line. */
void event_sentence(struct event *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The finished line, without a line break. Belongs to e. */
const char *event_line(struct event *e);

/* A line read back. All strings point into buf. */
struct event_read {
	char buf[2 * EVENT_LINE_MAX];
	const char *qid;	/* "" without one */
	bool warning;
	bool cut;
	const char *name;
	size_t n;
	struct {
		const char *key;
		const char *value;	/* unquoted; may hold any byte but NUL */
	} field[EVENT_FIELDS_MAX];
	const char *sentence;	/* "" without one */
};

/* Reads a line (what follows "waybilld[pid]: "), len bytes, untrusted. 0, or
 * -1 when it isn't of the grammar. A NUL that a value would hold is a
 * violation too. */
int event_parse(struct event_read *r, const char *line, size_t len);

/* The value of a key, or NULL. */
const char *event_value(const struct event_read *r, const char *key);

#endif
