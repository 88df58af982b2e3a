/* SPDX-License-Identifier: ISC */
/* Where lines go: standard error is a pipe here. */
#include "base/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* What f writes to standard error. */
static const char *
caught(void (*f)(void))
{
	static char buf[4096];
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	int old = dup(STDERR_FILENO);
	assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
	f();
	assert_true(dup2(old, STDERR_FILENO) >= 0);
	(void)close(old);
	(void)close(fds[1]);
	ssize_t n = read(fds[0], buf, sizeof buf - 1);
	(void)close(fds[0]);
	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

static void
say_all(void)
{
	struct event e;

	log_open("waybilld", LOG_SINK_STDERR, LOG_LEVEL_INFO);
	event_begin(&e, "4A", true, "spf");
	event_add_number(&e, "n", 1);
	log_event(&e);
	log_say(LOG_LEVEL_ERROR, "%s", "no\nway \xc3");
	log_say(LOG_LEVEL_DEBUG, "unseen");
	log_say(LOG_LEVEL_INFO, "seen");
}

static void
say_little(void)
{
	struct event e;

	log_open("waybilld", LOG_SINK_STDERR, LOG_LEVEL_WARNING);
	event_begin(&e, NULL, false, "start");
	log_event(&e);
	log_say(LOG_LEVEL_INFO, "unseen");
	log_say(LOG_LEVEL_WARNING, "seen");
}

/* As if this standard error were the journal's. */
static void
say_to_the_journal(void)
{
	struct event e;
	struct stat st;
	char stream[64];

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(stream, sizeof stream, "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	log_open("waybilld", LOG_SINK_STDERR, LOG_LEVEL_INFO);
	event_begin(&e, NULL, true, "spf");
	log_event(&e);
	event_begin(&e, NULL, false, "stop");
	log_event(&e);
}

static void
say_too_much(void)
{
	char longest[3000];

	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	log_open("waybilld", LOG_SINK_STDERR, LOG_LEVEL_INFO);
	log_say(LOG_LEVEL_ERROR, "%s", longest);
}

static void
standard_error(void **state)
{
	char want[300];

	(void)state;
	(void)snprintf(want, sizeof want, "waybilld[%1$ld]: 4A: warning: spf "
	    "n=1\nwaybilld[%1$ld]: error: no?way ?\nwaybilld[%1$ld]: notice: "
	    "seen\n", (long)getpid());
	assert_string_equal(caught(say_all), want);
	(void)snprintf(want, sizeof want,
	    "waybilld[%ld]: warning: notice: seen\n", (long)getpid());
	assert_string_equal(caught(say_little), want);
}

static void
the_journal(void **state)
{
	(void)state;
	assert_string_equal(caught(say_to_the_journal),
	    "<4>warning: spf\n<6>stop\n");
	/* another stream than this one */
	const char *line = caught(say_all);
	assert_memory_equal(line, "waybilld[", 9);
}

static void
a_line_is_bounded(void **state)
{
	(void)state;
	const char *line = caught(say_too_much);
	assert_true(strlen(line) <= 1000);
	assert_int_equal(line[strlen(line) - 1], '\n');
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(standard_error),
    cmocka_unit_test(the_journal),
    cmocka_unit_test(a_line_is_bounded))
