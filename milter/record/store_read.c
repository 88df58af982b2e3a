/* SPDX-License-Identifier: ISC */
/*
 * Questions asked of the record, in SQL that SQLite and PostgreSQL both speak,
 * over the views attempts and totals. Words never stand in the SQL, they are
 * its parameters.
 */
#include "record/store_read.h"

#include "base/text.h"
#include "record/store_ops.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whatever a store holds, a second of it fits in microseconds, a day in
 * seconds, a year in four digits, and sums of 90 million rows don't overflow:
 * more than a file has that is read to its end. */
static const int64_t number_max = INT64_C(100000000000);

enum { ARGS_MAX = 16, SQL_MAX = 4096, DAY_S = 86400 };

/* A question under construction. */
struct question {
	struct text sql;
	const char *args[ARGS_MAX];
	size_t n;
	char number[4][24];
	size_t n_numbers;
};

static void
question_begin(struct question *q)
{
	memset(q, 0, sizeof *q);
	text_init(&q->sql, SQL_MAX);
}

/* " WHERE column op $n", or AND. */
static void
question_where(struct question *q, const char *column, const char *op,
    const char *value)
{
	if (value == NULL || q->n == ARGS_MAX)
		return;
	q->args[q->n++] = value;
	text_addf(&q->sql, " %s %s %s $%zu", q->n == 1 ? "WHERE" : "AND",
	    column, op, q->n);
}

static void
question_where_number(struct question *q, const char *column, const char *op,
    int64_t value)
{
	char *number = q->number[q->n_numbers++];

	snprintf(number, sizeof q->number[0], "%" PRId64, value);
	question_where(q, column, op, number);
}

static int
question_ask(struct question *q, struct store *s,
    bool (*got)(void *arg, const char *const *column), void *arg,
    struct err *err)
{
	int rc = store_ask(s, q->sql.buf, q->args, q->n, got, arg, err);

	text_free(&q->sql);
	return rc;
}

/* PostgreSQL says t or f, SQLite 1 or 0. */
static bool
yes(const char *s)
{
	return s[0] == 't' || s[0] == '1';
}

static const char *const column_names[] = {
	"day", "host", "kind", "author", "dest", "provider", "family",
	"status", "class",
};
enum { COLUMNS = sizeof column_names / sizeof column_names[0] };

/* The rows of a period in the form of totals. */
static const char rows_as_totals[] = "(SELECT second / 86400 AS day, second,"
    " host, kind, author, dest, provider, family, status, class,"
    " CASE WHEN is_message THEN 1 ELSE 0 END AS messages,"
    " CASE WHEN is_attempt THEN 1 ELSE 0 END AS attempts,"
    " CASE WHEN is_final THEN 1 ELSE 0 END AS results,"
    " CASE WHEN is_first AND conn_use <= 1 AND predicted = family"
    " AND family <> '' THEN 1 ELSE 0 END AS right_ones,"
    " CASE WHEN is_first AND conn_use <= 1 AND predicted <> family"
    " AND predicted IN ('ipv4', 'ipv6') THEN 1 ELSE 0 END AS wrong_ones,"
    " CASE WHEN is_final AND delay_ms > 0 THEN delay_ms ELSE 0 END"
    " AS delay_ms, second AS first_second, second AS last_second"
    " FROM attempts) AS of_rows";

static void
where_total(struct question *ask, const struct store_query *q)
{
	question_where(ask, "kind", "=", q->kind);
	question_where(ask, "author", "=", q->author);
	question_where(ask, "dest", "=", q->dest);
	question_where(ask, "provider", "=", q->provider);
	question_where(ask, "family", "=", q->family);
	question_where(ask, "status", "=", q->status);
	question_where(ask, "class", "=", q->class);
}

static void
read_total(const char *const *c, struct store_total *t)
{
	*t = (struct store_total){ .day = c[0], .host = c[1], .kind = c[2],
		.author = c[3], .dest = c[4], .provider = c[5],
		.family = c[6], .status = c[7], .class = c[8],
		.messages = store_number(c[9]),
		.attempts = store_number(c[10]),
		.results = store_number(c[11]), .right = store_number(c[12]),
		.wrong = store_number(c[13]), .delay_ms = store_number(c[14]),
		.first_second = store_number(c[15]),
		.last_second = store_number(c[16]) };
}

struct total_taker {
	bool (*got)(void *arg, const struct store_total *t);
	void *arg;
};

