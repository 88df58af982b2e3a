/* SPDX-License-Identifier: ISC */
/*
 * waybill find: the messages of a person, out of the log itself (search.h):
 * where each went and how it ended.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tool/command.h"
#include "tool/logs.h"
#include "tool/paragraph.h"
#include "tool/print.h"
#include "tool/search.h"
#include "tool/worker.h"

enum { OPTION_FROM = 256, OPTION_TO, OPTION_SINCE, OPTION_JSON };

enum { TIME_SIZE = 24 };

static const struct command_option options[] = {
	{ "from", OPTION_FROM, "ADDRESS", "sent by this address or @domain" },
	{ "to", OPTION_TO, "ADDRESS", "sent to this address or @domain" },
	{ "since", OPTION_SINCE, "TIME", "how far back: 7d, 24h or "
	    "2026-11-20" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object per line" },
	{ NULL, 0, NULL, NULL },
};

/* One run. */
struct find {
	const struct config *config;
	struct search_wish wish;
	bool json;
	struct search *search;
};

static bool
got_line(void *arg, const struct source_line *line)
{
	struct find *f = arg;

	search_line(f->search, line);
	return true;
}

static void
format_time(int64_t time_us, bool is_utc, char out[TIME_SIZE])
{
	time_t t = (time_t)(time_us / 1000000);
	struct tm tm = { 0 };

	if (!is_utc) {
		(void)localtime_r(&t, &tm);
		(void)strftime(out, TIME_SIZE, "%e %b %H:%M:%S", &tm);
	} else {
		(void)gmtime_r(&t, &tm);
		(void)strftime(out, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	}
}

static void
print_result(const struct search_result *r, FILE *out)
{
	bool is_sent = strcmp(r->status, "sent") == 0;
	struct text t;

	text_init(&t, 4096);
	text_addf(&t, "to %s", r->to);
	if (r->mx[0] != '\0')
		text_addf(&t, ", by %s%s%s%s", r->mx,
		    r->ip[0] == '\0' ? "" : " [", r->ip,
		    r->ip[0] == '\0' ? "" : "]");
	if (!is_sent && r->text[0] != '\0')
		text_addf(&t, ": %s", r->text);
	paragraph_print_word(out, 16, "    ", is_sent ? PRINT_GOOD :
	    strcmp(r->status, "deferred") == 0 ? PRINT_ODD : PRINT_BAD,
	    r->status, t.buf, "");
	text_free(&t);
}

static void
print_message(const struct search_message *m, FILE *out)
{
	char when[TIME_SIZE];

	format_time(m->time_us, false, when);
	(void)fprintf(out, "%s  %s  from ", when, m->qid[0] == '\0' ?
	    "(not accepted)" : m->qid);
	print_word(out, PRINT_PLAIN, m->from == NULL ? "(unknown)" :
	    m->from[0] == '\0' ? "<>" : m->from);
	if (m->by != NULL) {
		(void)fputs(", logged in as ", out);
		print_word(out, PRINT_PLAIN, m->by);
	}
	(void)fputc('\n', out);
	for (size_t i = 0; i < m->n; i++)
		print_result(&m->v[i], out);
	if (m->left_out > 0)
		(void)fprintf(out, "    only the results of the first %d "
		    "recipients are shown\n", SEARCH_RESULTS_MAX);
	if (m->n == 0)
		(void)fputs(m->has_left ? "    the log has no result\n" :
		    "    no attempt yet: still in the queue\n", out);
}

static const char *
said(const char *s)
{
	return s[0] == '\0' ? NULL : s;
}

static void
print_json(struct print *p, const struct search_message *m)
{
	char when[TIME_SIZE];

	for (size_t i = 0; i < (m->n == 0 ? 1 : m->n); i++) {
		const struct search_result *r = m->n == 0 ? NULL : &m->v[i];

		format_time(r == NULL ? m->time_us : r->time_us, true, when);
		print_text(p, when);
		print_text(p, m->qid[0] == '\0' ? NULL : m->qid);
		print_text(p, m->from);
		print_text(p, r == NULL ? NULL : r->to);
		print_text(p, r == NULL ? "queued" : r->status);
		print_text(p, r == NULL ? NULL : said(r->mx));
		print_text(p, r == NULL ? NULL : said(r->ip));
		print_text(p, r == NULL ? NULL : said(r->dsn));
		print_text(p, r == NULL ? NULL : said(r->text));
		print_row(p);
	}
}

/* What isn't among what was printed. */
static void
print_lost(const struct search *s)
{
	if (search_left_out(s) > 0)
		(void)fprintf(stderr, "waybill: only the newest matches are "
		    "shown; %zu older ones were left out (limit %zu). Narrow "
		    "the search with --since, --from or --to\n",
		    search_left_out(s), search_count(s));
	if (search_cut_short(s) > 0)
		(void)fprintf(stderr, "waybill: %zu messages that stayed "
		    "longest in the queue could not be traced to their end; to "
		    "see one: waybill explain QID\n", search_cut_short(s));
}

static int
print_found(const struct find *f)
{
	static const struct print_column columns[] = {
		{ "time", "", false }, { "qid", "", false },
		{ "from", "", false }, { "to", "", false },
		{ "status", "", false }, { "mx", "", false },
		{ "ip", "", false }, { "dsn", "", false },
		{ "text", "", false },
	};
	struct print *p = f->json ? print_begin(stdout, PRINT_JSON,
	    columns, sizeof columns / sizeof columns[0]) : NULL;

	for (size_t i = 0; i < search_count(f->search); i++) {
		if (f->json)
			print_json(p, search_at(f->search, i));
		else
			print_message(search_at(f->search, i), stdout);
	}
	if (f->json && print_end(&p) != 0)
		return EXIT_TEMPORARY;
	print_lost(f->search);
	if (search_count(f->search) > 0)
		return EXIT_OK;
	if (!f->json)
		(void)puts("No match: no such message reached this server "
		    "since the start of its log.");
	return EXIT_ATTENTION;
}

/* "7d" back from now, or a day. */
static int
read_since(const char *value, int64_t *since_us)
{
	struct tm tm = { 0 };
	const char *end = strptime(value, "%Y-%m-%d", &tm);
	int64_t now_ms = (int64_t)time(NULL) * 1000;
	int64_t ms;

	if (end != NULL && *end == '\0') {
		tm.tm_isdst = -1;
		*since_us = (int64_t)mktime(&tm) * 1000000;
		return 0;
	}
	if (clock_parse_duration(value, &ms) != 0)
		return -1;
	*since_us = ms > now_ms ? 0 : (now_ms - ms) * 1000;
	return 0;
}

static int
read_options(struct call *call, struct find *f)
{
	struct search_wish *w = &f->wish;
	int code = EXIT_OK;
	int id;

	while ((id = command_next(call, &code)) > 0) {
		switch (id) {
		case OPTION_FROM:
			w->from = call->value;
			break;
		case OPTION_TO:
			w->to = call->value;
			break;
		case OPTION_SINCE:
			if (read_since(call->value, &w->since_us) != 0)
				return command_usage(call, "invalid time "
				    "\"%s\" (examples: 7d, 24h, 2026-11-20)",
				    call->value);
			break;
		case OPTION_JSON:
			f->json = true;
			break;
		}
	}
	if (id < 0)
		return code == EXIT_OK ? -1 : code;
	if (call->argc > 0)
		return command_usage(call, "unexpected argument: %s; name the "
		    "sender or recipient with --from or --to", call->argv[0]);
	return 0;
}

/* In the worker. */
static int
find(void *arg, FILE *out)
{
	struct find *f = arg;
	struct err err = { 0 };
	int code = EXIT_OK;

	(void)out;
	f->search = search_new(&f->wish);
	if (f->search == NULL)
		return err_no_memory("waybill");
	if (logs_read(f->config, got_line, f, &err) != 0)
		code = command_fail(&err);
	else if (search_end(f->search) != 0)
		code = err_no_memory("waybill");
	else
		code = print_found(f);
	search_free(&f->search);
	return code;
}

static int
run(struct call *call)
{
	struct find f = { .json = false };
	struct config *c;
	int code = read_options(call, &f);

	if (code != 0)
		return code < 0 ? EXIT_OK : code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	f.config = c;
	/* Old logs are unpacked, and Postfix is asked where its log lies. */
	code = worker_run(&(struct worker){ .make = find, .arg = &f,
	    .programs = CONFINE_PROGRAMS, .config = c,
	    .reads = WORKER_READS_LOG });
	config_free(&c);
	return code;
}

const struct command command_find = {
	"find", run, "",
	"Find messages by sender or recipient in the mail log", options,
};
