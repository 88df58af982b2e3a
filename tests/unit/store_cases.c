/* SPDX-License-Identifier: ISC */
/* What every store must do. */
#include "store_cases.h"

#include "base/text.h"
#include "record/store_read.h"

#include <inttypes.h>
#include <unistd.h>

#include "unit.h"

enum { DAY_S = 86400, NOON = 20000 * DAY_S + 43200 };

const char *store_cases_url;
const char *store_cases_password_file = "";
char store_cases_directory[] = "/tmp/waybill-test-XXXXXX";

int
store_cases_file_begin(void **state)
{
	static char path[sizeof store_cases_directory + 20];

	(void)state;
	strcpy(store_cases_directory, "/tmp/waybill-test-XXXXXX");
	if (mkdtemp(store_cases_directory) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/waybill.db", store_cases_directory);
	store_cases_url = path;
	return 0;
}

int
store_cases_file_end(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		char name[100];

		snprintf(name, sizeof name, "%s%s", store_cases_url, ends[i]);
		(void)unlink(name);
	}
	return rmdir(store_cases_directory);
}

struct store *
store_cases_open(const char *host, enum store_mode mode)
{
	struct err err = { 0 };
	struct store *s = store_open(store_cases_url,
	    store_cases_password_file, host, mode, &err);

	if (s == NULL)
		fail_msg("%s", err.text);
	return s;
}

struct attempt
store_cases_attempt(int64_t second, uint64_t identity)
{
	struct attempt a = {
		.time_us = second * 1000000 + 5, .identity = identity,
		.qid = "4dXk2w1zW9z", .author = "example.org",
		.author_is_known = true, .kind = "own",
		.sender = "a@example.org", .recipient = "",
		.dest = "example.net", .provider = "provider.example",
		.mx = "mx.example.net", .family = "ipv6", .transport = "smtp",
		.tls = "TLSv1.3", .status = "sent", .dsn = "2.0.0",
		.stage = "eod", .class = "", .text = "250 ok",
		.predicted = "ipv6", .why = "prefer-ipv6", .conn_use = 1,
		.delay_ms = 700, .is_attempt = true, .is_final = true,
		.is_first = true, .is_message = true,
	};

	(void)ip_parse("2001:db8::25", &a.ip);
	return a;
}

void
store_cases_put(struct store *s, const struct attempt *a)
{
	struct err err = { 0 };

	if (store_put_attempt(s, a, &err) != 0)
		fail_msg("%s", err.text);
}

void
store_cases_begin(struct store *s)
{
	struct err err = { 0 };

	if (store_begin(s, &err) != 0)
		fail_msg("%s", err.text);
}

void
store_cases_commit(struct store *s)
{
	struct err err = { 0 };

	if (store_commit(s, &err) != 0)
		fail_msg("%s", err.text);
}

/* All that a case reads, as text. */
static struct text out;

