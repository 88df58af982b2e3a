/* SPDX-License-Identifier: ISC */
/*
 * A resolver for tests that asks nobody: see fake_resolver.h. Nothing is
 * cached and nothing joined; every question is counted. Thread-safe like the
 * real one. Memory that a test needs is asserted, not checked.
 */
#include "fake_resolver.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/domain.h"

enum { CNAME = 5, CHAIN_MAX = 8, RDATA_MAX = 65535, TTL = 300 };

struct record {
	struct record *next;
	char *name;
	int type;		/* 0: every type */
	enum answer_status status;
	unsigned ttl_s;
	size_t len;
	uint8_t *data;
};

struct asked {
	struct asked *next;
	char *name;
	int type;
};

struct question {
	struct question *next;	/* of those held */
	struct resolver *r;
	unsigned refs;
	bool ready;
	char name[1024];
	enum dns_type type;
	void (*then)(void *arg, const struct answer *a);
	void *arg;
	struct answer answer;
	char canonical[DOMAIN_SIZE];
	struct rdata rdata[ANSWER_RECORDS_MAX];
};

struct resolver {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct record *records;
	struct asked *asked;
	struct question *held, **held_end;
	bool holds, dead;
	const char *silent;	/* the name that is never answered for; NULL: none */
};

const char *
answer_status_name(enum answer_status s)
{
	static const char *const word[] = {
		"data", "nodata", "nxdomain", "servfail", "timeout", "bogus",
		"bad-name",
	};

	return word[s];
}

static int
type_of(const char *s)
{
	static const struct {
		const char *word;
		int type;
	} t[] = {
		{ "A", DNS_A }, { "AAAA", DNS_AAAA }, { "MX", DNS_MX },
		{ "TXT", DNS_TXT }, { "PTR", DNS_PTR }, { "TLSA", DNS_TLSA },
		{ "CNAME", CNAME },
	};

	for (size_t i = 0; s != NULL && i < sizeof t / sizeof *t; i++) {
		if (strcmp(s, t[i].word) == 0)
			return t[i].type;
	}
	return 0;
}

static enum answer_status
status_of(const char *s)
{
	return strcmp(s, "SERVFAIL") == 0 ? ANSWER_SERVFAIL :
	    strcmp(s, "TIMEOUT") == 0 ? ANSWER_TIMEOUT :
	    strcmp(s, "BOGUS") == 0 ? ANSWER_BOGUS :
	    strcmp(s, "NODATA") == 0 ? ANSWER_NODATA : ANSWER_DATA;
}

/* Appends a name as labels. */
static size_t
put_name(uint8_t *out, const char *name)
{
	size_t at = 0;

	while (*name != '\0' && strcmp(name, ".") != 0) {
		size_t n = strcspn(name, ".");

		assert(n > 0 && n < 64);
		out[at++] = (uint8_t)n;
		memcpy(out + at, name, n);
		at += n;
		name += n + (name[n] == '.');
	}
	out[at++] = 0;
	return at;
}

static size_t
put_strings(uint8_t *out, const char *s)
{
	size_t at = 0;

	while ((s = strchr(s, '"')) != NULL) {
		size_t start = at++;

		for (s++; *s != '"'; s++) {
			unsigned v = (unsigned char)*s;

			assert(*s != '\0');
			if (*s == '\\') {
				int used = 1;

				v = (unsigned char)s[1];
				if (v >= '0' && v <= '9')
					assert(sscanf(s + 1, "%3u%n", &v,
					    &used) == 1);
				s += used;
			}
			out[at++] = (uint8_t)v;
		}
		s++;
		assert(at - start - 1 < 256);
		out[start] = (uint8_t)(at - start - 1);
	}
	return at;
}

static size_t
put_hex(uint8_t *out, const char *s)
{
	size_t at = 0;
	unsigned v;

	for (; sscanf(s, "%2x", &v) == 1; s += 2)
		out[at++] = (uint8_t)v;
	return at;
}

static size_t
put_data(uint8_t *out, int type, char *value)
{
	char *host;
	unsigned long preference;

	if (strncmp(value, "\\# ", 3) == 0)
		return put_hex(out, value + 3);
	switch (type) {
	case DNS_A:
		assert(inet_pton(AF_INET, value, out) == 1);
		return 4;
	case DNS_AAAA:
		assert(inet_pton(AF_INET6, value, out) == 1);
		return 16;
	case DNS_MX:
		preference = strtoul(value, &host, 10);
		out[0] = (uint8_t)(preference >> 8);
		out[1] = (uint8_t)preference;
		return 2 + put_name(out + 2, host + strspn(host, " \t"));
	case DNS_TXT:
		return put_strings(out, value);
	default:
		return put_name(out, value);
	}
}

