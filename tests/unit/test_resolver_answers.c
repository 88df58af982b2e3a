/* SPDX-License-Identifier: ISC */
/* What the resolver makes of each kind of answer that libunbound can give, how
 * long it keeps it, and what it does when none comes. */
#include "find/resolver.h"

#include <poll.h>
#include <sys/resource.h>
#include <unbound.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "fake_unbound.h"
#include "unit.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };	/* milliseconds */

static const char zone[] =
    "data.example 600 A 192.0.2.1\n"
    "data.example 600 A 192.0.2.2\n"
    "secure.example SECURE A 192.0.2.1\n"
    "short.example 1 A 192.0.2.1\n"
    "long.example 86400 A 192.0.2.1\n"
    "alias.example CNAME Other.Example\n"
    "other.example 90 A 192.0.2.3\n"
    "circle.example CNAME circle.example\n"
    "nodata.example 20 NODATA\n"
    "slownegative.example 86400 NXDOMAIN\n"
    "servfail.example SERVFAIL\n"
    "refused.example REFUSED\n"
    "timeout.example TIMEOUT\n"
    "bogus.example BOGUS\n"
    "half.example A 192.0.2.1\n"
    "half.example SERVFAIL AAAA\n"
    "a\\032b\\092.example A 192.0.2.1\n"
    "*.wild.example A 192.0.2.1\n";

static struct resolver *resolver;

static int
setup(void **state)
{
	(void)state;
	resolver = fake_unbound_resolver(zone);
	fake_unbound_stop_clock();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	resolver_free(&resolver);
	return 0;
}

static struct question *
ask(const char *name, enum dns_type type)
{
	struct question *q = resolver_ask(resolver, name, type);

	assert_non_null(q);
	return q;
}

/* The status, or "" where there is no answer yet. */
static const char *
told(struct question *q, int64_t wait_ms)
{
	const struct answer *a = resolver_wait(q, clock_ms() + wait_ms);

	return a == NULL ? "" : answer_status_name(a->status);
}

static const char *
status(const char *name, enum dns_type type)
{
	struct question *q = ask(name, type);
	const char *s = told(q, PATIENCE_MS);

	resolver_done(&q);
	return s;
}

static const struct {
	const char *name;
	enum dns_type type;
	const char *want;
} kinds[] = {
	{ "data.example", DNS_A, "data" },
	{ "DATA.Example.", DNS_A, "data" },
	{ "data.example", DNS_MX, "nodata" },
	{ "x.wild.example", DNS_A, "data" },
	{ "wild.example", DNS_A, "nodata" },
	{ "alias.example", DNS_A, "data" },
	{ "alias.example", DNS_AAAA, "nodata" },
	{ "circle.example", DNS_A, "servfail" },
	{ "nodata.example", DNS_A, "nodata" },
	{ "slownegative.example", DNS_A, "nxdomain" },
	{ "absent.example", DNS_A, "nxdomain" },
	{ "servfail.example", DNS_A, "servfail" },
	{ "refused.example", DNS_A, "servfail" },
	{ "timeout.example", DNS_A, "timeout" },
	{ "bogus.example", DNS_A, "bogus" },
	{ "half.example", DNS_A, "data" },
	{ "half.example", DNS_AAAA, "servfail" },
	{ "a b\\.example", DNS_A, "data" },
	{ "a..example", DNS_A, "bad-name" },
	{ "", DNS_A, "bad-name" },
};

static void
every_kind_has_a_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		print_message("%s %d\n", kinds[i].name, (int)kinds[i].type);
		assert_string_equal(status(kinds[i].name, kinds[i].type),
		    kinds[i].want);
	}
}

/* The same by the thread that takes libunbound's answers. */
static void
every_kind_comes_late_too(void **state)
{
	struct question *q[COUNT(kinds)];

	(void)state;
	fake_unbound_late(true);
	for (size_t i = 0; i < COUNT(kinds); i++)
		q[i] = ask(kinds[i].name, kinds[i].type);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		print_message("%s %d\n", kinds[i].name, (int)kinds[i].type);
		/* The silent name advances the clock, so a failure beside
		 * it looks silent for as long. */
		if (strcmp(kinds[i].want, "servfail") != 0)
			assert_string_equal(told(q[i], PATIENCE_MS),
			    kinds[i].want);
		resolver_done(&q[i]);
	}
}

