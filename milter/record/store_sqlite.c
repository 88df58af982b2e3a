/* SPDX-License-Identifier: ISC */
/*
 * The embedded store: one SQLite file, write-ahead log.
 *
 * Words that come again and again (domains, hosts, replies) stand once, in the
 * table word; an attempt's row is numbers, in the order of time, under the
 * identity of its line, so that the same line never makes two. A text stands in
 * the row itself until it comes a second time: most say "250 ok" with an id of
 * their own, and a dictionary of those would be longer than the rows. The views
 * attempts and totals show both with their words; whoever reads the store
 * reads those. (Their joins are left ones, so that SQLite leaves out those
 * whose words nobody asks for.) Daily totals are added up in memory and
 * written with the rows that they count, in one transaction.
 *
 * The file may be somebody else's work when root reads it: whoever is
 * waybill-record can write it. So it must be a regular file whose tables and
 * views are word for word those below; no trigger runs, no function of SQLite's
 * that reaches outside; what one row may hold is bounded, and so is the work
 * of a question, by the size of the file: pages that point in circles end.
 */
#include "record/store_ops.h"

#include "base/hash.h"
#include "base/text.h"

#include <sqlite3.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SCHEMA_VERSION = 2,
	BUSY_TIMEOUT_MS = 5000,
	WORD_SLOTS = 16384,
	TEXT_SLOTS = 4096,
	IP_SLOTS = 4096,
	WORD_CACHED_MAX = 400,	/* bytes; of both, 8 MB at most */
	COLUMN_WORDS = 16,	/* of a row, without the address */
	CACHE_KB = 8192,	/* of pages, while writing */
	CHECKPOINT_PAGES = 4096,
	TOTAL_SLOTS = 32768,	/* of which half are used at most */
	TOTAL_TEXTS_MAX = 4 * 1024 * 1024,	/* bytes of their texts */
	TOTAL_KEYS = 9,
	EXPIRE_ROWS = 10000,
	COLUMNS_MAX = 40,
	ROW_MAX = 1000000,	/* bytes; the longest text is 2,100 */
	/* Steps of SQLite's machine that a question may take: a row is of 30
	 * bytes at least, and joined with all its words takes some 500. */
	STEPS = 10000,		/* that are counted as one */
	STEPS_MIN = 20000000,
	STEPS_PER_BYTE = 64,
};

/* day, host and these words make a total; struct total_key is their ids. */
struct total_key {
	int64_t word[TOTAL_KEYS];
};

struct total {
	bool used;
	struct total_key key;
	int64_t messages;
	int64_t attempts;
	int64_t results;
	int64_t right;
	int64_t wrong;
	int64_t delay_ms;	/* the longest */
	int64_t first_second;
	int64_t last_second;
	int64_t mx;		/* of the last one, with what follows */
	int64_t stage;
	char *text;		/* owned; NULL where it was sent */
};

/* A word that came before. */
struct word {
	uint64_t hash;
	char *text;		/* owned; NULL: free, or of a text that came
				 * once only */
	int64_t id;
};

/* The same of an address, which needn't be written for it. */
struct ip_word {
	struct ip ip;
	int64_t id;		/* 0: free */
};

enum statement {
	SQL_BEGIN, SQL_COMMIT, SQL_ROLLBACK, SQL_WORD_FIND, SQL_WORD_ADD,
	SQL_ATTEMPT, SQL_TOTAL, SQL_QUEUED, SQL_UNQUEUED, SQL_POSITION,
	SQL_POSITION_GET, SQL_QUEUED_GET, SQL_EXPIRE, SQL_WAIT, SQL_UNWAIT,
	SQL_LEFT, SQL_EVENT, SQL_EVENT_EXPIRE, SQL_COUNT, SQL_N,
};

static const char *const sql[SQL_N] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_WORD_FIND] = "SELECT id FROM word WHERE text = ?1",
	[SQL_WORD_ADD] = "INSERT INTO word (text) VALUES (?1)",
	[SQL_ATTEMPT] = "INSERT OR IGNORE INTO attempt VALUES (?1, ?2, ?3, ?4,"
	    " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
	    " ?19, ?20, ?21, ?22, ?23, ?24, ?25)",
	[SQL_TOTAL] = "INSERT INTO total VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
	    " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"
	    " ON CONFLICT DO UPDATE SET"
	    " messages = messages + excluded.messages,"
	    " attempts = attempts + excluded.attempts,"
	    " results = results + excluded.results,"
	    " right_ones = right_ones + excluded.right_ones,"
	    " wrong_ones = wrong_ones + excluded.wrong_ones,"
	    " delay_ms = max(delay_ms, excluded.delay_ms),"
	    " first_second = min(first_second, excluded.first_second),"
	    " mx = CASE WHEN excluded.last_second >= last_second"
	    " THEN excluded.mx ELSE mx END,"
	    " stage = CASE WHEN excluded.last_second >= last_second"
	    " THEN excluded.stage ELSE stage END,"
	    " text = CASE WHEN excluded.last_second >= last_second"
	    " THEN excluded.text ELSE text END,"
	    " last_second = max(last_second, excluded.last_second)",
	[SQL_QUEUED] = "INSERT OR REPLACE INTO queued VALUES (?1, ?2, ?3)",
	[SQL_UNQUEUED] = "DELETE FROM queued WHERE host = ?1 AND qid = ?2",
	[SQL_POSITION] = "INSERT OR REPLACE INTO position VALUES (?1, ?2, ?3)",
	[SQL_POSITION_GET] = "SELECT position FROM position"
	    " WHERE host = ?1 AND source = ?2",
	[SQL_QUEUED_GET] = "SELECT qid, text FROM queued WHERE host = ?1",
	[SQL_EXPIRE] = "DELETE FROM attempt WHERE (second, identity, host) IN"
	    " (SELECT second, identity, host FROM attempt WHERE second < ?1"
	    " LIMIT ?2)",
	[SQL_WAIT] = "INSERT OR REPLACE INTO queued_dest VALUES (?1, ?2, ?3, ?4,"
	    " ?5, ?6, ?7, ?8, ?9)",
	[SQL_UNWAIT] = "DELETE FROM queued_dest WHERE host = ?1 AND qid = ?2"
	    " AND dest = ?3",
	[SQL_LEFT] = "DELETE FROM queued_dest WHERE host = ?1 AND qid = ?2",
	[SQL_EVENT] = "INSERT OR IGNORE INTO event VALUES (?1, ?2, ?3, ?4,"
	    " ?5)",
	[SQL_EVENT_EXPIRE] = "DELETE FROM event WHERE second < ?1",
	[SQL_COUNT] = "INSERT INTO counter VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT DO UPDATE SET n = n + excluded.n",
};

