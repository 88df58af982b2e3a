/* SPDX-License-Identifier: ISC */
/* Messages in the queue: what waits, what is saved, what has left. */
#include "record/queued.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct text out;

static void
note(void *arg, const char *qid, const char *text)
{
	(void)arg;
	text_addf(&out, "%s %s\n", qid, text);
}

static void
expect_saved(struct queued_table *t, const char *want)
{
	text_init(&out, 1 << 20);
	queued_save(t, note, NULL);
	assert_string_equal(out.buf, want);
	text_free(&out);
}

/* Who can write a waybilld's line may put anything into its id. */
static void
an_id_that_is_too_long_is_none(void **state)
{
	char qid[POSTFIX_QID_MAX + 2];
	struct queued_table *t = queued_table_new();

	(void)state;
	memset(qid, 'A', sizeof qid - 1);
	qid[sizeof qid - 1] = '\0';
	assert_null(queued_of(t, qid));
	assert_null(queued_find(t, qid));
	qid[POSTFIX_QID_MAX] = '\0';
	assert_non_null(queued_of(t, qid));
	assert_ptr_equal(queued_of(t, qid), queued_find(t, qid));
	queued_table_free(&t);
}

static void
a_destination_waits_until_no_recipient_does(void **state)
{
	/* R: the queue manager takes the message up; D a recipient is
	 * deferred, S one is sent; what queued_wait() says of each. */
	static const struct {
		const char *name;
		const char *in;
		const char *want;
	} rows[] = {
		{ "sent at once", "RS", "0" },
		{ "deferred, then sent", "RDRS", "+-" },
		{ "deferred again and again", "RDRDRS", "++-" },
		{ "one of two in a run", "RSD", "0+" },
		{ "the other of two in a run", "RDS", "++" },
		{ "both, then one, then none", "RDDRDSRS", "++++-" },
		{ "no word of the queue manager", "DS", "++" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct queued_table *t = queued_table_new();
		struct queued *q = queued_of(t, "4F1A2B3C");
		char got[16] = "";
		size_t n = 0;

		assert_true(queued_meets(q, "example.net"));
		for (const char *p = rows[i].in; *p != '\0'; p++) {
			int w;

			if (*p == 'R') {
				queued_begin_run(q);
				continue;
			}
			w = queued_wait(q, "example.net", *p == 'D');
			got[n++] = w > 0 ? '+' : w < 0 ? '-' : '0';
		}
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s, not %s", rows[i].name, got,
			    rows[i].want);
		assert_int_equal(queued_wait(q, "example.com", true), 0);
		queued_table_free(&t);
	}
}

static void
what_waits_survives_a_restart(void **state)
{
	struct queued_table *t = queued_table_new();
	struct queued_table *again = queued_table_new();
	struct queued *q = queued_of(t, "4F1A2B3C");

	(void)state;
	(void)queued_meets(q, "example.net");
	(void)queued_wait(q, "example.net", true);
	(void)queued_meets(q, "example.com");
	text_init(&out, 4096);
	queued_save(t, note, NULL);
	out.buf[out.len - 1] = '\0';
	queued_restore(again, "4F1A2B3C", strchr(out.buf, ' ') + 1);
	text_free(&out);
	q = queued_find(again, "4F1A2B3C");
	assert_non_null(q);
	assert_false(queued_meets(q, "example.net"));
	assert_false(queued_meets(q, "example.com"));
	queued_begin_run(q);
	assert_int_equal(queued_wait(q, "example.com", false), 0);
	assert_int_equal(queued_wait(q, "example.net", false), -1);
	queued_table_free(&t);
	queued_table_free(&again);
}

/* A message whose only trace in the store is that it waits is told of when it
 * leaves, and so are as many as a batch can hold. */
static void
all_that_leave_are_told_of(void **state)
{
	struct queued_table *t = queued_table_new();
	struct queued *q;
	char qid[16];
	unsigned lines = 0;

	(void)state;
	q = queued_of(t, "4F1A2B3C");
	(void)queued_meets(q, "example.net");
	(void)queued_wait(q, "example.net", true);
	queued_leave(t, "4F1A2B3C");
	expect_saved(t, "4F1A2B3C \n");
	expect_saved(t, "");
	(void)queued_of(t, "4F1A2B3D");
	queued_leave(t, "4F1A2B3D");
	expect_saved(t, "");
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(qid, sizeof qid, "%08X", i);
		q = queued_of(t, qid);
		q->is_saved = true;
	}
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(qid, sizeof qid, "%08X", i);
		queued_leave(t, qid);
	}
	text_init(&out, 1 << 20);
	queued_save(t, note, NULL);
	for (const char *p = out.buf; *p != '\0'; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 20000);
	text_free(&out);
	queued_table_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_that_is_too_long_is_none),
		cmocka_unit_test(a_destination_waits_until_no_recipient_does),
		cmocka_unit_test(what_waits_survives_a_restart),
		cmocka_unit_test(all_that_leave_are_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
