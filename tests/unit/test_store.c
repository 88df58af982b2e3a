/* SPDX-License-Identifier: ISC */
/* The store in a file: the cases of every store, and what can happen to a
 * file: absent, broken, of a later waybill, read-only, locked, full. */
#include "store_cases.h"

#include "record/store_read.h"

#include <sqlite3.h>

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { NOBODY = 65534, NOON = 1728043200 };

static const char *path;

static int
setup(void **state)
{
	int rc = store_cases_file_begin(state);

	path = store_cases_url;
	return rc;
}

static void
execute(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
expect_no_store(enum store_mode mode, enum exit_code code, const char *why)
{
	struct err err = { 0 };
	struct store *s = store_open(path, "", "mail.example.org", mode, &err);

	assert_null(s);
	assert_int_equal(err.code, code);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", err.text, why);
}

static void
a_new_file_is_readable_for_the_group(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	store_close(&s);
}

static void
what_is_absent_or_broken_is_said(void **state)
{
	FILE *f;

	(void)state;
	expect_no_store(STORE_READ, EXIT_UNAVAILABLE, path);
	assert_int_equal(access(path, F_OK), -1);	/* reading makes none */
	execute("CREATE TABLE x (y); DROP TABLE x");
	expect_no_store(STORE_READ, EXIT_UNAVAILABLE, "empty");
	execute("CREATE TABLE x (y)");	/* of another program */
	expect_no_store(STORE_READ, EXIT_UNAVAILABLE, "aren't those");
	expect_no_store(STORE_WRITE, EXIT_UNAVAILABLE, "aren't those");
	f = fopen(path, "w");
	for (int i = 0; i < 5000; i++)
		fputs("no database ", f);
	fclose(f);
	expect_no_store(STORE_WRITE, EXIT_UNAVAILABLE, "not a database");
	expect_no_store(STORE_READ, EXIT_UNAVAILABLE, "not a database");
}

static void
a_later_schema_is_refused(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);

	(void)state;
	store_close(&s);
	execute("PRAGMA user_version = 1000");
	expect_no_store(STORE_WRITE, EXIT_CONFIG, "later waybill");
	expect_no_store(STORE_READ, EXIT_CONFIG, "later waybill");
	execute("PRAGMA user_version = -1");
	expect_no_store(STORE_WRITE, EXIT_UNAVAILABLE, "aren't those");
	expect_no_store(STORE_READ, EXIT_UNAVAILABLE, "aren't those");
}

