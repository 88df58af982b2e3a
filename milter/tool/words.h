/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_WORDS_H
#define WAYBILL_TOOL_WORDS_H

#include <stddef.h>

#include "base/text.h"

/*
 * Every word of the log, the stamps and the findings, in plain words: the one
 * place where they are explained, for "waybill explain" and waybill-log(7).
 */

enum word_kind {
	WORD_EVENT,	/* what a line is about */
	WORD_WARNING,	/* what a warning is about */
	WORD_KEY,	/* the name of a value */
	WORD_REASON,	/* a value of why */
	WORD_VALUE,	/* another value */
	WORD_FINDING,	/* the key of a finding that is no warning */
	WORD_COLUMN,	/* a key of what a command prints as JSON */
};

struct word {
	enum word_kind kind;
	const char *word;
	const char *of;		/* VALUE: of which keys; "" else */
	const char *meaning;	/* whole sentences */
};

/* Ends with a word of NULL. Sorted by kind, then word. */
extern const struct word words[];

/* "event", "warning", "key", "reason", "value", "finding", "column". */
const char *word_kind_name(enum word_kind kind);

/* The part of waybill-log(7) that lists them, in mdoc(7). Appends to out. */
void words_man(struct text *out);

#endif
