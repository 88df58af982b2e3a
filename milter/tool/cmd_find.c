/* SPDX-License-Identifier: ISC */
/*
 * waybill find: the messages of a person, out of the log itself: where each
 * went and how it ended.
 *
 * The log is read from its oldest line on. Of each message that is in the queue
 * the sender and the results so far are held; when it leaves the queue it is
 * kept if it is one of those looked for, and forgotten else. Mail that was
 * refused at the door has no queue id; Postfix's line tells of it.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/hash.h"
#include "record/postfix_log.h"
#include "tool/command.h"
#include "tool/logs.h"
#include "tool/paragraph.h"
#include "tool/print.h"
#include "tool/worker.h"

enum { OPTION_FROM = 256, OPTION_TO, OPTION_SINCE, OPTION_JSON };

enum {
	BUCKETS = 16384,
	LIVE_MAX = 50000,	/* in the queue at once; the oldest go */
	FOUND_MAX = 20000,
	RESULTS_MAX = 1000,	/* of one message */
	TEXT_KEPT = 400,
	TIME_SIZE = 24,
};

static const struct command_option options[] = {
	{ "from", OPTION_FROM, "ADDRESS", "sent by this mailbox or @domain" },
	{ "to", OPTION_TO, "ADDRESS", "sent to this mailbox or @domain" },
	{ "since", OPTION_SINCE, "TIME", "as 7d, 24h or 2026-11-20" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object a line" },
	{ NULL, 0, NULL, NULL },
};

/* What became of one recipient; strings owned. */
struct result {
	int64_t time_us;
	char *to;
	char *status;
	char *mx;
	char *ip;
	char *dsn;
	char *text;
};

struct message {
	struct message *next;		/* of its bucket */
	struct message *newer, *older;
	char qid[POSTFIX_QID_MAX + 1];	/* "" refused at the door */
	int64_t time_us;
	char *from;			/* owned; NULL: not known yet */
	char *by;			/* login, or where it came from; owned */
	struct result *v;		/* owned */
	size_t n;
	bool is_cut;			/* over RESULTS_MAX */
	bool has_left;
};

struct wish {
	const char *from;	/* NULL: anybody */
	const char *to;
	int64_t since_us;
	bool json;
};

struct search {
	const struct config *config;
	struct wish wish;
	struct message *bucket[BUCKETS];
	struct message *newest, *oldest;
	size_t n;
	struct message **found;		/* owned, in the order of leaving */
	size_t n_found;
	bool is_cut;
	struct postfix_line line;
};

static bool
matches(const char *wanted, const char *mailbox)
{
	const char *at = mailbox == NULL ? NULL : strrchr(mailbox, '@');

	if (wanted == NULL)
		return true;
	if (mailbox == NULL)
		return false;
	if (strcmp(wanted, "<>") == 0)
		return mailbox[0] == '\0';
	if (wanted[0] == '@')
		return at != NULL && text_equal_fold(at, wanted);
	if (strchr(wanted, '@') != NULL)
		return text_equal_fold(wanted, mailbox);
	/* A bare word is a domain, or a local part. */
	return (at != NULL && text_equal_fold(at + 1, wanted)) ||
	    (text_begins_fold(mailbox, wanted) &&
	    (mailbox[strlen(wanted)] == '@' ||
	    mailbox[strlen(wanted)] == '\0'));
}

static void
result_free(struct result *r)
{
	free(r->to);
	free(r->status);
	free(r->mx);
	free(r->ip);
	free(r->dsn);
	free(r->text);
}

static void
message_free(struct message *m)
{
	for (size_t i = 0; i < m->n; i++)
		result_free(&m->v[i]);
	free(m->v);
	free(m->from);
	free(m->by);
	free(m);
}

static struct message **
bucket_of(struct search *s, const char *qid)
{
	return &s->bucket[hash_add_text(0, qid) % BUCKETS];
}

static struct message *
find_message(struct search *s, const char *qid)
{
	struct message *m = *bucket_of(s, qid);

	while (m != NULL && strcmp(m->qid, qid) != 0)
		m = m->next;
	return m;
}

/* Out of the table; it is nobody's then. */
static void
take_out(struct search *s, struct message *m)
{
	struct message **at = bucket_of(s, m->qid);

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	*(m->newer != NULL ? &m->newer->older : &s->newest) = m->older;
	*(m->older != NULL ? &m->older->newer : &s->oldest) = m->newer;
	s->n--;
}

static bool
is_wanted(const struct search *s, const struct message *m)
{
	if (m->time_us < s->wish.since_us && (m->n == 0 ||
	    m->v[m->n - 1].time_us < s->wish.since_us))
		return false;
	if (!matches(s->wish.from, m->from))
		return false;
	for (size_t i = 0; i < m->n; i++)
		if (matches(s->wish.to, m->v[i].to))
			return true;
	return s->wish.to == NULL && m->from != NULL;
}

/* Keeps it when it is one of those looked for. */
static void
settle(struct search *s, struct message *m)
{
	take_out(s, m);
	if (!is_wanted(s, m)) {
		message_free(m);
		return;
	}
	if (s->n_found == FOUND_MAX) {
		s->is_cut = true;
		message_free(m);
		return;
	}
	s->found[s->n_found++] = m;
}

static struct message *
message_of(struct search *s, const char *qid, int64_t time_us)
{
	struct message *m = find_message(s, qid);

	if (m != NULL)
		return m;
	if (s->n == LIVE_MAX)
		settle(s, s->oldest);
	m = calloc(1, sizeof *m);
	if (m == NULL)
		return NULL;
	(void)snprintf(m->qid, sizeof m->qid, "%s", qid);
	m->time_us = time_us;
	m->next = *bucket_of(s, qid);
	*bucket_of(s, qid) = m;
	m->older = s->newest;
	*(s->newest != NULL ? &s->newest->newer : &s->oldest) = m;
	s->newest = m;
	s->n++;
	return m;
}

/* The result of a recipient; a later one takes its place. */
static struct result *
result_of(struct message *m, const char *to)
{
	struct result *more;

	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].to, to) == 0)
			return &m->v[i];
	if (m->n == RESULTS_MAX) {
		m->is_cut = true;
		return NULL;
	}
	more = realloc(m->v, (m->n + 1) * sizeof *more);
	if (more == NULL)
		return NULL;
	m->v = more;
	more[m->n] = (struct result){ .to = strdup(to), .status = strdup(""),
		.mx = strdup(""), .ip = strdup(""), .dsn = strdup(""),
		.text = strdup("") };
	if (more[m->n].to == NULL || more[m->n].status == NULL ||
	    more[m->n].mx == NULL || more[m->n].ip == NULL ||
	    more[m->n].dsn == NULL || more[m->n].text == NULL) {
		result_free(&more[m->n]);
		return NULL;
	}
	return &more[m->n++];
}

