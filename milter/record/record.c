/* SPDX-License-Identifier: ISC */
/*
 * The recorder: lines from the sources, in the order of their time, through
 * the joiner into the store.
 *
 * Rows and positions go into one transaction. The position saved is that
 * before the first line of the second before the one in which a line was read
 * that is still needed: a failure that waits for its result, or one of several
 * equal lines. After kill -9 those lines are read again, and the store knows
 * their rows by identity: nothing is lost, nothing counts twice. What requests
 * under way have told before that is saved too, so that the rows that come after
 * are those of a recorder that wasn't killed. (Counters of
 * lines and messages, for the metrics, may count such a line again.)
 *
 * When the store fails, everything in memory is given up and a new session
 * begins at the positions that the store has. It is one way for a full disk, a
 * lock, a restart of the database and a crash. Only a store that the operator
 * has to fix, when the first session finds it, ends the run.
 */
#include "record/record.h"

#include "base/clock.h"
#include "base/domain.h"
#include "base/event.h"
#include "base/log.h"
#include "record/attempt.h"
#include "record/counted.h"
#include "record/log_sources.h"
#include "record/recipient.h"
#include "record/reply.h"
#include "record/source.h"
#include "record/store.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	BATCH_LINES = 50000,
	BATCH_MS = 1000,
	FILES_LINES = 200000,	/* of old files, which nobody waits for */
	FILES_MS = 10000,
	IDLE_MS = 1000,
	QUIET_MS = 200,		/* between commits, while single lines come */
	RETRY_MS = 5000,
	RETRY_SLICE_MS = 200,
	CHECKPOINTS_MAX = 2048,
	PROGRESS_MS = 500,
	EXPIRE_MS = 60000,
	SEEN_MS = 60000,
	SETTLE_US = 300000,
	SETTLE_MS = 100,
	LATE_S = 1,
	JOURNAL_LATE_S = 3,
	COUNTERS_MAX = 64,
	DAY_S = 86400,
};

enum line_kind { LINE_POSTFIX, LINE_WAYBILLD, LINE_OTHER, LINE_KINDS };
static const char *const line_kind_names[LINE_KINDS] = {
	[LINE_POSTFIX] = "postfix", [LINE_WAYBILLD] = "waybilld",
	[LINE_OTHER] = "other",
};

/* What a counter of the store grows by with the next commit: messages of an
 * author with one result, or those that were re-injected on one day. */
struct counter {
	const char *name;	/* "messages", "reinjected" */
	char of[DOMAIN_SIZE];
	char and_of[16];
	int64_t n;
};

/* Where a second began in a source. */
struct checkpoint {
	int64_t second;
	char *position;		/* owned */
};

struct stream {
	struct source *source;
	struct source_line line;
	bool has_line;
	bool is_ended;
	bool is_settling;	/* lines wait behind those that may come */
	bool is_journal;
	bool is_open;		/* any local user can write into it */
	bool is_past;		/* it was read to where the journal begins */
	int64_t second;		/* the latest of the lines used */
	struct checkpoint *v;	/* CHECKPOINTS_MAX, a ring, owned */
	size_t first, n;
};

enum failing { FAILING_NOT, FAILING_STORE, FAILING_SOURCE };

/* One run from the store's positions until it ends or the store fails. */
struct session {
	const struct record_options *o;
	struct store *store;
	struct attempt_joiner *joiner;
	struct attempt_options joiner_options;
	struct stream stream[ATTEMPT_STREAMS];
	unsigned n;
	struct err err;		/* of the store, in callbacks */
	bool failed;
	bool is_source;		/* that failed, not the store */
	enum failing failing;	/* as was said, and still is */
	bool in_transaction;
	uint64_t lines;
	int64_t lines_of[LINE_KINDS];	/* since the last commit */
	struct counter counter[COUNTERS_MAX];
	unsigned n_counters;
	struct counted counted;		/* lines that tell of messages */
	struct counted counted_lines;
	int64_t signed_us;		/* of the sign line that was saved */
	int64_t newest_us;		/* the latest line's */
	int64_t journal_us;		/* its oldest line's; 0: none is read */
	int64_t seen_ms;
	bool is_idle;			/* every line there is was used */
	bool is_waiting;		/* a line is too fresh to be used */
	uint64_t rows;
	uint64_t lines_committed;
	int64_t committed_ms;
	int64_t expired_ms;
	int64_t started_ms;
	int64_t shown_ms;
};

