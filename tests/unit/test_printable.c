/* SPDX-License-Identifier: ISC */
/* What passes to a terminal and what doesn't, wherever the pieces are cut. */
#include "tool/printable.h"

#include "unit.h"

struct row {
	const char *in;
	const char *want;
	bool may_return;
};

static const struct row rows[] = {
	{ "", "", false },
	{ "plain\ttext\n", "plain\ttext\n", false },
	{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x93\xac",
	    "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x93\xac", false },
	/* the colours of print.c, and no others */
	{ "\033[32mgood\033[0m", "\033[32mgood\033[0m", false },
	{ "\033[31mbad", "\033[31mbad\033[0m", false },
	{ "\033[2m\033[0m", "\033[2m\033[0m", false },
	{ "\033[8mhidden", "\\x1B[8mhidden", false },
	{ "\033[30m", "\\x1B[30m", false },
	{ "\033[0;31m", "\\x1B[0;31m", false },
	{ "\033[32", "\\x1B[32", false },
	{ "\033[3\033[31mx", "\\x1B[3\033[31mx\033[0m", false },
	/* what moves, erases, names, asks, types */
	{ "\033[2J\033[H", "\\x1B[2J\\x1B[H", false },
	{ "\033]0;title\007", "\\x1B]0;title\\x07", false },
	{ "\033]52;c;aWQK\033\\", "\\x1B]52;c;aWQK\\x1B\\", false },
	{ "\033P+q544e\033\\", "\\x1BP+q544e\\x1B\\", false },
	{ "\033c\033\033[31mx", "\\x1Bc\\x1B\033[31mx\033[0m", false },
	{ "\233" "31m\x9d", "\\x9B31m\\x9D", false },
	{ "\xc2\x9b" "2J", "\\u{009B}2J", false },
	{ "a\b\b\v\f\a\x7f", "a\\x08\\x08\\x0B\\x0C\\x07\\x7F", false },
	{ "\x0e\x0f\x05", "\\x0E\\x0F\\x05", false },
	/* a line that is written over: progress */
	{ "real\rforged", "real\\x0Dforged", false },
	{ "\r12 lines\r", "\r12 lines\r", true },
	/* the direction of reading */
	{ "a\xe2\x80\xae" "b\xd8\x9c", "a\\u{202E}b\\u{061C}", false },
	/* no UTF-8: cut, overlong, a surrogate, too high, loose ends */
	{ "\xc3", "\\xC3", false },
	{ "\xe2\x82", "\\xE2\\x82", false },
	{ "\xf0\x9f\x93", "\\xF0\\x9F\\x93", false },
	{ "\xe2\x82" "a", "\\xE2\\x82a", false },
	{ "\xe2\033[2J", "\\xE2\\x1B[2J", false },
	{ "\xe2\033[32mx", "\\xE2\033[32mx\033[0m", false },
	{ "\xc0\x9b", "\\xC0\\x9B", false },
	{ "\xe0\x80\x9b", "\\xE0\\x80\\x9B", false },
	{ "\xed\xa0\x80", "\\xED\\xA0\\x80", false },
	{ "\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80", false },
	{ "\xff\xfe\x80", "\\xFF\\xFE\\x80", false },
};

/* In two pieces, the first of cut bytes. */
static void
check(const struct row *r, size_t cut)
{
	struct printable p = { .may_return = r->may_return };
	struct text out;

	text_init(&out, 1000);
	printable_add(&p, r->in, cut, &out);
	printable_add(&p, r->in + cut, strlen(r->in) - cut, &out);
	printable_end(&p, &out);
	assert_string_equal(out.buf, r->want);
	text_free(&out);
}

static void
wherever_it_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t cut = 0; cut <= strlen(rows[i].in); cut++)
			check(&rows[i], cut);
}

static void
byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct printable p = { .may_return = rows[i].may_return };
		struct text out;

		text_init(&out, 1000);
		for (const char *s = rows[i].in; *s != '\0'; s++)
			printable_add(&p, s, 1, &out);
		printable_end(&p, &out);
		assert_string_equal(out.buf, rows[i].want);
		text_free(&out);
	}
}

static void
a_nul_is_no_end(void **state)
{
	struct printable p = { .n = 0 };
	struct text out;

	(void)state;
	text_init(&out, 100);
	printable_add(&p, "a\0b\xc3\0\033\0", 7, &out);
	printable_end(&p, &out);
	assert_string_equal(out.buf, "a\\x00b\\xC3\\x00\\x1B\\x00");
	text_free(&out);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(wherever_it_is_cut),
    cmocka_unit_test(byte_by_byte),
    cmocka_unit_test(a_nul_is_no_end))
