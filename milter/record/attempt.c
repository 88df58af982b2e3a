/* SPDX-License-Identifier: ISC */
/*
 * Log lines to attempts.
 *
 * smtp(8) serves one delivery request at a time. What it logs without a queue
 * id, and what it logs of hosts that weren't the last, is held per process
 * (tag and pid) until the request's first result names the recipient, and so
 * the destination. The next request of the same process begins when the queue
 * id or the times before delivery (the first two of delays=) differ. These
 * are told in two digits and may agree: another destination at another host,
 * or behind something held since, is another request too.
 *
 *	held line			result line		attempts
 *	connect to X			relay=Y			X, Y
 *	connect to X			relay=none		X; a result
 *	SSL_connect error to X,
 *	Cannot start TLS		relay=X			X
 *	host X said 4xx			relay=Y			X, Y
 *	-				relay=127.0.0.1		none: a filter
 *	-				error(8), deferred	none; a result
 *
 * What is lost when a process makes room for another (record/request.h) is the
 * join, not the attempt.
 */
#include "record/attempt.h"

#include "base/address.h"
#include "base/event.h"
#include "base/hash.h"
#include "base/text.h"
#include "record/postfix_log.h"
#include "record/queued.h"
#include "record/request.h"
#include "record/sighting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	COMING_SECONDS_MAX = 7200,
	REQUESTS_TEXT_MAX = 1 << 20,
};

struct attempt_joiner {
	const struct attempt_options *o;
	struct queued_table *queue;
	int64_t now_us;		/* the latest line's */
	struct request_table *requests;
	struct sightings *sightings;
	struct event_read event;
	struct postfix_line line;
	struct address mail_from;	/* of this row, or of one before it */
	int64_t signed_us;		/* waybilld's latest sign line */
	char signed_line[EVENT_LINE_MAX + 1];
	char warning[EVENT_LINE_MAX + 1];
	struct text text;		/* redacted */
	struct text recipient;
};

/* Has another log told of this line? identity is set where it is wanted, and
 * where there are several logs. */
static bool
is_repeat(struct attempt_joiner *j, unsigned stream,
    const struct source_line *line, bool wants_identity, uint64_t *identity)
{
	bool repeat = false;

	*identity = 0;
	if (wants_identity || sightings_are_many(j->sightings))
		*identity = sighting_identity(j->sightings, stream, line,
		    &repeat);
	return repeat;
}

static bool
is_own(const struct attempt_joiner *j, const struct ip *ip)
{
	if (ip_is_loopback(ip))
		return true;
	for (size_t i = 0; i < j->o->n_own; i++)
		if (ip_equal(&j->o->own[i], ip))
			return true;
	return false;
}

/* The middle of "postfix/smtp4/smtp": the service's own syslog_name. */
static void
transport_of(const char *tag, char *out, size_t size)
{
	const char *first = strchr(tag, '/');
	const char *last = strrchr(tag, '/');

	size_t len = first != NULL && last > first ?
	    (size_t)(last - first - 1) : 0;

	if (len >= size)
		len = size - 1;
	memcpy(out, first == NULL ? "" : first + 1, len);
	out[len] = '\0';
}

static const char *
status_of(const char *word)
{
	if (strcmp(word, "sent") == 0 || strcmp(word, "deliverable") == 0)
		return "sent";
	if (strcmp(word, "bounced") == 0 || strcmp(word, "undeliverable") == 0)
		return "bounced";
	return "deferred";	/* SOFTBOUNCE too: it is tried again */
}

static const char *
domain_in(const char *mailbox)
{
	const char *at = mailbox == NULL ? NULL : strrchr(mailbox, '@');

	return at == NULL ? "" : at + 1;
}

/* Reads the address of a log line. What isn't a host name is no domain, and
 * neither is a literal that holds more than an address. */
