/* SPDX-License-Identifier: ISC */
/*
 * The tables of the store in PostgreSQL.
 *
 * Their names and columns are those of the views that the questions of
 * store_read.c are asked of. Words stand in the rows as they are: a table of
 * words, as the file has one, would be written by all hosts at once and never
 * grow smaller, while a month of rows is dropped whole. Keys begin with what
 * grows, so that new rows lie together; host is in every key, so that no two
 * hosts ever wait for each other's rows.
 *
 * attempts is partitioned by the month of the attempt, in UTC. A partition is
 * made apart and attached, which lets others write meanwhile; to drop one takes
 * a lock that nobody may hold a moment, so it is tried for a moment and left
 * for the next time.
 */
#include "record/pgsql_schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	FIRST_YEAR = 2000,
	MONTHS = 1200,
	SQL_SIZE = 1024,
};

/* Of the months that have a partition of their own. */
#define FIRST_SECOND INT64_C(946684800)
#define END_SECOND INT64_C(4102444800)

/* One row a version: what brings the one before to it. */
static const char *const migrations[] = {
	"CREATE TABLE schema_version (version integer NOT NULL);"
	"INSERT INTO schema_version VALUES (0);"
	"CREATE TABLE attempts (second bigint NOT NULL,"
	" identity bigint NOT NULL, host text NOT NULL, qid text NOT NULL,"
	" author text NOT NULL, author_is_known boolean NOT NULL,"
	" kind text NOT NULL, sender text NOT NULL, recipient text NOT NULL,"
	" dest text NOT NULL, provider text NOT NULL, mx text NOT NULL,"
	" ip text NOT NULL, family text NOT NULL, transport text NOT NULL,"
	" tls text NOT NULL, status text NOT NULL, dsn text NOT NULL,"
	" stage text NOT NULL, class text NOT NULL, text text NOT NULL,"
	" predicted text NOT NULL, why text NOT NULL,"
	" delay_ms bigint NOT NULL, is_attempt boolean NOT NULL,"
	" is_final boolean NOT NULL, is_first boolean NOT NULL,"
	" is_message boolean NOT NULL, conn_use bigint NOT NULL,"
	" PRIMARY KEY (second, identity, host)) PARTITION BY RANGE (second);"
	"CREATE INDEX ON attempts (qid);"
	"CREATE TABLE totals (day bigint NOT NULL, host text NOT NULL,"
	" kind text NOT NULL, author text NOT NULL, dest text NOT NULL,"
	" provider text NOT NULL, family text NOT NULL, status text NOT NULL,"
	" class text NOT NULL, messages bigint NOT NULL,"
	" attempts bigint NOT NULL, results bigint NOT NULL,"
	" right_ones bigint NOT NULL, wrong_ones bigint NOT NULL,"
	" delay_ms bigint NOT NULL, first_second bigint NOT NULL,"
	" last_second bigint NOT NULL, mx text NOT NULL, stage text NOT NULL,"
	" text text NOT NULL, PRIMARY KEY (day, host, kind, author, dest,"
	" provider, family, status, class));"
	"CREATE TABLE waiting (host text NOT NULL, qid text NOT NULL,"
	" dest text NOT NULL, provider text NOT NULL, family text NOT NULL,"
	" kind text NOT NULL, author text NOT NULL, class text NOT NULL,"
	" second bigint NOT NULL, PRIMARY KEY (host, qid, dest));"
	"CREATE TABLE event (second bigint NOT NULL,"
	" identity bigint NOT NULL, host text NOT NULL, name text NOT NULL,"
	" text text NOT NULL, PRIMARY KEY (second, identity, host));"
	"CREATE TABLE counter (host text NOT NULL, name text NOT NULL,"
	" of_word text NOT NULL, and_word text NOT NULL, n bigint NOT NULL,"
	" PRIMARY KEY (host, name, of_word, and_word));"
	"CREATE TABLE queued (host text NOT NULL, qid text NOT NULL,"
	" text text NOT NULL, PRIMARY KEY (host, qid));"
	"CREATE TABLE position (host text NOT NULL, source text NOT NULL,"
	" position text NOT NULL, PRIMARY KEY (host, source));",
	/* A message that bounced was called "refused". A recorder of the
	 * version before that still runs somewhere finds no table waiting, or
	 * that its word isn't taken, opens the store again and says why. */
	"UPDATE attempts SET status = 'bounced' WHERE status = 'refused';"
	"UPDATE totals SET status = 'bounced' WHERE status = 'refused';"
	"UPDATE counter SET and_word = 'rejected'"
	" WHERE name = 'messages' AND and_word = 'refused';"
	"UPDATE event SET text = replace(text, 'waybill records',"
	" 'waybill dns') WHERE name = 'key';"
	"ALTER TABLE waiting RENAME TO queued_dest;"
	"ALTER TABLE attempts ADD CONSTRAINT is_status"
	" CHECK (status <> 'refused');"
	"ALTER TABLE totals ADD CONSTRAINT is_status"
	" CHECK (status <> 'refused');",
};
enum { SCHEMA_VERSION = sizeof migrations / sizeof migrations[0] };

