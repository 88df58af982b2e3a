/* SPDX-License-Identifier: ISC */
/*
 * The mail logs, for commands that look into them.
 *
 * A line that journal and file both have is known by second, tag, pid and
 * text; it is handed over as often as the log that has it most often has it.
 * A file that any local user can write into adds nothing from where the journal
 * begins, as in the recorder.
 */
#include "tool/logs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "record/log_sources.h"
#include "tool/worker.h"

enum { LOGS_MAX = 8, SEEN_SLOTS = 1 << 16, PROGRESS_MS = 500 };

struct log {
	struct source *source;
	struct source_line line;
	bool has_line;
	bool is_ended;
	bool is_open;		/* any local user can write into it */
	bool is_past;		/* it was read to where the journal begins */
};

/* How often each log had a line. */
struct seen {
	uint64_t hash;
	unsigned n[LOGS_MAX];
	unsigned given;
};

struct logs {
	struct log log[LOGS_MAX];
	unsigned n;
	int64_t journal_us;	/* its oldest line's; 0: it isn't read */
	struct seen *seen;	/* SEEN_SLOTS, owned; NULL with one log */
	uint64_t lines;
	int64_t started_ms;
	int64_t shown_ms;
};

static bool
is_new(struct logs *l, unsigned from, const struct source_line *line)
{
	int64_t second = line->time_us / 1000000;
	uint64_t h;
	struct seen *seen;

	if (l->seen == NULL)
		return true;
	h = hash_add(0, &second, sizeof second);
	h = hash_add_text(h, line->tag);
	h = hash_add(h, &line->pid, sizeof line->pid);
	h = hash_add(h, line->text, line->len);
	seen = &l->seen[h % SEEN_SLOTS];
	if (seen->hash != h)
		*seen = (struct seen){ .hash = h };
	if (++seen->n[from] <= seen->given)
		return false;
	seen->given++;
	return true;
}

static void
show_progress(struct logs *l, bool is_last)
{
	int64_t now = clock_ms();
	uint64_t done = 0;
	uint64_t total = 0;

	if (now - l->started_ms < 1000 || !worker_may_show_progress() ||
	    (!is_last && now - l->shown_ms < PROGRESS_MS))
		return;
	l->shown_ms = now;
	for (unsigned i = 0; i < l->n; i++) {
		uint64_t d;
		uint64_t t;

		source_progress(l->log[i].source, &d, &t);
		done += d;
		total += t;
	}
	if (is_last)
		(void)fprintf(stderr, "\r%60s\r", "");
	else if (total > 0 && done <= total)
		(void)fprintf(stderr, "\rreading the log: %" PRIu64
		    " lines, %.0f %%   ", l->lines, 100.0 * (double)done /
		    (double)total);
	else
		(void)fprintf(stderr, "\rreading the log: %" PRIu64
		    " lines   ", l->lines);
}

static bool
is_trusted(const struct logs *l, struct log *log)
{
	if (!log->is_open || l->journal_us == 0)
		return true;
	log->is_past = log->is_past || log->line.time_us >= l->journal_us;
	return !log->is_past;
}

/* The next line of a log; what can't be read ends it. */
static void
fill(struct log *log)
{
	struct err err;

	if (log->has_line || log->is_ended)
		return;
	log->has_line = source_next(log->source, &log->line, &err) ==
	    SOURCE_LINE;
	log->is_ended = !log->has_line;
}

static void
read_lines(struct logs *l, bool (*got)(void *arg,
    const struct source_line *line), void *arg)
{
	for (;;) {
		struct log *next = NULL;

		for (unsigned i = 0; i < l->n; i++) {
			struct log *log = &l->log[i];

			fill(log);
			if (log->has_line && (next == NULL ||
			    log->line.time_us < next->line.time_us))
				next = log;
		}
		if (next == NULL)
			return;
		next->has_line = false;
		if (++l->lines % 4096 == 0)
			show_progress(l, false);
		if (is_trusted(l, next) && is_new(l, (unsigned)(next - l->log), &next->line) &&
		    !got(arg, &next->line))
			return;
	}
}

static struct source *
open_log(const char *name, struct err *err)
{
	if (strcmp(name, "journal") == 0)
		return source_open_journal(NULL, err);
	if (access(name, R_OK) != 0) {
		err_errno(err, EXIT_UNAVAILABLE, "the log can't be read "
		    "(root and the group adm may): %s", name);
		return NULL;
	}
	return source_open_file(name, NULL, err);
}

/* Which logs there are and who can write into them, which Postfix is asked
 * for; from there on nothing but them is read. */
static int
find_logs(const struct config *c, struct logs *l, struct text_list *names,
    struct err *err)
{
	if (log_sources_find(&c->record.source, c->sender.postfix, names,
	    err) != 0)
		return -1;
	for (size_t i = 0; i < names->n && i < LOGS_MAX; i++)
		l->log[i].is_open = log_source_is_open(names->v[i],
		    c->sender.postfix);
	return worker_limit_to_logs(names, err);
}

static void
open_logs(struct logs *l, const struct text_list *names, struct err *err)
{
	for (size_t i = 0; i < names->n && i < LOGS_MAX; i++) {
		struct log *log = &l->log[l->n];

		log->is_open = l->log[i].is_open;
		log->source = open_log(names->v[i], err);
		if (log->source == NULL)
			continue;
		if (strcmp(names->v[i], "journal") == 0)
			l->journal_us = log_sources_journal_begins();
		l->n++;
	}
}

int
logs_read(const struct config *c,
    bool (*got)(void *arg, const struct source_line *line), void *arg,
    struct err *err)
{
	struct logs *l = calloc(1, sizeof *l);
	struct text_list names = { 0 };
	int rc;

	if (l == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	l->started_ms = clock_ms();
	if (find_logs(c, l, &names, err) == 0)
		open_logs(l, &names, err);
	if (l->n > 1)
		l->seen = calloc(SEEN_SLOTS, sizeof *l->seen);
	if (l->n > 0)
		read_lines(l, got, arg);
	show_progress(l, true);
	rc = l->n > 0 ? 0 : -1;
	for (unsigned i = 0; i < l->n; i++)
		source_close(&l->log[i].source);
	text_list_free(&names);
	free(l->seen);
	free(l);
	return rc;
}
