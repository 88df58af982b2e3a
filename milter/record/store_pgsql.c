/* SPDX-License-Identifier: ISC */
/*
 * The store for several mail hosts: one PostgreSQL database.
 *
 * What is put is kept in memory as rows in COPY's form, and goes to the server
 * at the commit, or before when there is much of it: into temporary tables of
 * the connection, from there into attempts, where the identity of its line
 * keeps a row that is there already out, and only the rows that were new make
 * totals and what waits. All of that, and the positions, is one transaction.
 *
 * Rows carry the host, and every key has it: hosts don't wait for each other.
 * Two recorders of one host (the service, and one that reads old files) take
 * turns, by an advisory lock. A lost connection fails the transaction; the next
 * begin opens another.
 *
 * Columns that are keys are bounded, for an index can't hold more.
 */
#include "record/store_ops.h"

#include "base/hash.h"
#include "base/text.h"
#include "record/pgsql.h"
#include "record/pgsql_schema.h"
#include "record/pgsql_target.h"
#include "record/pgsql_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FLUSH_BYTES = 4 * 1024 * 1024,
	ROW_MAX = 1024 * 1024,	/* of columns that were all escaped */
	KEY_BYTES = 255,	/* four of them, and words, in one key */
	SOURCE_BYTES = 2000,
	TEXT_BYTES = 8000,
	QUEUED_BYTES = 65536,
	MONTHS_KNOWN = 16,
	ARGS_MAX = 16,
	EXPIRE_ROWS = 10000,
};

#define ATTEMPT_COLUMNS "second, identity, qid, author, author_is_known," \
	" kind, sender, recipient, dest, provider, mx, ip, family, transport," \
	" tls, status, dsn, stage, class, text, predicted, why, delay_ms," \
	" is_attempt, is_final, is_first, is_message, conn_use"

/* Of the connection: what came, and what of it was new. */
static const char temporary_tables[] =
    "CREATE TEMPORARY TABLE batch ON COMMIT DELETE ROWS AS"
    " SELECT 0::bigint AS n, 0 AS queued, " ATTEMPT_COLUMNS
    " FROM attempts WITH NO DATA;"
    "CREATE TEMPORARY TABLE fresh (LIKE batch) ON COMMIT DELETE ROWS;"
    "CREATE TEMPORARY TABLE event_batch ON COMMIT DELETE ROWS AS"
    " SELECT second, identity, name, text FROM event WITH NO DATA;"
    "CREATE TEMPORARY TABLE queued_batch ON COMMIT DELETE ROWS AS"
    " SELECT 0::bigint AS n, qid, text FROM queued WITH NO DATA";

/* A line read again is no new row, in the table or in the batch. */
static const char put_attempts[] =
    "WITH new AS (INSERT INTO attempts (host, " ATTEMPT_COLUMNS ")"
    " SELECT $1::text, " ATTEMPT_COLUMNS " FROM batch ORDER BY n"
    " ON CONFLICT DO NOTHING RETURNING second, identity)"
    " INSERT INTO fresh SELECT DISTINCT ON (b.second, b.identity) b.*"
    " FROM batch b JOIN new USING (second, identity)"
    " ORDER BY b.second, b.identity, b.n";

/* A cached connection follows no preference: it proves no prediction. What
 * happened last, by its second, stands with the total. */
