/* SPDX-License-Identifier: ISC */
/*
 * waybill digest: what changed since the period before, as a short text to be
 * mailed; nothing at all when nothing did.
 *
 *	WORSE	a destination rejects, lets mail expire or slows down over a
 *		family, and did less in the period before
 *	WORSE?	an author sent far more than before: was that you?
 *	BETTER	it rejected before, and takes mail now
 *	TO DO	waybilld warned of what only the operator can fix
 *
 * waybilld warns again day by day, so what it had said in the period before
 * too is no change: it stands beside changes, and calls for no mail alone.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/event.h"
#include "record/store_read.h"
#include "tool/command.h"
#include "tool/paragraph.h"
#include "tool/reader.h"
#include "tool/report.h"
#include "tool/report_text.h"
#include "tool/worker.h"

enum { OPTION_SINCE = 256, OPTION_JSON };

enum {
	LINES_MAX = 20,		/* of each kind */
	BURST_MIN = 50,		/* messages of an author that jumped */
	BURST_TIMES = 5,
	SLOW_MIN = 5,		/* deferrals that are worth a word */
	WARNINGS_READ = 2000,
	INDENT = 8,
	OVER_SIZE = 16,
};

static const struct command_option options[] = {
	{ "since", OPTION_SINCE, "DURATION", "period to compare, such as 12h "
	    "or 7d (default 1d)" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object per line" },
	{ NULL, 0, NULL, NULL },
};

enum change { CHANGE_WORSE, CHANGE_BURST, CHANGE_BETTER, CHANGE_TODO,
	CHANGES };
static const char *const change_labels[CHANGES] = { "WORSE", "UNUSUAL",
	"BETTER", "TO DO" };
static const char *const change_names[CHANGES] = { "worse", "burst",
	"better", "todo" };

struct line {
	enum change change;
	bool is_old;		/* it was said in the period before */
	char subject[256];
	char text[1200];
};

struct digest {
	struct line *v;		/* CHANGES * LINES_MAX, owned */
	size_t n;
	size_t count[CHANGES];	/* those beyond LINES_MAX too */
};

static void add(struct digest *d, enum change change, const char *subject,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
add(struct digest *d, enum change change, const char *subject,
    const char *fmt, ...)
{
	struct line *l = &d->v[d->n];
	va_list ap;

	if (d->count[change]++ >= LINES_MAX)
		return;
	l->change = change;
	l->is_old = false;
	(void)snprintf(l->subject, sizeof l->subject, "%s", subject);
	va_start(ap, fmt);
	(void)vsnprintf(l->text, sizeof l->text, fmt, ap);
	va_end(ap);
	d->n++;
}

/* The trouble of the same kind in another period, or NULL. */
static const struct report_trouble *
same_trouble(const struct report *r, const struct report_trouble *t)
{
	for (size_t i = 0; i < r->n_troubles; i++)
		if (r->troubles[i].wrong == t->wrong &&
		    strcmp(r->troubles[i].dest, t->dest) == 0 &&
		    strcmp(r->troubles[i].family, t->family) == 0 &&
		    strcmp(r->troubles[i].class, t->class) == 0)
			return &r->troubles[i];
	return NULL;
}

/* That a mailbox doesn't exist says nothing of this host. */
static bool
is_about_us(const struct report_trouble *t)
{
	const struct reply_class *c = reply_class_find(t->class);

	return c == NULL || (strcmp(c->scope, "recipient") != 0 &&
	    strcmp(c->name, "size") != 0 && strcmp(c->name, "greylist") != 0);
}

/* " over IPv6"; nothing where no host was reached. */
static const char *
over(const struct report_trouble *t, char out[OVER_SIZE])
{
	out[0] = '\0';
	if (strcmp(t->family, "ipv4") == 0 || strcmp(t->family, "ipv6") == 0)
		(void)snprintf(out, OVER_SIZE, " over %s",
		    report_family_name(t->family));
	return out;
}

/* A destination whose name is none stands for all such. */
static const char *
place(const struct report_trouble *t)
{
	return t->dest[0] == '\0' ? "(unknown)" : t->dest;
}

static void
find_worse(struct digest *d, const struct report *now,
    const struct report *before)
{
	for (size_t i = 0; i < now->n_troubles; i++) {
		const struct report_trouble *t = &now->troubles[i];
		const struct report_trouble *old = same_trouble(before, t);
		const struct reply_class *c = reply_class_find(t->class);
		char way[OVER_SIZE];

		if (!is_about_us(t) || (old != NULL &&
		    old->n >= t->n - t->n / 2) ||
		    (t->wrong == REPORT_DEFERRED && (t->n < SLOW_MIN ||
		    t->sent >= t->n)))
			continue;
		if (t->wrong == REPORT_EXPIRED)
			add(d, CHANGE_WORSE, t->dest, "%s accepts nothing%s: "
			    "%" PRId64 " expired in the queue (previously %"
			    PRId64 "). %s", place(t),
			    over(t, way), t->n,
			    old == NULL ? 0 : old->n, c == NULL ? "" :
			    c->sentence);
		else if (t->wrong == REPORT_BOUNCED)
			add(d, CHANGE_WORSE, t->dest, "%s rejects%s: %" PRId64
			    " of %" PRId64 " (previously %" PRId64 "). %s"
			    " Next: waybill advise%s%s", place(t), over(t, way),
			    t->n, t->of,
			    old == NULL ? 0 : old->n, c == NULL ? "" :
			    c->sentence, escape_is_plain_name(t->dest) ?
			    " " : "", escape_is_plain_name(t->dest) ? t->dest :
			    "");
		else
			add(d, CHANGE_WORSE, t->dest, "%s defers%s: %" PRId64
			    " attempts (previously %" PRId64 "), %" PRId64
			    " delivered. %s", place(t),
			    over(t, way), t->n, old == NULL ?
			    0 : old->n, t->sent, c == NULL ? "" :
			    c->sentence);
	}
}

/* How much a destination took over a family in a period. */
static int64_t
sent_to(const struct report *r, const char *dest, const char *family)
{
	for (size_t i = 0; i < r->n_groups; i++)
		if (strcmp(r->groups[i].name, dest) == 0 &&
		    strcmp(r->groups[i].family, family) == 0)
			return r->groups[i].sent;
	return 0;
}

static void
find_better(struct digest *d, const struct report *now,
    const struct report *before)
{
	static const char *const names[REPORT_WRONGS][2] = {
		{ "bounce", "bounces" }, { "expired", "expired" },
		{ "deferral", "deferrals" } };

	for (size_t i = 0; i < before->n_troubles; i++) {
		const struct report_trouble *t = &before->troubles[i];
		int64_t sent = sent_to(now, t->dest, t->family);
		char way[OVER_SIZE];

		if (!is_about_us(t) || sent == 0 ||
		    same_trouble(now, t) != NULL ||
		    (t->wrong == REPORT_DEFERRED && t->n < SLOW_MIN))
			continue;
		add(d, CHANGE_BETTER, t->dest, "%s accepts mail%s %s: %"
		    PRId64 " accepted, after %" PRId64 " %s (%s)", place(t),
		    over(t, way), t->wrong == REPORT_DEFERRED ?
		    "without delay again" : "again", sent, t->n,
		    names[t->wrong][t->n != 1], t->class);
	}
}

static void
find_bursts(struct digest *d, const struct report *authors)
{
	/* A record that has only begun knows nothing usual. */
	for (size_t i = 0; authors->sum.before > 0 && i < authors->n_groups;
	    i++) {
		const struct report_group *g = &authors->groups[i];

		if (g->messages >= BURST_MIN && g->messages / BURST_TIMES >=
		    (g->before > 0 ? g->before : 1) && g->name[0] != '\0')
			add(d, CHANGE_BURST, g->name, "%s sent %" PRId64
			    " messages (previously %" PRId64 "). If that is "
			    "unexpected, check for a stolen password.",
			    g->name, g->messages, g->before);
	}
}

/* Is the line a warning that names a thing to do? Then it is in r. */
static bool
is_to_do(const char *name, const char *text, struct event_read *r)
{
	static const char *const to_do[] = { "key", "spf", "bind", "nat",
		"unsigned", NULL };

	for (size_t i = 0; to_do[i] != NULL; i++)
		if (strcmp(to_do[i], name) == 0)
			return event_parse(r, text, strlen(text)) == 0 &&
			    r->warning && strcmp(r->name, name) == 0 &&
			    r->sentence[0] != '\0';
	return false;
}

/* The line of a thing to do, or NULL. */
static struct line *
same_to_do(struct digest *d, const char *sentence)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].change == CHANGE_TODO &&
		    strcmp(d->v[i].text, sentence) == 0)
			return &d->v[i];
	return NULL;
}

