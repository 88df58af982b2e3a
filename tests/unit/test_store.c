/* SPDX-License-Identifier: ISC */
/* The store in a file: the cases of every store, and what can happen to a
 * file: absent, broken, of a later waybill, read-only, locked, full. */
#include "store_cases.h"

#include "record/store_read.h"

#include <sqlite3.h>

#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { NOBODY = 65534, NOON = 1728043200 };

static char folder[] = "/tmp/test_store.XXXXXX";
static char path[64];

static int
setup(void **state)
{
	(void)state;
	memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/waybill.db", folder);
	store_cases_url = path;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "", "-wal", "-shm", "-journal" };
	char name[80];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "%s%s", path, names[i]);
		(void)unlink(name);
	}
	return rmdir(folder);
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
	execute("CREATE TABLE x (y)");
	expect_no_store(STORE_READ, EXIT_UNAVAILABLE, "empty");
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
}

static void
an_unknown_kind_of_store_is_refused(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(store_open("mysql://h/d", "", "h", STORE_READ, &err));
	assert_int_equal(err.code, EXIT_CONFIG);
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
	assert_int_equal(chmod(folder, 0750), 0);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASES(setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_new_file_is_readable_for_the_group, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_absent_or_broken_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(a_later_schema_is_refused,
		    setup, teardown),
		cmocka_unit_test(an_unknown_kind_of_store_is_refused),
		cmocka_unit_test_setup_teardown(
		    others_read_while_no_recorder_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lock_is_said, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_full_disk_leaves_whole_transactions, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_is_bounded, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
