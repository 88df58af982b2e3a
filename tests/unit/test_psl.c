/* SPDX-License-Identifier: ISC */
/* Registrable domains, by suffixes that no edition of the list lacks. */
#include "base/psl.h"

#include "unit.h"

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

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(registrable))
