/* SPDX-License-Identifier: ISC */
/* Messages in the queue: what waits, what is saved, what has left. */
#include "record/queued.h"

#include "base/text.h"
#include "unit.h"

static struct text out;

static void
note(void *arg, const char *qid, const char *text)
{
	(void)arg;
	text_addf(&out, "%s %s\n", qid, text);
}

/* What a destination answered last. */
static struct queued_answer
answer(const char *dest)
{
	struct queued_answer a = { .dest = dest, .provider = "p.example",
		.mx = "", .stage = "rcpt", .class = "rate",
		.text = "450 later, \"please\"" };

	(void)ip_parse("2001:db8::25", &a.ip);
	return a;
}

static int
wait_at(struct queued *q, const char *dest, bool is_deferred)
{
	struct queued_answer a = answer(dest);

	return queued_wait(q, &a, is_deferred);
}

static void
note_expired(void *arg, const struct queued_answer *last, unsigned recipients)
{
	char ip[IP_SIZE];

	(void)arg;
	text_addf(&out, "%u %s %s \"%s\" %s %s %s %s\n", recipients, last->dest,
	    last->provider, last->mx, ip_format(&last->ip, ip), last->stage,
	    last->class, last->text);
}

static void
expect_expired(struct queued *q, const char *want)
{
	text_init(&out, 4096);
	queued_expire(q, note_expired, NULL);
	assert_string_equal(out.buf, want);
	text_free(&out);
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
	for (size_t i = 0; i < COUNT(rows); i++) {
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
			w = wait_at(q, "example.net", *p == 'D');
			got[n++] = w > 0 ? '+' : w < 0 ? '-' : '0';
		}
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s, not %s", rows[i].name, got,
			    rows[i].want);
		assert_int_equal(wait_at(q, "example.com", true), 0);
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
	(void)wait_at(q, "example.net", true);
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
	assert_int_equal(wait_at(q, "example.com", false), 0);
	assert_int_equal(wait_at(q, "example.net", false), -1);
	queued_table_free(&t);
	queued_table_free(&again);
}

/* A sender who fills a line doesn't take the author, nor what waits, with him. */
static void
a_long_sender_survives_alone(void **state)
{
	static const size_t lengths[] = { 100, 239, 800, 2000 };
	char from[2100];

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct queued_table *t = queued_table_new();
		struct queued_table *again = queued_table_new();
		struct queued *q = queued_of(t, "4F1A2B3C");

		memset(from, '\x01', lengths[i]);
		strcpy(from + lengths[i], "@example.org");
		queued_set(q, &q->mail_from, from);
		queued_set(q, &q->author, "example.com");
		q->is_ours = true;
		(void)queued_meets(q, "example.net");
		(void)wait_at(q, "example.net", true);
		queued_touch(q);
		text_init(&out, 8192);
		queued_save(t, note, NULL);
		out.buf[out.len - 1] = '\0';
		queued_restore(again, "4F1A2B3C", strchr(out.buf, ' ') + 1);
		text_free(&out);
		q = queued_find(again, "4F1A2B3C");
		assert_non_null(q);
		assert_non_null(q->author);
		assert_string_equal(q->author, "example.com");
		assert_true(q->is_ours);
		assert_false(queued_meets(q, "example.net"));
		queued_begin_run(q);
		assert_int_equal(wait_at(q, "example.net", false), -1);
		queued_table_free(&t);
		queued_table_free(&again);
	}
}

static void
what_waits_expires(void **state)
{
	struct queued_table *t = queued_table_new();
	struct queued *q = queued_of(t, "4F1A2B3C");

	(void)state;
	(void)queued_meets(q, "example.net");
	(void)queued_meets(q, "example.com");
	queued_begin_run(q);
	(void)wait_at(q, "example.net", true);
	(void)wait_at(q, "example.net", true);
	(void)wait_at(q, "example.net", true);
	(void)wait_at(q, "example.com", true);
	/* The second run finds two where three waited, and none where one. */
	queued_begin_run(q);
	(void)wait_at(q, "example.net", true);
	(void)wait_at(q, "example.com", false);
	(void)wait_at(q, "example.net", false);
	(void)wait_at(q, "example.net", true);
	expect_expired(q, "2 example.net p.example \"\" 2001:db8::25 rcpt rate "
	    "450 later, \"please\"\n");
	expect_expired(q, "");
	assert_int_equal(wait_at(q, "example.net", false), 0);
	queued_table_free(&t);
}

static void
what_waits_expires_after_a_restart(void **state)
{
	struct queued_table *t = queued_table_new();
	struct queued_table *again = queued_table_new();
	struct queued *q = queued_of(t, "4F1A2B3C");

	(void)state;
	(void)queued_meets(q, "example.net");
	(void)wait_at(q, "example.net", true);
	(void)wait_at(q, "example.net", true);
	text_init(&out, 4096);
	queued_save(t, note, NULL);
	out.buf[out.len - 1] = '\0';
	queued_restore(again, "4F1A2B3C", strchr(out.buf, ' ') + 1);
	text_free(&out);
	q = queued_find(again, "4F1A2B3C");
	assert_non_null(q);
	expect_expired(q, "2 example.net p.example \"\" 2001:db8::25 rcpt rate "
	    "450 later, \"please\"\n");
	queued_table_free(&t);
	queued_table_free(&again);
}

