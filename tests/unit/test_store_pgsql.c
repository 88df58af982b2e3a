/* SPDX-License-Identifier: ISC */
/* The store in PostgreSQL: the cases of every store, and what several hosts and
 * a network bring: writers and openers at once, a server that crashes, ends or
 * freezes, passwords, bytes that no database takes. */
#include "store_cases.h"
#include "pgsql_server.h"

#include "record/store_read.h"

#include <libpq-fe.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { DAY_S = 86400, NOON = 1728043200, SKIPPED = 77 };

static int
setup(void **state)
{
	(void)state;
	store_cases_url = pgsql_server_url();
	/* A case that failed may have left a transaction open. */
	(void)pgsql_server_ask("SELECT pg_terminate_backend(pid)"
	    " FROM pg_stat_activity WHERE usename = 'waybill'");
	(void)pgsql_server_ask("DROP SCHEMA IF EXISTS waybill CASCADE");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return 0;
}

/* One number of the database, asked as its owner. */
static long
number(const char *sql)
{
	return strtol(pgsql_server_ask(sql), NULL, 10);
}

/* n rows, one a second from NOON. */
static int
put_rows(struct store *s, int64_t first, int64_t n, struct err *err)
{
	for (int64_t i = first; i < first + n; i++) {
		struct attempt a = store_cases_attempt(NOON + i,
		    (uint64_t)i + 1);

		if (store_put_attempt(s, &a, err) != 0)
			return -1;
	}
	return 0;
}