static void
what_an_answer_holds(void **state)
{
	struct question *q = ask("data.example", DNS_A);
	const struct answer *a = resolver_wait(q, clock_ms());

	(void)state;
	assert_non_null(a);
	assert_int_equal(a->n, 2);
	assert_int_equal(a->rdata[0].len, 4);
	assert_memory_equal(a->rdata[0].data, "\300\0\2\1", 4);
	assert_memory_equal(a->rdata[1].data, "\300\0\2\2", 4);
	assert_int_equal(a->ttl_s, 600);
	assert_string_equal(a->canonical, "data.example");
	assert_false(a->secure || a->cut);
	resolver_done(&q);

	q = ask("secure.example", DNS_A);
	assert_true(resolver_wait(q, clock_ms())->secure);
	resolver_done(&q);

	q = ask("ALIAS.example", DNS_A);
	a = resolver_wait(q, clock_ms());
	assert_string_equal(a->canonical, "other.example");
	assert_int_equal(a->ttl_s, 90);
	resolver_done(&q);

	q = ask("servfail.example", DNS_A);
	a = resolver_wait(q, clock_ms());
	assert_int_equal(a->n, 0);
	assert_string_equal(a->canonical, "servfail.example");
	resolver_done(&q);
}

static void
more_records_than_are_kept(void **state)
{
	struct text t;
	struct question *q;
	const struct answer *a;

	(void)state;
	text_init(&t, 1 << 16);
	for (int i = 0; i < ANSWER_RECORDS_MAX + 1; i++)
		text_addf(&t, "more.example A 192.0.%d.%d\n", i / 256, i % 256);
	fake_unbound_zone(t.buf);
	q = ask("more.example", DNS_A);
	a = resolver_wait(q, clock_ms());
	assert_int_equal(a->n, ANSWER_RECORDS_MAX);
	assert_true(a->cut);
	assert_memory_equal(a->rdata[0].data, "\300\0\0\0", 4);
	assert_memory_equal(a->rdata[ANSWER_RECORDS_MAX - 1].data,
	    "\300\0\0\377", 4);
	resolver_done(&q);
	text_free(&t);
}

/* After how much time an answer that was there is asked for again. */
static void
how_long_an_answer_is_kept(void **state)
{
	static const struct {
		const char *name;
		int64_t kept_ms;
	} row[] = {
		{ "data.example", 10 * MINUTE },
		{ "short.example", MINUTE },		/* at least */
		{ "long.example", 60 * MINUTE },	/* at most */
		{ "nodata.example", MINUTE },
		{ "absent.example", 5 * MINUTE },
		{ "slownegative.example", 5 * MINUTE },
		{ "servfail.example", 5 * SECOND },
		{ "refused.example", 5 * SECOND },
		{ "bogus.example", 5 * SECOND },
		{ "timeout.example", 5 * SECOND },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const char *name = row[i].name;

		print_message("%s\n", name);
		(void)status(name, DNS_A);
		fake_unbound_pass(row[i].kept_ms - 1);
		(void)status(name, DNS_A);
		assert_int_equal(fake_unbound_count(name, DNS_A), 1);
		fake_unbound_pass(1);
		(void)status(name, DNS_A);
		assert_int_equal(fake_unbound_count(name, DNS_A), 2);
	}
}

/* One question in flight for a name and type, whoever asks, and in whatever
 * case. */
static void
questions_are_joined(void **state)
{
	struct question *a, *b, *c;

	(void)state;
	fake_unbound_hold(true);
	a = ask("data.example", DNS_A);
	b = ask("Data.Example.", DNS_A);
	c = ask("data.example", DNS_AAAA);
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_string_equal(told(a, 0), "");
	assert_int_equal(fake_unbound_count(NULL, 0), 2);
	fake_unbound_hold(false);
	assert_string_equal(told(b, 0), "data");
	assert_string_equal(told(c, 0), "nodata");
	resolver_done(&a);
	resolver_done(&b);
	resolver_done(&c);
}

struct heard {
	unsigned calls;
	enum answer_status status;
};

static void
hear(void *arg, const struct answer *a)
{
	struct heard *h = arg;

	h->calls++;
	h->status = a->status;
}