static const char put_totals[] =
    "INSERT INTO totals AS t SELECT second / 86400, $1::text, kind, author,"
    " dest, provider, family, status, class,"
    " count(*) FILTER (WHERE is_message),"
    " count(*) FILTER (WHERE is_attempt),"
    " count(*) FILTER (WHERE is_final),"
    " count(*) FILTER (WHERE is_first AND conn_use <= 1"
    " AND predicted IN ('ipv4', 'ipv6') AND predicted = family),"
    " count(*) FILTER (WHERE is_first AND conn_use <= 1"
    " AND predicted IN ('ipv4', 'ipv6') AND predicted <> family),"
    " coalesce(max(delay_ms) FILTER (WHERE is_final AND delay_ms > 0), 0),"
    " min(second), max(second),"
    " (array_agg(mx ORDER BY second DESC, n DESC))[1],"
    " (array_agg(stage ORDER BY second DESC, n DESC))[1],"
    " (array_agg(text ORDER BY second DESC, n DESC))[1]"
    " FROM fresh GROUP BY 1, 3, 4, 5, 6, 7, 8, 9"
    " ON CONFLICT (day, host, kind, author, dest, provider, family, status,"
    " class) DO UPDATE SET messages = t.messages + excluded.messages,"
    " attempts = t.attempts + excluded.attempts,"
    " results = t.results + excluded.results,"
    " right_ones = t.right_ones + excluded.right_ones,"
    " wrong_ones = t.wrong_ones + excluded.wrong_ones,"
    " delay_ms = greatest(t.delay_ms, excluded.delay_ms),"
    " first_second = least(t.first_second, excluded.first_second),"
    " mx = CASE WHEN excluded.last_second >= t.last_second"
    " THEN excluded.mx ELSE t.mx END,"
    " stage = CASE WHEN excluded.last_second >= t.last_second"
    " THEN excluded.stage ELSE t.stage END,"
    " text = CASE WHEN excluded.last_second >= t.last_second"
    " THEN excluded.text ELSE t.text END,"
    " last_second = greatest(t.last_second, excluded.last_second)";

/* The last word on each message and destination. */
static const char put_queued_dest[] =
    "WITH said AS (SELECT DISTINCT ON (qid, dest) * FROM fresh"
    " WHERE queued <> 0 ORDER BY qid, dest, n DESC),"
    " gone AS (DELETE FROM queued_dest w USING said WHERE w.host = $1"
    " AND w.qid = said.qid AND w.dest = said.dest AND said.queued < 0)"
    " INSERT INTO queued_dest AS w SELECT $1::text, qid, dest, provider,"
    " family, kind, author, class, second FROM said WHERE queued > 0"
    " ON CONFLICT (host, qid, dest) DO UPDATE SET"
    " provider = excluded.provider, family = excluded.family,"
    " kind = excluded.kind, author = excluded.author,"
    " class = excluded.class, second = excluded.second";

static const char put_events[] =
    "INSERT INTO event (host, second, identity, name, text)"
    " SELECT $1::text, second, identity, name, text FROM event_batch"
    " ON CONFLICT DO NOTHING";

/* Of a message that has left the queue nothing waits. */
static const char put_queued[] =
    "WITH said AS (SELECT DISTINCT ON (qid) qid, text FROM queued_batch"
    " ORDER BY qid, n DESC),"
    " gone AS (DELETE FROM queued q USING said WHERE q.host = $1"
    " AND q.qid = said.qid AND said.text = ''),"
    " done AS (DELETE FROM queued_dest w USING queued_batch b WHERE w.host = $1"
    " AND w.qid = b.qid AND b.text = '')"
    " INSERT INTO queued SELECT $1::text, qid, text FROM said"
    " WHERE text <> '' ON CONFLICT (host, qid) DO UPDATE SET"
    " text = excluded.text";

/* A kind of rows on its way. */
struct batch {
	struct text rows;
	const char *copy;
	const char *put[4];	/* in this order, NULL behind the last */
};

enum { BATCH_ATTEMPTS, BATCH_EVENTS, BATCH_QUEUED, BATCHES };

static const struct batch empty_batches[BATCHES] = {
	[BATCH_ATTEMPTS] = { .copy = "COPY batch FROM STDIN",
	    .put = { put_attempts, put_totals, put_queued_dest } },
	[BATCH_EVENTS] = { .copy = "COPY event_batch FROM STDIN",
	    .put = { put_events } },
	[BATCH_QUEUED] = { .copy = "COPY queued_batch FROM STDIN",
	    .put = { put_queued } },
};

struct pgsql_store {
	struct pgsql *server;
	char *url;			/* owned, as the next two */
	char *password_file;
	char *host;
	enum store_mode mode;
	bool in_transaction;		/* ours: between begin and commit */
	bool has_begun;			/* the server's, with the first rows */
	bool has_flushed;
	int64_t n;			/* rows of this transaction */
	struct batch batch[BATCHES];
	int month[MONTHS_KNOWN];	/* whose partition is there */
	size_t n_months;
};

