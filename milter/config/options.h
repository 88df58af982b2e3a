/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_OPTIONS_H
#define WAYBILL_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

/*
 * The table of options: the one place where an option is written. From a row
 * come what libconfuse is told, the check, the field of struct config, what
 * "waybill config" prints, conf/waybill.conf and waybill.conf(5).
 */

/* The type of the field that a kind fills. */
enum option_kind {
	OPTION_BOOL,		/* bool */
	OPTION_NUMBER,		/* long */
	OPTION_MODE,		/* unsigned, written in octal */
	OPTION_DURATION,	/* int64_t, milliseconds */
	OPTION_WORD,		/* an enum: the place in words */
	OPTION_TEXT,		/* char *, owned, never NULL */
	OPTION_LIST,		/* struct text_list */
};

struct option_row {
	const char *path;	/* "sign.expire", "domain.key.file" */
	enum option_kind kind;
	const char *initial;	/* as written; items of a list parted by ","; NULL: must be given */
	const char *sample;	/* what stands in a sample where initial is NULL */
	size_t field;		/* in struct config, config_domain, config_key */
	const char *help;	/* one sentence */
	const char *allowed;	/* what a value may be, for errors and pages; NULL: follows from the kind */
	long long min;		/* NUMBER, MODE, DURATION; items of a LIST */
	long long max;
	bool zero;		/* 0 is allowed beside min to max */
	const char *const *words;	/* WORD, LIST of words; ends with NULL */
	/* TEXT and each item of a LIST: judges value and appends what is to be
	 * kept of it to kept. NULL: words judge, or anything goes. */
	int (*check)(const char *value, struct text *kept, struct err *err);
};

extern const struct option_row option_rows[];
extern const size_t option_count;

enum option_section { OPTION_NO_SECTION, OPTION_SECTION, OPTION_TITLED };

/* The row of a path, or NULL. */
const struct option_row *option_find(const char *path);

/* Is path a section, and has it a title? */
enum option_section option_section(const char *path);

/* What a value of row may be, appended as half a sentence. */
void option_allowed(const struct option_row *row, struct text *out);

/* Judges n values (n is 1 but for lists) and puts them into the field of base,
 * whose old value is freed. 0, or -1 with err: what is wrong and what is
 * allowed; the field is as before then. */
int option_set(const struct option_row *row, void *base,
    const char *const *values, size_t n, struct err *err);

/* The same with the default. Rows without a default: "" or none. */
int option_set_initial(const struct option_row *row, void *base,
    struct err *err);

/* Frees what the field holds. */
void option_clear(const struct option_row *row, void *base);

/* Appends the field's value, or the default, as it is written in a file. */
void option_format(const struct option_row *row, const void *base,
    struct text *out);
void option_format_initial(const struct option_row *row, struct text *out);

#endif
