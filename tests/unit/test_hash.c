/* SPDX-License-Identifier: ISC */
/* The hash: the same everywhere and always, and different for what differs. */
#include "base/hash.h"

#include "unit.h"

/* It stands in stores that a later waybill reads. The values are those that
 * xxhsum(1) -H3 prints. */
static void
a_hash_stays_what_it_was(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
	} rows[] = {
		{ "", UINT64_C(0x2d06800538d394c2) },
		{ "a", UINT64_C(0xe6c632b61e964e1f) },
		{ "12345678", UINT64_C(0x62e29b4cad9e2ef6) },
		{ "postfix/smtp", UINT64_C(0x26c3b710072f0ae8) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (hash_add_text(0, rows[i].text) != rows[i].want)
			fail_msg("\"%s\": %#llx", rows[i].text,
			    (unsigned long long)hash_add_text(0,
			    rows[i].text));
}

static void
what_differs_has_another(void **state)
{
	static const char zeros[24];

	(void)state;
	assert_true(hash_add_text(1, "x") != hash_add_text(2, "x"));
	assert_true(hash_add_text(hash_add_text(0, "ab"), "c") !=
	    hash_add_text(hash_add_text(0, "a"), "bc"));
	/* Zeros at the end are not nothing. */
	for (size_t n = 0; n + 1 < sizeof zeros; n++)
		assert_true(hash_add(0, zeros, n) !=
		    hash_add(0, zeros, n + 1));
}

static int
compare(const void *one, const void *two)
{
	uint64_t a = *(const uint64_t *)one;
	uint64_t b = *(const uint64_t *)two;

	return a < b ? -1 : a > b;
}

/* Numbers that count up, as in lines of a log: no two of them meet, and their
 * low bits fill a table as chance would. */
static void
texts_alike_are_told_apart(void **state)
{
	enum { N = 200000, SLOTS = 65536 };
	uint64_t *h = calloc(N, sizeof *h);
	unsigned char *used = calloc(SLOTS, 1);
	unsigned n = 0;
	char text[64];

	(void)state;
	assert_non_null(h);
	assert_non_null(used);
	for (unsigned i = 0; i < N; i++) {
		snprintf(text, sizeof text, "4dXk2w1z%u: to=<b@example.net>",
		    i);
		h[i] = hash_add_text(0, text);
		if (i < SLOTS && used[h[i] % SLOTS]++ == 0)
			n++;
	}
	/* 65,536 balls leave 1/e of as many boxes empty. */
	assert_in_range(n, 41000, 41900);
	qsort(h, N, sizeof *h, compare);
	for (size_t i = 1; i < N; i++)
		assert_true(h[i - 1] != h[i]);
	free(h);
	free(used);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(a_hash_stays_what_it_was),
    cmocka_unit_test(what_differs_has_another),
    cmocka_unit_test(texts_alike_are_told_apart))
