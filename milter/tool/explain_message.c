/* SPDX-License-Identifier: ISC */
/*
 * waybill explain QID: what is known of one message, in the order of time.
 *
 * The log tells who gave it in, what waybilld found out and did, and when it
 * left the queue; the attempts come from the record, where they are joined and
 * classed, or from the log's own results where the record hasn't them. A
 * message that went through a filter or was requeued goes on under another id,
 * which is named.
 */
#include "tool/explain.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/event.h"
#include "record/postfix_log.h"
#include "record/store_read.h"
#include "tool/command.h"
#include "tool/logs.h"
#include "tool/paragraph.h"
#include "tool/print.h"
#include "tool/reader.h"
#include "tool/worker.h"

enum {
	STEPS_MAX = 5000,
	TIME_SIZE = 24,
	DAY_S = 86400,
	QUEUED_DAYS = 100,	/* the longest life in a queue that Postfix allows */
};

/* One thing that happened. */
struct step {
	int64_t time_us;
	size_t order;
	bool is_recorded;	/* of the log: the record has it better */
	char *event;		/* a word; owned, as what follows */
	char *text;
	struct {
		char *dest, *mx, *ip, *family, *status, *dsn, *stage, *class;
	} attempt;		/* NULL each where it is none */
};

struct story {
	const char *qid;
	struct step *v;		/* owned */
	size_t n;
	size_t first_order;	/* of the log's steps: behind the record's */
	bool has_attempts;	/* from the record */
	bool has_expired;
	bool is_cut;
	struct event_read event;
	struct postfix_line line;
};

static struct step *
add_step(struct story *s, int64_t time_us, const char *event,
    const char *text)
{
	struct step *more;

	if (s->n == STEPS_MAX) {
		s->is_cut = true;
		return NULL;
	}
	if ((s->n & (s->n - 1)) == 0) {
		more = realloc(s->v, (s->n == 0 ? 1 : 2 * s->n) *
		    sizeof *more);
		if (more == NULL) {
			s->is_cut = true;
			return NULL;
		}
		s->v = more;
	}
	s->v[s->n] = (struct step){ .time_us = time_us, .order = s->first_order + s->n,
		.event = strdup(event), .text = strdup(text) };
	if (s->v[s->n].event == NULL || s->v[s->n].text == NULL) {
		free(s->v[s->n].event);
		free(s->v[s->n].text);
		s->is_cut = true;
		return NULL;
	}
	return &s->v[s->n++];
}

static void
free_step(struct step *s)
{
	free(s->event);
	free(s->text);
	free(s->attempt.dest);
	free(s->attempt.mx);
	free(s->attempt.ip);
	free(s->attempt.family);
	free(s->attempt.status);
	free(s->attempt.dsn);
	free(s->attempt.stage);
	free(s->attempt.class);
}

/* A copy; NULL for "". */
static char *
kept(const char *s)
{
	return s[0] == '\0' ? NULL : strdup(s);
}

/* Record and log both tell it, the record for each recipient. */
static bool
add_expired(struct story *s, int64_t time_us)
{
	bool is_told = s->has_expired;

	s->has_expired = true;
	return is_told || add_step(s, time_us, "expired",
	    "in the queue for too long: returned to the sender") != NULL;
}

static bool
got_attempt(void *arg, const struct attempt *a)
{
	struct story *s = arg;
	struct step *step;
	char ip[IP_SIZE];

	if (strcmp(a->status, "expired") == 0)
		return add_expired(s, a->time_us);
	step = add_step(s, a->time_us, "attempt", a->text);
	if (step == NULL)
		return false;
	s->has_attempts = true;
	step->attempt.dest = kept(a->dest);
	step->attempt.mx = kept(a->mx);
	step->attempt.ip = a->ip.family == IP_NONE ? NULL :
	    strdup(ip_format(&a->ip, ip));
	step->attempt.family = kept(a->family);
	step->attempt.status = kept(a->status);
	step->attempt.dsn = kept(a->dsn);
	step->attempt.stage = kept(a->stage);
	step->attempt.class = kept(a->class);
	return true;
}

/* "key value, key value" of the fields that are told. */
static void
add_event_step(struct story *s, int64_t time_us, const char *label,
    const char *const *keys)
{
	struct text t;

	text_init(&t, 2048);
	for (size_t i = 0; keys[i] != NULL; i++) {
		const char *value = event_value(&s->event, keys[i]);

		if (value != NULL)
			text_addf(&t, "%s%s %s", t.len > 0 ? ", " : "",
			    keys[i], value);
	}
	if (s->event.sentence[0] != '\0')
		text_addf(&t, "%s%s", t.len > 0 ? ": " : "",
		    s->event.sentence);
	(void)add_step(s, time_us, label, t.buf);
	text_free(&t);
}

