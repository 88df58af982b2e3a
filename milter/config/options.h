/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_OPTIONS_H
#define WAYBILL_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

/*
 * The table of options: the only place where an option is defined. A row
 * determines the libconfuse description, the check, the field of struct
 * config, the output of "waybill config", conf/waybill.conf and
 * waybill.conf(5).
 */

/* The type of field that each kind fills. */
enum option_kind {
	OPTION_BOOL,		/* bool */
	OPTION_NUMBER,		/* long */
	OPTION_MODE,		/* unsigned, written in octal */
	OPTION_DURATION,	/* int64_t, milliseconds */
	OPTION_WORD,		/* an enum: the index in words */
	OPTION_TEXT,		/* char *, owned, never NULL */
	OPTION_LIST,		/* struct text_list */
};

struct option_row {
	const char *path;	/* "sign.expire", "domain.key.file" */
	enum option_kind kind;
	/* as written; list items are separated by ","; NULL: required */
	const char *initial;
	const char *sample;	/* shown in a sample if initial is NULL */
	/* in struct config, config_domain, config_key */
	size_t field;
	const char *help;	/* one sentence */
	/* what a value may be, for errors and pages; NULL: derived from kind */
	const char *allowed;
	long long min;		/* NUMBER, MODE, DURATION; items of a LIST */
	long long max;
	bool zero;		/* 0 is allowed in addition to min to max */
	/* WORD, LIST of words; ends with NULL */
	const char *const *words;
	/* TEXT and each item of a LIST: checks value and appends what to store
	 * to kept. NULL: words decides, or any value is valid. */
	int (*check)(const char *value, struct text *kept, struct err *err);
};

extern const struct option_row option_rows[];
extern const size_t option_count;

enum option_section { OPTION_NO_SECTION, OPTION_SECTION, OPTION_TITLED };

/* Returns the row of a path, or NULL. */
const struct option_row *option_find(const char *path);

/* Tells whether path is a section, and whether it has a title. */
enum option_section option_section(const char *path);

/* Appends what a value of the row may be, as a phrase. */
void option_allowed(const struct option_row *row, struct text *out);

/* Checks n values (n is 1 except for lists) and stores them in the field of
 * base, whose old value is freed. Returns 0, or -1 with err: what is wrong and
 * what is allowed; the field is then unchanged. */
int option_set(const struct option_row *row, void *base,
    const char *const *values, size_t n, struct err *err);

/* The same with the default. Rows without a default get "" or an empty list. */
int option_set_initial(const struct option_row *row, void *base,
    struct err *err);

/* Frees what the field contains. */
void option_clear(const struct option_row *row, void *base);

/* Appends the value of the field, or the default, in the syntax of the file. */
void option_format(const struct option_row *row, const void *base,
    struct text *out);
void option_format_initial(const struct option_row *row, struct text *out);

#endif
