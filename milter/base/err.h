/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ERR_H
#define WAYBILL_BASE_ERR_H

#include <stddef.h>

/*
 * The exit codes of all waybill programs: 0, 1 and those of sysexits.h that
 * are used. An error carries the code that main() exits with.
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

/*
 * An error message for the caller: the subject, the cause, the fix. One line.
 */
struct err {
	enum exit_code code;
	char text[1024];
};

/* Several errors, in the order in which they were found. */
struct err_list {
	struct err *v;		/* owned */
	size_t n;		/* ERR_LIST_MAX + 1 at most */
	size_t more;		/* counted in the last message, not kept */
};

/* Errors of one run beyond this number are counted, not kept. */
enum { ERR_LIST_MAX = 50 };

/*
 * Sets the message. err may be NULL if the caller does not want it. Text that
 * does not fit is cut; bytes that would break the line or change a terminal,
 * and bytes that are not UTF-8, become "?". Always returns -1, so that a
 * function can end with "return err_set(...)".
 */
int err_set(struct err *err, enum exit_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set(), with ": " and strerror(errno) appended. */
int err_errno(struct err *err, enum exit_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts text and ": " in front of the message. Returns -1. */
int err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends a copy of err. Beyond ERR_LIST_MAX, one last message says how many
 * more there are. list may be NULL. */
void err_list_add(struct err_list *list, const struct err *err);

void err_list_free(struct err_list *list);

/* Writes "program: text" to standard error, as one line escaped for a terminal
 * (escape.h). main() uses it for its arguments and files. */
void err_print(const char *program, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same of a program that ends for want of memory. Returns the exit code:
 * EXIT_TEMPORARY. */
int err_no_memory(const char *program);

#endif
