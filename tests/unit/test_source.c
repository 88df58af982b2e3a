/* SPDX-License-Identifier: ISC */
/* Heads of log lines, and files followed over rotation and restart. */
#include "record/source.h"

#include <unistd.h>

#include "unit.h"

static char folder[] = "/tmp/test_source.XXXXXX";
static char path[64];
static struct source_line line;

/* 2026-03-01T00:00:00Z */
static const int64_t MARCH = INT64_C(1772323200000000);

struct head_row {
	const char *bytes;
	int rc;
	int64_t time_us;	/* under TZ=UTC, limit MARCH */
	const char *host;
	const char *tag;
	long pid;
	const char *text;
};

static const struct head_row heads[] = {
	{ "Feb 28 23:59:58 mail postfix/smtp[524]: a b", 0,
	  INT64_C(1772323198000000), "mail", "postfix/smtp", 524, "a b" },
	{ "Feb  3 00:00:01 mail postfix/qmgr[1]: x", 0,
	  INT64_C(1770076801000000), "mail", "postfix/qmgr", 1, "x" },
	{ "Dec 31 23:59:59 mail waybilld[9]: of last year", 0,
	  INT64_C(1767225599000000), "mail", "waybilld", 9, "of last year" },
	{ "Mar  1 12:00:00 mail x[1]: a clock that is ahead", 0,
	  INT64_C(1772366400000000), "mail", "x", 1,
	  "a clock that is ahead" },
	{ "Feb 29 00:00:00 mail x[1]: leap year", 0,
	  INT64_C(1709164800000000), "mail", "x", 1, "leap year" },
	{ "2026-02-28T23:59:58.250000+01:00 mail postfix/smtp[524]: t", 0,
	  INT64_C(1772319598250000), "mail", "postfix/smtp", 524, "t" },
	{ "2026-02-28T23:59:58Z mail kernel: no pid", 0,
	  INT64_C(1772323198000000), "mail", "kernel", 0, "no pid" },
	{ "2026-02-28T23:59:58-0530 mail x[7]: t", 0,
	  INT64_C(1772342998000000), "mail", "x", 7, "t" },
	{ "2026-13-28T23:59:58Z mail x[7]: t", -1, 0, "", "", 0, "" },
	{ "Foo 28 23:59:58 mail x[7]: t", -1, 0, "", "", 0, "" },
	{ "Feb 28 24:59:58 mail x[7]: t", -1, 0, "", "", 0, "" },
	{ "Feb 28 23:59:58 mail x[7: t", -1, 0, "", "", 0, "" },
	{ "Feb 28 23:59:58 mail", -1, 0, "", "", 0, "" },
	{ "", -1, 0, "", "", 0, "" },
};

static void
reads_heads(void **state)
{
	struct source_minute minute = { .len = 0 };

	(void)state;
	/* Each twice: the second time the minute is known. */
	for (size_t i = 0; i < 2 * COUNT(heads); i++) {
		const struct head_row *h = &heads[i / 2];

		if (source_parse(h->bytes, strlen(h->bytes), MARCH, &minute,
		    &line) != h->rc)
			fail_msg("%s", h->bytes);
		if (h->rc != 0)
			continue;
		if (line.time_us != h->time_us)
			fail_msg("%s: %lld", h->bytes,
			    (long long)line.time_us);
		assert_string_equal(line.host, h->host);
		assert_string_equal(line.tag, h->tag);
		assert_int_equal(line.pid, h->pid);
		assert_string_equal(line.text, h->text);
	}
}

static void
a_minute_is_one_of_its_line(void **state)
{
	static const struct {
		const char *bytes;
		int64_t limit;	/* seconds */
		int64_t second;
	} rows[] = {
		{ "Feb 28 23:59:01 m x[1]: t", 1772366400, 1772323141 },
		{ "Feb 28 23:59:02 m x[1]: t", 1772366400, 1772323142 },
		{ "Feb 28 23:58:03 m x[1]: t", 1772366400, 1772323083 },
		{ "2026-02-28T23:58:04Z m x[1]: t", 1772366400, 1772323084 },
		{ "2026-02-28T23:58:05+01:00 m x[1]: t", 1772366400,
		  1772319485 },
		{ "Feb 28 23:58:06 m x[1]: t", 1772366400, 1772323086 },
		/* A file of a year before, and of a year later. */
		{ "Feb 28 23:58:07 m x[1]: t", 1772366400 - 40000000,
		  1709164687 },
		{ "Feb 28 23:58:08 m x[1]: t", 1772366400, 1772323088 },
		{ "Feb 28 23:58:09 m x[1]: t", 1772366400 + 40000000,
		  1803859089 },
	};
	struct source_minute minute = { .len = 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(source_parse(rows[i].bytes,
		    strlen(rows[i].bytes), rows[i].limit * 1000000, &minute,
		    &line), 0);
		if (line.time_us / 1000000 != rows[i].second)
			fail_msg("%s: %lld", rows[i].bytes,
			    (long long)line.time_us / 1000000);
	}
	/* What isn't of the form leaves no half of a minute behind. */
	assert_int_equal(source_parse("Mar 40 ", 7, MARCH, &minute, &line),
	    -1);
	assert_int_equal(source_parse("2026-02-28T23:58:6", 18, MARCH,
	    &minute, &line), -1);
}