static bool
take_total(void *arg, const char *const *column)
{
	struct total_taker *taker = arg;
	struct store_total t;

	read_total(column, &t);
	return taker->got(taker->arg, &t);
}

int
store_totals(struct store *s, const struct store_query *q, unsigned by,
    bool (*got)(void *arg, const struct store_total *t), void *arg,
    struct err *err)
{
	bool is_of_days = q->from % DAY_S == 0 && q->to % DAY_S == 0;
	struct total_taker taker = { got, arg };
	struct question ask;
	const char *comma = "";

	question_begin(&ask);
	text_add(&ask.sql, "SELECT ");
	for (unsigned i = 0; i < COLUMNS; i++)
		text_addf(&ask.sql, (by & 1U << i) != 0 ? "%s, " : "'', ",
		    column_names[i]);
	text_addf(&ask.sql, "sum(messages), sum(attempts), sum(results), "
	    "sum(right_ones), sum(wrong_ones), max(delay_ms), "
	    "min(first_second), max(last_second) FROM %s", is_of_days ?
	    "totals" : rows_as_totals);
	question_where_number(&ask, is_of_days ? "day" : "second", ">=",
	    is_of_days ? q->from / DAY_S : q->from);
	question_where_number(&ask, is_of_days ? "day" : "second", "<",
	    is_of_days ? q->to / DAY_S : q->to);
	where_total(&ask, q);
	if (by != 0)
		text_add(&ask.sql, " GROUP BY ");
	for (unsigned i = 0; i < COLUMNS; i++) {
		if ((by & 1U << i) == 0)
			continue;
		text_addf(&ask.sql, "%s%s", comma, column_names[i]);
		comma = ", ";
	}
	return question_ask(&ask, s, take_total, &taker, err);
}

struct trouble_taker {
	bool (*got)(void *arg, const struct store_trouble *t);
	void *arg;
};

static bool
take_trouble(void *arg, const char *const *column)
{
	struct trouble_taker *taker = arg;
	struct store_trouble t;

	read_total(column, &t.total);
	t.mx = column[17];
	t.stage = column[18];
	t.text = column[19];
	return taker->got(taker->arg, &t);
}

int
store_troubles(struct store *s, const struct store_query *q,
    bool (*got)(void *arg, const struct store_trouble *t), void *arg,
    struct err *err)
{
	struct trouble_taker taker = { got, arg };
	struct question ask;

	question_begin(&ask);
	text_add(&ask.sql, "SELECT day, host, kind, author, dest, provider, "
	    "family, status, class, messages, attempts, results, right_ones, "
	    "wrong_ones, delay_ms, first_second, last_second, mx, stage, text "
	    "FROM totals");
	question_where_number(&ask, "day", ">=", q->from / DAY_S);
	question_where_number(&ask, "day", "<", q->to / DAY_S);
	question_where(&ask, "status", "<>", "sent");
	where_total(&ask, q);
	text_add(&ask.sql, " ORDER BY last_second");
	return question_ask(&ask, s, take_trouble, &taker, err);
}

struct attempt_taker {
	bool (*got)(void *arg, const struct attempt *a);
	void *arg;
};

static bool
take_attempt(void *arg, const char *const *c)
{
	struct attempt_taker *taker = arg;
	struct attempt a = {
		.time_us = store_number(c[0]) * 1000000, .qid = c[1],
		.author = c[2], .author_is_known = yes(c[3]), .kind = c[4],
		.sender = c[5], .recipient = c[6], .dest = c[7],
		.provider = c[8], .mx = c[9], .family = c[11],
		.transport = c[12], .tls = c[13], .status = c[14],
		.dsn = c[15], .stage = c[16], .class = c[17], .text = c[18],
		.predicted = c[19], .why = c[20],
		.delay_ms = store_number(c[21]),
		.is_attempt = yes(c[22]), .is_final = yes(c[23]),
		.is_first = yes(c[24]), .is_message = yes(c[25]),
		.conn_use = (unsigned)store_number(c[26]),
	};

	(void)ip_parse(c[10], &a.ip);
	return taker->got(taker->arg, &a);
}

int
store_attempts(struct store *s, const struct store_query *q,
    bool (*got)(void *arg, const struct attempt *a), void *arg,
    struct err *err)
{
	struct attempt_taker taker = { got, arg };
	struct question ask;