/* Runs n of a kind at once; each gets its number, after all have begun. */
static void
at_once(int n, int (*what)(int number))
{
	pid_t child[16];
	int gate[2];
	int status;

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < n; i++) {
		child[i] = fork();
		assert_true(child[i] >= 0);
		if (child[i] == 0) {
			char c;

			(void)close(gate[1]);
			(void)!read(gate[0], &c, 1);
			_exit(what(i));
		}
	}
	(void)close(gate[0]);
	(void)close(gate[1]);
	for (int i = 0; i < n; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

/* 20 transactions of 100 rows; every second writer is the second host. */
static int
write_much(int number_of_writer)
{
	struct err err = { 0 };
	struct store *s = store_open(store_cases_url, "",
	    number_of_writer % 2 == 0 ? "mail.example.org" :
	    "mx2.example.org", STORE_WRITE, &err);
	int rc = s == NULL ? -1 : 0;

	for (int64_t i = 0; i < 20 && rc == 0; i++) {
		rc = store_begin(s, &err);
		if (rc == 0)
			rc = put_rows(s, i * 100, 100, &err);
		if (rc == 0)
			rc = store_put_position(s, "journal", "p", &err);
		if (rc == 0)
			rc = store_commit(s, &err);
	}
	if (rc != 0)
		fprintf(stderr, "%s\n", err.text);
	store_close(&s);
	return rc == 0 ? 0 : 1;
}

/* Of two hosts, and of two recorders of one host that read the same log. */
static void
hosts_write_at_once(void **state)
{
	(void)state;
	at_once(4, write_much);
	assert_int_equal(number("SELECT count(*) FROM attempts"), 4000);
	assert_int_equal(number("SELECT sum(attempts) FROM totals"
	    " WHERE host = 'mail.example.org'"), 2000);
	assert_int_equal(number("SELECT sum(attempts) FROM totals"
	    " WHERE host = 'mx2.example.org'"), 2000);
	assert_int_equal(number("SELECT count(*) FROM position"), 2);
}

static int
open_only(int number_of_opener)
{
	struct err err = { 0 };
	struct store *s = store_open(store_cases_url, "", "h", STORE_WRITE,
	    &err);

	(void)number_of_opener;
	if (s == NULL)
		fprintf(stderr, "%s\n", err.text);
	store_close(&s);
	return err.text[0] == '\0' ? 0 : 1;
}

static void
openers_at_once_make_one_schema(void **state)
{
	(void)state;
	at_once(8, open_only);
	assert_int_equal(number("SELECT count(*) FROM schema_version"), 1);
	assert_int_equal(number("SELECT version FROM schema_version"), 2);
	assert_int_equal(number("SELECT count(*) FROM pg_inherits WHERE"
	    " inhparent = 'attempts'::regclass"), 2);
}

static void
a_store_of_an_earlier_version_is_converted(void **state)
{
	char *text = store_cases_read("store-v1.pgsql");

	(void)state;
	(void)pgsql_server_ask(text);
	store_cases_convert();
	free(text);
}

/* Recorders of several hosts begin at once after they were updated. */
static void
openers_at_once_convert_once(void **state)
{
	char *text = store_cases_read("store-v1.pgsql");

	(void)state;
	(void)pgsql_server_ask(text);
	at_once(8, open_only);
	assert_int_equal(number("SELECT version FROM schema_version"), 2);
	assert_int_equal(number("SELECT count(*) FROM attempts"
	    " WHERE status = 'bounced'"), 6);
	assert_int_equal(number("SELECT count(*) FROM attempts_202611"
	    " WHERE status = 'refused'"), 0);
	free(text);
}

static void
expect_no_store(const char *url, enum store_mode mode, enum exit_code code,
    const char *why)
{
	struct err err = { 0 };
	struct store *s = store_open(url, "", "mail.example.org", mode, &err);

	assert_null(s);
	assert_int_equal(err.code, code);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", err.text, why);
}

static void
what_is_no_store_is_said(void **state)
{
	char other[300];
	struct store *s;

	(void)state;
	expect_no_store(store_cases_url, STORE_READ, EXIT_UNAVAILABLE,
	    "empty");
	assert_int_equal(number("SELECT count(*) FROM pg_namespace"
	    " WHERE nspname = 'waybill'"), 0);	/* reading makes none */
	s = store_cases_open("mail.example.org", STORE_WRITE);
	store_close(&s);
	(void)pgsql_server_ask("UPDATE schema_version SET version = 1000");
	expect_no_store(store_cases_url, STORE_WRITE, EXIT_CONFIG,
	    "later waybill");
	expect_no_store(store_cases_url, STORE_READ, EXIT_CONFIG,
	    "later waybill");
	snprintf(other, sizeof other, "postgresql://waybill@/nobody's?%s",
	    strchr(store_cases_url, '?') + 1);
	expect_no_store(other, STORE_WRITE, EXIT_UNAVAILABLE,
	    "does not exist");
	(void)pgsql_server_ask("CREATE DATABASE ascii ENCODING 'SQL_ASCII'"
	    " TEMPLATE template0");
	snprintf(other, sizeof other, "postgresql://waybill@/ascii?%s",
	    strchr(store_cases_url, '?') + 1);
	expect_no_store(other, STORE_WRITE, EXIT_CONFIG, "ENCODING 'UTF8'");
	(void)pgsql_server_ask("DROP DATABASE ascii");
	expect_no_store("postgresql://a:secret@h/d", STORE_WRITE, EXIT_CONFIG,
	    "record.password_file");
}

/* What a transaction holds doesn't fit into memory's share: exact all the
 * same, and what is said last of a message counts. */
static void
a_large_transaction_is_exact(void **state)
{
	enum { ROWS = 3000 };
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct err err = { 0 };
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	store_cases_begin(s);
	for (int i = 0; i < 2 * ROWS; i++) {
		struct attempt a = store_cases_attempt(NOON,
		    (uint64_t)(i % ROWS) + 1);	/* each comes twice */

		a.text = text;
		a.queued = i % ROWS == 0 ? 1 : 0;
		store_cases_put(s, &a);
	}
	assert_int_equal(store_put_queued(s, "4dXk2w1zW9z", "", &err), 0);
	/* Of a month that has no partition before this transaction. */
	struct attempt again = store_cases_attempt(NOON + 40 * DAY_S,
	    ROWS + 1);

	again.queued = 1;
	store_cases_put(s, &again);
	store_cases_commit(s);
	assert_int_equal(number("SELECT count(*) FROM attempts"), ROWS + 1);
	assert_int_equal(number("SELECT sum(attempts) FROM totals"), ROWS + 1);
	assert_int_equal(number("SELECT count(*) FROM queued_dest"), 1);
	store_cases_begin(s);
	assert_int_equal(store_put_queued(s, "4dXk2w1zW9z", "a", &err), 0);
	assert_int_equal(store_put_queued(s, "4dXk2w1zW9z", "b", &err), 0);
	store_cases_commit(s);
	assert_string_equal(pgsql_server_ask("SELECT text FROM queued"), "b");
	assert_int_equal(number("SELECT count(*) FROM queued_dest"), 1);
	store_close(&s);
}

static const struct { const char *name; int64_t second; } months[] = {
	{ "attempts_before", -5 }, { "attempts_before", 946684799 },
	{ "attempts_200001", 946684800 }, { "attempts_202402", 1709164800 },
	{ "attempts_202402", 1709251199 }, { "attempts_202403", 1709251200 },
	{ "attempts_209912", 4102444799 }, { "attempts_after", 4102444800 },
	{ "attempts_after", INT64_C(100000000000) },
};
enum { ROWS_OF_MONTHS = COUNT(months) };

static void
put_months(struct store *s)
{
	store_cases_begin(s);
	for (size_t i = 0; i < ROWS_OF_MONTHS; i++) {
		struct attempt a = store_cases_attempt(months[i].second,
		    i + 1);

		store_cases_put(s, &a);
	}
	store_cases_commit(s);
}

static void
a_row_stands_in_the_partition_of_its_month(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	char sql[160];

	(void)state;
	put_months(s);
	for (size_t i = 0; i < ROWS_OF_MONTHS; i++) {
		snprintf(sql, sizeof sql, "SELECT tableoid::regclass FROM "
		    "attempts WHERE identity = %zu", i + 1);
		assert_string_equal(pgsql_server_ask(sql), months[i].name);
	}
	store_close(&s);
}

static long
expire(struct store *s, int64_t second)
{
	struct err err = { 0 };
	long n = store_expire(s, second * 1000000, &err);

	if (n < 0)
		fail_msg("%s", err.text);
	return n;
}

static void
old_months_are_dropped_whole(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);

	(void)state;
	put_months(s);
	/* The bound lies in February 2024, between its two rows. */
	while (expire(s, 1709200000) > 0)
		;
	assert_int_equal(number("SELECT count(to_regclass("
	    "'attempts_200001'))"), 0);
	assert_int_equal(number("SELECT count(to_regclass("
	    "'attempts_202402'))"), 1);
	assert_int_equal(number("SELECT min(second) FROM attempts"),
	    1709251199);
	assert_int_equal(number("SELECT count(*) FROM attempts"), 5);
	assert_int_equal(number("SELECT sum(attempts) FROM totals"),
	    ROWS_OF_MONTHS);
	/* A row of a month that was dropped, by whichever host, may come. */
	struct store *other = store_cases_open("mx2.example.org",
	    STORE_WRITE);

	for (uint64_t i = 0; i < 2; i++) {
		struct attempt late = store_cases_attempt(946684800, 98 + i);

		store_cases_begin(s);
		store_cases_put(s, &late);
		store_cases_commit(s);
		assert_int_equal(number("SELECT count(*) FROM attempts"), 6);
		while (expire(other, 1709200000) > 0)
			;
	}
	store_close(&other);
	store_close(&s);
}

