/* SPDX-License-Identifier: ISC */
/*
 * The recorder over files that grow, are rotated, copied and truncated, while
 * it is killed again and again, and while its store is away: every attempt is
 * in the store, and none twice. When it is killed is chance; what must be true
 * afterwards is not.
 */
#include "record/record.h"

#include "base/log.h"
#include "record/log_sources.h"
#include "record/postfix_told.h"
#include "record/source_ops.h"
#include "record/store_read.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

#define DAY_OF_FIRST "20717"	/* since 1970 */

enum {
	LOOK_MS = 50, LOOKS = PATIENCE_MS / LOOK_MS,
	CHUNK = 4000, SECOND_OF_FIRST = 1790000000,
};

static char folder[32];
static char path_log[64];
static char path_store[96];
static char path_said[64];
static char path_journal[64];
static bool reads_journal;	/* beside the log */
static bool log_is_open;	/* any local user can write into it */
static int64_t journal_begins_s;
static const char *maillog_file;
static volatile sig_atomic_t stop;
static unsigned n_written;	/* messages in the log */
static unsigned n_reinjected;	/* of them */
static unsigned n_tries;	/* attempts that they made */

static void
on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static int
setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_record.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path_log, sizeof path_log, "%s/mail.log", folder);
	snprintf(path_store, sizeof path_store, "%s/waybill.db", folder);
	snprintf(path_said, sizeof path_said, "%s/said", folder);
	snprintf(path_journal, sizeof path_journal, "%s/journal", folder);
	reads_journal = log_is_open = false;
	journal_begins_s = 0;
	n_written = n_reinjected = n_tries = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return directory_remove(folder);
}

/* Appends messages; several a second, by three processes. Each fifth was
 * re-injected, so its author doesn't count as one of ours. Each seventh finds
 * its first host dead, each eleventh is said twice by two honest equal lines
 * of one second. */
static void
write_messages(unsigned n)
{
	FILE *f = fopen(path_log, "a");

	assert_non_null(f);
	for (unsigned i = 0; i < n; i++) {
		unsigned m = n_written++;
		time_t t = SECOND_OF_FIRST + (time_t)(m / 50);
		char when[40];
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S.000000+00:00 "
		    "mail", &tm);
		fprintf(f, "%s waybilld[8]: %08XA: message result=%s "
		    "author=example.org from=<a@example.org>\n", when, m,
		    m % 5 == 0 ? "unsigned why=reinjected" : "signed");
		n_reinjected += m % 5 == 0;
		fprintf(f, "%s postfix/qmgr[9]: %08XA: from=<a@example.org>, "
		    "size=500, nrcpt=1 (queue active)\n", when, m);
		if (m % 7 == 0) {
			fprintf(f, "%s postfix/smtp[%u]: connect to "
			    "mx1.example.net[2001:db8::1]:25: Connection "
			    "refused\n", when, 100 + m % 3);
			n_tries++;
		}
		for (unsigned k = 0; k < (m % 11 == 0 ? 2U : 1U); k++) {
			fprintf(f, "%s postfix/smtp[%u]: %08XA: "
			    "to=<b@example.net>, relay=mx2.example.net"
			    "[192.0.2.2]:25, delay=1, delays=0/0/0/1, "
			    "dsn=2.0.0, status=sent (250 ok)\n", when,
			    100 + m % 3, m);
			n_tries++;
		}
		fprintf(f, "%s postfix/qmgr[9]: %08XA: removed\n", when, m);
	}
	fclose(f);
}

static pid_t
start_recorder(void)
{
	struct record_options o = { .store = path_store, .host = "mail",
		.recipients = RECIPIENT_DOMAIN, .recipient_key = "",
		.fallback = "", .stop = &stop };
	char rules[4096];
	struct err err = { 0 };
	pid_t child = fork();
	int said;

	assert_true(child >= 0);
	if (child != 0)
		return child;
	(void)signal(SIGTERM, on_term);
	said = open(path_said, O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)dup2(said, STDERR_FILENO);
	log_open("waybill-record", LOG_SINK_STDERR, LOG_LEVEL_INFO);
	snprintf(rules, sizeof rules, "%s", tree_path("conf/replies"));
	o.rules = rules;
	if ((reads_journal && text_list_add(&o.sources, "journal") != 0) ||
	    (log_is_open && text_list_add(&o.open_sources, path_log) != 0) ||
	    text_list_add(&o.sources, path_log) != 0 ||
	    record_run(&o, &err) != 0)
		_exit(1);
	_exit(0);
}