	question_begin(&ask);
	text_add(&ask.sql, "SELECT second, qid, author, author_is_known, kind,"
	    " sender, recipient, dest, provider, mx, ip, family, transport,"
	    " tls, status, dsn, stage, class, text, predicted, why, delay_ms,"
	    " is_attempt, is_final, is_first, is_message, conn_use"
	    " FROM attempts");
	question_where_number(&ask, "second", ">=", q->from);
	question_where_number(&ask, "second", "<", q->to);
	where_total(&ask, q);
	question_where(&ask, "sender", "=", q->sender);
	question_where(&ask, "qid", "=", q->qid);
	text_addf(&ask.sql, " ORDER BY second%s", q->newest_first ? " DESC" :
	    "");
	if (q->limit > 0)
		text_addf(&ask.sql, " LIMIT %ld", q->limit);
	return question_ask(&ask, s, take_attempt, &taker, err);
}

struct queued_dest_taker {
	bool (*got)(void *arg, const struct store_queued_dest *w);
	void *arg;
};

static bool
take_queued_dest(void *arg, const char *const *c)
{
	struct queued_dest_taker *taker = arg;
	struct store_queued_dest w = { c[0], c[1], c[2], c[3], c[4], c[5], c[6],
		c[7], store_number(c[8]) };

	return taker->got(taker->arg, &w);
}

int
store_queued_dests(struct store *s,
    bool (*got)(void *arg, const struct store_queued_dest *w), void *arg,
    struct err *err)
{
	struct queued_dest_taker taker = { got, arg };

	return store_ask(s, "SELECT host, qid, dest, provider, family, kind, "
	    "author, class, second FROM queued_dest ORDER BY second", NULL, 0,
	    take_queued_dest, &taker, err);
}

struct event_taker {
	bool (*got)(void *arg, int64_t second, const char *host,
	    const char *name, const char *text);
	void *arg;
};

static bool
take_event(void *arg, const char *const *c)
{
	struct event_taker *taker = arg;

	return taker->got(taker->arg, store_number(c[0]), c[1], c[2], c[3]);
}

int
store_events(struct store *s, const struct store_query *q,
    bool (*got)(void *arg, int64_t second, const char *host, const char *name,
    const char *text), void *arg, struct err *err)
{
	struct event_taker taker = { got, arg };
	struct question ask;

	question_begin(&ask);
	text_add(&ask.sql, "SELECT second, host, name, text FROM event");
	question_where_number(&ask, "second", ">=", q->from);
	question_where_number(&ask, "second", "<", q->to);
	text_add(&ask.sql, " ORDER BY second DESC");
	if (q->limit > 0)
		text_addf(&ask.sql, " LIMIT %ld", q->limit);
	return question_ask(&ask, s, take_event, &taker, err);
}

struct count_taker {
	bool (*got)(void *arg, const char *of, const char *and_of, int64_t n);
	void *arg;
};

static bool
take_count(void *arg, const char *const *c)
{
	struct count_taker *taker = arg;

	return taker->got(taker->arg, c[0], c[1], store_number(c[2]));
}

int
store_counts(struct store *s, const char *name,
    bool (*got)(void *arg, const char *of, const char *and_of, int64_t n),
    void *arg, struct err *err)
{
	struct count_taker taker = { got, arg };
	struct question ask;

	question_begin(&ask);
	text_add(&ask.sql, "SELECT of_word, and_word, sum(n) FROM counter");
	question_where(&ask, "name", "=", name);
	text_add(&ask.sql, " GROUP BY of_word, and_word "
	    "ORDER BY of_word, and_word");
	return question_ask(&ask, s, take_count, &taker, err);
}

struct seen {
	char *host;
	size_t size;
	int64_t *second;
};

static bool
take_seen(void *arg, const char *const *c)
{
	struct seen *seen = arg;
	int64_t second = store_number(c[1]);

	if (*seen->second == 0 || second < *seen->second) {
		*seen->second = second;
		snprintf(seen->host, seen->size, "%s", c[0]);
	}
	return true;
}

int
store_seen(struct store *s, char *host, size_t size, int64_t *second,
    struct err *err)
{
	struct seen seen = { host, size, second };

	*second = 0;
	if (size > 0)
		host[0] = '\0';
	return store_ask(s, "SELECT host, position FROM position "
	    "WHERE source = 'seen'", NULL, 0, take_seen, &seen, err);
}

int64_t
store_number(const char *text)
{
	long long n = strtoll(text, NULL, 10);

	return n > number_max ? number_max : n < -number_max ? -number_max : n;
}