static int
begin(struct session *s)
{
	if (s->in_transaction)
		return 0;
	if (store_begin(s->store, &s->err) != 0) {
		s->failed = true;
		return -1;
	}
	s->in_transaction = true;
	return 0;
}

static void
on_attempt(void *arg, const struct attempt *a)
{
	struct session *s = arg;

	if (s->failed || begin(s) != 0)
		return;
	if (store_put_attempt(s->store, a, &s->err) != 0)
		s->failed = true;
	s->rows++;
}

static void
on_queued(void *arg, const char *qid, const char *text)
{
	struct session *s = arg;

	if (!s->failed && store_put_queued(s->store, qid, text, &s->err) != 0)
		s->failed = true;
}

static void
on_warning(void *arg, int64_t time_us, uint64_t identity, const char *name,
    const char *text)
{
	struct session *s = arg;

	if (s->failed || begin(s) != 0)
		return;
	if (store_put_event(s->store, time_us, identity, name, text,
	    &s->err) != 0)
		s->failed = true;
}

static void
save_counters(struct session *s)
{
	for (unsigned i = 0; i < s->n_counters && !s->failed; i++)
		if (store_add_count(s->store, s->counter[i].name,
		    s->counter[i].of, s->counter[i].and_of, s->counter[i].n,
		    &s->err) != 0)
			s->failed = true;
	s->n_counters = 0;
}

static void
count(struct session *s, const char *name, const char *of, const char *and_of)
{
	struct counter *c;

	for (unsigned i = 0; i < s->n_counters; i++) {
		c = &s->counter[i];
		if (strcmp(c->name, name) == 0 && strcmp(c->of, of) == 0 &&
		    strcmp(c->and_of, and_of) == 0) {
			c->n++;
			return;
		}
	}
	if (s->n_counters == COUNTERS_MAX)
		save_counters(s);
	c = &s->counter[s->n_counters++];
	c->name = name;
	snprintf(c->of, sizeof c->of, "%s", of);
	snprintf(c->and_of, sizeof c->and_of, "%s", and_of);
	c->n = 1;
}

static void
on_message(void *arg, int64_t time_us, uint64_t identity, const char *author,
    const char *result, const char *why)
{
	struct session *s = arg;
	int64_t second = time_us / 1000000;
	char day[24];

	if (s->failed || begin(s) != 0 || !counted_add(&s->counted, second,
	    identity))
		return;
	count(s, "messages", author, result);
	if (strcmp(why, "reinjected") == 0) {
		snprintf(day, sizeof day, "%" PRId64, second / DAY_S);
		count(s, "reinjected", day, "");
	}
}

static void
on_restored(void *arg, const char *qid, const char *text)
{
	struct session *s = arg;

	attempt_joiner_restore(s->joiner, qid, text);
}

static void
checkpoint_drop(struct stream *st)
{
	free(st->v[st->first].position);
	st->first = (st->first + 1) % CHECKPOINTS_MAX;
	st->n--;
}

/* Notes where a second begins: before its first line, the one in hand. */
static void
checkpoint_add(struct stream *st, int64_t second)
{
	struct checkpoint *c;

	if (st->n > 0 && second <= st->second)
		return;
	st->second = second;
	if (st->n == CHECKPOINTS_MAX)
		checkpoint_drop(st);
	c = &st->v[(st->first + st->n) % CHECKPOINTS_MAX];
	c->second = second;
	c->position = strdup(source_position(st->source));
	if (c->position != NULL)
		st->n++;
}

/* The position from which everything that is still needed can be read. Lines
 * of several processes come out of order around a full second: the one before
 * is needed to know equal lines by their ordinal. What the journal handed on to
 * a file is known by what the journal had, so that is read from earlier. */
static const char *
safe_position(struct stream *st, int64_t needed_us)
{
	int64_t needed = needed_us / 1000000;
	const char *position = NULL;

	if (st->second < needed)
		needed = st->second;
	needed -= strcmp(source_name(st->source), "journal") == 0 ?
	    JOURNAL_LATE_S : LATE_S;
	/* Keep the last checkpoint that isn't after what is needed. */
	while (st->n > 1 &&
	    st->v[(st->first + 1) % CHECKPOINTS_MAX].second <= needed)
		checkpoint_drop(st);
	if (st->n > 0)
		position = st->v[st->first].position;
	return position;
}

static void
put_word(struct session *s, const char *name, const char *text)
{
	if (!s->failed && store_put_position(s->store, name, text,
	    &s->err) != 0)
		s->failed = true;
}