/* Runs a case in a child, so that what it takes from itself stays there. */
static void
in_child(int (*what)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		_exit(what());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
a_store_of_an_earlier_version_is_converted(void **state)
{
	char *text = store_cases_read("store-v1.sql");

	(void)state;
	execute(text);
	store_cases_convert();
	free(text);
}

/* What can't be converted stays as it was: here there is no room for it. */
static int
convert_without_room(void)
{
	const struct rlimit limit = { 45000, 45000 };
	struct err err = { 0 };
	struct store *s;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 10;
	s = store_open(path, "", "mail.example.org", STORE_WRITE, &err);
	if (s != NULL)
		return 1;
	return err.code == EXIT_UNAVAILABLE ? 0 : 2;
}

static void
a_conversion_is_whole_or_none(void **state)
{
	char *text = store_cases_read("store-v1.sql");

	(void)state;
	execute(text);
	in_child(convert_without_room);
	store_cases_convert();
	free(text);
}

/* Of an earlier version too nothing else is taken for a store. */
static void
an_earlier_version_has_its_tables(void **state)
{
	char *text = store_cases_read("store-v1.sql");

	(void)state;
	execute(text);
	execute("DROP VIEW totals; CREATE VIEW totals AS SELECT 1 AS day");
	expect_no_store(STORE_READ, EXIT_UNAVAILABLE, "its tables");
	expect_no_store(STORE_WRITE, EXIT_UNAVAILABLE, "its tables");
	free(text);
}

static void
an_unknown_kind_of_store_is_refused(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(store_open("mysql://h/d", "", "h", STORE_READ, &err));
	assert_int_equal(err.code, EXIT_CONFIG);
}

static int
read_as_nobody(void)
{
	struct err err = { 0 };
	struct store *s;
	int64_t second;
	char host[8];
	int rc;

	if (setuid(NOBODY) != 0)	/* the group stays */
		return 10;
	s = store_open(path, "", "", STORE_READ, &err);
	if (s == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	rc = store_seen(s, host, sizeof host, &second, &err);
	store_close(&s);
	return rc == 0 ? 0 : 2;
}

static int
write_as_nobody(void)
{
	struct err err = { 0 };
	struct store *s;

	if (setuid(NOBODY) != 0)	/* the group stays */
		return 10;
	s = store_open(path, "", "", STORE_WRITE, &err);
	if (s != NULL && store_begin(s, &err) == 0 &&
	    store_put_position(s, "a", "b", &err) == 0)
		return 1;
	return err.code == EXIT_UNAVAILABLE ? 0 : 2;
}

/* 0640 and a folder that it can't write: what the group has. */
static void
others_read_while_no_recorder_runs(void **state)
{
	struct store *s;

	(void)state;
	if (geteuid() != 0)
		skip();
	s = store_cases_open("mail.example.org", STORE_WRITE);
	store_close(&s);
	assert_int_equal(chmod(store_cases_directory, 0750), 0);
	in_child(read_as_nobody);
	in_child(write_as_nobody);
	s = store_cases_open("mail.example.org", STORE_WRITE);
	in_child(read_as_nobody);
	store_close(&s);
}

static void
a_lock_is_said(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct err err = { 0 };
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(store_begin(s, &err), -1);
	assert_int_equal(err.code, EXIT_UNAVAILABLE);
	assert_non_null(strstr(err.text, "locked"));
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_begin(s, &err), 0);
	assert_int_equal(store_commit(s, &err), 0);
	store_close(&s);
}

/* A file that can't grow stands in for a full disk. */
static int
fill_the_disk(void)
{
	const struct rlimit limit = { 400000, 400000 };
	struct err err = { 0 };
	struct store *s;
	int rc = 0;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 10;
	s = store_open(path, "", "mail.example.org", STORE_WRITE, &err);
	if (s == NULL)
		return 1;
	for (int64_t n = 0; n < 100 && rc == 0; n++) {
		rc = store_begin(s, &err);
		for (int64_t i = 0; i < 1000 && rc == 0; i++) {
			struct attempt a = store_cases_attempt(NOON + n,
			    (uint64_t)(n * 1000 + i + 1));

			rc = store_put_attempt(s, &a, &err);
		}
		if (rc == 0)
			rc = store_commit(s, &err);
		else
			store_rollback(s);
	}
	store_close(&s);
	return rc == -1 && err.code == EXIT_UNAVAILABLE ? 0 : 2;
}

static bool
note_total(void *arg, const struct store_total *t)
{
	*(int64_t *)arg = t->attempts;
	return true;
}

/* What was committed stays, rows and totals alike. */
static void
a_full_disk_leaves_whole_transactions(void **state)
{
	struct store_query q = { .from = 0, .to = INT64_C(30000) * 86400 };
	struct err err = { 0 };
	int64_t of_days = -1;
	int64_t of_rows = -2;
	struct store *s;

	(void)state;
	in_child(fill_the_disk);
	s = store_cases_open("", STORE_READ);
	assert_int_equal(store_totals(s, &q, 0, note_total, &of_days, &err),
	    0);
	q.from = 1;
	assert_int_equal(store_totals(s, &q, 0, note_total, &of_rows, &err),
	    0);
	assert_int_equal(of_days, of_rows);
	assert_true(of_days > 0);
	assert_int_equal(of_days % 1000, 0);
	store_close(&s);
}

/* A log in which every line names another destination and another reason,
 * each as long as can be. (Under a sanitizer nothing is counted.) */
static void
memory_is_bounded(void **state)
{
	enum { ROWS = 20000, MAX = 24 * 1024 * 1024 };
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	size_t before = mallinfo2().uordblks;
	static char text[2000];
	char dest[254];
	struct err err = { 0 };

	(void)state;
	memset(text, 'x', sizeof text - 1);
	memset(dest, 'y', sizeof dest - 1);
	dest[sizeof dest - 1] = '\0';
	assert_int_equal(store_begin(s, &err), 0);
	for (int i = 0; i < ROWS; i++) {
		struct attempt a = store_cases_attempt(NOON + i, 1);

		snprintf(text, 9, "%08d", i);
		text[8] = ' ';
		snprintf(dest, 9, "%08d", i);
		dest[8] = '.';
		a.status = "deferred";
		a.class = "other";
		a.dest = dest;
		a.text = text;
		a.recipient = text;
		assert_int_equal(store_put_attempt(s, &a, &err), 0);
		if (mallinfo2().uordblks > before + MAX)
			fail_msg("after %d rows: %zu bytes", i,
			    mallinfo2().uordblks - before);
	}
	assert_int_equal(store_commit(s, &err), 0);
	store_close(&s);
}

static bool
no_total(void *arg, const struct store_total *t)
{
	(void)arg;
	return strlen(t->dest) < 100000;
}

static bool
no_trouble(void *arg, const struct store_trouble *t)
{
	(void)arg;
	return strlen(t->mx) + strlen(t->text) < 100000;
}

static bool
no_attempt(void *arg, const struct attempt *a)
{
	(void)arg;
	return strlen(a->qid) + strlen(a->text) + strlen(a->class) < 100000;
}

static bool
no_queued_dest(void *arg, const struct store_queued_dest *w)
{
	(void)arg;
	return strlen(w->qid) + strlen(w->dest) < 100000;
}

static bool
no_event(void *arg, int64_t second, const char *host, const char *name,
    const char *text)
{
	(void)arg;
	(void)second;
	return strlen(host) + strlen(name) + strlen(text) < 100000;
}

static bool
no_count(void *arg, const char *of, const char *and_of, int64_t n)
{
	(void)arg;
	(void)n;
	return strlen(of) + strlen(and_of) < 100000;
}

static void
no_queued(void *arg, const char *qid, const char *text)
{
	*(size_t *)arg += strlen(qid) + strlen(text);
}

/* Asks all that commands and recorder ask. Each answer is one, or an error
 * with a code and a line. How many failed; why is the first one's. */
static int
ask_all(struct err *why)
{
	struct store_query q = { .from = INT64_MIN / 86400 * 86400 / 2,
		.to = INT64_MAX / 86400 * 86400 / 2 };
	struct store_query some = { .from = 1, .to = INT64_MAX / 2 };
	struct store *s = store_open(path, "", "mail.example.org", STORE_READ,
	    why);
	struct err err[9] = { { .code = 0 } };
	char host[8];
	int64_t second;
	size_t len = 0;
	char *position;
	int n = 0;

	if (s == NULL)
		return -1;
	(void)store_totals(s, &q, STORE_DEST | STORE_DAY, no_total, NULL,
	    &err[0]);
	(void)store_totals(s, &some, STORE_DEST, no_total, NULL, &err[1]);
	(void)store_troubles(s, &q, no_trouble, NULL, &err[2]);
	(void)store_attempts(s, &some, no_attempt, NULL, &err[3]);
	(void)store_queued_dests(s, no_queued_dest, NULL, &err[4]);
	(void)store_events(s, &some, no_event, NULL, &err[5]);
	(void)store_counts(s, "messages", no_count, NULL, &err[6]);
	(void)store_seen(s, host, sizeof host, &second, &err[7]);
	(void)store_queued(s, no_queued, &len, &err[8]);
	position = store_position(s, "seen", NULL);
	free(position);
	store_close(&s);
	for (size_t i = 0; i < 9; i++) {
		if (err[i].code == 0)
			continue;
		assert_int_equal(err[i].code, EXIT_UNAVAILABLE);
		assert_non_null(strstr(err[i].text, path));
		assert_null(strchr(err[i].text, '\n'));
		if (n++ == 0)
			*why = err[i];
	}
	return n;
}

/* A store of some rows, closed. */
static void
make_store(void)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	struct err err = { 0 };

	assert_int_equal(store_begin(s, &err), 0);
	for (uint64_t i = 0; i < 1200; i++) {
		struct attempt a = store_cases_attempt(NOON + (int64_t)i,
		    i + 1);
		char qid[32];

		snprintf(qid, sizeof qid, "ABCDEF%06d", (int)i);
		a.qid = qid;
		a.status = "deferred";
		a.class = "rate";
		a.queued = 1;
		assert_int_equal(store_put_attempt(s, &a, &err), 0);
	}
	assert_int_equal(store_put_event(s, NOON, 1, "spf", "x", &err), 0);
	assert_int_equal(store_put_position(s, "seen", "1728043200", &err), 0);
	assert_int_equal(store_put_queued(s, "ABCDEF", "x", &err), 0);
	assert_int_equal(store_add_count(s, "messages", "a", "b", 1, &err), 0);
	assert_int_equal(store_commit(s, &err), 0);
	store_close(&s);
}