static int
run(struct pgsql_store *s, const char *sql, struct err *err)
{
	return pgsql_run(s->server, sql, NULL, 0, err) < 0 ? -1 : 0;
}

static void
pgsql_rollback(void *self)
{
	struct pgsql_store *s = self;

	if (s->has_begun && s->server != NULL && !pgsql_is_lost(s->server))
		(void)run(s, "ROLLBACK", NULL);
	for (int i = 0; i < BATCHES; i++)
		text_clear(&s->batch[i].rows);
	s->in_transaction = s->has_begun = s->has_flushed = false;
	s->n = 0;
	/* A partition that was made in it is gone again. */
	s->n_months = 0;
}

/* For what fails within a transaction: nothing of it stays. */
static int
give_up(struct pgsql_store *s)
{
	pgsql_rollback(s);
	return -1;
}

static int
is_begun(const struct pgsql_store *s, struct err *err)
{
	return s->in_transaction ? 0 : err_set(err, EXIT_UNAVAILABLE,
	    "record.store: no transaction was begun");
}

static int32_t
lock_of(const char *host)
{
	return (int32_t)(hash_add_text(0, host) & INT32_MAX);
}

static int
begin_on_server(struct pgsql_store *s, struct err *err)
{
	char sql[160];

	if (s->has_begun)
		return 0;
	snprintf(sql, sizeof sql, "BEGIN; SELECT pg_advisory_xact_lock("
	    PGSQL_SCHEMA_HOST_LOCKS ", %" PRId32 ")", lock_of(s->host));
	s->has_begun = true;
	return run(s, sql, err) != 0 ? give_up(s) : 0;
}

static int
flush_batch(struct pgsql_store *s, struct batch *b, struct err *err)
{
	const char *const args[] = { s->host };

	if (b->rows.len == 0)
		return 0;
	if (pgsql_copy(s->server, b->copy, b->rows.buf, b->rows.len, err) != 0)
		return -1;
	for (size_t i = 0; b->put[i] != NULL; i++)
		if (pgsql_run(s->server, b->put[i], args, 1, err) < 0)
			return -1;
	text_clear(&b->rows);
	return 0;
}

/* Sends what is in memory: attempts first, what is queued after them. */
static int
flush(struct pgsql_store *s, struct err *err)
{
	if (begin_on_server(s, err) != 0)
		return -1;
	if (s->has_flushed && run(s, "TRUNCATE batch, fresh, event_batch,"
	    " queued_batch", err) != 0)
		return give_up(s);
	s->has_flushed = true;
	for (int i = 0; i < BATCHES; i++)
		if (flush_batch(s, &s->batch[i], err) != 0)
			return give_up(s);
	return 0;
}

/* Takes a row that was made into a batch, or what is wrong with it. */
static int
take_row(struct pgsql_store *s, int which, struct text *row, struct err *err)
{
	struct text *rows = &s->batch[which].rows;
	bool was_cut;

	pgsql_text_end_row(row);
	text_add_bytes(rows, row->buf, row->len);
	was_cut = row->cut || rows->cut;
	text_free(row);
	s->n++;
	if (was_cut) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return give_up(s);
	}
	return rows->len < FLUSH_BYTES ? 0 : flush(s, err);
}

static int
prepare_month(struct pgsql_store *s, int64_t second, struct err *err)
{
	int month = pgsql_schema_month(second);

	for (size_t i = 0; i < s->n_months; i++)
		if (s->month[i] == month)
			return 0;
	if (pgsql_schema_add_month(s->server, month, err) != 0)
		return give_up(s);
	if (s->n_months == MONTHS_KNOWN)
		s->n_months = 0;
	s->month[s->n_months++] = month;
	return 0;
}