static void
read_mailbox(const char *mailbox, struct address *out)
{
	static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:";
	const char *inner = out->domain + 1;

	(void)address_path(mailbox, out);
	if (out->is_literal && inner[strspn(inner, plain)] != ']')
		out->domain[0] = '\0';
}

/* Fills what comes from the message; dest and ip are set. */
static void
fill(struct attempt_joiner *j, struct queued *m, struct attempt *a)
{
	const struct queued_prediction *p = queued_prediction(m, a->dest);

	a->kind = queued_kind(m);
	a->author = m != NULL && m->author != NULL ? m->author : "";
	a->author_is_known = a->author[0] != '\0';
	if (!a->author_is_known && m != NULL && m->mail_from != NULL) {
		if (strcmp(j->mail_from.text, m->mail_from) != 0)
			read_mailbox(m->mail_from, &j->mail_from);
		a->author = j->mail_from.domain;
	}
	a->sender = m != NULL && m->is_ours && m->mail_from != NULL &&
	    strcasecmp(domain_in(m->mail_from), a->author) == 0 ?
	    m->mail_from : "";
	a->predicted = p == NULL ? "" : p->family;
	a->why = p == NULL ? "" : p->why;
	if (p != NULL && p->transport[0] != '\0')
		a->transport = p->transport;
	a->family = a->ip.family == IP_4 ? "ipv4" :
	    a->ip.family == IP_6 ? "ipv6" : "";
}

/* Fills what comes from the message, the class and the privacy rules, and
 * hands the row over. reply is foreign. */
static void
emit(struct attempt_joiner *j, struct queued *m, struct attempt *a,
    const char *tag, const char *reply, size_t len, bool is_cut)
{
	const char *const known[] = { j->line.to, j->line.orig_to };
	struct reply_finding found;
	char transport[64];

	transport_of(tag, transport, sizeof transport);
	a->transport = transport;
	fill(j, m, a);
	a->provider = a->mx[0] == '\0' ? a->dest :
	    reply_provider(j->o->rules, a->mx);
	a->class = "";
	if (strcmp(a->status, "sent") != 0) {
		reply_classify(j->o->rules, a->provider, a->stage, a->dsn,
		    reply, len, &found);
		a->class = found.class->name;
	}
	text_clear(&j->text);
	recipient_redact(j->o->recipients, known, 2, reply, len, is_cut,
	    &j->text);
	a->text = j->text.buf;
	a->is_message = m == NULL || queued_meets(m, a->dest);
	if (m != NULL && a->is_final)
		a->queued = queued_wait(m, &(struct queued_answer){
		    .dest = a->dest, .provider = a->provider, .mx = a->mx,
		    .stage = a->stage, .class = a->class, .text = a->text,
		    .ip = a->ip }, strcmp(a->status, "deferred") == 0);
	j->o->emit(j->o->arg, a);
}

/* A connection that this host had no way to begin, in a family that waybilld
 * had said it has none of: Postfix tries it all the same, and then the other. */
static bool
lacks_family(const struct held *h, const struct queued_prediction *p)
{
	static const char *const reasons[] = { ": Network is unreachable",
		": Cannot assign requested address",
		": Address family not supported by protocol" };
	enum ip_family lacking;

	if (p == NULL || h->kind != POSTFIX_CONNECT_FAILED)
		return false;
	lacking = strcmp(p->why, "no-ipv6-here") == 0 ? IP_6 :
	    strcmp(p->why, "no-ipv4-here") == 0 ? IP_4 : IP_NONE;
	if (lacking == IP_NONE || h->ip.family != lacking)
		return false;
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		size_t len = strlen(reasons[i]);

		if (h->text_len > len && memcmp(h->text + h->text_len - len,
		    reasons[i], len) == 0)
			return true;
	}
	return false;
}