/* A continuation is called once, whether the answer is there, late or never comes. */
static void
continuations(void **state)
{
	struct heard there = { 0 }, late = { 0 }, joined = { 0 }, bad = { 0 };
	struct heard never = { 0 };

	(void)state;
	assert_string_equal(status("data.example", DNS_A), "data");
	assert_int_equal(resolver_ask_then(resolver, "data.example", DNS_A,
	    hear, &there), 0);
	assert_int_equal(there.calls, 1);
	assert_int_equal(resolver_ask_then(resolver, "a..b", DNS_A, hear,
	    &bad), 0);
	assert_int_equal(bad.calls, 1);
	assert_int_equal(bad.status, ANSWER_BAD_NAME);

	fake_unbound_hold(true);
	assert_int_equal(resolver_ask_then(resolver, "absent.example", DNS_A,
	    hear, &late), 0);
	assert_int_equal(resolver_ask_then(resolver, "absent.example", DNS_A,
	    hear, &joined), 0);
	assert_int_equal(late.calls, 0);
	fake_unbound_hold(false);
	assert_int_equal(late.calls, 1);
	assert_int_equal(joined.calls, 1);
	assert_int_equal(joined.status, ANSWER_NXDOMAIN);

	fake_unbound_silence(".never.example");
	assert_int_equal(resolver_ask_then(resolver, "a.never.example", DNS_A,
	    hear, &never), 0);
	assert_int_equal(never.calls, 0);
	resolver_free(&resolver);
	assert_int_equal(never.calls, 1);
	assert_int_equal(never.status, ANSWER_TIMEOUT);
	assert_int_equal(there.calls + late.calls + joined.calls, 3);
}