#define TAKE_LOCK "pg_advisory_xact_lock(" PGSQL_SCHEMA_LOCK ")"

static bool
take_number(void *arg, const char *const *column)
{
	*(long *)arg = strtol(column[0], NULL, 10);
	return false;
}

static int
ask_number(struct pgsql *p, const char *sql, long *n, struct err *err)
{
	*n = 0;
	return pgsql_ask(p, sql, NULL, 0, take_number, n, err);
}

/* Whether something is there is asked of the catalogue's tables: functions as
 * to_regclass() answer from a cache that, behind the wait for a lock, may not
 * know yet what was made meanwhile. */
#define IS_TABLE "SELECT count(*) FROM pg_catalog.pg_class c" \
	" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace" \
	" WHERE n.nspname = 'waybill' AND c.relname = '%s'"

static int
is_table(struct pgsql *p, const char *name, long *is_there, struct err *err)
{
	char sql[SQL_SIZE];

	snprintf(sql, sizeof sql, IS_TABLE, name);
	return ask_number(p, sql, is_there, err);
}

/* 0 where there is no schema yet. */
static int
find_version(struct pgsql *p, long *version, struct err *err)
{
	long is_there;

	if (is_table(p, "schema_version", &is_there, err) != 0)
		return -1;
	*version = 0;
	return is_there == 0 ? 0 : ask_number(p, "SELECT version FROM "
	    "waybill.schema_version", version, err);
}

static int
check_version(struct pgsql *p, long version, struct err *err)
{
	return version <= SCHEMA_VERSION ? 0 : err_set(err, EXIT_CONFIG,
	    "%s: written by a later waybill (schema %ld, this one knows %d)",
	    pgsql_name(p), version, SCHEMA_VERSION);
}

static int
run(struct pgsql *p, const char *sql, struct err *err)
{
	return pgsql_run(p, sql, NULL, 0, err) < 0 ? -1 : 0;
}

/* Who may not make a schema may use one that was made for him. */
static int
make_schema(struct pgsql *p, struct err *err)
{
	long is_there;

	if (ask_number(p, "SELECT count(*) FROM pg_catalog.pg_namespace"
	    " WHERE nspname = 'waybill'", &is_there, err) != 0)
		return -1;
	return is_there != 0 ? 0 : run(p, "CREATE SCHEMA waybill", err);
}

static int
make_ends(struct pgsql *p, struct err *err)
{
	return pgsql_schema_add_month(p, -1, err) != 0 ||
	    pgsql_schema_add_month(p, MONTHS, err) != 0 ? -1 : 0;
}

/* Under the lock: another may have done it meanwhile. */
static int
migrate(struct pgsql *p, struct err *err)
{
	char set[80];
	long version;

	if (find_version(p, &version, err) != 0 ||
	    check_version(p, version, err) != 0)
		return -1;
	if (version == 0 && make_schema(p, err) != 0)
		return -1;
	for (long v = version; v < SCHEMA_VERSION; v++)
		if (run(p, migrations[v], err) != 0)
			return -1;
	if (version == 0 && make_ends(p, err) != 0)
		return -1;
	snprintf(set, sizeof set, "UPDATE schema_version SET version = %d",
	    SCHEMA_VERSION);
	return run(p, set, err);
}

int
pgsql_schema_prepare(struct pgsql *p, bool writes, struct err *err)
{
	long version;

	if (find_version(p, &version, err) != 0 ||
	    check_version(p, version, err) != 0)
		return -1;
	if (!writes && version == 0)
		return err_set(err, EXIT_UNAVAILABLE,
		    "%s: empty; waybill record has written nothing yet",
		    pgsql_name(p));
	if (!writes && version < SCHEMA_VERSION)
		return err_set(err, EXIT_UNAVAILABLE, "%s: written by an "
		    "earlier waybill; the recorder converts it when it "
		    "starts: sudo service waybill-record restart",
		    pgsql_name(p));
	if (!writes)
		return 0;
	if (version == SCHEMA_VERSION)
		return 0;
	if (run(p, "BEGIN", err) != 0)
		return -1;
	if (run(p, "SELECT " TAKE_LOCK, err) != 0 || migrate(p, err) != 0 ||
	    run(p, "COMMIT", err) != 0) {
		(void)run(p, "ROLLBACK", NULL);
		return -1;
	}
	return 0;
}

