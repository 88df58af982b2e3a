/* SPDX-License-Identifier: ISC */
#include "record/request.h"

#include "base/event.h"
#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	REQUESTS_MAX = 1024,
	PROBES = 16,
	SILENT_SECONDS_MAX = 1200,
};

static const int64_t SECOND_US = 1000000;

struct request_table {
	struct request request[REQUESTS_MAX];
};

struct request_table *
request_table_new(void)
{
	return calloc(1, sizeof(struct request_table));
}

void
request_table_free(struct request_table **t)
{
	if (*t == NULL)
		return;
	for (unsigned i = 0; i < REQUESTS_MAX; i++)
		free((*t)->request[i].v);
	free(*t);
	*t = NULL;
}

void
request_reset(struct request *r)
{
	struct held *v = r->v;

	memset(r, 0, sizeof *r);
	r->v = v;
}

/* The request of a key, made where it is new. */
static struct request *
request_of_key(struct request_table *t, uint64_t key, int64_t now_us)
{
	struct request *room = NULL;

	for (unsigned i = 0; i < PROBES; i++) {
		struct request *r = &t->request[((key >> 1) + i) %
		    REQUESTS_MAX];

		if (r->key == key) {
			r->used_us = now_us;
			return r;
		}
		if (room == NULL || (room->key != 0 &&
		    (r->key == 0 || r->used_us < room->used_us)))
			room = r;
	}
	request_reset(room);
	room->key = key;
	room->used_us = now_us;
	return room;
}

struct request *
request_of(struct request_table *t, const struct source_line *line)
{
	const int64_t pid = line->pid;
	uint64_t key = hash_add(hash_add_text(0, line->tag), &pid,
	    sizeof pid) | 1;

	return request_of_key(t, key, line->time_us);
}

void
request_drop_held(struct request *r, unsigned i)
{
	r->n--;
	memmove(r->v + i, r->v + i + 1, (r->n - i) * sizeof *r->v);
}

static void
hold_text(struct held *h, const struct postfix_line *l)
{
	h->is_cut = l->cut || l->reply_len > REQUEST_TEXT_MAX;
	h->text_len = l->reply_len < REQUEST_TEXT_MAX ? l->reply_len :
	    REQUEST_TEXT_MAX;
	if (l->reply != NULL)
		memcpy(h->text, l->reply, h->text_len);
}

void
request_hold(struct request *r, const struct source_line *line,
    uint64_t identity, const struct postfix_line *l)
{
	struct held *last = r->n > 0 ? &r->v[r->n - 1] : NULL;
	struct held *h;

	if (r->v == NULL)
		r->v = calloc(REQUEST_HELD_MAX, sizeof *r->v);
	if (r->v == NULL)
		return;
	/* "SSL_connect error to X" and "Cannot start TLS" are one failure,
	 * and the second says more. */
	if (l->kind == POSTFIX_TLS_FAILED && l->relay_ip.family == IP_NONE &&
	    last != NULL && last->kind == POSTFIX_TLS_FAILED &&
	    last->qid[0] == '\0') {
		snprintf(last->qid, sizeof last->qid, "%s", l->qid);
		hold_text(last, l);
		return;
	}
	/* A server that says 421 and goes is one failure too. */
	if (l->kind == POSTFIX_LOST && last != NULL &&
	    last->kind == POSTFIX_HOST_SAID &&
	    strcmp(last->qid, l->qid) == 0 &&
	    ip_equal(&last->ip, &l->relay_ip))
		return;
	if (r->n == REQUEST_HELD_MAX)
		request_drop_held(r, 0);
	h = &r->v[r->n++];
	memset(h, 0, sizeof *h);
	h->time_us = line->time_us;
	h->identity = identity;
	h->kind = l->kind;
	memcpy(h->qid, l->qid, sizeof h->qid);
	memcpy(h->mx, l->relay_host, sizeof h->mx);
	memcpy(h->stage, l->stage, sizeof h->stage);
	h->ip = l->relay_ip;
	if (l->kind == POSTFIX_TLS_FAILED && h->ip.family == IP_NONE)
		h->ip = r->tls_ip;	/* its certificate was rejected */
	hold_text(h, l);
}

void
request_tls(struct request *r, const struct postfix_line *l)
{
	r->tls_ip = l->relay_ip;
	r->tls_is_new = true;
	memcpy(r->tls, l->tls, sizeof r->tls);
}

