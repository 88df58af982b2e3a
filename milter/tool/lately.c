/* SPDX-License-Identifier: ISC */
/*
 * The recorder as its store shows it: it says once a minute until when it has
 * read the log, so one that says nothing for long doesn't run, or can't keep
 * up. Nothing is asked of the process itself, which may be another host's.
 */
#include "tool/lately.h"

#include "base/domain.h"
#include "base/escape.h"
#include "base/event.h"
#include "record/reply.h"
#include "record/store.h"
#include "record/store_read.h"
#include "tool/reader.h"
#include "tool/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	LATE_S = 300,		/* it says where it is every 60 s */
	DAY_S = 86400,
	WARNINGS_READ = 2000,
	KINDS_MAX = 8,
	TOLD_MAX = 1024 * 1024,
};

static const char *
start_it(void)
{
	return access("/run/systemd/system", F_OK) == 0
	    ? "Start it: sudo systemctl start waybill-record"
	    : "Start it: sudo service waybill-record start";
}

/* "12 s", "3 h": whole units of the largest that fits twice. */
static const char *
ago(int64_t seconds, char *out, size_t size)
{
	static const struct { int64_t s; const char *unit; } units[] = {
		{ 2 * DAY_S, "days" }, { 7200, "h" }, { 120, "min" },
	};
	static const int64_t each[] = { DAY_S, 3600, 60 };

	for (size_t i = 0; i < 3; i++)
		if (seconds >= units[i].s) {
			snprintf(out, size, "%" PRId64 " %s",
			    seconds / each[i], units[i].unit);
			return out;
		}
	snprintf(out, size, "%" PRId64 " s", seconds < 0 ? 0 : seconds);
	return out;
}

/* The recorder of this host: the word "seen" is the second. */
static void
find_own_lag(struct store *s, const char *path, struct findings *f)
{
	struct err err = { 0 };
	char *said = store_position(s, "seen", &err);
	int64_t seen;
	int64_t lag;
	char late[32];

	if (said == NULL) {
		findings_add(f, FINDING_WARN, "record", path, IP_NONE, NULL,
		    "The record can't be read: %s", err.text);
		return;
	}
	seen = store_number(said);
	free(said);
	lag = (int64_t)time(NULL) - seen;
	if (seen == 0)
		findings_add(f, FINDING_NOTE, "record", path, IP_NONE,
		    start_it(), "The recorder has read no log yet");
	else if (lag > LATE_S)
		findings_add(f, FINDING_WARN, "record", path, IP_NONE,
		    start_it(), "The recorder is %s behind the log: it "
		    "doesn't run, or is still reading an old one",
		    ago(lag, late, sizeof late));
	else
		findings_add(f, FINDING_OK, "record", path, IP_NONE, NULL,
		    "The recorder follows the log");
}

/* Where several hosts write one store, the one that is furthest behind. */
static void
find_others_lag(struct store *s, const char *own, struct findings *f)
{
	char host[256];
	char late[32];
	int64_t seen;
	int64_t lag;

	if (store_seen(s, host, sizeof host, &seen, NULL) != 0 ||
	    seen == 0 || strcmp(host, own) == 0)
		return;
	lag = (int64_t)time(NULL) - seen;
	if (lag > LATE_S)
		findings_add(f, FINDING_WARN, "record", host, IP_NONE,
		    "Look at it there; a host that is gone is taken out as "
		    "waybill-record(8) says", "The recorder of %s is %s "
		    "behind its log", host, ago(lag, late, sizeof late));
}

/* The word "signed" is the second, and waybilld's line. */
static void
find_signed(struct store *s, struct findings *f)
{
	char *said = store_position(s, "signed", NULL);
	struct event_read r;
	char when[32];
	const char *line = said == NULL ? "" : said + strcspn(said, " ");
	int64_t second = said == NULL ? 0 : store_number(said);

	if (second > 0 && line[0] == ' ' &&
	    event_parse(&r, line + 1, strlen(line + 1)) == 0 &&
	    event_value(&r, "d") != NULL && event_value(&r, "s") != NULL)
		findings_add(f, FINDING_OK, "signed", event_value(&r, "d"),
		    IP_NONE, NULL, "The last message was signed %s ago, %s "
		    "with key %s", ago((int64_t)time(NULL) - second, when,
		    sizeof when), event_value(&r, "d"), event_value(&r, "s"));
	free(said);
}

struct warnings {
	struct { char name[32]; long n; } kind[KINDS_MAX];
	size_t n_kinds;
	long n;
};

static bool
got_warning(void *arg, int64_t second, const char *host, const char *name,
    const char *text)
{
	struct warnings *w = arg;
	size_t i = 0;

	(void)second;
	(void)host;
	(void)text;
	w->n++;
	while (i < w->n_kinds && strcmp(w->kind[i].name, name) != 0)
		i++;
	if (i == KINDS_MAX)
		return true;
	if (i == w->n_kinds)
		snprintf(w->kind[w->n_kinds++].name, sizeof w->kind[i].name,
		    "%s", name);
	w->kind[i].n++;
	return true;
}