int
pgsql_schema_month(int64_t second)
{
	time_t t = (time_t)second;
	struct tm tm;

	if (second < FIRST_SECOND)
		return -1;
	if (second >= END_SECOND || gmtime_r(&t, &tm) == NULL)
		return MONTHS;
	return (tm.tm_year + 1900 - FIRST_YEAR) * 12 + tm.tm_mon;
}

static int64_t
begin_of(int month)
{
	struct tm tm = { .tm_year = FIRST_YEAR - 1900 + month / 12,
		.tm_mon = month % 12, .tm_mday = 1 };

	return timegm(&tm);
}

/* attempts_202611; those of all that is earlier and later have words. */
static void
name_of(int month, char *name, size_t size)
{
	if (month < 0 || month >= MONTHS)
		snprintf(name, size, "attempts_%s", month < 0 ? "before" :
		    "after");
	else
		snprintf(name, size, "attempts_%d%02d",
		    FIRST_YEAR + month / 12, month % 12 + 1);
}

int
pgsql_schema_add_month(struct pgsql *p, int month, struct err *err)
{
	char from[24] = "MINVALUE";
	char to[24] = "MAXVALUE";
	char name[32];
	char sql[SQL_SIZE];
	long is_there;

	name_of(month, name, sizeof name);
	if (is_table(p, name, &is_there, err) != 0)
		return -1;
	if (is_there != 0)
		return 0;
	if (month >= 0)
		snprintf(from, sizeof from, "%" PRId64, begin_of(month));
	if (month < MONTHS)
		snprintf(to, sizeof to, "%" PRId64, begin_of(month + 1));
	snprintf(sql, sizeof sql, "DO $$BEGIN PERFORM " TAKE_LOCK ";"
	    " IF (" IS_TABLE ") = 0 THEN"
	    " CREATE TABLE %s (LIKE attempts INCLUDING ALL);"
	    " ALTER TABLE attempts ATTACH PARTITION %s"
	    " FOR VALUES FROM (%s) TO (%s); END IF; END$$", name, name, name,
	    from, to);
	return run(p, sql, err);
}

struct oldest {
	char name[64];
	long rows;
};

static bool
take_oldest(void *arg, const char *const *column)
{
	struct oldest *oldest = arg;

	snprintf(oldest->name, sizeof oldest->name, "%s", column[0]);
	oldest->rows = strtol(column[1], NULL, 10);
	return false;
}

long
pgsql_schema_drop_month(struct pgsql *p, int64_t before_second,
    struct err *err)
{
	struct oldest oldest = { .rows = 0 };
	int month = pgsql_schema_month(before_second);
	char limit[32];
	char sql[SQL_SIZE];
	long is_there;

	name_of(month, limit, sizeof limit);
	if (month < 0)
		return 0;
	snprintf(sql, sizeof sql, "SELECT c.relname,"
	    " greatest(c.reltuples, 1)::bigint FROM pg_inherits i"
	    " JOIN pg_class c ON c.oid = i.inhrelid"
	    " WHERE i.inhparent = 'attempts'::regclass"
	    " AND c.relname ~ '^attempts_[0-9]{6}$' AND c.relname < '%s'"
	    " ORDER BY c.relname LIMIT 1", month < MONTHS ? limit :
	    "attempts_~");
	if (pgsql_ask(p, sql, NULL, 0, take_oldest, &oldest, err) != 0)
		return -1;
	if (oldest.rows == 0)
		return 0;
	/* 55P03: somebody reads or writes just now. */
	snprintf(sql, sizeof sql, "DO $$BEGIN"
	    " IF pg_try_advisory_xact_lock(" PGSQL_SCHEMA_LOCK ") THEN"
	    " SET LOCAL lock_timeout TO '1s'; DROP TABLE IF EXISTS %s;"
	    " END IF; EXCEPTION WHEN lock_not_available THEN NULL; END$$",
	    oldest.name);
	if (run(p, sql, err) != 0)
		return -1;
	if (is_table(p, oldest.name, &is_there, err) != 0)
		return -1;
	return is_there == 0 ? oldest.rows : 0;
}