static void
a_store_of_other_tables_is_refused(void **state)
{
	static const struct { const char *name, *sql; } rows[] = {
		{ "a view without end in place of a table", "DROP TABLE queued_dest;"
		  "CREATE VIEW queued_dest AS WITH RECURSIVE r(host) AS (SELECT 'x'"
		  " UNION ALL SELECT host FROM r) SELECT host, host AS qid, host"
		  " AS dest, host AS provider, host AS family, host AS kind, host"
		  " AS author, host AS class, 1 AS second FROM r" },
		{ "in place of a view", "DROP VIEW totals; CREATE VIEW totals AS"
		  " WITH RECURSIVE r(day) AS (SELECT 1 UNION ALL SELECT day FROM"
		  " r) SELECT day FROM r" },
		{ "a trigger", "CREATE TRIGGER t AFTER INSERT ON attempt BEGIN"
		  " DELETE FROM total; END" },
		{ "another view of that name", "DROP VIEW attempts; CREATE VIEW"
		  " attempts AS SELECT second FROM attempt" },
		{ "a column more", "ALTER TABLE event ADD COLUMN more TEXT" },
		{ "a table less", "DROP TABLE counter" },
		{ "of another program", "PRAGMA user_version = 1; DROP VIEW"
		  " attempts; DROP VIEW totals; DROP TABLE word" },
	};

	(void)state;
	(void)alarm(600);
	for (size_t i = 0; i < COUNT(rows); i++) {
		make_store();
		execute(rows[i].sql);
		print_message("%s\n", rows[i].name);
		expect_no_store(STORE_READ, EXIT_UNAVAILABLE, "its tables");
		expect_no_store(STORE_WRITE, EXIT_UNAVAILABLE, "its tables");
		assert_int_equal(unlink(path), 0);
	}
}