/* Without memory the field keeps what it has. */
static void
set(char **field, const char *value)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return;
	free(*field);
	*field = copy;
}

static void
add_result(struct search *s, const struct source_line *line)
{
	const struct postfix_line *l = &s->line;
	struct message *m = message_of(s, l->qid, line->time_us);
	struct result *r = m == NULL ? NULL : result_of(m, l->to);
	char ip[IP_SIZE];
	char text[TEXT_KEPT + 1] = "";

	if (r == NULL)
		return;
	if (l->reply != NULL)
		(void)snprintf(text, sizeof text, "%.*s", l->reply_len >
		    TEXT_KEPT ? TEXT_KEPT : (int)l->reply_len, l->reply);
	r->time_us = line->time_us;
	set(&r->status, strcmp(l->status, "bounced") == 0 ? "refused" :
	    l->status);
	set(&r->mx, l->relay_host[0] != '\0' ? l->relay_host : l->program);
	set(&r->ip, l->relay_ip.family == IP_NONE ? "" :
	    ip_format(&l->relay_ip, ip));
	set(&r->dsn, l->dsn);
	set(&r->text, text);
}

/* Mail that was rejected: it has no queue id of its own. */
static void
at_the_door(struct search *s, const struct source_line *line)
{
	const struct postfix_line *l = &s->line;
	struct message *m;
	struct result *r;

	if (!l->has_envelope || line->time_us < s->wish.since_us ||
	    !matches(s->wish.from, l->from) || !matches(s->wish.to, l->to))
		return;
	if (s->n_found == FOUND_MAX) {
		s->is_cut = true;
		return;
	}
	m = calloc(1, sizeof *m);
	if (m == NULL)
		return;
	m->time_us = line->time_us;
	m->has_left = true;
	set(&m->from, l->from);
	r = result_of(m, l->to);
	if (r != NULL) {
		char text[SOURCE_TEXT_MAX + 1];

		(void)snprintf(text, sizeof text, "%.*s", (int)l->reply_len,
		    l->reply);
		r->time_us = line->time_us;
		set(&r->status, "refused here");
		set(&r->text, text);
	}
	s->found[s->n_found++] = m;
}

