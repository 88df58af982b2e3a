/* SPDX-License-Identifier: ISC */
/* The sentence handed upwards is one line and never too long. */
#include "base/err.h"

#include <errno.h>
#include <unistd.h>

#include "unit.h"

static void
one_line_whatever_is_put_in(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_set(&e, EXIT_DATA, "%s", "a\nb\tc\x7f\xc3\xbc"),
	    -1);
	assert_string_equal(e.text, "a?b?c?\xc3\xbc");
	assert_int_equal(e.code, EXIT_DATA);
	assert_int_equal(err_set(NULL, EXIT_DATA, "nobody wants it"), -1);
	/* a lone C1 byte, C1 as UTF-8, a bidirectional control, overlong ESC */
	(void)err_set(&e, EXIT_DATA, "%s", "a\x9b" "31m\xc2\x9b" "b\xe2\x80\xae"
	    "c\xc0\x9b" "d\xc3");
	assert_string_equal(e.text, "a?31m?b?c??d?");
	(void)err_prefix(&e, "%s", "\xc2\x85");
	assert_string_equal(e.text, "?: a?31m?b?c??d?");
	errno = ENOENT;
	(void)err_errno(&e, EXIT_DATA, "%s", "\xc2\x90");
	assert_string_equal(e.text, "?: No such file or directory");
}

static void
errno_is_named_and_kept(void **state)
{
	struct err e;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&e, EXIT_CONFIG, "/x/%s", "y"), -1);
	assert_string_equal(e.text, "/x/y: No such file or directory");
	assert_int_equal(errno, ENOENT);
}

/* What is printed is one line without a terminal's bytes. */
static void
what_is_printed_is_escaped(void **state)
{
	char got[200] = "";
	int ends[2], old = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	err_print("waybilld", "%s", "x\n\x1b[2J\x9b" "1m\xc2\x9b\xc3\xbc");
	assert_int_equal(dup2(old, STDERR_FILENO), STDERR_FILENO);
	assert_true(read(ends[0], got, sizeof got - 1) > 0);
	assert_string_equal(got, "waybilld: x\\x0A\\x1B[2J\\x9B1m\\u{009B}"
	    "\xc3\xbc\n");
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(old);
}

static void
prefixes_pile_up(void **state)
{
	struct err e;
	char longest[2000];

	(void)state;
	(void)err_set(&e, EXIT_UNAVAILABLE, "cause");
	assert_int_equal(err_prefix(&e, "thing %d", 1), -1);
	assert_int_equal(err_prefix(&e, "where"), -1);
	assert_string_equal(e.text, "where: thing 1: cause");
	assert_int_equal(e.code, EXIT_UNAVAILABLE);
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	(void)err_prefix(&e, "%s", longest);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

static void
a_list_counts_what_it_does_not_keep(void **state)
{
	struct err_list l = {0};
	struct err e;

	(void)state;
	for (int i = 1; i <= 50; i++) {
		(void)err_set(&e, EXIT_CONFIG, "fault %d", i);
		err_list_add(&l, &e);
	}
	assert_int_equal(l.n, 50);
	assert_string_equal(l.v[49].text, "fault 50");
	err_list_add(&l, &e);
	assert_int_equal(l.n, 51);
	assert_string_equal(l.v[50].text, "and 1 more error");
	err_list_add(&l, &e);
	err_list_add(&l, &e);
	assert_int_equal(l.n, 51);
	assert_string_equal(l.v[50].text, "and 3 more errors");
	err_list_free(&l);
	assert_int_equal(l.n, 0);
	err_list_add(NULL, &e);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(one_line_whatever_is_put_in),
    cmocka_unit_test(errno_is_named_and_kept),
    cmocka_unit_test(what_is_printed_is_escaped),
    cmocka_unit_test(prefixes_pile_up),
    cmocka_unit_test(a_list_counts_what_it_does_not_keep))
