/* SPDX-License-Identifier: ISC */
/* Rows as a table and as JSON; foreign text is harmless in both. */
#include "tool/print.h"

#include "unit.h"

static const struct print_column columns[] = {
	{ "to", "TO", false },
	{ "n", "MSGS", true },
	{ "hidden", NULL, false },
	{ "text", "TEXT", false },
};

/* What is printed of some rows; the caller frees. */
static char *
printed(enum print_form form)
{
	char *buf = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&buf, &len);
	struct print *p;

	assert_non_null(f);
	p = print_begin(f, form, columns, COUNT(columns));
	assert_non_null(p);
	print_text(p, "outlook.com");
	print_number(p, 14);
	print_bool(p, true);
	print_painted(p, PRINT_BAD, "a \"b\"\x1b[m\n\xff");
	print_row(p);
	print_text(p, NULL);
	print_number(p, -1);
	print_row(p);		/* the other cells are none */
	print_text(p, "\xc3\xbc");
	print_row(p);
	print_text(p, "x");
	print_text(p, "x");
	print_text(p, "x");
	print_text(p, "x");
	print_text(p, "one too many");
	print_row(p);
	assert_int_equal(print_end(&p), 0);
	assert_null(p);
	(void)fclose(f);
	return buf;
}

static void
a_table_is_for_people(void **state)
{
	char *got = printed(PRINT_TABLE);

	(void)state;
	assert_string_equal(got,
	    "TO           MSGS  TEXT\n"
	    "outlook.com    14  a \"b\"\\x1B[m\\x0A\\xFF\n"
	    "-              -1  -\n"
	    "\xc3\xbc               -  -\n"
	    "x               x  x\n");
	free(got);
}

static void
json_is_one_object_a_line(void **state)
{
	char *got = printed(PRINT_JSON);

	(void)state;
	assert_string_equal(got,
	    "{\"to\":\"outlook.com\",\"n\":14,\"hidden\":true,"
	    "\"text\":\"a \\\"b\\\"\\\\x1B[m\\\\x0A\\\\xFF\"}\n"
	    "{\"to\":null,\"n\":-1,\"hidden\":null,\"text\":null}\n"
	    "{\"to\":\"\\u00FC\",\"n\":null,\"hidden\":null,\"text\":null}\n"
	    "{\"to\":\"x\",\"n\":\"x\",\"hidden\":\"x\",\"text\":\"x\"}\n");
	free(got);
}

static void
no_rows_are_nothing(void **state)
{
	char *buf = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&buf, &len);
	struct print *p = print_begin(f, PRINT_TABLE, columns, COUNT(columns));

	(void)state;
	assert_int_equal(print_end(&p), 0);
	(void)fclose(f);
	assert_int_equal(len, 0);
	free(buf);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(a_table_is_for_people),
    cmocka_unit_test(json_is_one_object_a_line),
    cmocka_unit_test(no_rows_are_nothing))