/* The messages that are queued for a destination. */
#define QUEUED_DEST_COLUMNS " (host TEXT, qid TEXT, dest TEXT," \
    " provider TEXT, family TEXT, kind TEXT, author TEXT, class TEXT," \
    " second INTEGER, PRIMARY KEY (host, qid, dest)) WITHOUT ROWID"

/* The one table that isn't the same in all versions. */
static const char *const queued_dest_tables[] = {
	[1] = "CREATE TABLE waiting" QUEUED_DEST_COLUMNS,
	[SCHEMA_VERSION] = "CREATE TABLE queued_dest" QUEUED_DEST_COLUMNS,
};

/* From version 1, which called a message that bounced "refused". */
static const char *const to_version_2[] = {
	"INSERT OR IGNORE INTO word (text) VALUES ('bounced')",
	"UPDATE attempt SET status ="
	" (SELECT id FROM word WHERE text = 'bounced') WHERE status ="
	" (SELECT id FROM word WHERE text = 'refused')",
	"UPDATE total SET status ="
	" (SELECT id FROM word WHERE text = 'bounced') WHERE status ="
	" (SELECT id FROM word WHERE text = 'refused')",
	"UPDATE counter SET and_word = 'rejected'"
	" WHERE name = 'messages' AND and_word = 'refused'",
	"UPDATE event SET text = replace(text, 'waybill records',"
	" 'waybill dns') WHERE name = 'key'",
	"CREATE TABLE queued_dest" QUEUED_DEST_COLUMNS,
	"INSERT INTO queued_dest SELECT * FROM waiting",
	"DROP TABLE waiting",
};

/* The tables and views of every version. */
static const char schema[] =
    "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT UNIQUE NOT NULL);"
    "CREATE TABLE attempt (second INTEGER, identity INTEGER, host INTEGER,"
    " flags INTEGER, qid TEXT, author INTEGER, kind INTEGER, sender INTEGER,"
    " recipient TEXT, dest INTEGER, provider INTEGER, mx INTEGER, ip INTEGER,"
    " family INTEGER, transport INTEGER, tls INTEGER, status INTEGER,"
    " dsn INTEGER, stage INTEGER, class INTEGER, text INTEGER,"
    " predicted INTEGER, why INTEGER, delay_ms INTEGER, said TEXT,"
    " PRIMARY KEY (second, identity, host)) WITHOUT ROWID;"
    "CREATE TABLE total (day INTEGER, host INTEGER, kind INTEGER,"
    " author INTEGER, dest INTEGER, provider INTEGER, family INTEGER,"
    " status INTEGER, class INTEGER, messages INTEGER, attempts INTEGER,"
    " results INTEGER, right_ones INTEGER, wrong_ones INTEGER,"
    " delay_ms INTEGER, first_second INTEGER, last_second INTEGER,"
    " mx INTEGER, stage INTEGER, text TEXT,"
    " PRIMARY KEY (day, host, kind, author, dest, provider,"
    " family, status, class)) WITHOUT ROWID;"
    "CREATE TABLE event (second INTEGER, identity INTEGER, host TEXT,"
    " name TEXT, text TEXT, PRIMARY KEY (second, identity, host))"
    " WITHOUT ROWID;"
    "CREATE TABLE counter (host TEXT, name TEXT, of_word TEXT, and_word TEXT,"
    " n INTEGER, PRIMARY KEY (host, name, of_word, and_word)) WITHOUT ROWID;"
    "CREATE TABLE queued (host TEXT, qid TEXT, text TEXT,"
    " PRIMARY KEY (host, qid)) WITHOUT ROWID;"
    "CREATE TABLE position (host TEXT, source TEXT, position TEXT,"
    " PRIMARY KEY (host, source)) WITHOUT ROWID;"
    "CREATE VIEW attempts AS SELECT a.second, h.text AS host, a.qid,"
    " au.text AS author, a.flags & 16 != 0 AS author_is_known,"
    " k.text AS kind, s.text AS sender, a.recipient,"
    " d.text AS dest, p.text AS provider, m.text AS mx, i.text AS ip,"
    " f.text AS family, t.text AS transport, l.text AS tls,"
    " st.text AS status, ds.text AS dsn, sg.text AS stage, c.text AS class,"
    " coalesce(a.said, x.text) AS text, pr.text AS predicted,"
    " w.text AS why, a.delay_ms,"
    " a.flags & 1 != 0 AS is_attempt, a.flags & 2 != 0 AS is_final,"
    " a.flags & 4 != 0 AS is_first, a.flags & 8 != 0 AS is_message,"
    " a.flags >> 8 AS conn_use"
    " FROM attempt a LEFT JOIN word h ON h.id = a.host"
    " LEFT JOIN word au ON au.id = a.author LEFT JOIN word k ON k.id = a.kind"
    " LEFT JOIN word s ON s.id = a.sender LEFT JOIN word i ON i.id = a.ip"
    " LEFT JOIN word d ON d.id = a.dest LEFT JOIN word p ON p.id = a.provider"
    " LEFT JOIN word m ON m.id = a.mx LEFT JOIN word f ON f.id = a.family"
    " LEFT JOIN word t ON t.id = a.transport LEFT JOIN word l ON l.id = a.tls"
    " LEFT JOIN word st ON st.id = a.status LEFT JOIN word ds ON ds.id = a.dsn"
    " LEFT JOIN word sg ON sg.id = a.stage LEFT JOIN word c ON c.id = a.class"
    " LEFT JOIN word x ON x.id = a.text LEFT JOIN word pr ON pr.id = a.predicted"
    " LEFT JOIN word w ON w.id = a.why;"
    "CREATE VIEW totals AS SELECT t.day, h.text AS host, k.text AS kind,"
    " au.text AS author, d.text AS dest, p.text AS provider,"
    " f.text AS family, s.text AS status, c.text AS class, t.messages,"
    " t.attempts, t.results, t.right_ones, t.wrong_ones, t.delay_ms,"
    " t.first_second, t.last_second, m.text AS mx, sg.text AS stage,"
    " t.text"
    " FROM total t LEFT JOIN word h ON h.id = t.host LEFT JOIN word k ON k.id = t.kind"
    " LEFT JOIN word au ON au.id = t.author LEFT JOIN word d ON d.id = t.dest"
    " LEFT JOIN word p ON p.id = t.provider LEFT JOIN word f ON f.id = t.family"
    " LEFT JOIN word s ON s.id = t.status LEFT JOIN word c ON c.id = t.class"
    " LEFT JOIN word m ON m.id = t.mx LEFT JOIN word sg ON sg.id = t.stage;";