static bool
note_attempt(void *arg, const struct attempt *a)
{
	char ip[IP_SIZE];

	(void)arg;
	text_addf(&out, "%" PRId64 " %s %s%s %s %s %s %s %s %s %s %s %s %s %s "
	    "%s %s %s %s %s %s %" PRId64 " %u %d%d%d%d\n", a->time_us /
	    1000000, a->qid, a->author, a->author_is_known ? "!" : "", a->kind,
	    a->sender, a->dest, a->provider, a->mx, ip_format(&a->ip, ip),
	    a->family, a->transport, a->tls, a->status, a->dsn, a->stage,
	    a->class, a->text, a->predicted, a->why, a->recipient,
	    a->delay_ms, a->conn_use, a->is_attempt, a->is_final, a->is_first,
	    a->is_message);
	return true;
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The order of totals is not promised. */
static void
sort_lines(void)
{
	char *lines[100];
	size_t n = 0;
	struct text sorted;
	char *copy = strdup(out.buf);

	assert_non_null(copy);
	for (char *p = strtok(copy, "\n"); p != NULL; p = strtok(NULL, "\n"))
		lines[n++] = p;
	qsort(lines, n, sizeof *lines, compare_lines);
	text_init(&sorted, 65536);
	for (size_t i = 0; i < n; i++)
		text_addf(&sorted, "%s\n", lines[i]);
	text_free(&out);
	out = sorted;
	free(copy);
}

static bool
note_total(void *arg, const struct store_total *t)
{
	(void)arg;
	text_addf(&out, "%s|%s|%s|%s|%s|%s|%s|%s|%s %" PRId64 " %" PRId64
	    " %" PRId64 " %" PRId64 "/%" PRId64 " %" PRId64 "\n", t->day,
	    t->host, t->kind, t->author, t->dest, t->provider, t->family,
	    t->status, t->class, t->messages, t->attempts, t->results,
	    t->right, t->wrong, t->delay_ms);
	return true;
}

static void
expect_totals(struct store *s, const struct store_query *q, unsigned by,
    const char *want)
{
	struct err err = { 0 };

	text_init(&out, 65536);
	if (store_totals(s, q, by, note_total, NULL, &err) != 0)
		fail_msg("%s", err.text);
	sort_lines();
	assert_string_equal(out.buf, want);
	text_free(&out);
}

static void
expect_attempts(struct store *s, const struct store_query *q,
    const char *want)
{
	struct err err = { 0 };

	text_init(&out, 65536);
	if (store_attempts(s, q, note_attempt, NULL, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(out.buf, want);
	text_free(&out);
}

static const struct store_query always = { .from = 0,
	.to = INT64_C(40000) * DAY_S };

void
a_row_is_read_back(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct attempt a = store_cases_attempt(NOON, 1);
	struct attempt none = store_cases_attempt(NOON + 1, INT64_MAX);
	struct store_query q = always;

	(void)state;
	none.ip.family = IP_NONE;
	none.family = none.mx = none.tls = "";
	none.qid = "4F1A2B3C";
	none.is_attempt = none.is_first = none.author_is_known = false;
	none.conn_use = 3;
	none.delay_ms = -1;
	store_cases_begin(s);
	store_cases_put(s, &a);
	store_cases_put(s, &none);
	store_cases_commit(s);
	store_close(&s);
	s = store_cases_open("", STORE_READ);
	expect_attempts(s, &q, "1728043200 4dXk2w1zW9z example.org! own "
	    "a@example.org example.net provider.example mx.example.net "
	    "2001:db8::25 ipv6 smtp TLSv1.3 sent 2.0.0 eod  250 ok ipv6 "
	    "prefer-ipv6  700 1 1111\n"
	    "1728043201 4F1A2B3C example.org own a@example.org example.net "
	    "provider.example  none  smtp  sent 2.0.0 eod  250 ok ipv6 "
	    "prefer-ipv6  -1 3 0101\n");
	q.qid = "4F1A2B3D";
	expect_attempts(s, &q, "");
	q = always;
	q.to = NOON;
	expect_attempts(s, &q, "");
	q.to = NOON + 1;
	q.dest = "example.net";
	q.newest_first = true;
	q.limit = 1;
	expect_attempts(s, &q, "1728043200 4dXk2w1zW9z example.org! own "
	    "a@example.org example.net provider.example mx.example.net "
	    "2001:db8::25 ipv6 smtp TLSv1.3 sent 2.0.0 eod  250 ok ipv6 "
	    "prefer-ipv6  700 1 1111\n");
	store_close(&s);
}

void
the_same_line_counts_once(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct store *other;
	struct attempt a = store_cases_attempt(NOON, 1);
	struct attempt b = store_cases_attempt(NOON, 2);

	(void)state;
	store_cases_begin(s);
	store_cases_put(s, &a);
	store_cases_put(s, &a);
	store_cases_commit(s);
	store_cases_begin(s);
	store_cases_put(s, &a);
	store_cases_put(s, &b);
	store_cases_commit(s);
	store_close(&s);
	other = store_cases_open("mx2.example.org", STORE_WRITE);
	store_cases_begin(other);
	store_cases_put(other, &a);
	store_cases_commit(other);
	expect_totals(other, &always, STORE_HOST,
	    "|mail.example.org||||||| 2 2 2 2/0 700\n"
	    "|mx2.example.org||||||| 1 1 1 1/0 700\n");
	store_close(&other);
}

/* Ten rows of two days that differ in each column. */
static void
put_ten(struct store *s)
{
	for (uint64_t i = 0; i < 10; i++) {
		struct attempt a = store_cases_attempt(NOON + (i % 2 == 0 ? 0 :
		    DAY_S) + (int64_t)i, i + 1);

		a.delay_ms = (int64_t)i * 100;
		if (i >= 4) {
			a.family = "ipv4";
			a.status = "deferred";
			a.class = "rate";
			a.is_message = false;
		}
		if (i >= 8) {
			a.status = "bounced";
			a.class = "ip-listed";
			a.conn_use = 2;	/* proves no prediction */
			a.dest = "example.com";
			a.provider = "other.example";
			a.kind = "forwarded";
			a.author = "";
		}
		store_cases_put(s, &a);
	}
}

void
totals_are_summed_by_any_column(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct store_query q = always;

	(void)state;
	store_cases_begin(s);
	put_ten(s);
	store_cases_commit(s);
	expect_totals(s, &q, 0, "|||||||| 4 10 10 4/4 900\n");
	expect_totals(s, &q, STORE_STATUS | STORE_FAMILY,
	    "||||||ipv4|bounced| 0 2 2 0/0 900\n"
	    "||||||ipv4|deferred| 0 4 4 0/4 700\n"
	    "||||||ipv6|sent| 4 4 4 4/0 300\n");
	expect_totals(s, &q, STORE_DAY | STORE_KIND,
	    "20000||forwarded|||||| 0 1 1 0/0 800\n"
	    "20000||own|||||| 2 4 4 2/2 600\n"
	    "20001||forwarded|||||| 0 1 1 0/0 900\n"
	    "20001||own|||||| 2 4 4 2/2 700\n");
	q.class = "ip-listed";
	expect_totals(s, &q, STORE_DEST | STORE_PROVIDER | STORE_AUTHOR |
	    STORE_CLASS, "||||example.com|other.example|||ip-listed 0 2 2 0/0 "
	    "900\n");
	q.class = NULL;
	q.kind = "own";
	q.from = INT64_C(20001) * DAY_S;
	expect_totals(s, &q, STORE_STATUS, "|||||||deferred| 0 2 2 0/2 700\n"
	    "|||||||sent| 2 2 2 2/0 300\n");
	q.kind = "nobody's";
	expect_totals(s, &q, STORE_STATUS, "");
	store_close(&s);
}

void
totals_of_rows_are_those_of_days(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct store_query q = always;

	(void)state;
	store_cases_begin(s);
	put_ten(s);
	store_cases_commit(s);
	q.from = 1;	/* not the beginning of a day: rows are counted */
	expect_totals(s, &q, STORE_STATUS | STORE_FAMILY,
	    "||||||ipv4|bounced| 0 2 2 0/0 900\n"
	    "||||||ipv4|deferred| 0 4 4 0/4 700\n"
	    "||||||ipv6|sent| 4 4 4 4/0 300\n");
	q.to = NOON + 1;
	expect_totals(s, &q, 0, "|||||||| 1 1 1 1/0 0\n");
	store_close(&s);
}

static bool
note_queued_dest(void *arg, const struct store_queued_dest *w)
{
	(void)arg;
	text_addf(&out, "%s %s %s %s %s %s %s %s %" PRId64 "\n", w->host,
	    w->qid, w->dest, w->provider, w->family, w->kind, w->author,
	    w->class, w->second);
	return true;
}

static void
expect_queued_dest(struct store *s, const char *want)
{
	struct err err = { 0 };

	text_init(&out, 65536);
	if (store_queued_dests(s, note_queued_dest, NULL, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(out.buf, want);
	text_free(&out);
}

void
what_waits_is_known(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct attempt a = store_cases_attempt(NOON, 1);
	struct err err = { 0 };

	(void)state;
	a.queued = 1;
	a.status = "deferred";
	a.class = "rate";
	store_cases_begin(s);
	store_cases_put(s, &a);
	a.identity = 2;
	a.dest = "example.com";
	store_cases_put(s, &a);
	store_cases_commit(s);
	expect_queued_dest(s, "mail.example.org 4dXk2w1zW9z example.com "
	    "provider.example ipv6 own example.org rate 1728043200\n"
	    "mail.example.org 4dXk2w1zW9z example.net "
	    "provider.example ipv6 own example.org rate 1728043200\n");
	a.identity = 3;
	a.queued = -1;
	a.status = "sent";
	store_cases_begin(s);
	store_cases_put(s, &a);
	assert_int_equal(store_put_queued(s, a.qid, "queued flags=----", &err),
	    0);
	store_cases_commit(s);
	expect_queued_dest(s, "mail.example.org 4dXk2w1zW9z example.net "
	    "provider.example ipv6 own example.org rate 1728043200\n");
	store_cases_begin(s);
	assert_int_equal(store_put_queued(s, a.qid, "", &err), 0);
	store_cases_commit(s);
	expect_queued_dest(s, "");
	/* A line read again changes nothing. */
	a.identity = 1;
	a.queued = 1;
	a.dest = "example.net";
	store_cases_begin(s);
	store_cases_put(s, &a);
	store_cases_commit(s);
	expect_queued_dest(s, "");
	store_close(&s);
}

void
positions_are_kept_by_host(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct err err = { 0 };
	char host[64];
	int64_t second;
	char *position;

	(void)state;
	position = store_position(s, "journal", &err);
	assert_string_equal(position, "");
	free(position);
	store_cases_begin(s);
	assert_int_equal(store_put_position(s, "journal", "p1", &err), 0);
	assert_int_equal(store_put_position(s, "seen", "1728043200", &err), 0);
	assert_int_equal(store_put_position(s, "journal", "p2", &err), 0);
	store_cases_commit(s);
	store_close(&s);
	s = store_cases_open("mail.example.org", STORE_WRITE);
	position = store_position(s, "journal", &err);
	assert_string_equal(position, "p2");
	free(position);
	assert_int_equal(store_seen(s, host, sizeof host, &second, &err), 0);
	assert_string_equal(host, "mail.example.org");
	assert_int_equal(second, 1728043200);
	store_close(&s);
	s = store_cases_open("mx2.example.org", STORE_WRITE);
	position = store_position(s, "journal", &err);
	assert_string_equal(position, "");
	free(position);
	store_close(&s);
}

void
a_rollback_leaves_nothing(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct attempt a = store_cases_attempt(NOON, 1);
	struct err err = { 0 };
	char *position;

	(void)state;
	store_cases_begin(s);
	store_cases_put(s, &a);
	assert_int_equal(store_put_position(s, "journal", "p1", &err), 0);
	store_rollback(s);
	expect_totals(s, &always, STORE_DEST, "");
	expect_attempts(s, &always, "");
	/* Words that were new in it are written again. */
	store_cases_begin(s);
	store_cases_put(s, &a);
	store_cases_commit(s);
	expect_totals(s, &always, STORE_DEST,
	    "||||example.net|||| 1 1 1 1/0 700\n");
	position = store_position(s, "journal", &err);
	assert_string_equal(position, "");
	free(position);
	store_close(&s);
}

void
old_rows_go_and_totals_stay(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct store_query q = always;
	struct err err = { 0 };

	(void)state;
	store_cases_begin(s);
	put_ten(s);
	store_cases_commit(s);
	while (store_expire(s, (INT64_C(20001) * DAY_S) * 1000000, &err) > 0)
		;
	q.from = 1;
	expect_totals(s, &q, STORE_DAY, "20001|||||||| 2 5 5 2/2 900\n");
	expect_totals(s, &always, STORE_DAY,
	    "20000|||||||| 2 5 5 2/2 800\n20001|||||||| 2 5 5 2/2 900\n");
	store_close(&s);
}

static bool
note_trouble(void *arg, const struct store_trouble *t)
{
	(void)arg;
	text_addf(&out, "%s %s %s %s %s %s %" PRId64 " %" PRId64 " %" PRId64
	    "\n", t->total.dest, t->total.status, t->total.class, t->mx,
	    t->stage, t->text, t->total.results, t->total.first_second,
	    t->total.last_second);
	return true;
}

void
the_last_text_stands_with_the_total(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct attempt a = store_cases_attempt(NOON, 1);
	struct err err = { 0 };

	(void)state;
	store_cases_begin(s);
	store_cases_put(s, &a);
	a.status = "bounced";
	a.class = "ip-listed";
	a.text = "550 first";
	a.identity = 2;
	store_cases_put(s, &a);
	a.text = "550 last";
	a.stage = "mail";
	a.mx = "mx2.example.net";
	a.identity = 3;
	a.time_us += 9000000;
	store_cases_put(s, &a);
	store_cases_commit(s);
	a.text = "550 read late";
	a.identity = 4;
	a.time_us -= 5000000;
	store_cases_begin(s);
	store_cases_put(s, &a);
	store_cases_commit(s);
	/* Of one second, the one that was put last. */
	a.text = "550 one of two";
	a.identity = 9;
	a.time_us += 5000000;
	store_cases_begin(s);
	store_cases_put(s, &a);
	a.text = "550 other of two";
	a.identity = 8;
	store_cases_put(s, &a);
	store_cases_commit(s);
	text_init(&out, 65536);
	assert_int_equal(store_troubles(s, &always, note_trouble, NULL, &err),
	    0);
	assert_string_equal(out.buf, "example.net bounced ip-listed "
	    "mx2.example.net mail 550 other of two 5 1728043200 "
	    "1728043209\n");
	text_free(&out);
	store_close(&s);
}

static bool
note_event(void *arg, int64_t second, const char *host, const char *name,
    const char *text)
{
	(void)arg;
	text_addf(&out, "%" PRId64 " %s %s %s\n", second, host, name, text);
	return true;
}

static bool
note_count(void *arg, const char *of, const char *and_of, int64_t n)
{
	(void)arg;
	text_addf(&out, "%s/%s %" PRId64 "\n", of, and_of, n);
	return true;
}

void
events_and_counters_are_kept(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct store_query q = always;
	struct err err = { 0 };

	(void)state;
	store_cases_begin(s);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_put_event(s, INT64_C(5000000), 7, "spf",
		    "warning: spf ip=192.0.2.1", &err), 0);
	assert_int_equal(store_put_event(s, INT64_C(9000000), 8, "key",
	    "warning: key", &err), 0);
	assert_int_equal(store_add_count(s, "lines", "postfix", "", 5, &err),
	    0);
	store_cases_commit(s);
	store_cases_begin(s);
	assert_int_equal(store_add_count(s, "lines", "postfix", "", 6, &err),
	    0);
	assert_int_equal(store_add_count(s, "messages", "example.org",
	    "signed", 1, &err), 0);
	store_cases_commit(s);
	text_init(&out, 65536);
	assert_int_equal(store_events(s, &q, note_event, NULL, &err), 0);
	assert_int_equal(store_counts(s, "lines", note_count, NULL, &err), 0);
	assert_int_equal(store_counts(s, "messages", note_count, NULL, &err),
	    0);
	assert_string_equal(out.buf, "9 mail.example.org key warning: key\n"
	    "5 mail.example.org spf warning: spf ip=192.0.2.1\n"
	    "postfix/ 11\nexample.org/signed 1\n");
	text_free(&out);
	store_close(&s);
}

void
hostile_text_is_only_text(void **state)
{
	static const char *const texts[] = { "'; DROP TABLE word; --",
		"\\N\t\\. \"quoted\" %s $1 ?1", "tab\there", "back\\slash\\",
		"\xff\xfe not UTF-8", "\x01\x1f" };
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct store_query q = always;

	(void)state;
	store_cases_begin(s);
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct attempt a = store_cases_attempt(NOON + (int64_t)i,
		    i + 1);

		a.text = texts[i];
		a.dest = texts[i];
		store_cases_put(s, &a);
	}
	store_cases_commit(s);
	for (size_t i = 0; i < 4; i++) {
		char want[200];

		q.dest = texts[i];
		snprintf(want, sizeof want, "||||%s|||| 1 1 1 1/0 700\n",
		    texts[i]);
		expect_totals(s, &q, STORE_DEST, want);
	}
	q.dest = NULL;
	expect_totals(s, &q, 0, "|||||||| 6 6 6 6/0 700\n");
	store_close(&s);
}

char *
store_cases_read(const char *name)
{
	enum { MAX = 100000 };
	char *text = calloc(1, MAX);
	char path[100];
	FILE *f;

	(void)snprintf(path, sizeof path, "tests/data/%s", name);
	f = fopen(tree_path(path), "r");
	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, MAX - 1, f) > 1000);
	assert_true(feof(f));
	(void)fclose(f);
	return text;
}

/* Two days of mail; one destination has the name of a status of then. */
static void
expect_converted(struct store *s)
{
	static const char want[] =
	    "||||four.example|||bounced|ipv6-refused 2 2 2 2/0 2000\n"
	    "||||gone.example|||deferred|busy 2 2 2 2/0 2000\n"
	    "||||gone.example|||expired|busy 0 0 2 0/0 0\n"
	    "||||good.example|||sent| 6 6 6 6/0 2000\n"
	    "||||listed.example|||bounced|ip-reputation 2 2 2 2/0 2000\n"
	    "||||refused|||bounced|recipient 2 2 2 0/2 2000\n"
	    "||||six.example|||deferred|no-ptr 2 2 0 2/0 0\n"
	    "||||six.example|||sent| 0 2 2 0/0 2000\n"
	    "||||slow.example|||deferred|greylist 2 2 2 2/0 2000\n";
	struct store_query q = always;
	struct err err = { 0 };

	expect_totals(s, &q, STORE_DEST | STORE_STATUS | STORE_CLASS, want);
	q.from = 1;	/* of the rows */
	expect_totals(s, &q, STORE_DEST | STORE_STATUS | STORE_CLASS, want);
	expect_queued_dest(s, "mail.example.org 00000005A slow.example "
	    "slow.example ipv4 own example.org greylist 1795507562\n"
	    "mail.example.org 0000000FA slow.example slow.example ipv4 own "
	    "example.org greylist 1795593962\n");
	text_init(&out, 65536);
	assert_int_equal(store_counts(s, "messages", note_count, NULL, &err),
	    0);
	assert_string_equal(out.buf, "example.org/expired 2\n"
	    "example.org/rejected 2\nexample.org/signed 18\n");
	text_free(&out);
}

/* What is read again isn't counted again, and what comes is added. */
static void
go_on(struct store *s)
{
	struct attempt a = store_cases_attempt(1795507561, 7);
	struct store_query q = always;

	a.dest = a.provider = "listed.example";
	a.status = "bounced";
	a.class = "ip-reputation";
	store_cases_begin(s);
	store_cases_put(s, &a);
	store_cases_put(s, &a);
	store_cases_commit(s);
	q.dest = "listed.example";
	expect_totals(s, &q, STORE_STATUS,
	    "|||||||bounced| 3 3 3 3/0 2000\n");
}

void
store_cases_convert(void)
{
	struct err err = { 0 };
	struct store *s = store_open(store_cases_url,
	    store_cases_password_file, "", STORE_READ, &err);

	assert_null(s);
	assert_int_equal(err.code, EXIT_UNAVAILABLE);
	assert_non_null(strstr(err.text, "written by an earlier waybill"));
	assert_non_null(strstr(err.text, "service waybill-record restart"));
	s = store_cases_open("mail.example.org", STORE_WRITE);
	store_close(&s);
	s = store_cases_open("", STORE_READ);
	expect_converted(s);
	store_close(&s);
	s = store_cases_open("mail.example.org", STORE_WRITE);
	go_on(s);
	store_close(&s);
}