/* Things to do, each once. */
static bool
got_event(void *arg, int64_t second, const char *host, const char *name,
    const char *text)
{
	struct event_read r;

	(void)second;
	if (is_to_do(name, text, &r) && same_to_do(arg, r.sentence) == NULL)
		add(arg, CHANGE_TODO, host, "%s", r.sentence);
	return true;
}

/* The same of the period before. */
static bool
got_old_event(void *arg, int64_t second, const char *host, const char *name,
    const char *text)
{
	struct event_read r;
	struct line *l = is_to_do(name, text, &r) ?
	    same_to_do(arg, r.sentence) : NULL;

	(void)second;
	(void)host;
	if (l != NULL)
		l->is_old = true;
	return true;
}

static bool
has_changed(const struct digest *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->v[i].is_old)
			return true;
	return false;
}

static void
print_sum(const struct report *r, FILE *out)
{
	char text[300];
	char expired[80] = "";
	int64_t of4 = 0;
	int64_t of6 = 0;

	for (size_t i = 0; i < r->n_groups; i++) {
		if (strcmp(r->groups[i].family, "ipv6") == 0)
			of6 += r->groups[i].messages;
		else if (strcmp(r->groups[i].family, "ipv4") == 0)
			of4 += r->groups[i].messages;
	}
	if (r->sum.expired > 0)
		(void)snprintf(expired, sizeof expired, "%" PRId64
		    " expired, ", r->sum.expired);
	(void)snprintf(text, sizeof text, "%" PRId64 " messages (previously %"
	    PRId64 "), %" PRId64 " sent, %" PRId64 " bounced, %s%" PRId64
	    " queued. IPv6 %" PRId64 ", IPv4 %" PRId64 ".", r->sum.messages,
	    r->sum.before, r->sum.sent, r->sum.bounced, expired,
	    r->sum.queued, of6, of4);
	paragraph_print(out, 0, "", text, "");
}