/* The failures that were held become attempts of this request. */
static void
emit_held(struct attempt_joiner *j, struct request *r, struct queued *m,
    const char *tag, const char *dest, bool *first)
{
	const struct postfix_line *l = &j->line;
	const struct queued_prediction *predicted = queued_prediction(m, dest);

	for (unsigned i = 0; i < r->n; i++) {
		const struct held *h = &r->v[i];
		bool is_none = lacks_family(h, predicted);
		struct attempt a = {
			.time_us = h->time_us, .identity = h->identity,
			.qid = l->qid, .recipient = "", .dest = dest,
			.mx = h->mx, .ip = h->ip, .tls = "",
			.status = "deferred", .dsn = "", .stage = h->stage,
			.conn_use = 1, .delay_ms = -1, .is_attempt = true,
			.is_first = *first && !is_none,
		};

		if (h->qid[0] != '\0' && strcmp(h->qid, l->qid) != 0)
			continue;
		/* smtp_bind_address that isn't here: only when it is enforced
		 * was this the attempt. */
		if (h->kind == POSTFIX_BIND_FAILED && (i + 1 >= r->n ||
		    r->v[i + 1].kind != POSTFIX_SERVER_CONFIG))
			continue;
		if (h->kind == POSTFIX_SERVER_CONFIG)
			continue;
		*first = *first && is_none;
		emit(j, m, &a, tag, h->text, h->text_len, h->is_cut);
	}
	r->n = 0;
}

/* The row of a delivery line. dest must outlive it. */
static struct attempt
result_row(struct attempt_joiner *j, const struct source_line *line,
    uint64_t identity, const char *dest)
{
	const struct postfix_line *l = &j->line;

	text_clear(&j->recipient);
	recipient_shown(j->o->recipients, l->to, &j->recipient);
	return (struct attempt){
		.time_us = line->time_us, .identity = identity,
		.qid = l->qid, .recipient = j->recipient.buf,
		.dest = dest, .mx = l->relay_host, .ip = l->relay_ip,
		.tls = l->tls, .status = status_of(l->status), .dsn = l->dsn,
		.stage = l->stage, .conn_use = l->conn_use,
		.delay_ms = l->delay_ms, .is_final = true,
		.is_attempt = l->relay_ip.family != IP_NONE,
	};
}

static void
on_result(struct attempt_joiner *j, const struct source_line *line,
    uint64_t identity)
{
	struct postfix_line *l = &j->line;
	struct request *r = request_of(j->requests, line);
	struct queued *m;
	struct address to;
	char next[POSTFIX_QID_MAX + 1];
	bool first;

	if (l->qid[0] == '\0' || l->status[0] == '\0')
		return;
	if (l->relay_ip.family != IP_NONE && is_own(j, &l->relay_ip)) {
		/* A content filter, or this host in another role. */
		if (postfix_log_queued_as(l, next))
			queued_follow(j->queue, l->qid, next);
		r->n = 0;
		return;
	}
	if (j->o->fallback[0] != '\0' &&
	    strcasecmp(l->relay_host, j->o->fallback) == 0)
		l->relay_ip.family = IP_NONE;
	m = queued_of(j->queue, l->qid);
	read_mailbox(l->to, &to);
	/* What failed last may be what the result tells of; else it was tried
	 * again there without TLS. */
	if (r->n > 0 && r->v[r->n - 1].kind == POSTFIX_TLS_FAILED &&
	    strcmp(l->stage, "tls") == 0 &&
	    ip_equal(&r->v[r->n - 1].ip, &l->relay_ip))
		request_drop_held(r, r->n - 1);
	first = request_begins(r, l, to.domain);
	emit_held(j, r, m, line->tag, to.domain, &first);

	struct attempt a = result_row(j, line, identity, to.domain);

	if (l->tls[0] == '\0' && r->tls[0] != '\0' &&
	    ip_equal(&r->tls_ip, &l->relay_ip))
		a.tls = r->tls;
	a.is_first = first && a.is_attempt;
	r->tls_is_new = false;
	emit(j, m, &a, line->tag, l->reply == NULL ? "" : l->reply,
	    l->reply_len, l->cut);
}

