/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TESTS_UNIT_H
#define WAYBILL_TESTS_UNIT_H

/*
 * What every unit test needs: cmocka, the headers that cmocka requires before
 * it, and a few helpers. Include it after the system's headers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ip.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* How long a test waits for an event. Only a defect takes so long, however
 * slow and busy the machine is. */
enum { PATIENCE_MS = 120000 };

/* main() of a test: begin and end, each of which may be NULL, around all of the
 * cases, which are cmocka_unit_test() and its like. */
#define UNIT_MAIN(begin, end, ...) \
	int \
	main(void) \
	{ \
		const struct CMUnitTest tests[] = { __VA_ARGS__ }; \
\
		return cmocka_run_group_tests(tests, begin, end); \
	}

/* The path of a file of the source tree, named from its top; static storage,
 * good until the next call. */
static inline const char *
tree_path(const char *name)
{
	static char path[4096];
	const char *top = getenv("srcdir");

	(void)snprintf(path, sizeof path, "%s/%s", top == NULL ? "." : top,
	    name);
	return path;
}

static inline struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_int_equal(ip_parse(text, &ip), 0);
	return ip;
}

/* Removes a test's directory with all that is in it. Returns 0 or -1. */
static inline int
directory_remove(const char *path)
{
	char command[4096];

	(void)snprintf(command, sizeof command, "rm -rf '%s'", path);
	return system(command) == 0 ? 0 : -1;
}

#endif
