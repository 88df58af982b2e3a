/* SPDX-License-Identifier: ISC */
/* Registrable domains, by suffixes that no edition of the list lacks. */
#include "base/psl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void
registrable(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"mx1.mail.example.org", "example.org"},
		{"example.org", "example.org"},
		{"a.b.example.co.uk", "example.co.uk"},
		{"co.uk", "co.uk"}, {"org", "org"}, {"localhost", "localhost"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got = psl_registrable(rows[i].in);
		assert_string_equal(got, rows[i].want);
		assert_true(got >= rows[i].in &&
		    got <= rows[i].in + strlen(rows[i].in));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registrable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