static void
on_line(struct search *s, const struct source_line *line)
{
	const struct postfix_line *l = &s->line;
	struct message *m;

	switch (l->kind) {
	case POSTFIX_ACTIVE:
	case POSTFIX_PICKUP:
		m = message_of(s, l->qid, line->time_us);
		if (m != NULL && m->from == NULL)
			set(&m->from, l->from);
		break;
	case POSTFIX_CLIENT:
		m = message_of(s, l->qid, line->time_us);
		if (m != NULL && l->sasl_username[0] != '\0')
			set(&m->by, l->sasl_username);
		break;
	case POSTFIX_DELIVERY:
		add_result(s, line);
		break;
	case POSTFIX_EXPIRED:
		m = find_message(s, l->qid);
		for (size_t i = 0; m != NULL && i < m->n; i++)
			if (strcmp(m->v[i].status, "deferred") == 0)
				set(&m->v[i].status, "expired");
		break;
	case POSTFIX_REMOVED:
		m = find_message(s, l->qid);
		if (m != NULL) {
			m->has_left = true;
			settle(s, m);
		}
		break;
	case POSTFIX_MILTER_REJECT:
		if (strcmp(l->status, "reject") == 0)
			at_the_door(s, line);
		break;
	case POSTFIX_REJECT:
		at_the_door(s, line);
		break;
	case POSTFIX_OTHER:
	case POSTFIX_CONNECT_FAILED:
	case POSTFIX_HOST_SAID:
	case POSTFIX_REFUSED_TO_TALK:
	case POSTFIX_LOST:
	case POSTFIX_TIMED_OUT:
	case POSTFIX_TLS_MADE:
	case POSTFIX_TLS_FAILED:
	case POSTFIX_BIND_FAILED:
	case POSTFIX_SERVER_CONFIG:
	case POSTFIX_MESSAGE_ID:
	case POSTFIX_BOUNCE:
	case POSTFIX_RENAMED:
	case POSTFIX_FATAL:
		break;
	}
}

static bool
got_line(void *arg, const struct source_line *line)
{
	struct search *s = arg;

	if (strchr(line->tag, '/') == NULL)
		return true;
	postfix_log_parse(line, &s->line);
	if (s->line.qid[0] != '\0' || s->line.has_envelope)
		on_line(s, line);
	return true;
}