/*
 * error(8) defers what waits for a destination that doesn't answer, without
 * asking it: no attempt, but the message waits. (What it bounces is this host's
 * own decision, and says nothing of the destination.)
 */
static void
on_suspended(struct attempt_joiner *j, const struct source_line *line,
    uint64_t identity)
{
	const struct postfix_line *l = &j->line;
	struct address to;
	struct attempt a;

	if (l->kind != POSTFIX_DELIVERY || l->qid[0] == '\0' ||
	    strcmp(l->status, "deferred") != 0)
		return;
	read_mailbox(l->to, &to);
	a = result_row(j, line, identity, to.domain);
	emit(j, queued_of(j->queue, l->qid), &a, line->tag, l->reply == NULL ?
	    "" : l->reply, l->reply_len, l->cut);
}

static void
on_smtp(struct attempt_joiner *j, const struct source_line *line,
    uint64_t identity)
{
	const struct postfix_line *l = &j->line;

	switch (l->kind) {
	case POSTFIX_DELIVERY:
		on_result(j, line, identity);
		break;
	case POSTFIX_CONNECT_FAILED:
	case POSTFIX_HOST_SAID:
	case POSTFIX_REFUSED_TO_TALK:
	case POSTFIX_LOST:
	case POSTFIX_TIMED_OUT:
	case POSTFIX_TLS_FAILED:
	case POSTFIX_BIND_FAILED:
	case POSTFIX_SERVER_CONFIG:
		request_hold(request_of(j->requests, line), line, identity, l);
		break;
	case POSTFIX_TLS_MADE:
		request_tls(request_of(j->requests, line), l);
		break;
	case POSTFIX_FATAL:
		request_reset(request_of(j->requests, line));
		break;
	case POSTFIX_OTHER:
	case POSTFIX_ACTIVE:
	case POSTFIX_EXPIRED:
	case POSTFIX_REMOVED:
	case POSTFIX_CLIENT:
	case POSTFIX_PICKUP:
	case POSTFIX_MESSAGE_ID:
	case POSTFIX_MILTER_REJECT:
	case POSTFIX_REJECT:
	case POSTFIX_BOUNCE:
	case POSTFIX_RENAMED:
		break;
	}
}

static void
on_client(struct queued *m, const struct postfix_line *l, int64_t now)
{
	if (m->mail_from == NULL)
		m->coming_since = now;
	if (m->has_line)
		return;
	m->is_forwarded = l->sasl_username[0] == '\0' &&
	    !ip_is_loopback(&l->relay_ip);
	queued_touch(m);
}

/* What an expiry is told with. */
struct expiry {
	struct attempt_joiner *j;
	struct queued *m;
	int64_t time_us;
	uint64_t identity;
};

/* A row for each recipient of a destination that the message waited for. */
static void
on_expired_dest(void *arg, const struct queued_answer *last,
    unsigned recipients)
{
	struct expiry *e = arg;
	struct attempt a = {
		.time_us = e->time_us, .qid = e->m->qid, .recipient = "",
		.dest = last->dest, .provider = last->provider,
		.mx = last->mx, .ip = last->ip, .transport = "", .tls = "",
		.status = "expired", .dsn = "", .stage = last->stage,
		.class = last->class, .text = last->text, .conn_use = 1,
		.delay_ms = -1, .is_final = true, .queued = -1,
	};

	fill(e->j, e->m, &a);
	for (unsigned i = 0; i < recipients; i++) {
		e->identity = hash_add(e->identity, &i, sizeof i) & INT64_MAX;
		a.identity = e->identity;
		e->j->o->emit(e->j->o->arg, &a);
	}
}

static void
on_expired(struct attempt_joiner *j, const struct source_line *line,
    uint64_t identity)
{
	struct expiry e = { .j = j, .m = queued_find(j->queue, j->line.qid),
		.time_us = line->time_us, .identity = identity };

	if (e.m == NULL)
		return;
	queued_expire(e.m, on_expired_dest, &e);
	if (j->o->message != NULL)
		j->o->message(j->o->arg, line->time_us, identity,
		    e.m->is_ours && e.m->author != NULL ? e.m->author : "",
		    "expired", "");
}