static int
expire_all(int number_of_host)
{
	struct err err = { 0 };
	struct store *s = store_open(store_cases_url, "", "h", STORE_WRITE,
	    &err);
	long n = 0;

	(void)number_of_host;
	for (int i = 0; i < 20 && s != NULL && n >= 0; i++)
		n = store_expire(s, INT64_C(1000000) * (NOON + 1500), &err);
	if (s == NULL || n < 0)
		fprintf(stderr, "%s\n", err.text);
	store_close(&s);
	return err.text[0] == '\0' ? 0 : 1;
}

/* Hosts that find the same rows old don't stand in each other's way. */
static void
hosts_expire_at_once(void **state)
{
	(void)state;
	at_once(2, write_much);
	at_once(4, expire_all);
	assert_int_equal(number("SELECT min(second) FROM attempts"),
	    NOON + 1500);
	assert_int_equal(number("SELECT count(*) FROM attempts"), 1000);
	assert_int_equal(number("SELECT sum(attempts) FROM totals"), 4000);
}

/* A report that runs isn't waited for longer than a moment; the month goes the
 * next time. */
static void
who_reads_is_let_read(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	PGconn *reader = PQconnectdb(store_cases_url);

	(void)state;
	put_months(s);
	PQclear(PQexec(reader, "BEGIN; SELECT count(*) FROM "
	    "waybill.attempts"));
	assert_int_equal(PQtransactionStatus(reader), PQTRANS_INTRANS);
	assert_int_equal(expire(s, 1709200000), 4);	/* single rows */
	assert_int_equal(number("SELECT count(to_regclass("
	    "'attempts_200001'))"), 1);
	PQfinish(reader);
	assert_int_not_equal(expire(s, 1709200000), 0);
	assert_int_equal(number("SELECT count(to_regclass("
	    "'attempts_200001'))"), 0);
	store_close(&s);
}