struct sqlite_store {
	sqlite3 *db;
	sqlite3_stmt *stmt[SQL_N];	/* prepared when first used */
	char *path;			/* owned */
	char *host;			/* owned */
	bool in_transaction;
	uint64_t steps;			/* of the question in hand; of STEPS */
	uint64_t steps_max;
	unsigned n_questions;
	struct word *words;		/* WORD_SLOTS, owned */
	struct word *texts;		/* TEXT_SLOTS, owned */
	struct word *last[COLUMN_WORDS];	/* of words; of the last row */
	struct ip_word *ips;		/* IP_SLOTS, owned */
	struct total *totals;		/* TOTAL_SLOTS, owned */
	size_t n_totals;
	size_t total_texts;		/* bytes */
};

static int
failed(struct sqlite_store *s, struct err *err)
{
	if (s->db != NULL && sqlite3_errcode(s->db) == SQLITE_INTERRUPT)
		return err_set(err, EXIT_UNAVAILABLE, "%s: a question took far "
		    "longer than a store of its size can need: it is damaged, "
		    "or not waybill's", s->path);
	return err_set(err, EXIT_UNAVAILABLE, "%s: %s", s->path,
	    s->db == NULL ? "out of memory" : sqlite3_errmsg(s->db));
}

static int
count_steps(void *arg)
{
	struct sqlite_store *s = arg;

	return ++s->steps > s->steps_max;
}

/* What it holds now bounds the work of the next question. */
static void
begin_question(struct sqlite_store *s)
{
	struct stat st;

	s->steps = 0;
	if (s->steps_max == 0 || s->n_questions++ % 256 == 0) {
		s->steps_max = STEPS_MIN / STEPS;
		if (stat(s->path, &st) == 0)
			s->steps_max += (uint64_t)st.st_blocks * 512 *
			    STEPS_PER_BYTE / STEPS;
	}
}

static sqlite3_stmt *
statement(struct sqlite_store *s, enum statement which, struct err *err)
{
	begin_question(s);
	if (s->stmt[which] == NULL &&
	    sqlite3_prepare_v3(s->db, sql[which], -1,
	    SQLITE_PREPARE_PERSISTENT, &s->stmt[which], NULL) != SQLITE_OK) {
		failed(s, err);
		return NULL;
	}
	return s->stmt[which];
}

/* A column of this row; NULL is "". Belongs to the statement. */
static const char *
column_text(sqlite3_stmt *stmt, int at)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);

	return text == NULL ? "" : text;
}

/* Runs a statement that gives no rows, and makes it ready for the next time. */
static int
run(struct sqlite_store *s, sqlite3_stmt *stmt, struct err *err)
{
	int rc = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? 0 : failed(s, err);
}

static int
run_plain(struct sqlite_store *s, enum statement which, struct err *err)
{
	sqlite3_stmt *stmt = statement(s, which, err);

	return stmt == NULL ? -1 : run(s, stmt, err);
}

static void
bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

/* The id of a word in the database, added where it is new; -1 with err. */
static int64_t
word_in_database(struct sqlite_store *s, const char *text, struct err *err)
{
	sqlite3_stmt *find = statement(s, SQL_WORD_FIND, err);
	sqlite3_stmt *add = statement(s, SQL_WORD_ADD, err);
	int64_t id = -1;
	int rc;

	if (find == NULL || add == NULL)
		return -1;
	bind_text(find, 1, text);
	rc = sqlite3_step(find);
	if (rc == SQLITE_ROW)
		id = sqlite3_column_int64(find, 0);
	sqlite3_reset(find);
	if (rc == SQLITE_ROW)
		return id;
	if (rc != SQLITE_DONE)
		return failed(s, err);
	bind_text(add, 1, text);
	if (run(s, add, err) != 0)
		return -1;
	return sqlite3_last_insert_rowid(s->db);
}

