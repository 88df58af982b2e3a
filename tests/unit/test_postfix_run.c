/* SPDX-License-Identifier: ISC */
/* The helper that runs postconf(1). A Postfix isn't needed: a folder that
 * holds none is asked for. */
#include "find/postfix_run.h"

#include <signal.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "patience.h"

static void
no_postfix_is_a_finding(void **state)
{
	struct err err;

	(void)state;
	struct postfix *p = postfix_read(NULL, "/nonexistent", 0, &err);
	assert_int_equal(postfix_found(p), POSTFIX_NONE);
	assert_true(strlen(postfix_why(p)) > 0);
	postfix_release(&p);
}

static void
the_helper_answers(void **state)
{
	struct err err;

	(void)state;
	struct postfix_helper *h = postfix_helper_start(NULL, &err);
	assert_non_null(h);
	for (int i = 0; i < 3; i++) {
		struct postfix *p = postfix_read(h, "/nonexistent",
		    clock_ms() + PATIENCE_MS, &err);
		assert_non_null(p);
		assert_int_equal(postfix_found(p), POSTFIX_NONE);
		postfix_release(&p);
	}
	char longest[2000];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_null(postfix_read(h, longest, clock_ms() + PATIENCE_MS, &err));
	/* an answer that comes too late doesn't become the next one's: the
	 * first folder's why isn't the second's */
	struct postfix *p = postfix_read(h, "/nonexistent", 0, &err);
	postfix_release(&p);
	p = postfix_read(h, "/nowhere", clock_ms() + PATIENCE_MS, &err);
	assert_null(strstr(postfix_why(p), "/nonexistent"));
	assert_int_equal(postfix_found(p), POSTFIX_NONE);
	postfix_release(&p);
	postfix_helper_stop(&h);
	assert_null(h);
	postfix_helper_stop(&h);
}

static void
files_are_marked(void **state)
{
	char folder[] = "/tmp/waybill-run-XXXXXX", path[100];

	(void)state;
	assert_non_null(mkdtemp(folder));
	uint64_t none = postfix_files_mark(folder);
	(void)snprintf(path, sizeof path, "%s/master.cf", folder);
	assert_int_equal(file_write(path, "a", 1, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_REPLACE, NULL), 0);
	uint64_t one = postfix_files_mark(folder);
	assert_true(one != none);
	assert_true(one == postfix_files_mark(folder));
	assert_int_equal(file_write(path, "b", 1, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_REPLACE, NULL), 0);
	assert_true(one != postfix_files_mark(folder));
	assert_int_equal(unlink(path), 0);
	assert_true(none == postfix_files_mark(folder));
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_postfix_is_a_finding),
		cmocka_unit_test(the_helper_answers),
		cmocka_unit_test(files_are_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