static void
find_warnings(struct store *s, struct findings *f)
{
	int64_t now = (int64_t)time(NULL);
	struct store_query q = { .from = now - DAY_S, .to = now + 1,
		.limit = WARNINGS_READ };
	struct warnings w = { .n = 0 };
	char list[KINDS_MAX * 48] = "";
	char fix[80];
	size_t len = 0;

	if (store_events(s, &q, got_warning, &w, NULL) != 0 || w.n == 0)
		return;
	for (size_t i = 0; i < w.n_kinds; i++)
		len += (size_t)snprintf(list + len, sizeof list - len,
		    "%s%s %ld", i == 0 ? "" : ", ", w.kind[i].name,
		    w.kind[i].n);
	/* A store that others wrote may have any name. */
	snprintf(fix, sizeof fix, "What it means: waybill explain %s",
	    escape_is_plain_name(w.kind[0].name) ? w.kind[0].name :
	    "warnings");
	findings_add(f, FINDING_NOTE, "warnings", NULL, IP_NONE, fix,
	    "Warnings in 24 h: %s", list);
}

struct bounces {
	int64_t bounced;
	int64_t results;
	int64_t most;
	char dest[DOMAIN_SIZE];		/* that rejected the most in one way */
};

static bool
got_result(void *arg, const struct store_total *t)
{
	struct bounces *r = arg;
	const struct reply_class *c = reply_class_find(t->class);

	if (strcmp(t->status, "deferred") == 0)
		return true;
	r->results += t->results;
	if (strcmp(t->status, "bounced") != 0 ||
	    (c != NULL && strcmp(c->scope, "recipient") == 0))
		return true;
	r->bounced += t->results;
	if (t->results > r->most) {
		r->most = t->results;
		(void)snprintf(r->dest, sizeof r->dest, "%s", t->dest);
	}
	return true;
}

/* Of yesterday and today, which daily totals answer. */
static void
find_bounced(struct store *s, struct findings *f)
{
	int64_t today = (int64_t)time(NULL) / DAY_S * DAY_S;
	const struct store_query q = { .from = today - DAY_S,
		.to = today + DAY_S, .kind = "own" };
	struct bounces r = { .bounced = 0 };
	char fix[DOMAIN_SIZE + 40];

	if (store_totals(s, &q, STORE_DEST | STORE_STATUS | STORE_CLASS,
	    got_result, &r, NULL) != 0 || r.bounced == 0)
		return;
	(void)snprintf(fix, sizeof fix, "What to do: waybill advise%s%s",
	    escape_is_plain_name(r.dest) ? " " : "",
	    escape_is_plain_name(r.dest) ? r.dest : "");
	findings_add(f, FINDING_NOTE, "bounced", r.dest, IP_NONE, fix,
	    "Bounced since yesterday: %" PRId64 " of %" PRId64 ", the most by "
	    "%s", r.bounced, r.results, r.dest);
}

/* Of re-injected messages since a day began; the word is a day since 1970. */
struct reinjected {
	int64_t from_day;
	int64_t n;
};

static bool
got_reinjected(void *arg, const char *day, const char *none, int64_t n)
{
	struct reinjected *r = arg;

	(void)none;
	if (store_number(day) >= r->from_day)
		r->n += n;
	return true;
}

static void
find_reinjected(struct store *s, struct findings *f)
{
	struct reinjected r = {
		.from_day = (int64_t)time(NULL) / DAY_S - 1 };

	if (store_counts(s, "reinjected", got_reinjected, &r, NULL) != 0 ||
	    r.n == 0)
		return;
	findings_add(f, FINDING_NOTE, "reinjected", NULL, IP_NONE,
	    "What it means: waybill explain reinjected",
	    "Not signed since yesterday: %" PRId64 " %s that a stranger had "
	    "sent to this host and a program here sent on", r.n,
	    r.n == 1 ? "message" : "messages");
}

struct lately {
	const struct config *c;
	bool was_root;
};

/* In the worker. */
static void
look(const struct lately *l, struct findings *f)
{
	const char *store = l->c->record.store;
	struct err err = { 0 };
	char host[256];
	struct store *s;

	if (strstr(store, "://") == NULL && access(store, F_OK) != 0 &&
	    errno == ENOENT) {
		findings_add(f, FINDING_NOTE, "record", store, IP_NONE,
		    start_it(), "The recorder has kept nothing yet: it "
		    "doesn't run");
		return;
	}
	s = store_open(store, l->c->record.password_file,
	    reader_host(l->c, host, sizeof host), STORE_READ, &err);
	if (s == NULL) {
		findings_add(f, FINDING_NOTE, "record", store, IP_NONE,
		    l->was_root ? NULL : "Ask as root: sudo waybill status",
		    "The record can't be read: %s", err.text);
		return;
	}
	find_own_lag(s, store, f);
	find_others_lag(s, host, f);
	find_signed(s, f);
	find_bounced(s, f);
	find_reinjected(s, f);
	find_warnings(s, f);
	store_close(&s);
}

static int
tell(void *arg, FILE *out)
{
	struct findings f = { 0 };

	look(arg, &f);
	findings_send(&f, out);
	findings_free(&f);
	return EXIT_OK;
}

void
lately_find(const struct config *c, struct findings *f)
{
	struct lately lately = { c, geteuid() == 0 };
	struct worker worker = { .make = tell, .arg = &lately,
		.programs = CONFINE_NO_PROGRAMS, .config = c,
		.reads = WORKER_READS_STORE, .is_data = true };
	char *data = NULL;
	size_t len = 0;

	if (lately.was_root && getpwnam("waybill-record") == NULL) {
		findings_add(f, FINDING_NOTE, "record", c->record.store,
		    IP_NONE, "Run waybill-setup", "There is no recorder: no "
		    "user waybill-record on this host");
		return;
	}
	if (worker_read(&worker, TOLD_MAX, &data, &len) != EXIT_OK ||
	    findings_take(f, data, len) != 0)
		f->lost = true;
	free(data);
}