static void
a_message_to_many_survives_a_restart(void **state)
{
	struct queued_table *t = queued_table_new();
	struct queued_table *again = queued_table_new();
	struct queued *q = queued_of(t, "4F1A2B3C");
	const struct queued_prediction *p;
	char dest[64];

	(void)state;
	queued_set(q, &q->author, "example.org");
	for (int i = 0; i < QUEUED_PREDICTIONS_MAX; i++) {
		snprintf(dest, sizeof dest, "a-rather-long-name-%d.example", i);
		queued_predict(q, dest, "ipv6", "prefer-ipv6", "smtp");
		(void)queued_meets(q, dest);
		(void)wait_at(q, dest, true);
	}
	text_init(&out, 1 << 20);
	queued_save(t, note, NULL);
	out.buf[out.len - 1] = '\0';
	queued_restore(again, "4F1A2B3C", strchr(out.buf, ' ') + 1);
	text_free(&out);
	q = queued_find(again, "4F1A2B3C");
	assert_non_null(q);
	assert_string_equal(q->author, "example.org");
	assert_int_equal(q->n, QUEUED_PREDICTIONS_MAX);
	assert_int_equal(q->n_dest, QUEUED_DESTS_MAX);
	for (int i = 0; i < QUEUED_PREDICTIONS_MAX; i++) {
		snprintf(dest, sizeof dest, "a-rather-long-name-%d.example", i);
		p = queued_prediction(q, dest);
		assert_non_null(p);
		assert_string_equal(p->why, "prefer-ipv6");
		assert_string_equal(p->transport, "smtp");
		assert_false(queued_meets(q, dest));
		assert_true(q->dest[i].waits);
		assert_non_null(q->dest[i].last);
		assert_string_equal(q->dest[i].last->dest, dest);
	}
	queued_table_free(&t);
	queued_table_free(&again);
}

/* The store is a file that others may have written. */
static void
nonsense_of_the_store_is_passed_over(void **state)
{
	static const char *const texts[] = {
		"queued flags=---- last=\"\"",
		"queued flags=---- last=7",
		"queued flags=---- wait=1 last=\"1 example.net p - - - - x\"",
		"queued flags=---- wait=x last=\"1 example.net p\"",
		"queued flags=----\nqueued wait=x\n\nqueued wait=1\n",
		"queued flags=----\nwait=1\n=\n\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct queued_table *t = queued_table_new();

		queued_restore(t, "4F1A2B3C", texts[i]);
		expect_expired(queued_of(t, "4F1A2B3C"), "");
		queued_table_free(&t);
	}
}

/* Messages to many destinations with long names make room sooner. */
static void
memory_is_bounded(void **state)
{
	struct queued_table *t = queued_table_new();
	char dest[256];
	char qid[16];
	unsigned kept = 0;

	(void)state;
	memset(dest, 'x', sizeof dest - 1);
	dest[sizeof dest - 1] = '\0';
	for (unsigned i = 0; i < 4000; i++) {
		struct queued *q;

		snprintf(qid, sizeof qid, "%08X", i);
		q = queued_of(t, qid);
		for (unsigned k = 0; k < QUEUED_DESTS_MAX; k++) {
			snprintf(dest, 9, "%08X", k);
			dest[8] = 'x';
			queued_predict(q, dest, "ipv6", "prefer-ipv6", "smtp");
			(void)queued_meets(q, dest);
			(void)wait_at(q, dest, true);
		}
	}
	for (unsigned i = 0; i < 4000; i++) {
		snprintf(qid, sizeof qid, "%08X", i);
		kept += queued_find(t, qid) != NULL;
	}
	/* 64 times some 700 bytes each, in 20 MB. */
	assert_in_range(kept, 400, 1200);
	queued_table_free(&t);
}

static void
only_what_has_changed_is_saved(void **state)
{
	static const char *const ids[] = { "4F1A2B30", "4F1A2B31", "4F1A2B32",
		"4F1A2B33" };
	struct queued_table *t = queued_table_new();

	(void)state;
	for (size_t i = 0; i < 4; i++)
		(void)queued_of(t, ids[i]);
	expect_saved(t, "");
	for (size_t i = 0; i < 4; i++) {
		queued_touch(queued_find(t, ids[i]));
		queued_touch(queued_find(t, ids[i]));
	}
	queued_leave(t, ids[3]);	/* the first, one between, the last */
	queued_leave(t, ids[1]);
	expect_saved(t, "4F1A2B32 queued flags=----\n"
	    "4F1A2B30 queued flags=----\n");
	expect_saved(t, "");
	queued_touch(queued_find(t, ids[0]));
	queued_touch(queued_find(t, ids[2]));
	queued_leave(t, ids[0]);
	expect_saved(t, "4F1A2B30 \n4F1A2B32 queued flags=----\n");
	queued_table_free(&t);
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
	(void)wait_at(q, "example.net", true);
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

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(an_id_that_is_too_long_is_none),
    cmocka_unit_test(a_destination_waits_until_no_recipient_does),
    cmocka_unit_test(what_waits_survives_a_restart),
    cmocka_unit_test(only_what_has_changed_is_saved),
    cmocka_unit_test(a_long_sender_survives_alone),
    cmocka_unit_test(what_waits_expires),
    cmocka_unit_test(what_waits_expires_after_a_restart),
    cmocka_unit_test(a_message_to_many_survives_a_restart),
    cmocka_unit_test(nonsense_of_the_store_is_passed_over),
    cmocka_unit_test(memory_is_bounded),
    cmocka_unit_test(all_that_leave_are_told_of))