/* Under which names the store keeps what is counted, and what is under way. */
static const char name_counted[] = "counted";
static const char name_counted_lines[] = "counted-lines";
static const char name_requests[] = "requests";

static void
begin_counting(struct session *s, const char *name, struct counted *c)
{
	char *text = s->failed ? NULL : store_position(s->store, name, &s->err);

	if (text == NULL)
		s->failed = true;
	else
		counted_begin(c, text);
	free(text);
}

static void
save_counted(struct session *s, const char *name, struct counted *c)
{
	char *text = s->failed ? NULL : store_position(s->store, name, &s->err);
	char out[COUNTED_TEXT_SIZE] = "";

	if (text == NULL)
		s->failed = true;
	else
		counted_save(c, text, out);
	if (out[0] != '\0' && strcmp(out, text) != 0)
		put_word(s, name, out);
	free(text);
}

static void
resume_requests(struct session *s)
{
	char *text = s->failed ? NULL : store_position(s->store, name_requests,
	    &s->err);

	if (text == NULL)
		s->failed = true;
	else
		attempt_joiner_resume(s->joiner, text);
	free(text);
}

static void
save_requests(struct session *s)
{
	struct text requests;

	attempt_joiner_requests(s->joiner, &requests);
	put_word(s, name_requests, requests.buf);
	text_free(&requests);
}

/* What the status and the metrics are asked for, beside the rows: until when
 * the log was read, the last signature, how many lines of which kind. */
static void
save_state(struct session *s)
{
	char text[EVENT_LINE_MAX + 32];
	int64_t signed_us;
	const char *line = attempt_joiner_signed(s->joiner, &signed_us);

	if (s->o->files.n == 0 && (s->is_idle || s->newest_us != 0)) {
		snprintf(text, sizeof text, "%" PRId64, s->is_idle ?
		    (int64_t)time(NULL) : s->newest_us / 1000000);
		put_word(s, "seen", text);
	}
	if (signed_us != s->signed_us) {
		snprintf(text, sizeof text, "%" PRId64 " %s",
		    signed_us / 1000000, line);
		put_word(s, "signed", text);
		s->signed_us = signed_us;
	}
	save_counters(s);
	save_counted(s, name_counted, &s->counted);
	save_counted(s, name_counted_lines, &s->counted_lines);
	for (int i = 0; i < LINE_KINDS && !s->failed; i++) {
		if (s->lines_of[i] > 0 && store_add_count(s->store, "lines",
		    line_kind_names[i], "", s->lines_of[i], &s->err) != 0)
			s->failed = true;
		s->lines_of[i] = 0;
	}
}

static void
say_failure(enum failing what, const struct err *err)
{
	struct event e;

	if (what == FAILING_SOURCE)
		event_begin(&e, NULL, true, "no-log");
	else
		event_begin(&e, NULL, true, "store");
	event_sentence(&e, "%.800s; nothing is lost, it is tried again",
	    err->text);
	log_event(&e);
}

static void
say_recovery(enum failing what)
{
	struct event e;

	if (what == FAILING_SOURCE)
		event_begin(&e, NULL, false, "no-log");
	else
		event_begin(&e, NULL, false, "store");
	event_sentence(&e, "it works again");
	log_event(&e);
}

static int
commit(struct session *s)
{
	bool says_seen = s->is_idle && (s->seen_ms == 0 ||
	    clock_ms() - s->seen_ms >= SEEN_MS);
	int64_t needed_us;

	s->committed_ms = clock_ms();
	if (s->lines == s->lines_committed && !s->in_transaction &&
	    !says_seen)
		return 0;
	if (begin(s) != 0)
		return -1;
	s->seen_ms = s->committed_ms;
	attempt_joiner_save(s->joiner, on_queued, s);
	if (s->o->files.n == 0 && s->lines != s->lines_committed)
		save_requests(s);
	save_state(s);
	needed_us = attempt_joiner_oldest(s->joiner);
	for (unsigned i = 0; i < s->n && !s->failed; i++) {
		struct stream *st = &s->stream[i];
		const char *position = safe_position(st, needed_us);

		if (s->o->files.n == 0 && position != NULL &&
		    store_put_position(s->store, source_name(st->source),
		    position, &s->err) != 0)
			s->failed = true;
	}
	if (!s->failed && store_commit(s->store, &s->err) != 0)
		s->failed = true;
	s->in_transaction = false;
	s->lines_committed = s->lines;
	if (!s->failed && s->failing != FAILING_NOT) {
		say_recovery(s->failing);
		s->failing = FAILING_NOT;
	}
	return s->failed ? -1 : 0;
}