/* A message that a milter has rejected or thrown away at its end. */
static bool
never_came(const struct postfix_line *l)
{
	return l->kind == POSTFIX_MILTER_REJECT &&
	    strcmp(l->program, "cleanup") == 0 && strcmp(l->status, "hold") != 0;
}

static void
on_queue(struct attempt_joiner *j, const struct source_line *line,
    uint64_t identity)
{
	const struct postfix_line *l = &j->line;
	struct queued *m;

	if (l->qid[0] == '\0')
		return;
	if (l->kind == POSTFIX_REMOVED || never_came(l)) {
		queued_leave(j->queue, l->qid);
		return;
	}
	if (l->kind == POSTFIX_EXPIRED) {
		on_expired(j, line, identity);
		return;
	}
	if (l->kind == POSTFIX_PICKUP && l->other_id[0] != '\0') {
		queued_follow(j->queue, l->other_id, l->qid);
		queued_leave(j->queue, l->other_id);
	}
	if (l->kind == POSTFIX_BOUNCE) {
		/* It may have left already. */
		m = queued_find(j->queue, l->other_id);
		if (m != NULL) {
			m->is_bounce = true;
			queued_touch(m);
		}
		return;
	}
	if (l->kind != POSTFIX_ACTIVE && l->kind != POSTFIX_PICKUP &&
	    l->kind != POSTFIX_CLIENT)
		return;
	m = queued_of(j->queue, l->qid);
	if (m == NULL)
		return;
	if (l->kind == POSTFIX_CLIENT)
		on_client(m, l, line->time_us / 1000000);
	else if (m->mail_from == NULL)
		queued_set(m, &m->mail_from, l->from);
	if (l->kind == POSTFIX_ACTIVE) {
		m->coming_since = 0;
		queued_begin_run(m);
	}
}

static void
copy_line(const struct source_line *line, char *out)
{
	size_t len = line->len < EVENT_LINE_MAX ? line->len : EVENT_LINE_MAX;

	memcpy(out, line->text, len);
	out[len] = '\0';
}

/* Why waybilld left alone what others wrote. */
static bool
is_of_others(const char *why)
{
	return strcmp(why, "forwarded") == 0 || strcmp(why, "reinjected") == 0;
}

static void
on_message(struct attempt_joiner *j, const struct source_line *line,
    uint64_t identity)
{
	const struct event_read *e = &j->event;
	struct queued *m = queued_of(j->queue, e->qid);
	const char *result = event_value(e, "result");
	const char *author = event_value(e, "author");
	const char *why = event_value(e, "why");

	if (m == NULL)
		return;
	m->has_line = true;
	queued_touch(m);
	queued_set(m, &m->author, author);
	m->is_forwarded = why != NULL && is_of_others(why);
	m->is_ours = result != NULL && strcmp(result, "unsigned") != 0;
	if (j->o->message != NULL && result != NULL)
		j->o->message(j->o->arg, line->time_us, identity,
		    m->is_ours && author != NULL ? author : "", result,
		    why == NULL ? "" : why);
}

static void
on_waybilld(struct attempt_joiner *j, unsigned stream,
    const struct source_line *line)
{
	struct event_read *e = &j->event;
	struct queued *m;
	uint64_t identity;

	if (event_parse(e, line->text, line->len) != 0 ||
	    is_repeat(j, stream, line, e->warning ||
	    strcmp(e->name, "message") == 0, &identity))
		return;
	if (e->warning && j->o->warned != NULL) {
		copy_line(line, j->warning);
		j->o->warned(j->o->arg, line->time_us, identity, e->name,
		    j->warning);
	}
	if (e->qid[0] == '\0' || e->warning)
		return;
	if (strcmp(e->name, "message") == 0) {
		on_message(j, line, identity);
	} else if (strcmp(e->name, "sign") == 0) {
		copy_line(line, j->signed_line);
		j->signed_us = line->time_us;
	} else if (strcmp(e->name, "route") == 0) {
		const char *dest = event_value(e, "dest");
		const char *family = event_value(e, "family");
		const char *why = event_value(e, "why");
		const char *transport = event_value(e, "transport");

		m = queued_of(j->queue, e->qid);
		if (m != NULL && dest != NULL && family != NULL &&
		    queued_prediction(m, dest) == NULL)
			queued_predict(m, dest, family, why == NULL ? "" : why,
			    transport == NULL ? "" : transport);
	}
}