bool
request_begins(struct request *r, const struct postfix_line *l,
    const char *dest)
{
	char before[sizeof r->before];
	const char *slash = strchr(l->delays, '/');
	uint64_t dest_hash = hash_add_text(0, dest);
	uint64_t relay_hash = hash_add_text(0, l->relay_host);
	size_t len;

	slash = slash == NULL ? NULL : strchr(slash + 1, '/');
	len = slash == NULL ? 0 : (size_t)(slash - l->delays);
	if (len >= sizeof before)
		len = sizeof before - 1;
	memcpy(before, l->delays, len);
	before[len] = '\0';
	if (strcmp(r->qid, l->qid) == 0 && strcmp(r->before, before) == 0 &&
	    (r->dest == dest_hash || (r->n == 0 && r->relay == relay_hash)))
		return false;
	memcpy(r->qid, l->qid, sizeof r->qid);
	memcpy(r->before, before, len + 1);
	r->dest = dest_hash;
	r->relay = relay_hash;
	if (!r->tls_is_new)
		r->tls[0] = '\0';
	return true;
}

static bool
is_silent(const struct request *r, int64_t now_us)
{
	return r->used_us + SILENT_SECONDS_MAX * SECOND_US < now_us;
}

int64_t
request_oldest(struct request_table *t, int64_t now_us)
{
	int64_t oldest = INT64_MAX;

	for (unsigned i = 0; i < REQUESTS_MAX; i++) {
		struct request *r = &t->request[i];

		if (r->key == 0 || r->n == 0)
			continue;
		if (is_silent(r, now_us))
			request_reset(r);
		else if (r->v[0].time_us < oldest)
			oldest = r->v[0].time_us;
	}
	return oldest;
}

static void
add_hash(struct event *e, const char *key, uint64_t hash)
{
	char hex[17];

	snprintf(hex, sizeof hex, "%016" PRIx64, hash);
	event_add(e, key, hex);
}

void
request_save(const struct request_table *t, int64_t now_us, struct text *out)
{
	for (unsigned i = 0; i < REQUESTS_MAX; i++) {
		const struct request *r = &t->request[i];
		char ip[IP_SIZE];
		struct event e;

		if (r->key == 0 || is_silent(r, now_us) ||
		    (r->qid[0] == '\0' && r->tls[0] == '\0'))
			continue;
		event_begin(&e, NULL, false, "request");
		add_hash(&e, "process", r->key);
		event_add_number(&e, "spoke", r->used_us);
		event_add(&e, "qid", r->qid);
		event_add(&e, "before", r->before);
		add_hash(&e, "dest", r->dest);
		add_hash(&e, "relay", r->relay);
		if (r->tls[0] != '\0') {
			event_add(&e, r->tls_is_new ? "new-tls" : "tls",
			    r->tls);
			event_add(&e, "ip", ip_format(&r->tls_ip, ip));
		}
		text_addf(out, "%s\n", event_line(&e));
	}
}

/* Copies a value that has room; else out stays empty. */
static void
take_word(const struct event_read *e, const char *key, char *out, size_t size)
{
	const char *value = event_value(e, key);

	if (value != NULL && strlen(value) < size)
		memcpy(out, value, strlen(value) + 1);
}

static uint64_t
take_hash(const struct event_read *e, const char *key)
{
	const char *value = event_value(e, key);

	return value == NULL ? 0 : strtoull(value, NULL, 16);
}

static void
restore_line(struct request_table *t, const struct event_read *e)
{
	const char *spoke = event_value(e, "spoke");
	const char *ip = event_value(e, "ip");
	uint64_t key = take_hash(e, "process");
	struct request *r;
	long long spoke_us;

	if (strcmp(e->name, "request") != 0 || (key & 1) == 0 ||
	    spoke == NULL ||
	    text_number(spoke, 0, INT64_MAX / 2, &spoke_us) != 0)
		return;
	r = request_of_key(t, key, spoke_us);
	take_word(e, "qid", r->qid, sizeof r->qid);
	take_word(e, "before", r->before, sizeof r->before);
	r->dest = take_hash(e, "dest");
	r->relay = take_hash(e, "relay");
	r->tls_is_new = event_value(e, "new-tls") != NULL;
	take_word(e, r->tls_is_new ? "new-tls" : "tls", r->tls,
	    sizeof r->tls);
	if (ip != NULL)
		(void)ip_parse(ip, &r->tls_ip);
}

void
request_restore(struct request_table *t, const char *text)
{
	struct event_read e;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (event_parse(&e, text, len) == 0)
			restore_line(t, &e);
		text += len + (text[len] != '\0');
	}
}