static void
print_people(const struct config *config, const struct digest *d,
    const struct report *now, FILE *out)
{
	char host[256];

	(void)fprintf(out, "Subject: %s: %zu worse, %zu better, %zu to do\n\n",
	    reader_host(config, host, sizeof host),
	    d->count[CHANGE_WORSE] + d->count[CHANGE_BURST],
	    d->count[CHANGE_BETTER], d->count[CHANGE_TODO]);
	for (int c = 0; c < CHANGES; c++) {
		for (size_t i = 0; i < d->n; i++)
			if ((int)d->v[i].change == c)
				paragraph_print(out, INDENT, change_labels[c],
				    d->v[i].text, "");
		if (d->count[c] > LINES_MAX)
			(void)fprintf(out, "%*sand %zu more\n", INDENT, "",
			    d->count[c] - LINES_MAX);
	}
	(void)fputc('\n', out);
	print_sum(now, out);
}

static int
print_json(const struct digest *d, FILE *out)
{
	static const struct print_column columns[] = {
		{ "change", "", false }, { "subject", "", false },
		{ "text", "", false },
	};
	struct print *p = print_begin(out, PRINT_JSON, columns,
	    sizeof columns / sizeof columns[0]);

	for (size_t i = 0; p != NULL && i < d->n; i++) {
		print_text(p, change_names[d->v[i].change]);
		print_text(p, d->v[i].subject);
		print_text(p, d->v[i].text);
		print_row(p);
	}
	return print_end(&p) == 0 ? EXIT_OK : EXIT_TEMPORARY;
}

