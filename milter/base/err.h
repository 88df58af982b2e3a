/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ERR_H
#define WAYBILL_BASE_ERR_H

#include <stddef.h>

/*
 * The exit codes of every waybill program: 0, 1 and those of sysexits.h
 * that are used. An error carries the one that main() ends with.
 */
enum exit_code {
	EXIT_OK = 0,
	EXIT_ATTENTION = 1,	/* done, and something needs attention */
	EXIT_USAGE = 64,
	EXIT_DATA = 65,
	EXIT_UNAVAILABLE = 69,
	EXIT_TEMPORARY = 75,
	EXIT_CONFIG = 78,
};

/* A sentence handed upwards: the thing, the cause, the mend. One line. */
struct err {
	enum exit_code code;
	char text[1024];
};

/* Several of them, in the order in which they were found. */
struct err_list {
	struct err *v;		/* owned */
	size_t n;		/* ERR_LIST_MAX + 1 at most */
	size_t more;		/* counted by the last of them, not kept */
};

/* More than these of one run are counted, not kept. */
enum { ERR_LIST_MAX = 50 };

/*
 * Sets the sentence. err may be NULL (the caller doesn't want it). Text that
 * doesn't fit is cut; what would break the line or change a terminal, and
 * bytes that are no UTF-8, become "?".
 * Always returns -1, so that a function can end in "return err_set(...)".
 */
int err_set(struct err *err, enum exit_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set(), with ": " and strerror(errno) behind the sentence. */
int err_errno(struct err *err, enum exit_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts text and ": " in front of the sentence that is there. Returns -1. */
int err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends a copy of err; past ERR_LIST_MAX one last sentence says how many
 * more there are. list may be NULL. */
void err_list_add(struct err_list *list, const struct err *err);

void err_list_free(struct err_list *list);

/* Writes "program: text" to standard error, one line and escaped for a
 * terminal (escape.h): what main() says of its arguments and files. */
void err_print(const char *program, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