static void
long_text_is_cut_and_nul_ends_it(void **state)
{
	static char bytes[5000] = "Feb 28 23:59:58 mail x[7]: ";
	struct source_minute minute = { .len = 0 };
	size_t head = strlen(bytes);

	(void)state;
	memset(bytes + head, 'y', sizeof bytes - head);
	assert_int_equal(source_parse(bytes, sizeof bytes, MARCH, &minute,
	    &line), 0);
	assert_true(line.cut);
	assert_int_equal(line.len, SOURCE_TEXT_MAX);
	/* In a name it is none of a line that a logger wrote. */
	for (size_t i = 16; i < 24; i++) {
		char kept = bytes[i];

		bytes[i] = '\0';
		assert_int_equal(source_parse(bytes, sizeof bytes, MARCH,
		    &minute, &line), -1);
		bytes[i] = kept;
	}
	bytes[head + 3] = '\0';
	assert_int_equal(source_parse(bytes, sizeof bytes, MARCH, &minute,
	    &line), 0);
	assert_false(line.cut);
	assert_string_equal(line.text, "yyy");
}

static void
append(const char *file, int from, int to)
{
	FILE *f = fopen(file, "a");

	assert_non_null(f);
	for (int i = from; i <= to; i++)
		fprintf(f, "2026-02-28T10:00:%02dZ mail x[1]: line %d\n",
		    i % 60, i);
	fclose(f);
}

/* Reads what there is and demands lines from..to, in order. */
static void
expect(struct source *s, int from, int to, enum source_state last)
{
	struct err err = { 0 };
	char want[32];

	for (int i = from; i <= to; i++) {
		enum source_state state = source_next(s, &line, &err);

		if (state != SOURCE_LINE)
			fail_msg("line %d: state %d %s", i, (int)state,
			    err.text);
		snprintf(want, sizeof want, "line %d", i);
		assert_string_equal(line.text, want);
	}
	assert_int_equal(source_next(s, &line, &err), last);
}

static struct source *
open_at(const char *position)
{
	struct err err = { 0 };
	struct source *s = source_open_file(path, position, &err);

	if (s == NULL)
		fail_msg("%s", err.text);
	return s;
}

/* Runs a shell command in which $f is the log file. */
static void
run(const char *command)
{
	setenv("f", path, 1);
	assert_int_equal(system(command), 0);
}

/* Rotated files, oldest first, were changed some time ago. */
static void
settle(const char *files)
{
	char command[200];

	snprintf(command, sizeof command, "n=9; for f in %s; do "
	    "touch -d \"$n minutes ago\" $f; n=$((n - 1)); done", files);
	run(command);
}

static int
clean(void **state)
{
	(void)state;
	run("rm -f $f $f.*");
	return 0;
}

static void
follows_over_rename_and_copy(void **state)
{
	struct source *s;

	(void)state;
	append(path, 1, 3);
	s = open_at(NULL);
	expect(s, 1, 3, SOURCE_IDLE);
	append(path, 4, 4);
	expect(s, 4, 4, SOURCE_IDLE);
	run("mv $f $f.1");
	expect(s, 5, 4, SOURCE_IDLE);
	settle("$f.1");
	append(path, 5, 9);
	expect(s, 5, 9, SOURCE_IDLE);
	append(path, 10, 10);
	run("cp -p $f $f.2 && : >$f");
	settle("$f.2");
	append(path, 11, 11);
	expect(s, 10, 11, SOURCE_IDLE);
	source_close(&s);
}