struct attempt_joiner *
attempt_joiner_new(const struct attempt_options *o, struct err *err)
{
	struct attempt_joiner *j = calloc(1, sizeof *j);

	if (j != NULL) {
		j->o = o;
		j->queue = queued_table_new();
		j->requests = request_table_new();
		text_init(&j->text, 4096);
		text_init(&j->recipient, 2048);
		j->sightings = sightings_new(o->has_many_logs);
		if (j->queue == NULL || j->requests == NULL ||
		    j->sightings == NULL)
			attempt_joiner_free(&j);
	}
	if (j == NULL)
		err_set(err, EXIT_TEMPORARY, "out of memory");
	return j;
}

void
attempt_joiner_free(struct attempt_joiner **j)
{
	if (*j == NULL)
		return;
	queued_table_free(&(*j)->queue);
	request_table_free(&(*j)->requests);
	sightings_free(&(*j)->sightings);
	text_free(&(*j)->text);
	text_free(&(*j)->recipient);
	free(*j);
	*j = NULL;
}

void
attempt_joiner_line(struct attempt_joiner *j, unsigned stream,
    const struct source_line *line)
{
	uint64_t identity;
	bool is_smtp;
	bool is_error;

	if (line->time_us > j->now_us)
		j->now_us = line->time_us;
	if (strcmp(line->tag, "waybilld") == 0) {
		on_waybilld(j, stream, line);
		return;
	}
	if (strchr(line->tag, '/') == NULL)
		return;
	postfix_log_parse(line, &j->line);
	if (j->line.kind == POSTFIX_OTHER)
		return;
	is_smtp = strcmp(j->line.program, "smtp") == 0;
	is_error = strcmp(j->line.program, "error") == 0;
	if (is_repeat(j, stream, line, is_smtp || is_error ||
	    j->line.kind == POSTFIX_EXPIRED, &identity))
		return;
	if (is_smtp)
		on_smtp(j, line, identity);
	else if (is_error)
		on_suspended(j, line, identity);
	else if (strcmp(j->line.program, "lmtp") != 0 &&
	    j->line.kind != POSTFIX_DELIVERY)
		on_queue(j, line, identity);
}

int64_t
attempt_joiner_oldest(struct attempt_joiner *j)
{
	return request_oldest(j->requests, j->now_us);
}

void
attempt_joiner_requests(const struct attempt_joiner *j, struct text *requests)
{
	text_init(requests, REQUESTS_TEXT_MAX);
	request_save(j->requests, j->now_us, requests);
}

void
attempt_joiner_resume(struct attempt_joiner *j, const char *requests)
{
	request_restore(j->requests, requests);
}

void
attempt_joiner_save(struct attempt_joiner *j,
    void (*save)(void *arg, const char *qid, const char *text), void *arg)
{
	queued_sweep(j->queue, j->now_us / 1000000 - COMING_SECONDS_MAX);
	queued_save(j->queue, save, arg);
}

void
attempt_joiner_restore(struct attempt_joiner *j, const char *qid,
    const char *text)
{
	queued_restore(j->queue, qid, text);
}

const char *
attempt_joiner_signed(const struct attempt_joiner *j, int64_t *time_us)
{
	*time_us = j->signed_us;
	return j->signed_line;
}