/* Keeps a word in its slot, in place of the one that was there. */
static void
keep_word(struct word *w, uint64_t hash, const char *text, size_t len,
    int64_t id)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return;
	memcpy(copy, text, len + 1);
	free(w->text);
	*w = (struct word){ hash, copy, id };
}

static bool
is_word(const struct word *w, uint64_t hash, const char *text)
{
	return w->hash == hash && w->text != NULL &&
	    strcmp(w->text, text) == 0;
}

/* The id of a word; -1 with err. last, which may be NULL, is where the column's
 * word before was kept: mostly it is the same. */
static int64_t
word_id(struct sqlite_store *s, const char *text, struct word **last,
    struct err *err)
{
	size_t len;
	uint64_t hash;
	struct word *w;
	int64_t id;

	if (last != NULL && *last != NULL && (*last)->text != NULL &&
	    strcmp((*last)->text, text) == 0)
		return (*last)->id;
	len = strlen(text);
	hash = hash_add(0, text, len);
	w = &s->words[hash % WORD_SLOTS];
	if (last != NULL)
		*last = w;
	if (is_word(w, hash, text))
		return w->id;
	id = word_in_database(s, text, err);
	if (id > 0 && len <= WORD_CACHED_MAX)
		keep_word(w, hash, text, len, id);
	return id;
}

/* Binds a text: itself while it is new, its word's id when it comes again. */
static int
bind_said(struct sqlite_store *s, sqlite3_stmt *stmt, int id_at, int said_at,
    const char *text, bool is_sent, struct err *err)
{
	size_t len = strlen(text);
	uint64_t hash;
	struct word *w;

	sqlite3_bind_null(stmt, id_at);
	sqlite3_bind_null(stmt, said_at);
	if (is_sent || len > WORD_CACHED_MAX) {
		bind_text(stmt, said_at, text);
		return 0;
	}
	hash = hash_add(0, text, len);
	w = &s->texts[hash % TEXT_SLOTS];
	if (w->hash != hash) {
		free(w->text);
		*w = (struct word){ hash, NULL, 0 };
	} else if (!is_word(w, hash, text)) {
		int64_t id = word_in_database(s, text, err);

		if (id < 0)
			return -1;
		keep_word(w, hash, text, len, id);
	}
	if (is_word(w, hash, text))
		sqlite3_bind_int64(stmt, id_at, w->id);
	else
		bind_text(stmt, said_at, text);
	return 0;
}

static void
forget_words(struct word *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].text);
	memset(v, 0, n * sizeof *v);
}

static int
write_total(struct sqlite_store *s, const struct total *t, struct err *err)
{
	sqlite3_stmt *stmt = statement(s, SQL_TOTAL, err);

	if (stmt == NULL)
		return -1;
	for (int i = 0; i < TOTAL_KEYS; i++)
		sqlite3_bind_int64(stmt, i + 1, t->key.word[i]);
	sqlite3_bind_int64(stmt, 10, t->messages);
	sqlite3_bind_int64(stmt, 11, t->attempts);
	sqlite3_bind_int64(stmt, 12, t->results);
	sqlite3_bind_int64(stmt, 13, t->right);
	sqlite3_bind_int64(stmt, 14, t->wrong);
	sqlite3_bind_int64(stmt, 15, t->delay_ms);
	sqlite3_bind_int64(stmt, 16, t->first_second);
	sqlite3_bind_int64(stmt, 17, t->last_second);
	sqlite3_bind_int64(stmt, 18, t->mx);
	sqlite3_bind_int64(stmt, 19, t->stage);
	bind_text(stmt, 20, t->text == NULL ? "" : t->text);
	return run(s, stmt, err);
}

static void
forget_totals(struct sqlite_store *s)
{
	for (size_t i = 0; i < TOTAL_SLOTS && s->n_totals > 0; i++)
		free(s->totals[i].text);
	memset(s->totals, 0, TOTAL_SLOTS * sizeof *s->totals);
	s->n_totals = s->total_texts = 0;
}

static int
flush_totals(struct sqlite_store *s, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < TOTAL_SLOTS && s->n_totals > 0; i++)
		if (s->totals[i].used && rc == 0)
			rc = write_total(s, &s->totals[i], err);
	forget_totals(s);
	return rc;
}

/* The total of a key, in memory; NULL with err when room had to be made and
 * couldn't. */
static struct total *
total_of(struct sqlite_store *s, const struct total_key *key, struct err *err)
{
	size_t at = hash_add(0, key, sizeof *key) % TOTAL_SLOTS;

	while (s->totals[at].used) {
		if (memcmp(&s->totals[at].key, key, sizeof *key) == 0)
			return &s->totals[at];
		at = (at + 1) % TOTAL_SLOTS;
	}
	if (s->n_totals >= TOTAL_SLOTS / 2) {
		if (flush_totals(s, err) != 0)
			return NULL;
		at = hash_add(0, key, sizeof *key) % TOTAL_SLOTS;
	}
	s->totals[at].used = true;
	s->totals[at].key = *key;
	s->n_totals++;
	return &s->totals[at];
}

/* Without memory it keeps the one that it has. */
static void
set_total_text(struct sqlite_store *s, struct total *t, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return;
	if (t->text != NULL)
		s->total_texts -= strlen(t->text);
	s->total_texts += strlen(copy);
	free(t->text);
	t->text = copy;
}

