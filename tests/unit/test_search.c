/* SPDX-License-Identifier: ISC */
/* Who is found in a log, and what goes where there is more than is held. */
#include "tool/search.h"

#include "unit.h"

enum { SECOND_US = 1000000 };

static int64_t clock_us;

static void say(struct search *s, const char *tag, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A line, a second after the one before. */
static void
say(struct search *s, const char *tag, const char *fmt, ...)
{
	static struct source_line line;
	va_list ap;
	int n;

	clock_us += SECOND_US;
	line.time_us = clock_us;
	(void)snprintf(line.tag, sizeof line.tag, "postfix/%s", tag);
	va_start(ap, fmt);
	n = vsnprintf(line.text, sizeof line.text, fmt, ap);
	va_end(ap);
	line.len = n < SOURCE_TEXT_MAX ? (size_t)n : SOURCE_TEXT_MAX;
	search_line(s, &line);
}

static struct search *
begin(const char *from, const char *to)
{
	struct search *s = search_new(&(struct search_wish){ from, to, 0 });

	clock_us = 0;
	assert_non_null(s);
	return s;
}

static void
queue(struct search *s, const char *qid, const char *from)
{
	say(s, "qmgr", "%s: from=<%s>, size=300, nrcpt=1 (queue active)", qid,
	    from);
}

static void
deliver(struct search *s, const char *qid, const char *to, const char *reply)
{
	say(s, "smtp", "%s: to=<%s>, relay=mx.d.example[192.0.2.25]:25, "
	    "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (%s)", qid, to,
	    reply);
}

static void
reject(struct search *s, const char *from, const char *to, const char *reply)
{
	say(s, "smtpd", "NOQUEUE: reject: RCPT from c.example[198.51.100.77]: "
	    "%s; from=<%s> to=<%s> proto=ESMTP helo=<c.example>", reply, from,
	    to);
}

static void
who_is_found(void **state)
{
	struct search *s = begin("@c.example", "b@d.example");
	const struct search_message *m;

	(void)state;
	queue(s, "4dXk2w1zW9z", "a@c.example");
	deliver(s, "4dXk2w1zW9z", "x@d.example", "250 no");
	deliver(s, "4dXk2w1zW9z", "b@d.example", "250 ok");
	say(s, "qmgr", "4dXk2w1zW9z: removed");
	queue(s, "4dXk2w1zWB1", "a@other.example");
	deliver(s, "4dXk2w1zWB1", "b@d.example", "250 ok");
	say(s, "qmgr", "4dXk2w1zWB1: removed");
	queue(s, "4dXk2w1zWB2", "z@c.example");
	deliver(s, "4dXk2w1zWB2", "y@d.example", "250 ok");
	reject(s, "e@c.example", "b@d.example", "554 5.7.1 no");
	reject(s, "e@c.example", "x@d.example", "554 5.7.1 no");
	assert_int_equal(search_end(s), 0);
	assert_int_equal(search_count(s), 2);
	m = search_at(s, 0);
	assert_string_equal(m->qid, "4dXk2w1zW9z");
	assert_true(m->has_left);
	/* what is for others isn't held */
	assert_int_equal(m->n, 1);
	assert_string_equal(m->v[0].to, "b@d.example");
	assert_string_equal(m->v[0].mx, "mx.d.example");
	assert_string_equal(m->v[0].ip, "192.0.2.25");
	assert_string_equal(m->v[0].text, "250 ok");
	m = search_at(s, 1);
	assert_string_equal(m->qid, "");
	assert_string_equal(m->from, "e@c.example");
	assert_string_equal(m->v[0].status, "rejected here");
	assert_int_equal(search_left_out(s), 0);
	assert_int_equal(search_cut_short(s), 0);
	search_free(&s);
	assert_null(s);
}

static void
the_newest_are_kept(void **state)
{
	struct search *s = begin(NULL, "b@d.example");
	char from[40];

	(void)state;
	for (int i = 0; i < SEARCH_FOUND_MAX + 3; i++) {
		(void)snprintf(from, sizeof from, "a%d@c.example", i);
		reject(s, from, "b@d.example", "554 5.7.1 no");
	}
	assert_int_equal(search_end(s), 0);
	assert_int_equal(search_count(s), SEARCH_FOUND_MAX);
	assert_int_equal(search_left_out(s), 3);
	assert_string_equal(search_at(s, 0)->from, "a3@c.example");
	(void)snprintf(from, sizeof from, "a%d@c.example",
	    SEARCH_FOUND_MAX + 2);
	assert_string_equal(search_at(s, SEARCH_FOUND_MAX - 1)->from, from);
	search_free(&s);
}

static void
texts_are_short(void **state)
{
	struct search *s = begin(NULL, NULL);
	char reply[1600];

	(void)state;
	(void)memset(reply, 'x', sizeof reply);
	(void)memcpy(reply, "554 5.7.1 ", 10);
	reply[sizeof reply - 1] = '\0';
	reject(s, "a@c.example", "b@d.example", reply);
	queue(s, "4dXk2w1zW9z", "a@c.example");
	deliver(s, "4dXk2w1zW9z", "b@d.example", reply);
	assert_int_equal(search_end(s), 0);
	assert_int_equal(search_count(s), 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(strlen(search_at(s, i)->v[0].text),
		    SEARCH_TEXT_MAX);
	search_free(&s);
}

/* Long texts of many recipients: the bytes are bounded before the numbers
 * are. */
static void
bytes_are_bounded(void **state)
{
	enum { MESSAGES = 19000, RECIPIENTS = 12 };
	struct search *s = begin("@c.example", NULL);
	const struct search_message *m;
	char reply[SEARCH_TEXT_MAX + 1];
	size_t bytes = 0;

	(void)state;
	(void)memset(reply, 'x', sizeof reply - 1);
	reply[sizeof reply - 1] = '\0';
	for (int i = 0; i < MESSAGES; i++) {
		char qid[POSTFIX_QID_MAX + 1];
		char to[20];

		(void)snprintf(qid, sizeof qid, "%010X", i);
		queue(s, qid, "a@c.example");
		for (int k = 0; k < RECIPIENTS; k++) {
			(void)snprintf(to, sizeof to, "%d@d.example", k);
			deliver(s, qid, to, reply);
		}
		say(s, "qmgr", "%s: removed", qid);
	}
	assert_int_equal(search_end(s), 0);
	assert_true(search_left_out(s) > 0);
	assert_int_equal(search_count(s) + search_left_out(s), MESSAGES);
	for (size_t i = 0; i < search_count(s); i++)
		bytes += search_at(s, i)->bytes;
	assert_true(bytes <= SEARCH_BYTES_MAX);
	/* not far below: one message more would not have had room */
	assert_true(bytes > SEARCH_BYTES_MAX - 20000);
	m = search_at(s, search_count(s) - 1);
	assert_string_equal(m->qid, "0000004A37");	/* 18999 */
	assert_true(m->bytes > (size_t)RECIPIENTS * SEARCH_TEXT_MAX);
	search_free(&s);
}

static void
many_in_the_queue(void **state)
{
	struct search *s = begin("first@c.example", NULL);
	char qid[POSTFIX_QID_MAX + 1];

	(void)state;
	for (int i = 0; i < SEARCH_LIVE_MAX + 2; i++) {
		(void)snprintf(qid, sizeof qid, "%010X", i);
		queue(s, qid, i == 0 ? "first@c.example" : "a@e.example");
	}
	assert_int_equal(search_cut_short(s), 2);
	assert_int_equal(search_end(s), 0);
	assert_int_equal(search_count(s), 1);
	assert_string_equal(search_at(s, 0)->qid, "0000000000");
	assert_false(search_at(s, 0)->has_left);
	assert_int_equal(search_left_out(s), 0);
	search_free(&s);
}

static void
many_recipients(void **state)
{
	struct search *s = begin("a@c.example", NULL);
	char to[40];

	(void)state;
	queue(s, "4dXk2w1zW9z", "a@c.example");
	for (int i = 0; i < SEARCH_RESULTS_MAX + 5; i++) {
		(void)snprintf(to, sizeof to, "b%d@d.example", i);
		deliver(s, "4dXk2w1zW9z", to, "250 ok");
	}
	assert_int_equal(search_end(s), 0);
	assert_int_equal(search_at(s, 0)->n, SEARCH_RESULTS_MAX);
	assert_int_equal(search_at(s, 0)->left_out, 5);
	search_free(&s);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(who_is_found),
    cmocka_unit_test(the_newest_are_kept),
    cmocka_unit_test(texts_are_short),
    cmocka_unit_test(bytes_are_bounded),
    cmocka_unit_test(many_in_the_queue),
    cmocka_unit_test(many_recipients))