static void
on_waybilld(struct story *s, const struct source_line *line)
{
	static const char *const message[] = { "author", "origin", "rcpts",
		"size", "why", "fragile", NULL };
	static const char *const sign[] = { "d", "s", "a", NULL };
	static const char *const sender[] = { "align", "policy", "ip4",
		"spf4", "dmarc4", "ip6", "spf6", "dmarc6", "key", NULL };
	static const char *const route[] = { "dest", "family", "p6", "why",
		"mx", "spf", "dmarc", NULL };
	const char *result;

	if (event_parse(&s->event, line->text, line->len) != 0 ||
	    strcmp(s->event.qid, s->qid) != 0)
		return;
	if (s->event.warning) {
		add_event_step(s, line->time_us, "warning",
		    (const char *const[]){ NULL });
	} else if (strcmp(s->event.name, "message") == 0) {
		result = event_value(&s->event, "result");
		add_event_step(s, line->time_us, result == NULL ? "message" :
		    result, message);
	} else if (strcmp(s->event.name, "sign") == 0)
		add_event_step(s, line->time_us, "signature", sign);
	else if (strcmp(s->event.name, "sender") == 0)
		add_event_step(s, line->time_us, "sender", sender);
	else if (strcmp(s->event.name, "route") == 0)
		add_event_step(s, line->time_us, "predicted", route);
}

/* Is it of those results that the recorder keeps? */
static bool
is_recorded(const struct postfix_line *l)
{
	if (strcmp(l->program, "error") == 0)
		return strcmp(l->status, "deferred") == 0;
	return strcmp(l->program, "smtp") == 0 && !ip_is_loopback(&l->relay_ip);
}

static void
add_result(struct story *s, const struct source_line *line)
{
	const struct postfix_line *l = &s->line;
	char text[SOURCE_TEXT_MAX + 1] = "";
	char ip[IP_SIZE];
	struct step *step;
	const char *at = strrchr(l->to, '@');

	if (l->reply != NULL)
		(void)snprintf(text, sizeof text, "%.*s", (int)l->reply_len,
		    l->reply);
	step = add_step(s, line->time_us, "attempt", text);
	if (step == NULL)
		return;
	step->is_recorded = is_recorded(l);
	step->attempt.dest = kept(at == NULL ? l->to : at + 1);
	step->attempt.mx = kept(l->relay_host);
	step->attempt.ip = l->relay_ip.family == IP_NONE ? NULL :
	    strdup(ip_format(&l->relay_ip, ip));
	step->attempt.family = l->relay_ip.family == IP_NONE ? NULL :
	    strdup(l->relay_ip.family == IP_4 ? "ipv4" : "ipv6");
	step->attempt.status = kept(l->status);
	step->attempt.dsn = kept(l->dsn);
	step->attempt.stage = kept(l->stage);
}

static void
add_client(struct story *s, int64_t time_us)
{
	const struct postfix_line *l = &s->line;
	char text[3 * POSTFIX_FIELD_MAX];
	char ip[IP_SIZE];

	(void)snprintf(text, sizeof text, "by SMTP from %s[%s]%s%s",
	    l->relay_host, ip_format(&l->relay_ip, ip),
	    l->sasl_username[0] == '\0' ? "" : ", logged in as ",
	    l->sasl_username);
	(void)add_step(s, time_us, "submitted", text);
}

static void
on_postfix(struct story *s, const struct source_line *line)
{
	const struct postfix_line *l = &s->line;
	char text[3 * POSTFIX_FIELD_MAX];

	switch (l->kind) {
	case POSTFIX_CLIENT:
		add_client(s, line->time_us);
		break;
	case POSTFIX_PICKUP:
		(void)snprintf(text, sizeof text, "by sendmail(1)%s%s",
		    l->other_id[0] == '\0' ? "" : ", requeued from ",
		    l->other_id);
		(void)add_step(s, line->time_us, "submitted", text);
		break;
	case POSTFIX_ACTIVE:
		(void)snprintf(text, sizeof text, "from <%s>, %u recipient%s",
		    l->from, l->nrcpt, l->nrcpt == 1 ? "" : "s");
		(void)add_step(s, line->time_us, "queued", text);
		break;
	case POSTFIX_DELIVERY:
		add_result(s, line);
		break;
	case POSTFIX_EXPIRED:
		(void)add_expired(s, line->time_us);
		break;
	case POSTFIX_BOUNCE:
		(void)snprintf(text, sizeof text, "the sender was notified by "
		    "message %s",
		    l->other_id);
		(void)add_step(s, line->time_us, "bounce", text);
		break;
	case POSTFIX_MILTER_REJECT:
	case POSTFIX_REJECT:
		(void)snprintf(text, sizeof text, "%.*s", (int)line->len,
		    line->text);
		(void)add_step(s, line->time_us, l->kind == POSTFIX_REJECT ?
		    "rejected" : "milter", text);
		break;
	case POSTFIX_REMOVED:
		(void)add_step(s, line->time_us, "done", "it left the queue");
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
	case POSTFIX_RENAMED:
	case POSTFIX_FATAL:
		break;
	}
}