static int
add_total(struct sqlite_store *s, const struct attempt *a,
    const struct total_key *key, const int64_t *last, struct err *err)
{
	struct total *t = s->total_texts >= TOTAL_TEXTS_MAX &&
	    flush_totals(s, err) != 0 ? NULL : total_of(s, key, err);
	int64_t second = a->time_us / 1000000;
	bool is_sharp = strcmp(a->predicted, "ipv4") == 0 ||
	    strcmp(a->predicted, "ipv6") == 0;

	if (t == NULL)
		return -1;
	if (t->first_second == 0 || second < t->first_second)
		t->first_second = second;
	if (second >= t->last_second) {
		t->last_second = second;
		t->mx = last[0];
		t->stage = last[1];
		if (strcmp(a->status, "sent") != 0)
			set_total_text(s, t, a->text);
	}
	t->messages += a->is_message;
	t->attempts += a->is_attempt;
	t->results += a->is_final;
	/* A cached connection follows no preference: it proves nothing. */
	if (a->is_first && a->conn_use <= 1 && is_sharp) {
		bool is_right = strcmp(a->predicted, a->family) == 0;

		t->right += is_right;
		t->wrong += !is_right;
	}
	if (a->is_final && a->delay_ms > t->delay_ms)
		t->delay_ms = a->delay_ms;
	return 0;
}

/* Is this message queued for another attempt at this destination? */
static int
put_queued_dest(struct sqlite_store *s, const struct attempt *a,
    struct err *err)
{
	sqlite3_stmt *stmt = statement(s, a->queued > 0 ? SQL_WAIT : SQL_UNWAIT,
	    err);

	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, s->host);
	bind_text(stmt, 2, a->qid);
	bind_text(stmt, 3, a->dest);
	if (a->queued > 0) {
		bind_text(stmt, 4, a->provider);
		bind_text(stmt, 5, a->family);
		bind_text(stmt, 6, a->kind);
		bind_text(stmt, 7, a->author);
		bind_text(stmt, 8, a->class);
		sqlite3_bind_int64(stmt, 9, a->time_us / 1000000);
	}
	return run(s, stmt, err);
}

static int64_t
ip_id(struct sqlite_store *s, const struct ip *ip, struct err *err)
{
	uint64_t hash = hash_add(ip->family, ip->b, sizeof ip->b);
	struct ip_word *w = &s->ips[hash % IP_SLOTS];
	char text[IP_SIZE];
	int64_t id;

	if (w->id != 0 && ip_equal(&w->ip, ip))
		return w->id;
	id = word_id(s, ip->family == IP_NONE ? "" : ip_format(ip, text),
	    NULL, err);
	if (id > 0)
		*w = (struct ip_word){ *ip, id };
	return id;
}

static int
sqlite_put_attempt(void *self, const struct attempt *a, struct err *err)
{
	struct sqlite_store *s = self;
	sqlite3_stmt *stmt = statement(s, SQL_ATTEMPT, err);
	const char *const words[] = { s->host, a->author, a->kind, a->sender,
		a->dest, a->provider, a->mx, a->family, a->transport, a->tls,
		a->status, a->dsn, a->stage, a->class, a->predicted, a->why };
	enum { HOST, AUTHOR, KIND, DEST = 4, PROVIDER, MX, FAMILY,
		STATUS = 10, STAGE = 12, CLASS };
	static const int columns[] = { 3, 6, 7, 8, 10, 11, 12, 14, 15, 16, 17,
		18, 19, 20, 22, 23 };
	int64_t id[COLUMN_WORDS];
	int64_t ip;

	_Static_assert(sizeof words / sizeof words[0] == COLUMN_WORDS &&
	    sizeof columns / sizeof columns[0] == COLUMN_WORDS, "words");
	if (stmt == NULL)
		return -1;
	for (int i = 0; i < COLUMN_WORDS; i++) {
		id[i] = word_id(s, words[i], &s->last[i], err);
		if (id[i] < 0)
			return -1;
		sqlite3_bind_int64(stmt, columns[i], id[i]);
	}
	ip = ip_id(s, &a->ip, err);
	if (ip < 0)
		return -1;
	sqlite3_bind_int64(stmt, 13, ip);
	sqlite3_bind_int64(stmt, 1, a->time_us / 1000000);
	sqlite3_bind_int64(stmt, 2, (int64_t)a->identity);
	sqlite3_bind_int64(stmt, 4, a->is_attempt | a->is_final << 1 |
	    a->is_first << 2 | a->is_message << 3 | a->author_is_known << 4 |
	    (int64_t)a->conn_use << 8);
	bind_text(stmt, 5, a->qid);
	bind_text(stmt, 9, a->recipient);
	sqlite3_bind_int64(stmt, 24, a->delay_ms);
	if (bind_said(s, stmt, 21, 25, a->text, strcmp(a->status, "sent") == 0,
	    err) != 0 || run(s, stmt, err) != 0)
		return -1;
	if (sqlite3_changes(s->db) == 0)
		return 0;	/* read before */

	struct total_key key = { { a->time_us / INT64_C(86400000000), id[HOST],
		id[KIND], id[AUTHOR], id[DEST], id[PROVIDER], id[FAMILY],
		id[STATUS], id[CLASS] } };
	const int64_t last[] = { id[MX], id[STAGE] };

	if (a->queued != 0 && put_queued_dest(s, a, err) != 0)
		return -1;
	return add_total(s, a, &key, last, err);
}

static int
sqlite_begin(void *self, struct err *err)
{
	struct sqlite_store *s = self;

	if (run_plain(s, SQL_BEGIN, err) != 0)
		return -1;
	s->in_transaction = true;
	return 0;
}

static void
sqlite_rollback(void *self)
{
	struct sqlite_store *s = self;

	if (!sqlite3_get_autocommit(s->db))
		(void)run_plain(s, SQL_ROLLBACK, NULL);
	s->in_transaction = false;
	/* Words that were added are gone again. */
	forget_words(s->words, WORD_SLOTS);
	forget_words(s->texts, TEXT_SLOTS);
	memset(s->ips, 0, IP_SLOTS * sizeof *s->ips);
	forget_totals(s);
}

