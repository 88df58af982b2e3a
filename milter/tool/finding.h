/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_FINDING_H
#define WAYBILL_TOOL_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/ip.h"
#include "tool/print.h"

/*
 * What a command found out, each finding with its fix: said once, printed for
 * people (78 columns, the key at the margin) or as JSON with the keys key,
 * severity, subject, family, fact, fix.
 */

enum finding_severity {
	FINDING_OK,		/* as it should be */
	FINDING_NOTE,		/* worth knowing, nothing to do */
	FINDING_WARN,
	FINDING_FAIL,
};
const char *finding_severity_name(enum finding_severity s);

struct finding {
	enum finding_severity severity;
	const char *key;	/* a constant: the word for waybill explain */
	char *subject;		/* a domain, an address, a service; "" */
	enum ip_family family;	/* IP_NONE: of no family */
	char *fact;		/* a sentence without full stop */
	char *fix;		/* what to do; "" where there is nothing */
};

struct findings {
	struct finding *v;	/* owned, in the order in which they came */
	size_t n;
	bool lost;		/* there was no memory for one of them */
};

/* Adds one; subject and fix may be NULL. */
void findings_add(struct findings *f, enum finding_severity severity,
    const char *key, const char *subject, enum ip_family family,
    const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));

/* Worst first; those of one severity keep their order. */
void findings_sort(struct findings *f);

enum finding_severity findings_worst(const struct findings *f);

/* The first that is that bad at least and has a fix, or NULL. */
const struct finding *findings_first(const struct findings *f,
    enum finding_severity at_least);

/* Prints those that are that bad at least; foreign text is escaped. -1 when
 * something was lost: no memory. */
int findings_print(const struct findings *f, enum finding_severity at_least,
    FILE *out, enum print_form form);

/* Moves those of from behind those of f. */
void findings_join(struct findings *f, struct findings *from);

/*
 * From a process to another: prints them all for findings_take(), which adds
 * what it can read of len bytes (a key must be a word of waybill explain). 0,
 * or -1 when the text isn't whole.
 */
void findings_send(const struct findings *f, FILE *out);
int findings_take(struct findings *f, const char *data, size_t len);

void findings_free(struct findings *f);

#endif