/* What a table may hold whatever its columns are called. */
static void
any_value_is_only_a_value(void **state)
{
	static const struct { const char *name, *sql; int failing; } rows[] = {
		{ "as it was", "SELECT 1", 0 },
		{ "no words", "DELETE FROM word", 0 },
		{ "NULL", "UPDATE queued_dest SET provider = NULL, second = NULL;"
		  "UPDATE event SET name = NULL, text = NULL;"
		  "UPDATE counter SET n = NULL;"
		  "UPDATE position SET position = NULL;"
		  "UPDATE queued SET text = NULL;"
		  "UPDATE total SET messages = NULL, text = NULL, mx = NULL;"
		  "UPDATE attempt SET qid = NULL, said = NULL, text = NULL,"
		  " flags = NULL, delay_ms = NULL", 0 },
		{ "blobs", "UPDATE queued_dest SET provider = x'00ff00';"
		  "UPDATE event SET name = zeroblob(10), text = x'';"
		  "UPDATE counter SET n = x'31';"
		  "UPDATE position SET position = zeroblob(20);"
		  "UPDATE queued SET text = x'ff';"
		  "UPDATE total SET messages = zeroblob(8), text = x'00';"
		  "UPDATE attempt SET qid = x'00', said = x'ff00', flags = x'01'",
		  0 },
		{ "numbers past all", "UPDATE queued_dest SET second ="
		  " -9223372036854775808;"
		  "UPDATE event SET second = 4611686018427387902;"
		  "UPDATE position SET position = '99999999999999999999';"
		  "UPDATE total SET delay_ms = 9223372036854775807,"
		  " first_second = -9223372036854775808,"
		  " last_second = 9223372036854775807;"
		  "UPDATE attempt SET second = 4611686018427387000 - identity,"
		  " delay_ms = 9223372036854775807,"
		  " flags = 9223372036854775807", 0 },
		{ "a sum past all", "UPDATE counter SET n = 9223372036854775807;"
		  "INSERT INTO counter VALUES ('x', 'messages', 'a', 'b', 1)", 1 },
		{ "text for numbers", "UPDATE queued_dest SET second = 'soon';"
		  "UPDATE total SET messages = 'many', delay_ms = 'long';"
		  "UPDATE attempt SET flags = 'x', delay_ms = 'y'", 0 },
		{ "three megabytes", "UPDATE event SET text ="
		  " hex(zeroblob(1500000))", 1 },
	};
	struct err err = { 0 };

	(void)state;
	(void)alarm(600);
	for (size_t i = 0; i < COUNT(rows); i++) {
		make_store();
		execute(rows[i].sql);
		if (ask_all(&err) != rows[i].failing)
			fail_msg("%s: %s", rows[i].name, err.text);
		assert_int_equal(unlink(path), 0);
	}
}

