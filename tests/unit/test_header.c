/* SPDX-License-Identifier: ISC */
/* A message's header out of a file. */
#include "tool/header.h"

#include "base/text.h"
#include "unit.h"

#define BYTES(s) s, sizeof (s) - 1

static void
parse(void **state)
{
	static const struct {
		const char *name, *in;
		size_t len;
		const char *want;	/* "NAME|VALUE/..."; NULL: no message */
	} row[] = {
		{ "two", BYTES("A: b\nC: d\n\nE: f\n"), "A|b/C|d/" },
		{ "CRLF", BYTES("A: b\r\nC: d\r\n\r\nE: f\r\n"), "A|b/C|d/" },
		{ "no body", BYTES("A: b\nC: d"), "A|b/C|d/" },
		{ "folded", BYTES("A: b\n c\n\td \nE:f\n\n"), "A|b c\td/E|f/" },
		{ "folded with CRLF", BYTES("A: b\r\n c\r\nE: f\r\n\r\n"),
		    "A|b c/E|f/" },
		{ "folded at the end", BYTES("A: b\n c"), "A|b c/" },
		{ "a folded empty line", BYTES("A: b\n \n c\nE: f\n\n"),
		    "A|b  c/E|f/" },
		{ "empty", BYTES("A:\nB: \n\n"), "A|/B|/" },
		{ "blanks before the colon", BYTES("A \t: b\n\n"), "A|b/" },
		{ "mailbox", BYTES("From a@b Wed Nov 25\nA: b\n\n"), "A|b/" },
		{ "mark and empty lines", BYTES("\xef\xbb\xbf\r\n\nA: b\n\n"),
		    "A|b/" },
		{ "no field between", BYTES("A: b\nnonsense\n more\nC: d\n\n"),
		    "A|b/C|d/" },
		{ "a name that is none", BYTES("A: b\nA b: c\n\xc3\xa9: d\nE: f\n"),
		    "A|b/E|f/" },
		{ "a first line that is no field", BYTES("hello\nA: b\n"),
		    NULL },
		{ "NUL", BYTES("A: b\0c\nD: e\n"), "A|b?c/D|e/" },
		{ "a body alone", BYTES("hello\n\nA: b\n"), NULL },
		{ "nothing", BYTES(""), NULL },
		{ "only folds", BYTES(" a\n b\n"), NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct header h;
		struct text t;
		struct err err = { 0 };
		int rc = header_parse(&h, row[i].in, row[i].len, &err);

		text_init(&t, 4096);
		for (size_t k = 0; k < h.n; k++)
			text_addf(&t, "%s|%s/", h.v[k].name, h.v[k].value);
		if ((rc == 0) != (row[i].want != NULL) ||
		    (rc == 0 && strcmp(t.buf, row[i].want) != 0) ||
		    (rc != 0 && err.code != EXIT_DATA) || h.cut)
			fail_msg("%s: %s", row[i].name, t.buf);
		text_free(&t);
		header_free(&h);
	}
}

static void
bounds(void **state)
{
	struct err err = { 0 };
	struct header h;
	struct text t;

	(void)state;
	text_init(&t, 4 << 20);
	for (int i = 0; i < HEADER_FIELDS_MAX + 1; i++)
		text_add(&t, "A: b\n");
	assert_int_equal(header_parse(&h, t.buf, t.len, &err), 0);
	assert_int_equal(h.n, HEADER_FIELDS_MAX);
	assert_true(h.cut);
	header_free(&h);
	text_clear(&t);
	text_add(&t, "A: b\nC: ");
	while (t.len <= HEADER_BYTES_MAX)
		text_add(&t, "xxxxxxxxxxxxxxxx");
	assert_int_equal(header_parse(&h, t.buf, t.len, &err), 0);
	assert_int_equal(h.n, 2);
	assert_true(h.cut);
	header_free(&h);
	/* a long body is none of the header */
	text_clear(&t);
	text_add(&t, "A: b\n\n");
	while (t.len <= HEADER_BYTES_MAX)
		text_add(&t, "xxxxxxxxxxxxxxxx");
	FILE *in = fmemopen(t.buf, t.len, "r");
	assert_non_null(in);
	assert_int_equal(header_read(&h, in, &err), 0);
	(void)fclose(in);
	assert_int_equal(h.n, 1);
	assert_false(h.cut);
	header_free(&h);
	text_free(&t);
}

static void
find(void **state)
{
	struct err err = { 0 };
	struct header h;
	size_t at = 0;

	(void)state;
	assert_int_equal(header_parse(&h, BYTES("A: 1\nB: 2\na: 3\n"), &err), 0);
	assert_string_equal(header_find(&h, "A", &at)->value, "1");
	assert_int_equal(at, 1);
	assert_string_equal(header_find(&h, "A", &at)->value, "3");
	assert_null(header_find(&h, "A", &at));
	header_free(&h);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse),
		cmocka_unit_test(bounds),
		cmocka_unit_test(find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
