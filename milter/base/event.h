/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_EVENT_H
#define WAYBILL_BASE_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * The grammar of waybill's log lines, waybill-log(7):
 *	[QID:] [warning:] name key=value ...[: sentence]
 * A name consists of lower-case letters and "-", so it is never mistaken for
 * a queue id; a key of lower-case letters, digits, "_" and "-", and is never
 * "cut". A value is quoted if it is empty, contains a space, '"', '\', '=',
 * DEL, a control or non-ASCII byte, or ends with ':'; inside quotes such
 * bytes, '"' and '\' are written as \xHH. There is one writer and one reader,
 * so they cannot drift apart.
 */

/* Length of a line without the logger's "tag[pid]: ", which takes the rest of
 * the 1,000 bytes that are promised. */
enum {
	EVENT_LINE_MAX = 970,
	EVENT_FIELDS_MAX = 40,
	EVENT_BOUNDED_MAX = 256,	/* of a bounded value */
};

/* A line under construction. A complete type, so that it can live on the
 * stack. */
struct event {
	char line[EVENT_LINE_MAX + 1];
	size_t len;
	size_t n;		/* pairs so far */
	bool warning;
	bool cut;		/* did not fit: " cut=yes" ends the line */
	bool ended;		/* nothing more can be added */
};

/* Begins a line. qid may be NULL or "" (no queue id); a qid that is not a
 * Postfix queue id (letters and digits, at least one digit or capital) is
 * written as NOQUEUE. */
void event_begin(struct event *e, const char *qid, bool warning,
    const char *name);

/* Adds key=value, quoted if the grammar requires it. A NULL value adds
 * nothing. A pair that does not fit is left out whole, and so is everything
 * after it. */
void event_add(struct event *e, const char *key, const char *value);
void event_add_number(struct event *e, const char *key, long long value);

/*
 * As event_add(), for lists and for text chosen by strangers: the value takes
 * at most EVENT_BOUNDED_MAX bytes of the line, including quotes and escapes. A
 * longer one is cut and ends with U+2026 (an ellipsis), and the line
 * continues. waybill's own findings come first and foreign text is bounded, so
 * nobody can push a fact off a line.
 */
void event_add_bounded(struct event *e, const char *key, const char *value);

/* As event_add_bounded(), for "<value>": a mailbox in angle brackets, as
 * Postfix writes it. */
void event_add_path(struct event *e, const char *key, const char *value);

/* Ends the key=value part with ": " and a sentence (plain words; control and
 * non-ASCII bytes become "?"). Nothing can be added after it. A sentence that
 * does not fit is cut and ends with "..."; if not even its beginning fits, the
 * line ends with " cut=yes". */
void event_sentence(struct event *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The finished line, without a line break. Owned by e. */
const char *event_line(struct event *e);

/* A parsed line. All strings point into buf. */
struct event_read {
	char buf[2 * EVENT_LINE_MAX];
	const char *qid;	/* "" if there is none */
	bool warning;
	bool cut;
	const char *name;
	size_t n;
	struct {
		const char *key;
		const char *value;	/* unquoted; any byte except NUL */
	} field[EVENT_FIELDS_MAX];
	const char *sentence;	/* "" if there is none */
};

/* Parses a line (what follows "waybilld[pid]: ") of len bytes, untrusted.
 * Returns 0, or -1 if it does not follow the grammar. A NUL in a value is an
 * error too. */
int event_parse(struct event_read *r, const char *line, size_t len);

/* Returns the value of a key, or NULL. */
const char *event_value(const struct event_read *r, const char *key);

#endif