static int
pgsql_put_attempt(void *self, const struct attempt *a, struct err *err)
{
	struct pgsql_store *s = self;
	char ip[IP_SIZE];
	struct text row;

	if (is_begun(s, err) != 0 ||
	    prepare_month(s, a->time_us / 1000000, err) != 0)
		return -1;
	/* What it says of the queue comes after what was said before. */
	if (s->batch[BATCH_QUEUED].rows.len > 0 && flush(s, err) != 0)
		return -1;
	text_init(&row, ROW_MAX);
	pgsql_text_add_number(&row, s->n);
	pgsql_text_add_number(&row, a->queued);
	pgsql_text_add_number(&row, a->time_us / 1000000);
	pgsql_text_add_number(&row, (int64_t)a->identity);
	pgsql_text_add_column(&row, a->qid, KEY_BYTES);
	pgsql_text_add_column(&row, a->author, KEY_BYTES);
	pgsql_text_add_bool(&row, a->author_is_known);
	pgsql_text_add_column(&row, a->kind, KEY_BYTES);
	pgsql_text_add_column(&row, a->sender, TEXT_BYTES);
	pgsql_text_add_column(&row, a->recipient, TEXT_BYTES);
	pgsql_text_add_column(&row, a->dest, KEY_BYTES);
	pgsql_text_add_column(&row, a->provider, KEY_BYTES);
	pgsql_text_add_column(&row, a->mx, TEXT_BYTES);
	pgsql_text_add_column(&row, a->ip.family == IP_NONE ? "" :
	    ip_format(&a->ip, ip), IP_SIZE);
	pgsql_text_add_column(&row, a->family, KEY_BYTES);
	pgsql_text_add_column(&row, a->transport, TEXT_BYTES);
	pgsql_text_add_column(&row, a->tls, TEXT_BYTES);
	pgsql_text_add_column(&row, a->status, KEY_BYTES);
	pgsql_text_add_column(&row, a->dsn, TEXT_BYTES);
	pgsql_text_add_column(&row, a->stage, TEXT_BYTES);
	pgsql_text_add_column(&row, a->class, KEY_BYTES);
	pgsql_text_add_column(&row, a->text, TEXT_BYTES);
	pgsql_text_add_column(&row, a->predicted, TEXT_BYTES);
	pgsql_text_add_column(&row, a->why, TEXT_BYTES);
	pgsql_text_add_number(&row, a->delay_ms);
	pgsql_text_add_bool(&row, a->is_attempt);
	pgsql_text_add_bool(&row, a->is_final);
	pgsql_text_add_bool(&row, a->is_first);
	pgsql_text_add_bool(&row, a->is_message);
	pgsql_text_add_number(&row, a->conn_use);
	return take_row(s, BATCH_ATTEMPTS, &row, err);
}

static int
pgsql_put_queued(void *self, const char *qid, const char *text,
    struct err *err)
{
	struct pgsql_store *s = self;
	struct text row;

	if (is_begun(s, err) != 0)
		return -1;
	text_init(&row, ROW_MAX);
	pgsql_text_add_number(&row, s->n);
	pgsql_text_add_column(&row, qid, KEY_BYTES);
	pgsql_text_add_column(&row, text, QUEUED_BYTES);
	return take_row(s, BATCH_QUEUED, &row, err);
}

static int
pgsql_put_event(void *self, int64_t time_us, uint64_t identity,
    const char *name, const char *text, struct err *err)
{
	struct pgsql_store *s = self;
	struct text row;

	if (is_begun(s, err) != 0)
		return -1;
	text_init(&row, ROW_MAX);
	pgsql_text_add_number(&row, time_us / 1000000);
	pgsql_text_add_number(&row, (int64_t)identity);
	pgsql_text_add_column(&row, name, KEY_BYTES);
	pgsql_text_add_column(&row, text, TEXT_BYTES);
	return take_row(s, BATCH_EVENTS, &row, err);
}

/* Arguments of a statement, as UTF-8. */
struct clean_args {
	struct text text[ARGS_MAX];
	const char *v[ARGS_MAX];
	size_t n;
};

static void
clean_args_make(struct clean_args *c, const char *const *args, size_t n)
{
	c->n = n < ARGS_MAX ? n : ARGS_MAX;
	for (size_t i = 0; i < c->n; i++) {
		text_init(&c->text[i], 4 * SOURCE_BYTES);
		pgsql_text_add(&c->text[i], args[i], SOURCE_BYTES);
		c->v[i] = c->text[i].buf;
	}
}