/* The writer of the old file doesn't know yet that another one has begun the new
 * file. */
static void
a_file_is_left_when_it_has_settled(void **state)
{
	char position[SOURCE_POSITION_MAX];
	char old[sizeof path + 8];
	struct err err = { 0 };
	struct source *s;

	(void)state;
	snprintf(old, sizeof old, "%s.1", path);
	append(path, 1, 3);
	s = open_at(NULL);
	expect(s, 1, 3, SOURCE_IDLE);
	run("mv $f $f.1");
	append(path, 6, 7);
	expect(s, 4, 3, SOURCE_SETTLING);
	append(old, 4, 4);
	assert_int_equal(source_next(s, &line, &err), SOURCE_LINE);
	assert_string_equal(line.text, "line 4");
	snprintf(position, sizeof position, "%s", source_position(s));
	expect(s, 5, 4, SOURCE_SETTLING);
	source_close(&s);

	s = open_at(position);
	expect(s, 4, 4, SOURCE_SETTLING);
	run("printf '2026-02-28T10:00:05Z mail x[1]: li' >>$f.1");
	expect(s, 5, 4, SOURCE_SETTLING);
	run("printf 'ne 5' >>$f.1");
	expect(s, 5, 4, SOURCE_SETTLING);
	settle("$f.1");
	expect(s, 5, 7, SOURCE_IDLE);
	source_close(&s);
}

static void
goes_on_after_a_restart(void **state)
{
	char position[SOURCE_POSITION_MAX];
	struct err err = { 0 };
	struct source *s;

	(void)state;
	append(path, 1, 6);
	s = open_at("");
	for (int i = 0; i < 4; i++)
		assert_int_equal(source_next(s, &line, &err), SOURCE_LINE);
	snprintf(position, sizeof position, "%s", source_position(s));
	source_close(&s);

	s = open_at(position);
	expect(s, 4, 6, SOURCE_IDLE);
	source_close(&s);

	/* Twice rotated and compressed while nobody looked. */
	run("mv $f $f.1 && gzip $f.1 && mv $f.1.gz $f.2.gz");
	append(path, 7, 8);
	run("mv $f $f.1");
	settle("$f.2.gz $f.1");
	append(path, 9, 9);
	s = open_at(position);
	expect(s, 4, 9, SOURCE_IDLE);
	source_close(&s);

	/* Its file is gone: all that there is. */
	run("rm $f.2.gz");
	s = open_at(position);
	expect(s, 7, 9, SOURCE_IDLE);
	source_close(&s);
}

static void
first_start_reads_old_files(void **state)
{
	struct source *s;

	(void)state;
	append(path, 1, 2);
	run("mv $f $f.1 && xz -k $f.1 && rm $f.1 && mv $f.1.xz $f.2.xz");
	append(path, 3, 3);
	run("mv $f $f.1");
	settle("$f.2.xz $f.1");
	append(path, 4, 4);
	s = open_at(NULL);
	expect(s, 1, 4, SOURCE_IDLE);
	source_close(&s);
}

static void
named_files_end(void **state)
{
	struct text_list files = { 0 };
	struct err err = { 0 };
	struct source *s;
	FILE *f;

	(void)state;
	append(path, 1, 2);
	f = fopen(path, "a");
	assert_non_null(f);
	fputs("not a log line\n2026-02-28T10:00:03Z mail x[1]: line 3", f);
	fclose(f);
	assert_int_equal(text_list_add(&files, path), 0);
	s = source_open_files(&files, &err);
	expect(s, 1, 3, SOURCE_END);
	source_close(&s);
	assert_int_equal(text_list_add(&files, "/nonexistent/log"), 0);
	s = source_open_files(&files, &err);
	expect(s, 1, 3, SOURCE_FAILED);
	source_close(&s);
	text_list_free(&files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_heads),
		cmocka_unit_test(a_minute_is_one_of_its_line),
		cmocka_unit_test(long_text_is_cut_and_nul_ends_it),
		cmocka_unit_test_teardown(follows_over_rename_and_copy, clean),
		cmocka_unit_test_teardown(a_file_is_left_when_it_has_settled,
		    clean),
		cmocka_unit_test_teardown(goes_on_after_a_restart, clean),
		cmocka_unit_test_teardown(first_start_reads_old_files, clean),
		cmocka_unit_test_teardown(named_files_end, clean),
	};
	int failed;

	setenv("TZ", "UTC", 1);
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/mail.log", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