static int
compare(struct store *s, struct digest *d, int64_t since_ms,
    struct report *now, struct err *err)
{
	struct report before = { 0 };
	struct report authors = { 0 };
	struct report_options o = { .by = REPORT_DESTINATION };
	struct store_query q;
	int64_t length;
	int rc;

	report_period(time(NULL), since_ms, &o);
	length = o.to - o.from;
	q = (struct store_query){ .from = o.from, .to = o.to,
		.limit = WARNINGS_READ };
	rc = report_gather(s, &o, now, err);
	o.to = o.from;
	o.from = o.to - length;
	if (rc == 0)
		rc = report_gather(s, &o, &before, err);
	o.from = o.to;
	o.to += length;
	o.by = REPORT_AUTHOR;
	if (rc == 0)
		rc = report_gather(s, &o, &authors, err);
	if (rc == 0)
		rc = store_events(s, &q, got_event, d, err);
	q.to = q.from;
	q.from = q.to - length;
	if (rc == 0)
		rc = store_events(s, &q, got_old_event, d, err);
	if (rc == 0) {
		find_worse(d, now, &before);
		find_bursts(d, &authors);
		find_better(d, now, &before);
	}
	report_free(&before);
	report_free(&authors);
	return rc;
}

struct wish {
	const struct config *config;
	int64_t since_ms;
	bool json;
};

/* In the worker. */
static int
digest(void *arg, FILE *out)
{
	const struct wish *w = arg;
	struct digest d = { .v = calloc(CHANGES * LINES_MAX, sizeof *d.v) };
	struct report now = { 0 };
	struct err err = { 0 };
	struct store *s;
	int code = EXIT_OK;

	if (d.v == NULL)
		return err_no_memory("waybill");
	s = reader_open(w->config, &err);
	if (s == NULL || compare(s, &d, w->since_ms, &now, &err) != 0)
		code = command_fail(&err);
	else if (w->json && has_changed(&d))
		code = print_json(&d, out);
	else if (has_changed(&d))
		print_people(w->config, &d, &now, out);
	store_close(&s);
	report_free(&now);
	free(d.v);
	return code;
}

static int
run(struct call *call)
{
	struct wish w = { .since_ms = INT64_C(86400) * 1000 };
	int code = EXIT_OK;
	struct config *c;
	int id;

	while ((id = command_next(call, &code)) > 0) {
		if (id == OPTION_JSON)
			w.json = true;
		else if (clock_parse_duration(call->value, &w.since_ms) != 0 ||
		    w.since_ms < 1000)
			return command_usage(call, "invalid duration \"%s\" "
			    "(examples: 1d, 12h)", call->value);
	}
	if (id < 0)
		return code;
	if (call->argc > 0)
		return command_usage(call, "unexpected argument: %s",
		    call->argv[0]);
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	w.config = c;
	code = worker_run(&(struct worker){ .make = digest, .arg = &w,
	    .programs = CONFINE_NO_PROGRAMS, .config = c,
	    .reads = WORKER_READS_STORE });
	config_free(&c);
	return code;
}

const struct command command_digest = {
	"digest", run, "",
	"Show what changed since the previous period", options,
};