static bool
got_line(void *arg, const struct source_line *line)
{
	struct story *s = arg;
	size_t len = strlen(s->qid);

	if (line->len < len + 2 || memcmp(line->text, s->qid, len) != 0 ||
	    line->text[len] != ':')
		return true;
	if (strcmp(line->tag, "waybilld") == 0) {
		on_waybilld(s, line);
		return true;
	}
	if (strchr(line->tag, '/') == NULL)
		return true;
	postfix_log_parse(line, &s->line);
	if (strcmp(s->line.qid, s->qid) == 0)
		on_postfix(s, line);
	return !s->is_cut;
}

static int
compare_steps(const void *one, const void *two)
{
	const struct step *a = one;
	const struct step *b = two;
	/* The record knows seconds only; the log may know more. */
	int64_t s = a->time_us / 1000000;
	int64_t t = b->time_us / 1000000;

	if (s != t)
		return s < t ? -1 : 1;
	if ((a->attempt.status == NULL) != (b->attempt.status == NULL)) {
		const struct step *other = a->attempt.status == NULL ? a : b;
		bool is_end = strcmp(other->event, "done") == 0 ||
		    strcmp(other->event, "bounce") == 0 ||
		    strcmp(other->event, "expired") == 0;

		return (other == a) == is_end ? 1 : -1;
	}
	return a->order < b->order ? -1 : a->order > b->order;
}

static void
print_attempt(const struct step *s, const char *when, FILE *out)
{
	struct text t;
	const char *status = s->attempt.status;
	char label[TIME_SIZE + 2];
	bool is_sent = strcmp(status, "sent") == 0;

	text_init(&t, 4096);
	text_addf(&t, "%s", s->attempt.mx != NULL ? s->attempt.mx :
	    "no host reached");
	if (s->attempt.ip != NULL)
		text_addf(&t, " [%s]", s->attempt.ip);
	text_addf(&t, ", for %s", s->attempt.dest == NULL ? "?" :
	    s->attempt.dest);
	if (s->attempt.class != NULL)
		text_addf(&t, " (%s%s%s)", s->attempt.class,
		    s->attempt.stage == NULL ? "" : ", at ",
		    s->attempt.stage == NULL ? "" : s->attempt.stage);
	(void)snprintf(label, sizeof label, "%s  ", when);
	paragraph_print_word(out, (int)strlen(label) + 11, label, is_sent ?
	    PRINT_GOOD : strcmp(status, "bounced") == 0 ? PRINT_BAD :
	    PRINT_ODD, status, t.buf, "");
	if (s->text[0] != '\0')
		paragraph_print(out, (int)strlen(when) + 13, "", s->text, "");
	text_free(&t);
}

/* What the rules say of an attempt; where they now class its text otherwise
 * than the recorder did, or can't be read, what its class says. */
static void
judge(const struct step *step, const struct reply_class *class,
    struct reply_rules *rules, struct reply_finding *out)
{
	const char *mx = step->attempt.mx == NULL ? "" : step->attempt.mx;

	if (rules != NULL) {
		reply_classify(rules, reply_provider(rules, mx),
		    step->attempt.stage == NULL ? "" : step->attempt.stage,
		    step->attempt.dsn == NULL ? "" : step->attempt.dsn,
		    step->text, strlen(step->text), out);
		if (out->class == class)
			return;
	}
	*out = (struct reply_finding){ .class = class, .provider = "",
		.scope = class->scope, .who = class->who, .link = "" };
}

/* What the last attempt that failed means. */
static void
print_meaning(const struct story *s, FILE *out)
{
	const struct step *last = NULL;
	const struct reply_class *class;
	struct reply_rules *rules;
	struct reply_finding f;
	struct err err = { 0 };
	char margin[100];

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].attempt.status != NULL)
			last = &s->v[i];
	if (last == NULL || last->attempt.class == NULL)
		return;
	class = reply_class_find(last->attempt.class);
	if (class == NULL)
		return;
	rules = reader_rules(&err);
	judge(last, class, rules, &f);
	(void)snprintf(margin, sizeof margin, "%s, %s", class->name, f.scope);
	(void)fputc('\n', out);
	paragraph_print(out, 16, "What it means", class->sentence, margin);
	paragraph_print(out, 16, "Who can fix it", explain_who(f.who), "");
	if (f.link[0] != '\0')
		paragraph_print(out, 16, "Its page", f.link, "");
	reply_rules_free(&rules);
}