static int
compare_found(const void *one, const void *two)
{
	const struct message *a = *(struct message *const *)one;
	const struct message *b = *(struct message *const *)two;

	return a->time_us < b->time_us ? -1 : a->time_us > b->time_us;
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
print_message(const struct search *s, const struct message *m, FILE *out)
{
	char when[TIME_SIZE];
	bool has_result = false;

	format_time(m->time_us, false, when);
	(void)fprintf(out, "%s  %s  from ", when, m->qid[0] == '\0' ?
	    "(not taken)" : m->qid);
	print_word(out, PRINT_PLAIN, m->from == NULL ? "(unknown)" :
	    m->from[0] == '\0' ? "<>" : m->from);
	if (m->by != NULL) {
		(void)fputs(", logged in as ", out);
		print_word(out, PRINT_PLAIN, m->by);
	}
	(void)fputc('\n', out);
	for (size_t i = 0; i < m->n; i++) {
		const struct result *r = &m->v[i];
		struct text t;
		bool is_sent = strcmp(r->status, "sent") == 0;

		if (!matches(s->wish.to, r->to))
			continue;
		has_result = true;
		text_init(&t, 4096);
		text_addf(&t, "to %s", r->to);
		if (r->mx[0] != '\0')
			text_addf(&t, ", by %s%s%s%s", r->mx,
			    r->ip[0] == '\0' ? "" : " [", r->ip,
			    r->ip[0] == '\0' ? "" : "]");
		if (!is_sent && r->text[0] != '\0')
			text_addf(&t, ": %s", r->text);
		paragraph_print_word(out, 16, "    ", is_sent ? PRINT_GOOD :
		    strcmp(r->status, "deferred") == 0 ? PRINT_ODD :
		    PRINT_BAD, r->status, t.buf, "");
		text_free(&t);
	}
	if (!has_result)
		(void)fputs(m->has_left ? "    no result is in the log\n" :
		    "    no attempt yet: still in the queue\n", out);
}

static const char *
said(const char *s)
{
	return s[0] == '\0' ? NULL : s;
}

static void
print_json(struct print *p, const struct search *s, const struct message *m)
{
	char when[TIME_SIZE];

	for (size_t i = 0; i < (m->n == 0 ? 1 : m->n); i++) {
		const struct result *r = m->n == 0 ? NULL : &m->v[i];

		if (r != NULL && !matches(s->wish.to, r->to))
			continue;
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

static int
print_found(struct search *s)
{
	static const struct print_column columns[] = {
		{ "time", "", false }, { "qid", "", false },
		{ "from", "", false }, { "to", "", false },
		{ "status", "", false }, { "mx", "", false },
		{ "ip", "", false }, { "dsn", "", false },
		{ "text", "", false },
	};
	struct print *p = s->wish.json ? print_begin(stdout, PRINT_JSON,
	    columns, sizeof columns / sizeof columns[0]) : NULL;

	qsort(s->found, s->n_found, sizeof *s->found, compare_found);
	for (size_t i = 0; i < s->n_found; i++) {
		if (s->wish.json)
			print_json(p, s, s->found[i]);
		else
			print_message(s, s->found[i], stdout);
	}
	if (p != NULL && print_end(&p) != 0)
		return EXIT_TEMPORARY;
	if (s->is_cut)
		(void)fprintf(stderr, "waybill: over %d messages; the rest "
		    "isn't shown: narrow it by --since, --from, --to\n",
		    FOUND_MAX);
	if (s->n_found > 0)
		return EXIT_OK;
	if (!s->wish.json)
		(void)puts("No such message: it never reached this server, "
		    "as far as its log goes back.");
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
read_options(struct call *call, struct wish *w)
{
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
				return command_usage(call, "no time: %s; as "
				    "in 7d, 24h, 2026-11-20", call->value);
			break;
		case OPTION_JSON:
			w->json = true;
			break;
		}
	}
	if (id < 0)
		return code == EXIT_OK ? -1 : code;
	if (call->argc > 0)
		return command_usage(call, "it takes no argument: %s; name "
		    "the person by --from or --to", call->argv[0]);
	return 0;
}

/* In the worker. */
static int
search(void *arg, FILE *out)
{
	struct search *s = arg;
	struct err err = { 0 };
	int code;

	(void)out;
	if (logs_read(s->config, got_line, s, &err) != 0)
		return command_fail(&err);
	while (s->oldest != NULL)
		settle(s, s->oldest);
	code = print_found(s);
	for (size_t i = 0; i < s->n_found; i++)
		message_free(s->found[i]);
	return code;
}

static int
run(struct call *call)
{
	struct wish w = { 0 };
	struct search *s;
	struct config *c;
	int code = read_options(call, &w);

	if (code != 0)
		return code < 0 ? EXIT_OK : code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	s = calloc(1, sizeof *s);
	if (s != NULL) {
		s->config = c;
		s->wish = w;
		s->found = calloc(FOUND_MAX, sizeof *s->found);
	}
	/* Old logs are unpacked, and Postfix is asked where its log lies. */
	code = s == NULL || s->found == NULL ? EXIT_TEMPORARY :
	    worker_run(&(struct worker){ .make = search, .arg = s,
	    .programs = CONFINE_PROGRAMS, .config = c,
	    .reads = WORKER_READS_LOG });
	if (s != NULL)
		free(s->found);
	free(s);
	config_free(&c);
	return code;
}

const struct command command_find = {
	"find", run, "", "Find the messages of a person in the log", options,
};