static int
sqlite_commit(void *self, struct err *err)
{
	struct sqlite_store *s = self;

	if (flush_totals(s, err) != 0 || run_plain(s, SQL_COMMIT, err) != 0) {
		sqlite_rollback(s);
		return -1;
	}
	s->in_transaction = false;
	return 0;
}

static int
sqlite_put_queued(void *self, const char *qid, const char *text,
    struct err *err)
{
	struct sqlite_store *s = self;
	sqlite3_stmt *stmt = statement(s, text[0] == '\0' ? SQL_UNQUEUED :
	    SQL_QUEUED, err);

	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, s->host);
	bind_text(stmt, 2, qid);
	if (text[0] != '\0')
		bind_text(stmt, 3, text);
	if (run(s, stmt, err) != 0)
		return -1;
	if (text[0] != '\0')
		return 0;
	stmt = statement(s, SQL_LEFT, err);
	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, s->host);
	bind_text(stmt, 2, qid);
	return run(s, stmt, err);
}

static int
sqlite_put_position(void *self, const char *source, const char *position,
    struct err *err)
{
	struct sqlite_store *s = self;
	sqlite3_stmt *stmt = statement(s, SQL_POSITION, err);

	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, s->host);
	bind_text(stmt, 2, source);
	bind_text(stmt, 3, position);
	return run(s, stmt, err);
}

static char *
sqlite_position(void *self, const char *source, struct err *err)
{
	struct sqlite_store *s = self;
	sqlite3_stmt *stmt = statement(s, SQL_POSITION_GET, err);
	char *position = NULL;
	int rc;

	if (stmt == NULL)
		return NULL;
	bind_text(stmt, 1, s->host);
	bind_text(stmt, 2, source);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		position = strdup(column_text(stmt, 0));
	else if (rc == SQLITE_DONE)
		position = strdup("");
	else
		failed(s, err);
	sqlite3_reset(stmt);
	return position;
}

static int
sqlite_queued(void *self, void (*got)(void *arg, const char *qid,
    const char *text), void *arg, struct err *err)
{
	struct sqlite_store *s = self;
	sqlite3_stmt *stmt = statement(s, SQL_QUEUED_GET, err);
	int rc;

	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, s->host);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		got(arg, column_text(stmt, 0), column_text(stmt, 1));
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? 0 : failed(s, err);
}

static long
sqlite_expire(void *self, int64_t before_us, struct err *err)
{
	struct sqlite_store *s = self;
	sqlite3_stmt *stmt = statement(s, SQL_EXPIRE, err);

	sqlite3_stmt *events = statement(s, SQL_EVENT_EXPIRE, err);

	if (stmt == NULL || events == NULL)
		return -1;
	sqlite3_bind_int64(events, 1, before_us / 1000000);
	sqlite3_bind_int64(stmt, 1, before_us / 1000000);
	sqlite3_bind_int64(stmt, 2, EXPIRE_ROWS);
	if (run(s, events, err) != 0 || run(s, stmt, err) != 0)
		return -1;
	return sqlite3_changes(s->db);
}

static int
sqlite_put_event(void *self, int64_t time_us, uint64_t identity,
    const char *name, const char *text, struct err *err)
{
	struct sqlite_store *s = self;
	sqlite3_stmt *stmt = statement(s, SQL_EVENT, err);

	if (stmt == NULL)
		return -1;
	sqlite3_bind_int64(stmt, 1, time_us / 1000000);
	sqlite3_bind_int64(stmt, 2, (int64_t)identity);
	bind_text(stmt, 3, s->host);
	bind_text(stmt, 4, name);
	bind_text(stmt, 5, text);
	return run(s, stmt, err);
}

static int
sqlite_add_count(void *self, const char *name, const char *of,
    const char *and_of, int64_t n, struct err *err)
{
	struct sqlite_store *s = self;
	sqlite3_stmt *stmt = statement(s, SQL_COUNT, err);

	if (stmt == NULL)
		return -1;
	bind_text(stmt, 1, s->host);
	bind_text(stmt, 2, name);
	bind_text(stmt, 3, of);
	bind_text(stmt, 4, and_of);
	sqlite3_bind_int64(stmt, 5, n);
	return run(s, stmt, err);
}

static int
sqlite_ask(void *self, const char *question, const char *const *args,
    size_t n, bool (*got)(void *arg, const char *const *column), void *arg,
    struct err *err)
{
	struct sqlite_store *s = self;
	const char *column[COLUMNS_MAX];
	sqlite3_stmt *stmt;
	bool wants_more = true;
	int rc;

	begin_question(s);
	if (sqlite3_prepare_v2(s->db, question, -1, &stmt, NULL) != SQLITE_OK)
		return failed(s, err);
	for (size_t i = 0; i < n; i++)
		bind_text(stmt, (int)i + 1, args[i]);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && wants_more) {
		for (int i = 0; i < sqlite3_column_count(stmt) &&
		    i < COLUMNS_MAX; i++)
			column[i] = column_text(stmt, i);
		wants_more = got(arg, column);
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		failed(s, err);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : -1;
}