static bool
note_total(void *arg, const struct store_total *t)
{
	*(int64_t *)arg = t->attempts;
	return true;
}

/* -1: the store can't be read now. */
static int64_t
attempts_in_store(bool of_rows)
{
	struct store_query q = { .from = of_rows, .to = INT64_C(30000) *
		86400 };
	struct err err = { 0 };
	struct store *s = store_open(path_store, "", "", STORE_READ, &err);
	int64_t n = 0;

	if (s == NULL || store_totals(s, &q, 0, note_total, &n, &err) != 0)
		n = -1;
	store_close(&s);
	return n;
}

struct counted_of {
	const char *of;		/* NULL: whatever it is */
	int64_t n;
};

static bool
note_count(void *arg, const char *of, const char *and_of, int64_t n)
{
	struct counted_of *c = arg;

	(void)and_of;
	if (c->of == NULL || strcmp(c->of, of) == 0)
		c->n += n;
	return true;
}

/* Of messages or lines; -1: the store can't be read. */
static int64_t
counted_in_store(const char *name, const char *of)
{
	struct err err = { 0 };
	struct store *s = store_open(path_store, "", "", STORE_READ, &err);
	struct counted_of c = { .of = of };

	if (s == NULL || store_counts(s, name, note_count, &c, &err) != 0)
		c.n = -1;
	store_close(&s);
	return c.n;
}

static void
wait_for_attempts(unsigned want)
{
	int64_t n = -1;

	for (int i = 0; i < LOOKS; i++) {
		n = attempts_in_store(false);
		if (n >= want)
			break;
		(void)poll(NULL, 0, LOOK_MS);
	}
	assert_int_equal(n, want);
}