/* Nothing of a transaction stays that a crash cut off; it is put again. */
static void
a_crash_in_a_transaction_leaves_nothing(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct err err = { 0 };

	(void)state;
	store_cases_begin(s);
	assert_int_equal(put_rows(s, 0, 10, &err), 0);
	store_cases_commit(s);
	store_cases_begin(s);
	assert_int_equal(put_rows(s, 10, 50, &err), 0);
	assert_int_equal(store_put_position(s, "journal", "p", &err), 0);
	pgsql_server_end(SIGQUIT);
	assert_int_equal(store_commit(s, &err), -1);
	assert_int_equal(err.code, EXIT_UNAVAILABLE);
	assert_int_equal(store_begin(s, &err), -1);
	assert_int_equal(err.code, EXIT_UNAVAILABLE);
	assert_int_equal(pgsql_server_start(), 0);
	assert_int_equal(number("SELECT count(*) FROM attempts"), 10);
	assert_int_equal(number("SELECT sum(attempts) FROM totals"), 10);
	assert_int_equal(number("SELECT count(*) FROM position"), 0);
	store_cases_begin(s);
	assert_int_equal(put_rows(s, 0, 60, &err), 0);
	store_cases_commit(s);
	assert_int_equal(number("SELECT count(*) FROM attempts"), 60);
	assert_int_equal(number("SELECT sum(attempts) FROM totals"), 60);
	store_close(&s);
}

/* Between two transactions nobody notices. */
static void
a_restart_between_transactions_is_no_failure(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct err err = { 0 };

	(void)state;
	pgsql_server_end(SIGINT);
	assert_int_equal(pgsql_server_start(), 0);
	store_cases_begin(s);
	assert_int_equal(put_rows(s, 0, 5, &err), 0);
	store_cases_commit(s);
	assert_int_equal(number("SELECT count(*) FROM attempts"), 5);
	store_close(&s);
}

static void
a_frozen_server_is_given_up(void **state)
{
	char url[400];

	(void)state;
	snprintf(url, sizeof url, "%s&connect_timeout=2", store_cases_url);
	pgsql_server_freeze(true);
	expect_no_store(url, STORE_WRITE, EXIT_UNAVAILABLE, "timeout");
	pgsql_server_freeze(false);
}