static void
sqlite_close_store(void *self)
{
	struct sqlite_store *s = self;

	for (int i = 0; i < SQL_N; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	if (s->words != NULL)
		forget_words(s->words, WORD_SLOTS);
	if (s->texts != NULL)
		forget_words(s->texts, TEXT_SLOTS);
	if (s->totals != NULL)
		forget_totals(s);
	free(s->words);
	free(s->texts);
	free(s->ips);
	free(s->totals);
	free(s->path);
	free(s->host);
	free(s);
}

/* The number that a question of one row and column answers; -1 with err. */
static int
ask_number(struct sqlite_store *s, const char *question, int64_t *number,
    struct err *err)
{
	sqlite3_stmt *stmt;
	int rc = -1;

	begin_question(s);
	if (sqlite3_prepare_v2(s->db, question, -1, &stmt, NULL) != SQLITE_OK) {
		(void)failed(s, err);
		return -1;
	}
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		*number = sqlite3_column_int64(stmt, 0);
		rc = 0;
	} else {
		(void)failed(s, err);
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int
execute(struct sqlite_store *s, const char *text, struct err *err)
{
	begin_question(s);
	return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 :
	    failed(s, err);
}

/* Is there an object of this statement, as it was made by it? *at is the
 * statement, and then the next one. */
static bool
is_as_made(sqlite3_stmt *find, const char **at)
{
	const char *text = *at;
	size_t len = strcspn(text, ";");
	const char *name = strchr(text + strlen("CREATE "), ' ') + 1;
	bool is_same;

	*at = text + len + (text[len] == ';');
	sqlite3_bind_text(find, 1, name, (int)strcspn(name, " "),
	    SQLITE_STATIC);
	is_same = sqlite3_step(find) == SQLITE_ROW &&
	    strlen(column_text(find, 0)) == len &&
	    memcmp(column_text(find, 0), text, len) == 0;
	sqlite3_reset(find);
	return is_same;
}

static int
not_ours(const struct sqlite_store *s, struct err *err)
{
	return err_set(err, EXIT_UNAVAILABLE, "%s: its tables aren't those of "
	    "this waybill; move the file away and restart waybill-record, "
	    "which fills a new one from the logs", s->path);
}

/* Has it the tables and views of its version, and no trigger? */
static int
check_schema(struct sqlite_store *s, int version, struct err *err)
{
	static const char question[] = "SELECT sql FROM sqlite_schema WHERE"
	    " name = ?1 AND NOT EXISTS"
	    " (SELECT 1 FROM sqlite_schema WHERE type = 'trigger')";
	const char *at = queued_dest_tables[version];
	sqlite3_stmt *find;
	bool is_ours;

	begin_question(s);
	if (sqlite3_prepare_v2(s->db, question, -1, &find, NULL) != SQLITE_OK)
		return failed(s, err);
	is_ours = is_as_made(find, &at);
	at = schema;
	while (is_ours && *at != '\0')
		is_ours = is_as_made(find, &at);
	if (sqlite3_finalize(find) != SQLITE_OK)
		return failed(s, err);
	return is_ours ? 0 : not_ours(s, err);
}

/* Is the file one of ours, or a new one, whose version is 0, and can it be
 * opened for this? */
static int
check_version(struct sqlite_store *s, enum store_mode mode, int64_t version,
    struct err *err)
{
	int64_t objects;

	if (version > SCHEMA_VERSION)
		return err_set(err, EXIT_CONFIG, "%s: written by a later "
		    "waybill (schema %d, this one knows %d)", s->path,
		    (int)version, SCHEMA_VERSION);
	if (version < 0)
		return not_ours(s, err);
	if (version > 0 && check_schema(s, (int)version, err) != 0)
		return -1;
	if (version > 0)
		return mode == STORE_WRITE || version == SCHEMA_VERSION ? 0 :
		    err_set(err, EXIT_UNAVAILABLE, "%s: written by an earlier "
		    "waybill; the recorder converts it when it starts: sudo "
		    "service waybill-record restart", s->path);
	if (ask_number(s, "SELECT count(*) FROM sqlite_schema", &objects,
	    err) != 0)
		return -1;
	if (objects > 0)
		return not_ours(s, err);
	return mode == STORE_WRITE ? 0 : err_set(err, EXIT_UNAVAILABLE,
	    "%s: empty; waybill record has written nothing yet", s->path);
}

static int
make_tables(struct sqlite_store *s, struct err *err)
{
	return execute(s, schema, err) != 0 ||
	    execute(s, queued_dest_tables[SCHEMA_VERSION], err) != 0 ? -1 : 0;
}

static int
convert_to_2(struct sqlite_store *s, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 &&
	    i < sizeof to_version_2 / sizeof to_version_2[0]; i++)
		rc = execute(s, to_version_2[i], err);
	return rc;
}

/* Makes the tables, or those of an earlier version into this one's, in one
 * transaction. Another process may have done it meanwhile. */
static int
migrate(struct sqlite_store *s, struct err *err)
{
	char set_version[64];
	int64_t version;

	if (execute(s, "BEGIN IMMEDIATE", err) != 0)
		return -1;
	if (ask_number(s, "PRAGMA user_version", &version, err) != 0 ||
	    check_version(s, STORE_WRITE, version, err) != 0)
		return -1;
	if ((version == 0 && make_tables(s, err) != 0) ||
	    (version == 1 && convert_to_2(s, err) != 0))
		return -1;
	snprintf(set_version, sizeof set_version, "PRAGMA user_version = %d",
	    SCHEMA_VERSION);
	return execute(s, set_version, err) != 0 ||
	    execute(s, "COMMIT", err) != 0 ? -1 : 0;
}

static int
prepare_schema(struct sqlite_store *s, enum store_mode mode, struct err *err)
{
	char settings[200];
	int64_t version;

	if (ask_number(s, "PRAGMA user_version", &version, err) != 0 ||
	    check_version(s, mode, version, err) != 0)
		return -1;
	if (mode == STORE_READ)
		return 0;
	snprintf(settings, sizeof settings, "PRAGMA journal_mode = WAL;"
	    "PRAGMA temp_store = MEMORY;"
	    "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -%d;"
	    "PRAGMA wal_autocheckpoint = %d", CACHE_KB, CHECKPOINT_PAGES);
	if (execute(s, settings, err) != 0)
		return -1;
	return version == SCHEMA_VERSION ? 0 : migrate(s, err);
}

/* A reader who may not write the folder can't make the -shm that SQLite wants
 * beside a file in WAL mode. While no recorder runs there is none, and the file
 * doesn't change: then it is opened as what it is. */
static int
open_unchanging(struct sqlite_store *s)
{
	struct text uri, wal;
	int rc = SQLITE_CANTOPEN;

	text_init(&wal, PATH_MAX);
	text_addf(&wal, "%s-wal", s->path);
	text_init(&uri, 3 * PATH_MAX);
	text_add(&uri, "file:");
	for (const char *p = s->path; *p != '\0'; p++)
		text_addf(&uri, strchr("%?#", *p) != NULL ? "%%%02x" : "%c",
		    (unsigned char)*p);
	text_add(&uri, "?immutable=1");
	if (!uri.cut && access(wal.buf, F_OK) != 0) {
		sqlite3_close(s->db);
		s->db = NULL;
		rc = sqlite3_open_v2(uri.buf, &s->db, SQLITE_OPEN_READONLY |
		    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
	}
	text_free(&uri);
	text_free(&wal);
	return rc;
}

/* Opened as a device or a FIFO, it or what SQLite looks for beside it could
 * hold whoever reads it for ever. */
static int
check_files(const char *path, struct err *err)
{
	static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
	struct text name;
	struct stat st;
	int rc = 0;

	for (size_t i = 0; i < 4 && rc == 0; i++) {
		text_init(&name, PATH_MAX);
		text_addf(&name, "%s%s", path, beside[i]);
		if (name.cut || (stat(name.buf, &st) == 0 &&
		    !S_ISREG(st.st_mode)))
			rc = err_set(err, EXIT_CONFIG, "%s%s: not a regular "
			    "file, so no store", path, beside[i]);
		text_free(&name);
	}
	return rc;
}

/* What no store of ours needs. */
static void
restrict_database(struct sqlite_store *s)
{
	static const int limits[][2] = {
		{ SQLITE_LIMIT_LENGTH, ROW_MAX },
		{ SQLITE_LIMIT_SQL_LENGTH, 100000 },
		{ SQLITE_LIMIT_COLUMN, 2 * COLUMNS_MAX },
		{ SQLITE_LIMIT_EXPR_DEPTH, 50 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 3 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 8 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, COLUMNS_MAX },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 },
	};

	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		(void)sqlite3_limit(s->db, limits[i][0], limits[i][1]);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
	    NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0,
	    NULL);
	(void)sqlite3_exec(s->db, "PRAGMA cell_size_check = ON;"
	    "PRAGMA mmap_size = 0", NULL, NULL, NULL);
	sqlite3_progress_handler(s->db, STEPS, count_steps, s);
	sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
}