static void
end_recorder(pid_t child, int sig)
{
	int status;

	assert_int_equal(kill(child, sig), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (sig == SIGTERM) {
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

static void
nothing_is_lost_or_doubled_by_kills(void **state)
{
	(void)state;
	for (int i = 0; i < 12; i++) {
		pid_t child;

		write_messages(CHUNK / 2);
		child = start_recorder();
		(void)poll(NULL, 0, 7 * i);
		write_messages(CHUNK / 2);
		(void)poll(NULL, 0, 5 * (12 - i));
		end_recorder(child, SIGKILL);
	}
	pid_t child = start_recorder();
	wait_for_attempts(n_tries);
	end_recorder(child, SIGTERM);
	assert_int_equal(attempts_in_store(true), n_tries);
	assert_int_equal(counted_in_store("messages", NULL), n_written);
	assert_int_equal(counted_in_store("messages", ""), n_reinjected);
	assert_int_equal(counted_in_store("reinjected", NULL), n_reinjected);
	assert_int_equal(counted_in_store("reinjected", DAY_OF_FIRST),
	    n_reinjected);
	assert_int_equal(counted_in_store("lines", NULL),
	    n_tries + 3 * n_written);
}

static void
append(const char *line)
{
	FILE *f = fopen(path_log, "a");

	assert_non_null(f);
	fputs(line, f);
	fclose(f);
	n_tries++;
}

/* Two equal lines of one second, between them one of the next second by a
 * process that was faster, and a death. */
static void
a_late_line_counts_after_a_kill(void **state)
{
#define RESULT(second, pid) "2026-09-21T14:13:2" second ".000000+00:00 mail " \
	"postfix/smtp[" pid "]: 4F1A2B3C: to=<b@example.net>, " \
	"relay=mx.example.net[192.0.2.2]:25, delay=1, delays=0/0/0/1, " \
	"dsn=2.0.0, status=sent (250 ok)\n"
	pid_t child;

	(void)state;
	append(RESULT("0", "7"));
	append(RESULT("1", "8"));
	child = start_recorder();
	wait_for_attempts(2);
	(void)poll(NULL, 0, 100);
	end_recorder(child, SIGKILL);
	append(RESULT("0", "7"));
	child = start_recorder();
	wait_for_attempts(3);
	end_recorder(child, SIGTERM);
}

struct noted {
	unsigned n, firsts, with_tls;
};

static bool
note_attempt(void *arg, const struct attempt *a)
{
	struct noted *noted = arg;

	noted->n++;
	noted->firsts += a->is_first;
	noted->with_tls += strcmp(a->tls, "TLSv1.3") == 0;
	return true;
}

/* A request of three recipients, whose results come seconds apart. */
static void
a_request_goes_on_after_a_kill(void **state)
{
	struct store_query q = { .from = 0, .to = INT64_C(30000) * 86400 };
	struct err err = { 0 };
	struct noted noted = { 0 };
	struct store *s;
	pid_t child;

	(void)state;
	append("2026-09-21T14:13:18.000000+00:00 mail postfix/smtp[7]: Trusted "
	    "TLS connection established to mx.example.net[192.0.2.2]:25: "
	    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n");
	n_tries = 0;
	append(RESULT("0", "7"));
	append(RESULT("5", "9"));
	child = start_recorder();
	wait_for_attempts(2);
	end_recorder(child, SIGKILL);
	append(RESULT("6", "7"));
	append(RESULT("9", "7"));
	child = start_recorder();
	wait_for_attempts(4);
	end_recorder(child, SIGTERM);
	s = store_open(path_store, "", "", STORE_READ, &err);
	assert_non_null(s);
	assert_int_equal(store_attempts(s, &q, note_attempt, &noted, &err), 0);
	store_close(&s);
	assert_int_equal(noted.n, 4);
	assert_int_equal(noted.firsts, 2);	/* of 7 and of 9 */
	assert_int_equal(noted.with_tls, 3);
}

static void
rotate(bool copies)
{
	/* What was rotated has settled. */
	setenv("f", path_log, 1);
	assert_int_equal(system(copies ?
	    "cp $f $f.1 && touch -d '1 minute ago' $f.1 && : >$f" :
	    "rm -f $f.2.gz && if [ -e $f.1 ]; then gzip -c $f.1 >$f.2.gz && "
	    "touch -d '2 minutes ago' $f.2.gz; fi && mv $f $f.1 && "
	    "touch -d '1 minute ago' $f.1 && : >$f"), 0);
}

/* logrotate's ways, with the recorder running, stopped and killed. A copy with
 * truncation can lose what is written in between; nothing is here. */
static void
rotation_is_followed(void **state)
{
	pid_t child;

	(void)state;
	write_messages(CHUNK);
	child = start_recorder();
	wait_for_attempts(n_tries);
	rotate(false);
	write_messages(100);
	wait_for_attempts(n_tries);
	end_recorder(child, SIGTERM);
	write_messages(100);
	rotate(false);
	write_messages(100);
	child = start_recorder();
	wait_for_attempts(n_tries);
	end_recorder(child, SIGKILL);
	rotate(true);
	write_messages(100);
	child = start_recorder();
	wait_for_attempts(n_tries);
	rotate(true);
	write_messages(100);
	wait_for_attempts(n_tries);
	end_recorder(child, SIGTERM);
	assert_int_equal(attempts_in_store(true), n_tries);
}

static unsigned
count_said(const char *what)
{
	FILE *f = fopen(path_said, "r");
	char line[2000];
	unsigned n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		n += strstr(line, what) != NULL;
	fclose(f);
	return n;
}

static void
a_store_that_is_away_is_waited_for(void **state)
{
	char away[64];
	pid_t child;

	(void)state;
	snprintf(away, sizeof away, "%s/away", folder);
	snprintf(path_store, sizeof path_store, "%s/waybill.db", away);
	write_messages(500);
	child = start_recorder();
	for (int i = 0; i < LOOKS && (access(path_said, F_OK) != 0 ||
	    count_said("warning: store") == 0); i++)
		(void)poll(NULL, 0, LOOK_MS);
	assert_int_equal(count_said("warning: store: "), 1);
	assert_int_equal(mkdir(away, 0750), 0);
	wait_for_attempts(n_tries);
	end_recorder(child, SIGTERM);
	assert_int_equal(count_said("warning: store: "), 1);
	assert_int_equal(count_said("it works again"), 1);
}

/* What the status and the metrics ask for. */
static void
how_far_it_is_and_what_it_read_is_known(void **state)
{
	struct err err = { 0 };
	struct store *s;
	int64_t second = 0;
	char host[64];
	pid_t child;

	(void)state;
	write_messages(10);
	child = start_recorder();
	wait_for_attempts(n_tries);
	end_recorder(child, SIGTERM);
	s = store_open(path_store, "", "", STORE_READ, &err);
	assert_non_null(s);
	assert_int_equal(store_seen(s, host, sizeof host, &second, &err), 0);
	assert_string_equal(host, "mail");
	assert_true(second >= SECOND_OF_FIRST);
	store_close(&s);
}

/* ---- a file beside a journal */

struct source *__wrap_source_open_journal(const char *position,
    struct err *err);
int64_t __wrap_log_sources_journal_begins(void);
int64_t __real_clock_ms(void);
int64_t __wrap_clock_ms(void);
void __wrap_postfix_told(const char *, const char *, char *, size_t);

static enum source_state
fake_next(void *self, struct source_line *line, struct err *err)
{
	return source_next(self, line, err);
}

static const char *
fake_position(void *self)
{
	return source_position(self);
}

static const char *
fake_name(const void *self)
{
	(void)self;
	return "journal";
}

static void
fake_progress(const void *self, uint64_t *done, uint64_t *total)
{
	source_progress(self, done, total);
}

static void
fake_close(void *self)
{
	struct source *s = self;

	source_close(&s);
}

struct source *
__wrap_source_open_journal(const char *position, struct err *err)
{
	static const struct source_ops ops = { .next = fake_next,
		.position = fake_position, .name = fake_name,
		.progress = fake_progress, .close = fake_close };
	struct source *s = source_open_file(path_journal, position, err);

	return s == NULL ? NULL : source_new(&ops, s);
}

/* The minute between two signs of life takes half a second. */
int64_t
__wrap_clock_ms(void)
{
	return __real_clock_ms() * 120;
}

int64_t
__wrap_log_sources_journal_begins(void)
{
	return journal_begins_s * 1000000;
}

void
__wrap_postfix_told(const char *postfix, const char *parameter, char *value,
    size_t size)
{
	(void)postfix;
	assert_string_equal(parameter, "maillog_file");
	snprintf(value, size, "%s", maillog_file);
}

static void
add_attempt(const char *path, time_t when, const char *qid)
{
	FILE *f = fopen(path, "a");
	char stamp[40];
	struct tm tm;

	assert_non_null(f);
	gmtime_r(&when, &tm);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S.000000+00:00", &tm);
	fprintf(f, "%s mail postfix/smtp[7]: %s: to=<b@example.net>, "
	    "relay=mx.example.net[192.0.2.2]:25, delay=1, delays=0/0/0/1, "
	    "dsn=2.0.0, status=sent (250 ok)\n", stamp, qid);
	fclose(f);
}

static bool
note_qid(void *arg, const struct attempt *a)
{
	char *all = arg;

	snprintf(all + strlen(all), 200 - strlen(all), "%.1s", a->qid);
	return true;
}

/* Runs the recorder until it has used every line there is; then the store has
 * the attempts of the queue ids that begin so, in the order of their time. */
static void
expect_after_run(const char *want)
{
	struct store_query q = { .from = 0, .to = INT64_C(30000) * 86400 };
	struct err err = { 0 };
	int64_t second = 0;
	char host[64];
	char all[200] = "";
	time_t since = time(NULL) + 1;
	pid_t child = start_recorder();
	struct store *s;

	for (int i = 0; i < LOOKS && second < since; i++) {
		(void)poll(NULL, 0, LOOK_MS);
		s = store_open(path_store, "", "", STORE_READ, &err);
		if (s != NULL)
			(void)store_seen(s, host, sizeof host, &second, &err);
		store_close(&s);
	}
	assert_true(second >= since);
	end_recorder(child, SIGTERM);
	s = store_open(path_store, "", "", STORE_READ, &err);
	assert_non_null(s);
	assert_int_equal(store_attempts(s, &q, note_qid, all, &err), 0);
	store_close(&s);
	assert_string_equal(all, want);
}

/* Attempts A, B ... lie an hour apart, in the past; the journal begins with D. */
static time_t base_s;

static void
write_hours(const char *path, const char *hours)
{
	for (; *hours != '\0'; hours++) {
		char qid[] = "00F1A2B3";

		qid[0] = *hours;
		add_attempt(path, base_s + (*hours - 'A') * 3600, qid);
	}
}

static void
begin_hours(bool journal, bool is_open)
{
	base_s = time(NULL) - 86400;
	reads_journal = journal;
	log_is_open = is_open;
	journal_begins_s = journal ? base_s + 3 * 3600 : 0;
	fclose(fopen(path_journal, "a"));
	fclose(fopen(path_log, "a"));
}

static void
an_open_file_is_believed_to_where_the_journal_begins(void **state)
{
	(void)state;
	begin_hours(true, true);
	write_hours(path_log, "ABEC");	/* C comes too late: E was past it */
	write_hours(path_journal, "DF");
	expect_after_run("ABDF");
}

static void
a_file_of_postfix_alone_is_believed_throughout(void **state)
{
	(void)state;
	begin_hours(true, false);
	write_hours(path_log, "ABE");
	write_hours(path_journal, "DF");
	expect_after_run("ABDEF");
}

static void
without_a_journal_an_open_file_is_believed(void **state)
{
	(void)state;
	begin_hours(false, true);
	write_hours(path_log, "ABEF");
	expect_after_run("ABEF");
}

/* The journal has no line of mail when the recorder starts: where it begins is
 * known with its first. */
static void
a_journal_that_was_empty_counts_from_its_first_line(void **state)
{
	(void)state;
	begin_hours(true, true);
	journal_begins_s = 0;
	write_hours(path_log, "ABEF");
	write_hours(path_journal, "D");
	expect_after_run("ABD");
}

/* After a restart the file lies behind where it was read to, whatever its new
 * lines say: when the journal began before that, nothing of it counts. */
static void
what_was_read_before_a_restart_stays_past(void **state)
{
	(void)state;
	begin_hours(false, true);
	write_hours(path_log, "A");
	expect_after_run("A");
	begin_hours(true, true);
	write_hours(path_log, "BCF");	/* forged: B and C claim to be old */
	write_hours(path_journal, "D");
	expect_after_run("AD");
}

/* It began after what was read: up to there the file's new lines count. */
static void
a_journal_that_began_since_leaves_the_file_its_time(void **state)
{
	(void)state;
	begin_hours(false, true);
	write_hours(path_log, "A");
	expect_after_run("A");
	begin_hours(true, true);
	journal_begins_s = time(NULL) + 3600;
	write_hours(path_log, "BC");
	expect_after_run("ABC");
}

/* Another file that is new to the recorder has its past to tell. */
static void
a_file_that_is_new_is_read_from_its_beginning(void **state)
{
	(void)state;
	begin_hours(false, true);
	write_hours(path_log, "E");
	expect_after_run("E");
	snprintf(path_log, sizeof path_log, "%s/mail.new", folder);
	begin_hours(true, true);
	write_hours(path_log, "ABF");
	write_hours(path_journal, "D");
	expect_after_run("ABDE");
}

static void
who_can_write_into_a_log(void **state)
{
	static const struct {
		const char *name, *maillog;
		bool is_open;
	} rows[] = {
		{ "journal", "", false },
		{ "-", "", false },
		{ "/var/log/mail.log", "", true },
		{ "/var/log/mail.log", "/dev/stdout", true },
		{ "/var/log/mail.log", "/var/log/maillog", true },
		{ "/var/log/mail.log", "/var/log/mail.log", false },
		{ "/var/log/mail.log.1", "/var/log/mail.log", true },
		{ "/var/log/../log/mail.log", "/var/log/mail.log", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		maillog_file = rows[i].maillog;
		if (log_source_is_open(rows[i].name, "/etc/postfix") !=
		    rows[i].is_open)
			fail_msg("%s, maillog_file = %s", rows[i].name,
			    rows[i].maillog);
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test_setup_teardown(
	nothing_is_lost_or_doubled_by_kills, setup, teardown),
    cmocka_unit_test_setup_teardown(
	a_late_line_counts_after_a_kill, setup, teardown),
    cmocka_unit_test_setup_teardown(
	a_request_goes_on_after_a_kill, setup, teardown),
    cmocka_unit_test_setup_teardown(rotation_is_followed, setup,
	teardown),
    cmocka_unit_test_setup_teardown(
	a_store_that_is_away_is_waited_for, setup, teardown),
    cmocka_unit_test_setup_teardown(
	how_far_it_is_and_what_it_read_is_known, setup, teardown),
    cmocka_unit_test_setup_teardown(
	an_open_file_is_believed_to_where_the_journal_begins,
	setup, teardown),
    cmocka_unit_test_setup_teardown(
	a_file_of_postfix_alone_is_believed_throughout, setup,
	teardown),
    cmocka_unit_test_setup_teardown(
	without_a_journal_an_open_file_is_believed, setup,
	teardown),
    cmocka_unit_test_setup_teardown(
	a_journal_that_was_empty_counts_from_its_first_line, setup,
	teardown),
    cmocka_unit_test_setup_teardown(
	what_was_read_before_a_restart_stays_past, setup, teardown),
    cmocka_unit_test_setup_teardown(
	a_journal_that_began_since_leaves_the_file_its_time, setup,
	teardown),
    cmocka_unit_test_setup_teardown(
	a_file_that_is_new_is_read_from_its_beginning, setup,
	teardown),
    cmocka_unit_test(who_can_write_into_a_log))