static void
bytes_that_are_no_text_are_written_out(void **state)
{
	static const struct { const char *text, *stored; } rows[] = {
		{ "\xff\xfe", "\\xFF\\xFE" },
		{ "a\xc3", "a\\xC3" },			/* cut in a letter */
		{ "\xed\xa0\x80", "\\xED\\xA0\\x80" },	/* a surrogate */
		{ "\xc0\x80", "\\xC0\\x80" },		/* NUL, overlong */
		{ "\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80" },
		{ "gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80",
		    "gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\\.", "\\." }, { "\\N", "\\N" }, { "\\xFF", "\\xFF" },
		{ "a\tb\nc\rd\\ne", "a\tb\nc\rd\\ne" },
	};
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	char sql[100];

	(void)state;
	store_cases_begin(s);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct attempt a = store_cases_attempt(NOON, i + 1);

		a.text = a.dest = a.qid = a.author = rows[i].text;
		store_cases_put(s, &a);
	}
	store_cases_commit(s);
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(sql, sizeof sql, "SELECT text FROM attempts WHERE "
		    "identity = %zu AND text = dest AND text = qid", i + 1);
		assert_string_equal(pgsql_server_ask(sql), rows[i].stored);
	}
	store_close(&s);
}

/* No index holds more than some 2,700 bytes, and no line stops the rest. */
static void
what_is_too_long_for_a_key_is_cut(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct attempt a = store_cases_attempt(NOON, 1);
	struct err err = { 0 };
	char *text = malloc(100000);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 99999; i++)	/* what can't be compressed */
		text[i] = (char)(128 + (i * i * 7919 / 13 + i) % 127);
	text[99999] = '\0';
	a.qid = a.author = a.kind = a.sender = a.recipient = a.dest =
	    a.provider = a.mx = a.family = a.transport = a.tls = a.status =
	    a.dsn = a.stage = a.class = a.text = a.predicted = a.why = text;
	a.queued = 1;
	store_cases_begin(s);
	store_cases_put(s, &a);
	assert_int_equal(store_put_queued(s, text, text, &err), 0);
	assert_int_equal(store_put_position(s, text, text, &err), 0);
	assert_int_equal(store_put_event(s, 1, 1, text, text, &err), 0);
	assert_int_equal(store_add_count(s, text, text, text, 1, &err), 0);
	store_cases_commit(s);
	assert_in_range(number("SELECT octet_length(dest) FROM attempts"),
	    252, 255);
	assert_in_range(number("SELECT octet_length(text) FROM attempts"),
	    7997, 8000);
	free(text);
	store_close(&s);
}

static void
reading_changes_nothing(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct err err = { 0 };

	(void)state;
	store_close(&s);
	s = store_cases_open("", STORE_READ);
	if (store_begin(s, &err) == 0 && store_put_position(s, "a", "b",
	    &err) == 0)
		fail();
	assert_int_equal(err.code, EXIT_UNAVAILABLE);
	assert_non_null(strstr(err.text, "read-only"));
	store_close(&s);
}

/* What a store answers, as lines in an order of their own. */
struct answers {
	char *line[40000];
	size_t n;
};

static void __attribute__((format(printf, 2, 3)))
note(struct answers *a, const char *fmt, ...)
{
	va_list args;

	assert_true(a->n < COUNT(a->line));
	va_start(args, fmt);
	assert_true(vasprintf(&a->line[a->n++], fmt, args) > 0);
	va_end(args);
}

static bool
note_total(void *arg, const struct store_total *t)
{
	note(arg, "total %s %s %s %s %s %s %s %s %s: %lld %lld %lld %lld %lld"
	    " %lld %lld %lld", t->day, t->host, t->kind, t->author, t->dest,
	    t->provider, t->family, t->status, t->class,
	    (long long)t->messages, (long long)t->attempts,
	    (long long)t->results, (long long)t->right, (long long)t->wrong,
	    (long long)t->delay_ms, (long long)t->first_second,
	    (long long)t->last_second);
	return true;
}

static bool
note_trouble(void *arg, const struct store_trouble *t)
{
	note(arg, "trouble %s %s %s %s %s %s: %s %s %s", t->total.day,
	    t->total.host, t->total.dest, t->total.family, t->total.status,
	    t->total.class, t->mx, t->stage, t->text);
	return true;
}