static void
clean_args_free(struct clean_args *c)
{
	for (size_t i = 0; i < c->n; i++)
		text_free(&c->text[i]);
}

static int
run_with(struct pgsql_store *s, const char *sql, const char *const *args,
    size_t n, struct err *err)
{
	struct clean_args clean;
	long rc;

	clean_args_make(&clean, args, n);
	rc = pgsql_run(s->server, sql, clean.v, clean.n, err);
	clean_args_free(&clean);
	return rc < 0 ? give_up(s) : 0;
}

static int
pgsql_put_position(void *self, const char *source, const char *position,
    struct err *err)
{
	struct pgsql_store *s = self;
	const char *const args[] = { s->host, source, position };

	if (is_begun(s, err) != 0 || begin_on_server(s, err) != 0)
		return -1;
	return run_with(s, "INSERT INTO position VALUES ($1, $2, $3)"
	    " ON CONFLICT (host, source) DO UPDATE SET"
	    " position = excluded.position", args, 3, err);
}

static int
pgsql_add_count(void *self, const char *name, const char *of,
    const char *and_of, int64_t n, struct err *err)
{
	struct pgsql_store *s = self;
	char number[24];
	const char *const args[] = { s->host, name, of, and_of, number };

	if (is_begun(s, err) != 0 || begin_on_server(s, err) != 0)
		return -1;
	snprintf(number, sizeof number, "%" PRId64, n);
	return run_with(s, "INSERT INTO counter AS c"
	    " VALUES ($1, left($2, 60), left($3, 255), left($4, 255), $5)"
	    " ON CONFLICT (host, name, of_word, and_word) DO UPDATE SET"
	    " n = c.n + excluded.n", args, 5, err);
}

static int
pgsql_commit(void *self, struct err *err)
{
	struct pgsql_store *s = self;
	bool is_empty = true;

	if (is_begun(s, err) != 0)
		return -1;
	for (int i = 0; i < BATCHES; i++)
		is_empty = is_empty && s->batch[i].rows.len == 0;
	if (!is_empty && flush(s, err) != 0)
		return -1;
	if (s->has_begun && run(s, "COMMIT", err) != 0)
		return give_up(s);
	s->in_transaction = s->has_begun = s->has_flushed = false;
	s->n = 0;
	return 0;
}

/* There is a connection, with all that it needs; another if it was lost. */
static int
connect_to(struct pgsql_store *s, struct err *err)
{
	if (s->server != NULL && !pgsql_is_lost(s->server))
		return 0;
	pgsql_close(&s->server);
	s->server = pgsql_open(s->url, s->password_file,
	    s->mode == STORE_WRITE, err);
	s->n_months = 0;
	if (s->server == NULL)
		return -1;
	if (pgsql_schema_prepare(s->server, s->mode == STORE_WRITE,
	    err) != 0 || (s->mode == STORE_WRITE &&
	    run(s, temporary_tables, err) != 0)) {
		pgsql_close(&s->server);
		return -1;
	}
	return 0;
}

static int
pgsql_begin(void *self, struct err *err)
{
	struct pgsql_store *s = self;

	if (connect_to(s, err) != 0)
		return -1;
	s->in_transaction = true;
	/* Another host may have dropped an old one. */
	s->n_months = 0;
	return 0;
}

static int
pgsql_ask_store(void *self, const char *sql, const char *const *args,
    size_t n, bool (*got)(void *arg, const char *const *column), void *arg,
    struct err *err)
{
	struct pgsql_store *s = self;
	struct clean_args clean;
	int rc;

	if (connect_to(s, err) != 0)
		return -1;
	clean_args_make(&clean, args, n);
	rc = pgsql_ask(s->server, sql, clean.v, clean.n, got, arg, err);
	clean_args_free(&clean);
	return rc;
}

static bool
take_text(void *arg, const char *const *column)
{
	char **text = arg;

	*text = strdup(column[0]);
	return false;
}