static void
record_add(struct resolver *r, char *line)
{
	struct record *rec = calloc(1, sizeof *rec), **end = &r->records;
	static _Thread_local uint8_t data[RDATA_MAX];
	char *save = NULL, *word;

	assert(rec != NULL);
	rec->ttl_s = TTL;
	rec->name = strdup(strtok_r(line, " \t", &save));
	word = strtok_r(NULL, " \t", &save);
	assert(word != NULL);
	if (*word >= '0' && *word <= '9') {
		rec->ttl_s = (unsigned)strtoul(word, NULL, 10);
		word = strtok_r(NULL, " \t", &save);
		assert(word != NULL);
	}
	rec->status = status_of(word);
	if (rec->status != ANSWER_DATA) {
		rec->type = type_of(strtok_r(NULL, " \t", &save));
	} else {
		rec->type = type_of(word);
		assert(rec->type != 0);
		rec->len = put_data(data, rec->type, save + strspn(save, " \t"));
		rec->data = malloc(rec->len + 1);
		assert(rec->data != NULL);
		memcpy(rec->data, data, rec->len);
	}
	while (*end != NULL)
		end = &(*end)->next;
	*end = rec;
}

struct resolver *
fake_resolver_new(const char *zone)
{
	struct resolver *r = calloc(1, sizeof *r);
	pthread_condattr_t attr;
	char *text = strdup(zone), *rest = text, *line;

	assert(r != NULL && text != NULL);
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->changed, &attr);
	pthread_condattr_destroy(&attr);
	r->held_end = &r->held;
	while ((line = strsep(&rest, "\n")) != NULL) {
		line += strspn(line, " \t");
		if (*line != '\0' && *line != ';')
			record_add(r, line);
	}
	free(text);
	return r;
}

struct resolver *
resolver_new(const struct resolver_options *o, struct err *err)
{
	(void)o;
	(void)err;
	return fake_resolver_new("");
}

/* Has a record of its own, or something below it? */
static bool
name_exists(const struct resolver *r, const char *name)
{
	size_t len = strlen(name);

	for (struct record *rec = r->records; rec != NULL; rec = rec->next) {
		size_t n = strlen(rec->name);

		if (n >= len && text_equal_fold(rec->name + n - len, name) &&
		    (n == len || rec->name[n - len - 1] == '.'))
			return true;
	}
	return false;
}

static bool
wildcard_matches(const char *pattern, const char *name)
{
	size_t p = strlen(pattern), n = strlen(name);

	return pattern[0] == '*' && n >= p &&
	    text_equal_fold(name + n - (p - 1), pattern + 1);
}

static bool
record_matches(const struct resolver *r, const struct record *rec,
    const char *name)
{
	return text_equal_fold(rec->name, name) ||
	    (wildcard_matches(rec->name, name) && !name_exists(r, name));
}

/* Fills in what the zone says of name; the CNAME to follow, or NULL. */
static const struct record *
answer_name(struct question *q, const char *name)
{
	struct answer *a = &q->answer;
	const struct record *cname = NULL;

	a->status = name_exists(q->r, name) ? ANSWER_NODATA : ANSWER_NXDOMAIN;
	for (struct record *rec = q->r->records; rec != NULL; rec = rec->next) {
		if (!record_matches(q->r, rec, name))
			continue;
		if (a->status == ANSWER_NXDOMAIN)
			a->status = ANSWER_NODATA;
		if (rec->type == CNAME && rec->status == ANSWER_DATA)
			cname = rec;
		if (rec->type != 0 && rec->type != (int)q->type)
			continue;
		a->status = rec->status;
		if (rec->ttl_s < a->ttl_s)
			a->ttl_s = rec->ttl_s;
		if (rec->status != ANSWER_DATA)
			break;
		if (a->n == ANSWER_RECORDS_MAX)
			a->cut = true;
		else
			q->rdata[a->n++] = (struct rdata){ rec->data, rec->len };
	}
	return a->n == 0 && a->status == ANSWER_NODATA ? cname : NULL;
}

static void
answer_fill(struct question *q)
{
	const struct record *cname = NULL;
	char target[DOMAIN_SIZE];
	const char *name = q->name;

	q->answer.ttl_s = TTL;
	q->answer.rdata = q->rdata;
	for (int i = 0; i < CHAIN_MAX; i++) {
		snprintf(q->canonical, sizeof q->canonical, "%.253s", name);
		cname = answer_name(q, name);
		if (cname == NULL)
			break;
		size_t at = 0;
		for (const uint8_t *p = cname->data; *p != 0; p += *p + 1) {
			memcpy(target + at, p + 1, *p);
			at += *p;
			target[at++] = '.';
		}
		target[at > 0 ? at - 1 : 0] = '\0';
		name = target;
	}
	if (cname != NULL)
		q->answer.status = ANSWER_SERVFAIL;
	q->answer.canonical = q->canonical;
}

static bool
name_is_bad(const char *name)
{
	size_t label = 0;

	if (*name == '\0' || strlen(name) > 253)
		return true;
	for (; *name != '\0'; name++) {
		label = *name == '.' ? 0 : label + 1;
		if (label > 63 || (label == 0 && (name[1] == '.')))
			return true;
	}
	return false;
}

static void
count_asked(struct resolver *r, const struct question *q)
{
	struct asked *a = calloc(1, sizeof *a);

	assert(a != NULL);
	a->name = strdup(q->name);
	a->type = q->type;
	a->next = r->asked;
	r->asked = a;
}