static void
print_people(const struct story *s, FILE *out)
{
	char day[TIME_SIZE] = "";

	for (size_t i = 0; i < s->n; i++) {
		const struct step *step = &s->v[i];
		time_t t = (time_t)(step->time_us / 1000000);
		char when[TIME_SIZE] = "";
		char this_day[TIME_SIZE] = "";
		char label[64];
		struct tm tm;

		if (localtime_r(&t, &tm) != NULL) {
			(void)strftime(when, sizeof when, "%H:%M:%S", &tm);
			(void)strftime(this_day, sizeof this_day,
			    "%e %b %Y", &tm);
		}
		if (strcmp(day, this_day) != 0)
			(void)fprintf(out, "%s%s\n", i > 0 ? "\n" : "",
			    this_day + (this_day[0] == ' '));
		memcpy(day, this_day, sizeof day);
		if (step->attempt.status != NULL) {
			print_attempt(step, when, out);
			continue;
		}
		(void)snprintf(label, sizeof label, "%s  %s", when,
		    step->event);
		paragraph_print(out, (int)strlen(when) + 13, label,
		    step->text, "");
	}
	print_meaning(s, out);
}

static int
print_json(const struct story *s, FILE *out)
{
	static const struct print_column columns[] = {
		{ "time", "", false }, { "qid", "", false },
		{ "event", "", false }, { "dest", "", false },
		{ "mx", "", false }, { "ip", "", false },
		{ "family", "", false }, { "status", "", false },
		{ "dsn", "", false }, { "stage", "", false },
		{ "class", "", false }, { "text", "", false },
	};
	struct print *p = print_begin(out, PRINT_JSON, columns,
	    sizeof columns / sizeof columns[0]);

	for (size_t i = 0; p != NULL && i < s->n; i++) {
		const struct step *step = &s->v[i];
		time_t t = (time_t)(step->time_us / 1000000);
		char when[TIME_SIZE] = "";
		struct tm tm;

		if (gmtime_r(&t, &tm) != NULL)
			(void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ",
			    &tm);
		print_text(p, when);
		print_text(p, s->qid);
		print_text(p, step->event);
		print_text(p, step->attempt.dest);
		print_text(p, step->attempt.mx);
		print_text(p, step->attempt.ip);
		print_text(p, step->attempt.family);
		print_text(p, step->attempt.status);
		print_text(p, step->attempt.dsn);
		print_text(p, step->attempt.stage);
		print_text(p, step->attempt.class);
		print_text(p, step->text);
		print_row(p);
	}
	return print_end(&p) == 0 ? EXIT_OK : EXIT_TEMPORARY;
}

/* What the log told and the record tells too. */
static void
drop_recorded(struct story *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].is_recorded)
			free_step(&s->v[i]);
		else
			s->v[n++] = s->v[i];
	}
	s->n = n;
}

/* Log and record; -1 with err when neither could be read. Programs that unpack
 * old logs are of the past when the record is opened. */
static int
read_story(const struct config *c, struct story *s, struct err *err)
{
	int64_t second = postfix_log_qid_second(s->qid);
	const struct store_query q = { .from = second > DAY_S ? second - DAY_S :
		0, .to = second > 0 ? second + QUEUED_DAYS * DAY_S :
		time(NULL) + DAY_S, .qid = s->qid };
	struct err log_err = { 0 };
	struct store *store;
	bool has_store;
	bool has_log;

	s->first_order = STEPS_MAX;
	has_log = logs_read(c, got_line, s, &log_err) == 0;
	s->first_order = 0;
	store = worker_refuse_programs(err) == 0 ? reader_open(c, err) : NULL;
	has_store = store != NULL &&
	    store_attempts(store, &q, got_attempt, s, err) == 0;
	store_close(&store);
	if (s->has_attempts)
		drop_recorded(s);
	return has_log || has_store ? 0 : -1;
}

int
explain_message(const struct config *c, const char *qid, bool json, FILE *out)
{
	struct story *s = calloc(1, sizeof *s);
	struct err err = { 0 };
	int code = EXIT_OK;

	if (s == NULL)
		return err_no_memory("waybill");
	s->qid = qid;
	if (read_story(c, s, &err) != 0)
		code = command_fail(&err);
	else if (s->n == 0 && err.text[0] != '\0') {
		struct err record = err;

		err_set(&err, EXIT_UNAVAILABLE, "message %s is not in the log; "
		    "%s", qid, record.text);
		code = command_fail(&err);
	} else if (s->n == 0) {
		err_set(&err, EXIT_ATTENTION, "message %s is neither in the "
		    "record nor in the log", qid);
		code = command_fail(&err);
	} else {
		qsort(s->v, s->n, sizeof *s->v, compare_steps);
		if (json)
			code = print_json(s, out);
		else
			print_people(s, out);
	}
	for (size_t i = 0; i < s->n; i++)
		free_step(&s->v[i]);
	free(s->v);
	free(s);
	return code;
}