static char *
pgsql_position(void *self, const char *source, struct err *err)
{
	struct pgsql_store *s = self;
	const char *const args[] = { s->host, source };
	char *position = NULL;

	if (pgsql_ask_store(s, "SELECT position FROM position WHERE host = $1"
	    " AND source = $2", args, 2, take_text, &position, err) != 0) {
		free(position);
		return NULL;
	}
	return position != NULL ? position : strdup("");
}

struct queued_taker {
	void (*got)(void *arg, const char *qid, const char *text);
	void *arg;
};

static bool
take_queued(void *arg, const char *const *column)
{
	struct queued_taker *taker = arg;

	taker->got(taker->arg, column[0], column[1]);
	return true;
}

static int
pgsql_queued(void *self, void (*got)(void *arg, const char *qid,
    const char *text), void *arg, struct err *err)
{
	struct pgsql_store *s = self;
	struct queued_taker taker = { got, arg };
	const char *const args[] = { s->host };

	return pgsql_ask_store(s, "SELECT qid, text FROM queued"
	    " WHERE host = $1", args, 1, take_queued, &taker, err);
}

/* Whole months first; of the month in which the bound lies single rows. One
 * host at a time does it, for all of them. */
static long
pgsql_expire(void *self, int64_t before_us, struct err *err)
{
	struct pgsql_store *s = self;
	int64_t second = before_us / 1000000;
	char sql[500];
	long dropped;

	if (connect_to(s, err) != 0)
		return -1;
	dropped = pgsql_schema_drop_month(s->server, second, err);
	if (dropped != 0)
		return dropped;
	snprintf(sql, sizeof sql, "WITH turn AS MATERIALIZED (SELECT"
	    " pg_try_advisory_xact_lock(" PGSQL_SCHEMA_EXPIRE_LOCK ")"
	    " AS is_ours), old AS (DELETE FROM event"
	    " WHERE second < %" PRId64 " AND (SELECT is_ours FROM turn))"
	    " DELETE FROM attempts WHERE (second, identity, host) IN"
	    " (SELECT second, identity, host FROM attempts"
	    " WHERE second < %" PRId64 " LIMIT %d) AND second < %" PRId64
	    " AND (SELECT is_ours FROM turn)", second, second, EXPIRE_ROWS,
	    second);
	return pgsql_run(s->server, sql, NULL, 0, err);
}

static void
pgsql_close_store(void *self)
{
	struct pgsql_store *s = self;

	pgsql_close(&s->server);
	for (int i = 0; i < BATCHES; i++)
		text_free(&s->batch[i].rows);
	free(s->url);
	free(s->password_file);
	free(s->host);
	free(s);
}

static void *
pgsql_open_store(const char *url, const char *password_file,
    const char *host, enum store_mode mode, struct err *err)
{
	struct pgsql_store *s = calloc(1, sizeof *s);
	struct text name;

	if (s == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return NULL;
	}
	memcpy(s->batch, empty_batches, sizeof s->batch);
	for (int i = 0; i < BATCHES; i++)
		text_init(&s->batch[i].rows, FLUSH_BYTES + ROW_MAX);
	text_init(&name, 4 * KEY_BYTES);
	pgsql_text_add(&name, host, KEY_BYTES);
	s->mode = mode;
	s->url = strdup(url);
	s->password_file = strdup(password_file == NULL ? "" : password_file);
	s->host = strdup(name.buf);
	text_free(&name);
	if (s->url == NULL || s->password_file == NULL || s->host == NULL)
		err_set(err, EXIT_TEMPORARY, "out of memory");
	else if (connect_to(s, err) == 0)
		return s;
	pgsql_close_store(s);
	return NULL;
}

const struct store_ops store_pgsql_ops = {
	.scheme = "postgresql://",
	.reach = pgsql_target_reach,
	.open = pgsql_open_store,
	.close = pgsql_close_store,
	.begin = pgsql_begin,
	.put_attempt = pgsql_put_attempt,
	.put_queued = pgsql_put_queued,
	.put_position = pgsql_put_position,
	.commit = pgsql_commit,
	.rollback = pgsql_rollback,
	.position = pgsql_position,
	.queued = pgsql_queued,
	.expire = pgsql_expire,
	.put_event = pgsql_put_event,
	.add_count = pgsql_add_count,
	.ask = pgsql_ask_store,
};