static void
question_put(struct question *q)
{
	if (--q->refs == 0)
		free(q);
}

/* Answers q; its continuation runs without the lock. Takes a reference. */
static void
question_answer(struct question *q)
{
	struct resolver *r = q->r;

	pthread_mutex_lock(&r->lock);
	if (name_is_bad(q->name))
		q->answer.status = ANSWER_BAD_NAME;
	else
		answer_fill(q);
	q->ready = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	if (q->then != NULL)
		q->then(q->arg, &q->answer);
	pthread_mutex_lock(&r->lock);
	question_put(q);
	pthread_mutex_unlock(&r->lock);
}

static struct question *
question_ask(struct resolver *r, const char *name, enum dns_type type,
    void (*then)(void *arg, const struct answer *a), void *arg)
{
	struct question *q = calloc(1, sizeof *q);
	bool hold;
	size_t len;

	assert(q != NULL);
	snprintf(q->name, sizeof q->name, "%s", name);
	len = strlen(q->name);
	if (len > 0 && q->name[len - 1] == '.')
		q->name[len - 1] = '\0';
	q->r = r;
	q->type = type;
	q->then = then;
	q->arg = arg;
	q->refs = 2;
	q->answer.canonical = q->canonical;
	pthread_mutex_lock(&r->lock);
	count_asked(r, q);
	hold = r->holds || (r->silent != NULL && (r->silent[0] == '.' ?
	    domain_is_under(q->name, r->silent + 1) :
	    text_equal_fold(q->name, r->silent)));
	if (hold) {
		*r->held_end = q;
		r->held_end = &q->next;
	}
	pthread_mutex_unlock(&r->lock);
	if (!hold)
		question_answer(q);
	return q;
}

struct question *
resolver_ask(struct resolver *r, const char *name, enum dns_type type)
{
	return question_ask(r, name, type, NULL, NULL);
}

int
resolver_ask_then(struct resolver *r, const char *name, enum dns_type type,
    void (*then)(void *arg, const struct answer *a), void *arg)
{
	struct question *q = question_ask(r, name, type, then, arg);

	resolver_done(&q);
	return 0;
}

const struct answer *
resolver_wait(struct question *q, int64_t deadline_ms)
{
	struct timespec until = clock_timespec(deadline_ms);
	const struct answer *a;
	int rc = 0;

	if (q == NULL)
		return NULL;
	pthread_mutex_lock(&q->r->lock);
	while (!q->ready && !q->r->dead && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&q->r->changed, &q->r->lock, &until);
	a = q->ready ? &q->answer : NULL;
	pthread_mutex_unlock(&q->r->lock);
	return a;
}

void
resolver_done(struct question **qp)
{
	struct question *q = *qp;

	if (q == NULL)
		return;
	*qp = NULL;
	struct resolver *r = q->r;

	pthread_mutex_lock(&r->lock);
	question_put(q);
	pthread_mutex_unlock(&r->lock);
}

void
fake_resolver_hold(struct resolver *r, bool hold)
{
	struct question *q;

	pthread_mutex_lock(&r->lock);
	r->holds = hold;
	while (!r->holds && (q = r->held) != NULL) {
		r->held = q->next;
		if (r->held == NULL)
			r->held_end = &r->held;
		pthread_mutex_unlock(&r->lock);
		question_answer(q);
		pthread_mutex_lock(&r->lock);
	}
	pthread_mutex_unlock(&r->lock);
}

void
fake_resolver_silence(struct resolver *r, const char *name)
{
	pthread_mutex_lock(&r->lock);
	r->silent = name;
	pthread_mutex_unlock(&r->lock);
}

void
fake_resolver_kill(struct resolver *r, bool dead)
{
	pthread_mutex_lock(&r->lock);
	r->dead = dead;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

bool
resolver_is_dead(struct resolver *r)
{
	bool dead;

	pthread_mutex_lock(&r->lock);
	dead = r->dead;
	pthread_mutex_unlock(&r->lock);
	return dead;
}

unsigned
fake_resolver_count(struct resolver *r, const char *name, enum dns_type type)
{
	unsigned n = 0;

	pthread_mutex_lock(&r->lock);
	for (struct asked *a = r->asked; a != NULL; a = a->next) {
		if ((type == 0 || a->type == (int)type) &&
		    (name == NULL || text_equal_fold(a->name, name)))
			n++;
	}
	pthread_mutex_unlock(&r->lock);
	return n;
}

void
resolver_free(struct resolver **rp)
{
	struct resolver *r = *rp;

	if (r == NULL)
		return;
	*rp = NULL;
	fake_resolver_hold(r, false);
	while (r->records != NULL) {
		struct record *rec = r->records;

		r->records = rec->next;
		free(rec->name);
		free(rec->data);
		free(rec);
	}
	while (r->asked != NULL) {
		struct asked *a = r->asked;

		r->asked = a->next;
		free(a->name);
		free(a);
	}
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