static void
write_at(long at, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "r+");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void
a_damaged_file_is_said(void **state)
{
	static unsigned char noise[65536];
	struct err err = { 0 };
	struct stat st;
	uint32_t seed = 1;

	(void)state;
	(void)alarm(600);
	for (size_t i = 0; i < sizeof noise; i++) {
		seed = seed * 1664525 + 1013904223;
		noise[i] = (unsigned char)(seed >> 24);
	}
	make_store();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 3), 0);
	assert_int_not_equal(ask_all(&err), 0);
	assert_int_equal(err.code, EXIT_UNAVAILABLE);
	assert_int_equal(unlink(path), 0);

	make_store();
	for (long at = 4096 * 9; at + 65536 < st.st_size; at += 65536)
		write_at(at, noise, sizeof noise);
	assert_int_not_equal(ask_all(&err), 0);
	assert_int_equal(err.code, EXIT_UNAVAILABLE);
	assert_int_equal(unlink(path), 0);

	/* Pages of 64 kB, says the first; none is one. */
	make_store();
	write_at(16, "\0\1", 2);
	write_at(100, noise, sizeof noise - 100);
	assert_int_not_equal(ask_all(&err), 0);
	assert_int_equal(err.code, EXIT_UNAVAILABLE);
}

enum { PAGE = 4096 };

static void
read_page(uint32_t number, unsigned char *out)
{
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fseek(f, (long)(number - 1) * PAGE, SEEK_SET), 0);
	assert_int_equal(fread(out, 1, PAGE, f), PAGE);
	(void)fclose(f);
}