static bool
note_attempt(void *arg, const struct attempt *a)
{
	note(arg, "attempt %lld %s %s %s %s %s %s %s %u %lld %d%d%d%d",
	    (long long)a->time_us, a->qid, a->author, a->dest, a->mx,
	    a->family, a->status, a->text, a->conn_use,
	    (long long)a->delay_ms, a->is_attempt, a->is_final, a->is_first,
	    a->is_message);
	return true;
}

static bool
note_queued_dest(void *arg, const struct store_queued_dest *w)
{
	note(arg, "queued %s %s %s %s %s %lld", w->host, w->qid, w->dest,
	    w->family, w->class, (long long)w->second);
	return true;
}

static bool
note_event(void *arg, int64_t second, const char *host, const char *name,
    const char *text)
{
	note(arg, "event %lld %s %s %s", (long long)second, host, name, text);
	return true;
}

static bool
note_count(void *arg, const char *of, const char *and_of, int64_t n)
{
	note(arg, "count %s %s %lld", of, and_of, (long long)n);
	return true;
}

static void
note_queued(void *arg, const char *qid, const char *text)
{
	note(arg, "queued %s %s", qid, text);
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
ask_everything(struct store *s, struct answers *a)
{
	struct store_query q = { .from = 0, .to = INT64_C(40000) * DAY_S };
	struct err err = { 0 };
	int rc = store_totals(s, &q, 0x1ff, note_total, a, &err);

	q.from = 1;	/* of rows */
	rc |= store_totals(s, &q, 0x1ff & ~(unsigned)STORE_HOST, note_total,
	    a, &err);
	q.from = 0;
	rc |= store_troubles(s, &q, note_trouble, a, &err);
	rc |= store_attempts(s, &q, note_attempt, a, &err);
	rc |= store_queued_dests(s, note_queued_dest, a, &err);
	rc |= store_events(s, &q, note_event, a, &err);
	rc |= store_counts(s, "messages", note_count, a, &err);
	rc |= store_queued(s, note_queued, a, &err);
	if (rc != 0)
		fail_msg("%s", err.text);
	qsort(a->line, a->n, sizeof a->line[0], compare_lines);
}

/* The same numbers each time. */
static unsigned
some(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245U + 12345U;
	return (*seed >> 16) % below;
}

static void
put_something(struct store *s, unsigned *seed, struct err *err)
{
	static const char *const dests[] = { "example.net", "example.com",
		"gr\xc3\xbc.example", "a\\tb" };
	static const char *const families[] = { "ipv4", "ipv6", "" };
	static const char *const statuses[] = { "sent", "deferred", "bounced",
		"expired" };
	static const char *const predictions[] = { "ipv4", "ipv6", "either",
		"none", "" };
	/* Few identities, so that many lines are read again, and few seconds,
	 * in which the order tells what was last. */
	unsigned line = some(seed, 9000);
	struct attempt a = store_cases_attempt(NOON + line % 7 * 40000, line);
	char qid[16], text[40];

	snprintf(qid, sizeof qid, "4F%05XA", line % 40);
	snprintf(text, sizeof text, "%u said", some(seed, 100));
	a.qid = qid;
	a.text = text;
	a.dest = dests[some(seed, 4)];
	a.family = families[some(seed, 3)];
	a.status = statuses[some(seed, 4)];
	a.predicted = predictions[some(seed, 5)];
	a.class = a.status[0] == 's' ? "" : "rate";
	a.conn_use = some(seed, 3);
	a.delay_ms = (int64_t)some(seed, 5000) - 1;
	a.is_attempt = some(seed, 2) != 0;
	a.is_final = some(seed, 2) != 0;
	a.is_first = some(seed, 2) != 0;
	a.is_message = some(seed, 2) != 0;
	a.queued = (int)some(seed, 3) - 1;
	switch (some(seed, 12)) {
	case 0:
		if (store_put_queued(s, qid, some(seed, 2) != 0 ? text : "",
		    err) != 0)
			fail_msg("%s", err->text);
		break;
	case 1:
		if (store_put_event(s, a.time_us, line, "spf", text,
		    err) != 0)
			fail_msg("%s", err->text);
		break;
	case 2:
		if (store_add_count(s, "messages", a.dest, a.status, line,
		    err) != 0)
			fail_msg("%s", err->text);
		break;
	}
	store_cases_put(s, &a);
}

static void
fill(const char *url, struct answers *answers)
{
	static const char *const hosts[] = { "mail.example.org",
		"mx2.example.org" };
	struct err err = { 0 };
	unsigned seed = 7;
	struct store *s;

	for (unsigned i = 0; i < 60; i++) {
		s = store_open(url, "", hosts[i % 2], STORE_WRITE, &err);
		assert_non_null(s);
		for (unsigned k = 0; k < 3; k++) {
			store_cases_begin(s);
			for (unsigned n = some(&seed, 150); n > 0; n--)
				put_something(s, &seed, &err);
			if (some(&seed, 5) == 0)
				store_rollback(s);
			else
				store_cases_commit(s);
		}
		if (i == 59)
			ask_everything(s, answers);
		store_close(&s);
	}
}

/* Whatever is put, in whatever order, with lines read again and transactions
 * rolled back: both stores answer the same. */
static void
it_answers_as_a_file_does(void **state)
{
	char folder[] = "/tmp/test_store_pgsql.XXXXXX";
	char path[64];
	struct answers *of_file = calloc(1, sizeof *of_file);
	struct answers *of_server = calloc(1, sizeof *of_server);

	(void)state;
	assert_non_null(of_file);
	assert_non_null(of_server);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/waybill.db", folder);
	fill(path, of_file);
	fill(store_cases_url, of_server);
	assert_true(of_file->n > 2000);
	for (size_t i = 0; i < of_file->n && i < of_server->n; i++)
		assert_string_equal(of_server->line[i], of_file->line[i]);
	assert_int_equal(of_server->n, of_file->n);
	for (size_t i = 0; i < of_file->n; i++) {
		free(of_file->line[i]);
		free(of_server->line[i]);
	}
	free(of_file);
	free(of_server);
	assert_int_equal(directory_remove(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASES(setup, teardown),
		cmocka_unit_test_setup(hosts_write_at_once, setup),
		cmocka_unit_test_setup(
		    a_store_of_an_earlier_version_is_converted, setup),
		cmocka_unit_test_setup(openers_at_once_convert_once, setup),
		cmocka_unit_test_setup(openers_at_once_make_one_schema,
		    setup),
		cmocka_unit_test_setup(what_is_no_store_is_said, setup),
		cmocka_unit_test_setup(a_large_transaction_is_exact, setup),
		cmocka_unit_test_setup(
		    a_row_stands_in_the_partition_of_its_month, setup),
		cmocka_unit_test_setup(old_months_are_dropped_whole, setup),
		cmocka_unit_test_setup(hosts_expire_at_once, setup),
		cmocka_unit_test_setup(who_reads_is_let_read, setup),
		cmocka_unit_test_setup(
		    a_crash_in_a_transaction_leaves_nothing, setup),
		cmocka_unit_test_setup(
		    a_restart_between_transactions_is_no_failure, setup),
		cmocka_unit_test_setup(a_frozen_server_is_given_up, setup),
		cmocka_unit_test_setup(
		    bytes_that_are_no_text_are_written_out, setup),
		cmocka_unit_test_setup(what_is_too_long_for_a_key_is_cut,
		    setup),
		cmocka_unit_test_setup(reading_changes_nothing, setup),
		cmocka_unit_test_setup(it_answers_as_a_file_does, setup),
	};
	int rc;

	if (!pgsql_server_is_there()) {
		puts("skipped: PostgreSQL's server isn't installed "
		    "(Debian: postgresql)");
		return SKIPPED;
	}
	if (pgsql_server_make() != 0) {
		pgsql_server_remove();
		return 1;
	}
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	pgsql_server_remove();
	return rc;
}