/* From where the journal begins a file that any local user can write into adds
 * nothing. Was it read to there before? Then whatever stamp its lines have. */
static void
set_trust(struct session *s, struct stream *st, const char *name,
    bool has_position)
{
	char *seen;

	st->is_journal = strcmp(name, "journal") == 0;
	for (size_t i = 0; i < s->o->open_sources.n; i++)
		if (strcmp(s->o->open_sources.v[i], name) == 0)
			st->is_open = true;
	if (!st->is_open || !has_position || s->journal_us == 0)
		return;
	seen = store_position(s->store, "seen", NULL);
	st->is_past = seen != NULL && strtoll(seen, NULL, 10) >=
	    s->journal_us / 1000000;
	free(seen);
}

/* Is the line in hand to be believed? */
static bool
is_trusted(const struct session *s, struct stream *st)
{
	if (!st->is_open || s->journal_us == 0)
		return true;
	st->is_past = st->is_past || st->line.time_us >= s->journal_us;
	return !st->is_past;
}

static int
open_source(struct session *s, const char *name, struct err *err)
{
	struct stream *st = &s->stream[s->n];
	char key[4200];
	char *position;

	st->v = calloc(CHECKPOINTS_MAX, sizeof *st->v);
	if (st->v == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	if (name == NULL)
		st->source = source_open_files(&s->o->files, err);
	else if (strcmp(name, "-") == 0)
		st->source = source_open_stdin();
	else {
		bool is_journal = strcmp(name, "journal") == 0;

		snprintf(key, sizeof key, "%s%s", is_journal ? "" : "file:",
		    name);
		position = store_position(s->store, key, err);
		if (position == NULL) {
			free(st->v);
			return -1;
		}
		set_trust(s, st, name, position[0] != '\0');
		st->source = is_journal ? source_open_journal(position, err) :
		    source_open_file(name, position, err);
		free(position);
	}
	if (st->source == NULL) {
		free(st->v);
		memset(st, 0, sizeof *st);
		s->is_source = true;
		return -1;
	}
	s->n++;
	return 0;
}

static int
open_sources(struct session *s, struct err *err)
{
	if (s->o->files.n > 0)
		return open_source(s, NULL, err);
	for (size_t i = 0; i < s->o->sources.n; i++)
		if (strcmp(s->o->sources.v[i], "journal") == 0)
			s->journal_us = log_sources_journal_begins();
	for (size_t i = 0; i < s->o->sources.n && s->n < ATTEMPT_STREAMS; i++)
		if (open_source(s, s->o->sources.v[i], err) != 0)
			return -1;
	return 0;
}

static void
session_end(struct session *s)
{
	if (s->in_transaction)
		store_rollback(s->store);
	for (unsigned i = 0; i < s->n; i++) {
		struct stream *st = &s->stream[i];

		while (st->n > 0)
			checkpoint_drop(st);
		free(st->v);
		source_close(&st->source);
	}
	attempt_joiner_free(&s->joiner);
	store_close(&s->store);
}

static int
session_begin(struct session *s, struct err *err)
{
	s->store = store_open(s->o->store, s->o->password_file, s->o->host,
	    STORE_WRITE, err);
	if (s->store == NULL)
		return -1;
	s->joiner = attempt_joiner_new(&s->joiner_options, err);
	if (s->joiner == NULL)
		return -1;
	begin_counting(s, name_counted, &s->counted);
	begin_counting(s, name_counted_lines, &s->counted_lines);
	if (s->o->files.n == 0)
		resume_requests(s);
	if (s->failed) {
		*err = s->err;
		return -1;
	}
	s->started_ms = s->shown_ms = s->committed_ms = clock_ms();
	if (s->o->files.n == 0 &&
	    store_queued(s->store, on_restored, s, err) != 0)
		return -1;
	return open_sources(s, err);
}

static void
show_progress(struct session *s, bool is_last)
{
	int64_t now = clock_ms();
	uint64_t done = 0;
	uint64_t total = 0;
	double seconds = (double)(now - s->started_ms) / 1000;

	if (!s->o->shows_progress || seconds < 1 ||
	    (!is_last && now - s->shown_ms < PROGRESS_MS))
		return;
	s->shown_ms = now;
	for (unsigned i = 0; i < s->n; i++) {
		uint64_t d;
		uint64_t t;

		source_progress(s->stream[i].source, &d, &t);
		done += d;
		total += t;
	}
	fprintf(stderr, "\r%" PRIu64 " lines, %.0f a second, %" PRIu64
	    " attempts", s->lines, (double)s->lines / seconds, s->rows);
	if (total > 0 && done <= total)
		fprintf(stderr, ", %.0f %%",
		    100.0 * (double)done / (double)total);
	fputs(is_last ? "   \n" : "   ", stderr);
}

static void
ask(struct session *s, struct stream *st, struct err *err)
{
	enum source_state state = source_next(st->source, &st->line, err);

	st->is_settling = state == SOURCE_SETTLING;
	switch (state) {
	case SOURCE_LINE:
		st->has_line = true;
		if (st->is_journal && s->journal_us == 0)
			s->journal_us = st->line.time_us;
		break;
	case SOURCE_IDLE:
	case SOURCE_SETTLING:
		break;
	case SOURCE_END:
		st->is_ended = true;
		break;
	case SOURCE_FAILED:
		s->failed = s->is_source = true;
		s->err = *err;
		break;
	}
}

/* Asks every source without a line for its next one. Are all at their end? */
static bool
fill(struct session *s, struct err *err)
{
	bool all_ended = true;

	for (unsigned i = 0; i < s->n && !s->failed; i++) {
		struct stream *st = &s->stream[i];

		if (!st->is_ended && !st->has_line)
			ask(s, st, err);
		all_ended = all_ended && st->is_ended && !st->has_line;
	}
	return all_ended;
}

/* When a line was written, at the latest: many logs tell seconds only. */
static int64_t
latest_us(const struct source_line *line)
{
	return line->time_us % 1000000 == 0 ? line->time_us + 999999 :
	    line->time_us;
}

/* Is a to be used before b? Within one second what isn't Postfix's goes first,
 * so that what waybilld says of a message, in another log, comes before what
 * Postfix does with it. */
static bool
comes_before(const struct source_line *a, const struct source_line *b)
{
	bool a_is_postfix = strchr(a->tag, '/') != NULL;
	bool b_is_postfix = strchr(b->tag, '/') != NULL;

	if (a->time_us / 1000000 != b->time_us / 1000000)
		return a->time_us < b->time_us;
	if (a_is_postfix != b_is_postfix)
		return b_is_postfix;
	return latest_us(a) < latest_us(b);
}

/* Of several logs one may be told later than another: a line is used when the
 * others have had time to tell what comes before it. */
static bool
is_too_fresh(const struct session *s, const struct source_line *line)
{
	struct timespec t;
	int64_t age_us;

	if (s->n < 2)
		return false;
	clock_gettime(CLOCK_REALTIME, &t);
	age_us = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 -
	    latest_us(line);
	/* What is of tomorrow isn't waited for. */
	return age_us < SETTLE_US && age_us > -2000000;
}

/* Uses the line that is first in time; false when no source has one that can
 * be used now. */
static bool
use_next_line(struct session *s)
{
	struct stream *next = NULL;
	bool is_settling = false;

	s->is_waiting = false;
	for (unsigned i = 0; i < s->n; i++) {
		struct stream *st = &s->stream[i];

		is_settling = is_settling || st->is_settling;
		if (st->has_line && (next == NULL ||
		    comes_before(&st->line, &next->line)))
			next = st;
	}
	if (next == NULL) {
		s->is_waiting = is_settling;
		return false;
	}
	s->is_waiting = is_settling || is_too_fresh(s, &next->line);
	if (s->is_waiting)
		return false;
	if (s->o->files.n == 0)
		checkpoint_add(next, next->line.time_us / 1000000);
	if (next->line.time_us > s->newest_us)
		s->newest_us = next->line.time_us;
	next->has_line = false;
	s->lines++;
	if (!is_trusted(s, next))
		return true;
	if (counted_add(&s->counted_lines, next->line.time_us / 1000000, 0))
		s->lines_of[strcmp(next->line.tag, "waybilld") == 0 ?
		    LINE_WAYBILLD : strchr(next->line.tag, '/') != NULL ?
		    LINE_POSTFIX : LINE_OTHER]++;
	attempt_joiner_line(s->joiner, (unsigned)(next - s->stream),
	    &next->line);
	return true;
}

static void
wait_for_lines(struct session *s, int64_t ms)
{
	struct pollfd p[ATTEMPT_STREAMS];
	nfds_t n = 0;

	for (unsigned i = 0; i < s->n; i++) {
		int fd = source_fd(s->stream[i].source);

		if (fd >= 0)
			p[n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	if (s->is_waiting) {	/* for time to go by */
		n = 0;
		ms = ms < SETTLE_MS ? ms : SETTLE_MS;
	}
	(void)poll(p, n, (int)ms);
}

/* How long lines that were used may stay uncommitted: a journal gives them one
 * by one, and a transaction for each would be most of the work. */
static int64_t
quiet_left(const struct session *s)
{
	if (s->lines == s->lines_committed)
		return 0;
	return s->committed_ms + QUIET_MS - clock_ms();
}

static void
expire(struct session *s)
{
	int64_t now = clock_ms();
	struct timespec t;

	if (s->o->keep_ms == 0 || (s->expired_ms != 0 &&
	    now - s->expired_ms < EXPIRE_MS))
		return;
	s->expired_ms = now;
	clock_gettime(CLOCK_REALTIME, &t);
	if (store_expire(s->store, ((int64_t)t.tv_sec * 1000 - s->o->keep_ms) *
	    1000, &s->err) < 0)
		s->failed = true;
}

/* Until the sources end, *stop, or a failure (s->failed, s->err). */
static void
session_run(struct session *s)
{
	bool is_of_files = s->o->files.n > 0;
	uint64_t batch_lines = is_of_files ? FILES_LINES : BATCH_LINES;
	int64_t batch_ms = is_of_files ? FILES_MS : BATCH_MS;

	while (!s->failed && !*s->o->stop) {
		bool all_ended = fill(s, &s->err);

		s->is_idle = false;
		if (use_next_line(s)) {
			if (s->lines % 1024 == 0)
				show_progress(s, false);
			if (s->lines - s->lines_committed >= batch_lines ||
			    (s->lines % 64 == 0 &&
			    clock_ms() - s->committed_ms >= batch_ms))
				(void)commit(s);
			continue;
		}
		if (!s->failed && !all_ended && quiet_left(s) > 0) {
			wait_for_lines(s, quiet_left(s));
			continue;
		}
		s->is_idle = !s->failed && !s->is_waiting;
		if (s->failed || commit(s) != 0 || all_ended)
			break;
		expire(s);
		wait_for_lines(s, IDLE_MS);
	}
	if (!s->failed)
		(void)commit(s);
	show_progress(s, true);
}

static void
pause_ms(int64_t ms, const volatile sig_atomic_t *stop)
{
	int64_t until = clock_ms() + ms;

	while (!*stop && clock_ms() < until)
		(void)poll(NULL, 0, RETRY_SLICE_MS);
}

static struct session *
session_new(const struct record_options *o, struct reply_rules *rules,
    const struct recipient_rules *recipients, enum failing failing)
{
	struct session *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->o = o;
	s->joiner_options = (struct attempt_options){ .rules = rules,
		.recipients = recipients, .own = o->own, .n_own = o->n_own,
		.fallback = o->fallback, .emit = on_attempt,
		.has_many_logs = o->files.n == 0 && o->sources.n > 1,
		.warned = on_warning, .message = on_message, .arg = s };
	s->failing = failing;
	return s;
}

int
record_run(const struct record_options *o, struct err *err)
{
	struct recipient_rules recipients;
	struct err_list errors = { 0 };
	struct reply_rules *rules;
	enum failing failing = FAILING_NOT;
	bool was_open = false;	/* the store, once */
	int rc = 0;

	if (recipient_rules_read(o->recipients, o->recipient_key, &recipients,
	    err) != 0)
		return -1;
	rules = reply_rules_read(o->rules, o->site_rules, &errors);
	if (rules == NULL) {
		*err = errors.v[0];
		err_list_free(&errors);
		return -1;
	}
	while (!*o->stop) {
		struct session *s = session_new(o, rules, &recipients,
		    failing);
		enum failing what;

		if (s == NULL) {
			rc = err_set(err, EXIT_TEMPORARY, "out of memory");
			break;
		}
		s->failed = session_begin(s, &s->err) != 0;
		if (!s->failed)
			session_run(s);
		rc = s->failed ? -1 : 0;
		*err = s->err;
		what = s->is_source ? FAILING_SOURCE : FAILING_STORE;
		failing = s->failing;
		was_open = was_open || s->store != NULL;
		session_end(s);
		free(s);
		if (rc == 0 || o->files.n > 0 ||
		    (!was_open && err->code == EXIT_CONFIG))
			break;
		if (failing != what)
			say_failure(what, err);
		failing = what;
		pause_ms(RETRY_MS, o->stop);
	}
	reply_rules_free(&rules);
	return rc;
}