/* libunbound takes no question: that is an answer, and waits for nothing. */
static void
library_errors(void **state)
{
	static const struct {
		int error;
		const char *want;
	} row[] = {
		{ UB_SYNTAX, "bad-name" },
		{ UB_NOMEM, "servfail" },
		{ UB_PIPE, "servfail" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char name[32];

		snprintf(name, sizeof name, "e%zu.wild.example", i);
		fake_unbound_fail(row[i].error);
		assert_string_equal(status(name, DNS_A), row[i].want);
		fake_unbound_fail(0);
		assert_string_equal(status(name, DNS_A), row[i].want);
		fake_unbound_pass(6 * SECOND);
		assert_string_equal(status(name, DNS_A), "data");
	}
}

/* Beyond so many in flight a question ends at once, unsent. */
static void
flight_is_bounded(void **state)
{
	enum { FLIGHT_MAX = 10000 };
	char name[40];

	(void)state;
	fake_unbound_hold(true);
	for (int i = 0; i < FLIGHT_MAX; i++) {
		struct question *q;

		snprintf(name, sizeof name, "n%d.wild.example", i);
		q = ask(name, DNS_A);
		resolver_done(&q);
	}
	assert_int_equal(fake_unbound_count(NULL, 0), FLIGHT_MAX);
	assert_string_equal(status("one.wild.example", DNS_A), "timeout");
	assert_int_equal(fake_unbound_count(NULL, 0), FLIGHT_MAX);
	fake_unbound_hold(false);
	assert_string_equal(status("one.wild.example", DNS_A), "data");
}

/* While DNS is dead nothing waits or is sent, and what is known is known. */
static void
death_and_return(void **state)
{
	struct question *q;

	(void)state;
	assert_string_equal(status("data.example", DNS_A), "data");
	fake_unbound_hold(true);
	q = ask("other.example", DNS_A);
	fake_unbound_kill(resolver, true);
	assert_string_equal(told(q, PATIENCE_MS), "");
	assert_string_equal(status("secure.example", DNS_A), "timeout");
	assert_int_equal(fake_unbound_count("secure.example", 0), 0);
	assert_string_equal(status("data.example", DNS_A), "data");

	fake_unbound_hold(false);
	fake_unbound_kill(resolver, false);
	assert_string_equal(status("secure.example", DNS_A), "data");
	assert_string_equal(told(q, PATIENCE_MS), "data");
	resolver_done(&q);
}

enum { LOOK_MS = 10, LOOKS = PATIENCE_MS / LOOK_MS };

/* Asks for another name each time, until one is sent. Returns its status. */
static const char *
ask_until_sent(void)
{
	for (int i = 0; i < LOOKS; i++) {
		struct question *q;
		const char *s;
		char name[40];

		snprintf(name, sizeof name, "t%d.wild.example", i);
		q = ask(name, DNS_A);
		s = told(q, 0);
		resolver_done(&q);
		if (fake_unbound_count(name, DNS_A) > 0)
			return s;
		(void)poll(NULL, 0, LOOK_MS);
	}
	return "never";
}

/* Servers that leave only our probe unanswered are not dead forever. */
static void
a_question_is_tried_now_and_then(void **state)
{
	(void)state;
	fake_unbound_kill(resolver, true);
	fake_unbound_ignore_probes();
	assert_string_equal(status("data.example", DNS_A), "timeout");
	assert_true(resolver_is_dead(resolver));
	fake_unbound_pass(11 * SECOND);
	assert_string_equal(ask_until_sent(), "data");
	assert_false(resolver_is_dead(resolver));
	fake_unbound_pass(6 * SECOND);
	assert_string_equal(status("data.example", DNS_A), "data");
}

/* Names that libunbound would answer itself are looked up, as Postfix does. */
static void
options(void **state)
{
	static const struct {
		rlim_t files;
		const char *ports;
	} row[] = { { 40, "16" }, { 256, "64" }, { 8000, "1024" } };
	char server[] = "192.0.2.53@5353", *v[] = { server };
	struct text_list servers = { v, 1 };
	struct resolver_options o = { .servers = &servers };
	struct rlimit before, now;
	struct resolver *r;

	(void)state;
	assert_true(fake_unbound_has_option("forward-addr:", "192.0.2.53@53"));
	assert_true(fake_unbound_has_option("local-zone:", "test. transparent"));
	assert_true(fake_unbound_has_option("unblock-lan-zones:", "yes"));
	o.serve_local_zones = true;
	r = resolver_new(&o, NULL);
	assert_non_null(r);
	assert_true(fake_unbound_has_option("forward-addr:", server));
	assert_false(fake_unbound_has_option("local-zone:", "test. transparent"));
	assert_false(fake_unbound_has_option("unblock-lan-zones:", "yes"));
	resolver_free(&r);

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (size_t i = 0; i < COUNT(row); i++) {
		now = before;
		now.rlim_cur = row[i].files;
		if (setrlimit(RLIMIT_NOFILE, &now) != 0) {
			print_message("at most %ju files here\n",
			    (uintmax_t)before.rlim_max);
			continue;
		}
		r = resolver_new(&o, NULL);
		assert_non_null(r);
		assert_true(fake_unbound_has_option("outgoing-range:",
		    row[i].ports));
		resolver_free(&r);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	}
}

static void
write_servers(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* New servers in resolv.conf are used, and asked for what was cached. */
static void
other_servers(void **state)
{
	char path[] = "/tmp/waybill-test-XXXXXX";
	struct resolver_options o = { .resolv_conf = path };
	int fd = mkstemp(path);
	struct err err = { 0 };

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	write_servers(path, "nameserver 192.0.2.1\n");
	resolver_free(&resolver);
	resolver = resolver_new(&o, &err);
	assert_non_null(resolver);
	assert_true(fake_unbound_has_option("forward-addr:", "192.0.2.1@53"));
	assert_string_equal(status("data.example", DNS_A), "data");

	write_servers(path, "nameserver 192.0.2.2\nnameserver 2001:db8::2\n");
	fake_unbound_pass(6 * SECOND);
	assert_string_equal(status("secure.example", DNS_A), "data");
	assert_true(fake_unbound_option_comes("forward-addr:",
	    "192.0.2.2@53"));
	assert_true(fake_unbound_option_comes("forward-addr:",
	    "2001:db8::2@53"));
	for (int i = 0; i < LOOKS &&
	    fake_unbound_count("data.example", DNS_A) < 2; i++) {
		assert_string_equal(status("data.example", DNS_A), "data");
		(void)poll(NULL, 0, LOOK_MS);
	}
	assert_int_equal(fake_unbound_count("data.example", DNS_A), 2);
	assert_int_equal(unlink(path), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

UNIT_MAIN(NULL, NULL,
    CASE(every_kind_has_a_status),
    CASE(every_kind_comes_late_too),
    CASE(what_an_answer_holds),
    CASE(more_records_than_are_kept),
    CASE(how_long_an_answer_is_kept),
    CASE(questions_are_joined),
    CASE(continuations),
    CASE(library_errors),
    CASE(flight_is_bounded),
    CASE(death_and_return),
    CASE(a_question_is_tried_now_and_then),
    CASE(options),
    CASE(other_servers))