static uint32_t
number_at(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static void
put_number(unsigned char *p, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(n >> (24 - 8 * i));
}

/* Where the n-th child of an interior page (of n + 1) is named. */
static unsigned char *
child(unsigned char *page, size_t n)
{
	const unsigned char *at = page + 12 + 2 * n;

	return n == (size_t)(page[3] << 8 | page[4]) ? page + 8 :
	    page + (at[0] << 8 | at[1]);
}

static int
note_page(void *arg, int n, char **value, char **name)
{
	(void)n;
	(void)name;
	*(uint32_t *)arg = (uint32_t)strtoul(value[0], NULL, 10);
	return 0;
}

/* A table whose pages lead to one and the same page dozens of times, over and
 * over: a few hundred kilobytes that hold more rows than anybody can read. */
static void
pages_in_circles_end(void **state)
{
	enum { LEVELS = 12 };
	unsigned char root[PAGE];
	uint32_t pages[LEVELS + 1];
	uint32_t at = 0;
	struct err err = { 0 };
	size_t n;
	sqlite3 *db;

	(void)state;
	(void)alarm(600);
	make_store();
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "SELECT rootpage FROM sqlite_schema "
	    "WHERE name = 'queued_dest'", note_page, &at, NULL), SQLITE_OK);
	sqlite3_close(db);
	read_page(at, root);
	assert_int_equal(root[0], 2);	/* an interior page of keys */
	n = (size_t)(root[3] << 8 | root[4]);
	assert_true(n > LEVELS);
	for (size_t i = 0; i <= LEVELS; i++)
		pages[i] = number_at(child(root, i));
	for (size_t level = 0; level <= LEVELS; level++) {
		for (size_t i = 0; i <= n; i++)
			put_number(child(root, i), pages[level]);
		write_at((long)((level == 0 ? at : pages[level - 1]) - 1) *
		    PAGE, root, PAGE);
	}
	assert_int_equal(ask_all(&err), 1);
	assert_non_null(strstr(err.text, "far longer"));
}

static void
what_is_no_file_is_no_store(void **state)
{
	static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
	char name[80];

	(void)state;
	(void)alarm(600);
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "%s%s", path, beside[i]);
		if (i > 0)
			make_store();
		assert_int_equal(mkfifo(name, 0600), 0);
		expect_no_store(STORE_READ, EXIT_CONFIG, "not a regular file");
		expect_no_store(STORE_WRITE, EXIT_CONFIG, "not a regular file");
		assert_int_equal(unlink(name), 0);
		(void)unlink(path);
	}
	assert_int_equal(symlink("/dev/zero", path), 0);
	expect_no_store(STORE_READ, EXIT_CONFIG, "not a regular file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	expect_no_store(STORE_READ, EXIT_CONFIG, "not a regular file");
	assert_int_equal(rmdir(path), 0);
}

static void
numbers_have_bounds(void **state)
{
	static const struct { const char *text; int64_t want; } rows[] = {
		{ "", 0 }, { "x", 0 }, { "12", 12 }, { "-5", -5 },
		{ "12 a line", 12 },
		{ "100000000000", INT64_C(100000000000) },
		{ "100000000001", INT64_C(100000000000) },
		{ "99999999999999999999", INT64_C(100000000000) },
		{ "-9223372036854775808", -INT64_C(100000000000) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(store_number(rows[i].text), rows[i].want);
}

UNIT_MAIN(NULL, NULL,
    STORE_CASES(setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	a_new_file_is_readable_for_the_group, setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	what_is_absent_or_broken_is_said, setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	a_store_of_other_tables_is_refused, setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	any_value_is_only_a_value, setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	a_damaged_file_is_said, setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	pages_in_circles_end, setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	what_is_no_file_is_no_store, setup, store_cases_file_end),
    cmocka_unit_test(numbers_have_bounds),
    cmocka_unit_test_setup_teardown(a_later_schema_is_refused,
	setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	a_store_of_an_earlier_version_is_converted, setup,
	store_cases_file_end),
    cmocka_unit_test_setup_teardown(a_conversion_is_whole_or_none,
	setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	an_earlier_version_has_its_tables, setup, store_cases_file_end),
    cmocka_unit_test(an_unknown_kind_of_store_is_refused),
    cmocka_unit_test_setup_teardown(
	others_read_while_no_recorder_runs, setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(a_lock_is_said, setup,
	store_cases_file_end),
    cmocka_unit_test_setup_teardown(
	a_full_disk_leaves_whole_transactions, setup, store_cases_file_end),
    cmocka_unit_test_setup_teardown(memory_is_bounded, setup,
	store_cases_file_end))