static bool
can_be_read(struct sqlite_store *s)
{
	int rc = sqlite3_exec(s->db, "SELECT 1 FROM sqlite_schema", NULL,
	    NULL, NULL);

	return rc != SQLITE_CANTOPEN && rc != SQLITE_READONLY;
}

static struct sqlite_store *
sqlite_new(const char *path, const char *host, struct err *err)
{
	struct sqlite_store *s = calloc(1, sizeof *s);

	if (s != NULL) {
		s->path = strdup(path);
		s->host = strdup(host);
		s->words = calloc(WORD_SLOTS, sizeof *s->words);
		s->texts = calloc(TEXT_SLOTS, sizeof *s->texts);
		s->ips = calloc(IP_SLOTS, sizeof *s->ips);
		s->totals = calloc(TOTAL_SLOTS, sizeof *s->totals);
	}
	if (s != NULL && s->path != NULL && s->host != NULL &&
	    s->words != NULL && s->texts != NULL && s->ips != NULL &&
	    s->totals != NULL)
		return s;
	err_set(err, EXIT_TEMPORARY, "%s: out of memory", path);
	if (s != NULL)
		sqlite_close_store(s);
	return NULL;
}

static void *
sqlite_open_store(const char *url, const char *password_file,
    const char *host, enum store_mode mode, struct err *err)
{
	struct sqlite_store *s;
	int flags = mode == STORE_READ ? SQLITE_OPEN_READONLY :
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	mode_t mask;
	int rc;

	(void)password_file;
	if (check_files(url, err) != 0)
		return NULL;
	s = sqlite_new(url, host, err);
	if (s == NULL)
		return NULL;
	mask = umask(0027);	/* 0640, also of the -wal and -shm beside it */
	rc = sqlite3_open_v2(url, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK && mode == STORE_READ && !can_be_read(s))
		rc = open_unchanging(s);
	if (rc != SQLITE_OK)
		failed(s, err);
	else {
		restrict_database(s);
		rc = prepare_schema(s, mode, err);
	}
	umask(mask);
	if (rc != SQLITE_OK) {
		sqlite_close_store(s);
		return NULL;
	}
	return s;
}

/* Beside the file stand its journals. */
static void
sqlite_reach(const char *url, const char *password_file, struct reach *reach)
{
	(void)password_file;
	reach_add_place(reach, url, REACH_WRITE);
}

const struct store_ops store_sqlite_ops = {
	.scheme = "",
	.open = sqlite_open_store,
	.reach = sqlite_reach,
	.close = sqlite_close_store,
	.begin = sqlite_begin,
	.put_attempt = sqlite_put_attempt,
	.put_queued = sqlite_put_queued,
	.put_position = sqlite_put_position,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.position = sqlite_position,
	.queued = sqlite_queued,
	.expire = sqlite_expire,
	.put_event = sqlite_put_event,
	.add_count = sqlite_add_count,
	.ask = sqlite_ask,
};
