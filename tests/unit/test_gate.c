/* SPDX-License-Identifier: ISC */
/* Which keys sign, by what DNS has of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gate.h"

/* states: p(ublished), u(nknown), m(issing), d(iffers); want: 1 signs. */
static const struct {
	const char *states, *want;
} row[] = {
	{ "p", "1" },
	{ "u", "1" },
	{ "m", "1" },
	{ "d", "1" },
	{ "pp", "11" },
	{ "pm", "10" },
	{ "mp", "01" },
	{ "pd", "10" },
	{ "pu", "11" },
	{ "mm", "11" },
	{ "md", "11" },
	{ "um", "11" },
	{ "uu", "11" },
	{ "mpudp", "01101" },
};

static enum published_state
state_of(char letter)
{
	switch (letter) {
	case 'p':
		return PUBLISHED_YES;
	case 'm':
		return PUBLISHED_MISSING;
	case 'd':
		return PUBLISHED_DIFFERS;
	default:
		return PUBLISHED_UNKNOWN;
	}
}

static void
test_decide(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct gate_key key[8] = { { NULL, PUBLISHED_YES, false } };
		size_t n = strlen(row[i].states);

		print_message("%s\n", row[i].states);
		for (size_t k = 0; k < n; k++)
			key[k].state = state_of(row[i].states[k]);
		gate_decide(key, n);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(key[k].signs, row[i].want[k] == '1');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
