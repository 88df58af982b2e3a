/* SPDX-License-Identifier: ISC */
/*
 * DNS by libunbound: one context in its thread mode, one thread of ours (the
 * collector) that takes its answers, one table under one mutex.
 *
 * A question is an entry of the table. Requests for the same name and type
 * join it. Once answered it stays for its TTL (1 to 60 minutes; no such name
 * or data: 5 minutes at most; a failure: 5 seconds). If the table has more
 * than cache_max entries or CACHE_BYTES_MAX, the least recently used one is
 * dropped first.
 *
 * Names are plain text: dots separate labels, and every other byte is literal
 * and reaches the server unchanged. Case is folded.
 *
 * Dead DNS: if no question was answered for SILENT_MS since the first one that
 * is waiting, the servers are probed (dns_servers.h). If none of them answers
 * within PROBE_MS, DNS is dead: waiters are released, new questions end
 * immediately with ANSWER_TIMEOUT, and the probe is repeated every second. At
 * the first sign of life a new context is created, because the old one would
 * continue to avoid the servers for a while. A dead domain alone never has
 * this effect. So that servers which ignore only our probe are not considered
 * dead indefinitely, one query is still sent every 10 s.
 *
 * A context cannot be changed once it is in use, so a changed list of servers
 * in resolv.conf (checked every 5 s) requires a new one too; the old one lives
 * until its last question ends, with CONTEXTS_MAX of them at most.
 *
 * Local zones: libunbound answers test., invalid., home.arpa. and the reverse
 * zones of private and documentation addresses itself, without a query. Here
 * they go to the servers like all others, whoever configured these: Postfix
 * asks the same servers, and the answers here must be those that Postfix gets.
 * localhost. and the reverse zones of loopback stay local (RFC 6761); onion.
 * is never queried (RFC 7686). serve_local_zones keeps libunbound's defaults.
 *
 * Each question in flight has a socket of its own (for a random port).
 * libunbound has 16 of them by default, and everybody would wait for these
 * while somebody's names are silent: so it gets as many as the limit of open
 * files allows.
 *
 * Locks: r->lock protects every member of the table, its questions and
 * contexts that is not marked constant. It is never held during a call into
 * libunbound or a continuation.
 */
#include "find/resolver.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <unbound.h>

#include "base/clock.h"
#include "base/domain.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/thread.h"
#include "find/dns_servers.h"

enum {
	BUCKETS = 8192,
	CACHE_MAX = 20000,			/* entries */
	CACHE_BYTES_MAX = 64 * 1024 * 1024,
	FLIGHT_MAX = 10000,			/* questions unanswered */
	CONTEXTS_MAX = 4,
	PORTS_MIN = 16, PORTS_MAX = 1024,	/* sockets of a context */
	LABEL_MAX = 63,
	ESCAPED_SIZE = 4 * DOMAIN_SIZE,		/* every byte as \DDD */
};
enum {				/* seconds */
	TTL_MIN = 60, TTL_MAX = 3600, NEGATIVE_TTL_MAX = 300, FAILURE_TTL = 5,
};
enum {				/* milliseconds */
	SILENT_MS = 1500, PROBE_MS = 1000, PROBE_EVERY_MS = 1000,
	ALIVE_FOR_MS = 5000, TRIAL_EVERY_MS = 10000, WATCH_EVERY_MS = 5000, TICK_MS = 250,
	/* libunbound gives up on silent servers after 12 to 24 s; a failure
	 * that comes sooner was an answer. */
	GAVE_UP_MS = 8000,
};

struct then {
	SLIST_ENTRY(then) next;
	void (*call)(void *arg, const struct answer *a);
	void *arg;
};

TAILQ_HEAD(question_list, question);

struct context {
	SLIST_ENTRY(context) next;
	struct ub_ctx *ub;		/* constant */
	unsigned asking;		/* running calls into libunbound */
	struct question_list flight;
};

struct question {
	LIST_ENTRY(question) bucket;
	TAILQ_ENTRY(question) entry;	/* of a flight, or of r->used */
	struct resolver *r;		/* constant, as type, name, asked_ms */
	struct context *context;	/* NULL if it is not in flight */
	bool hashed, ready;
	unsigned refs;			/* table, flight, each asker */
	int64_t asked_ms, until_ms;
	size_t bytes;
	SLIST_HEAD(, then) thens;
	pthread_cond_t changed;
	struct answer answer;		/* constant once ready */
	void *block;			/* what answer points into */
	enum dns_type type;
	char name[DOMAIN_SIZE];
};

struct resolver {
	pthread_mutex_t lock;
	LIST_HEAD(, question) bucket[BUCKETS];
	/* ready and hashed, most recently used last */
	struct question_list used;
	size_t n_used, bytes, n_flight;
	SLIST_HEAD(, context) contexts;	/* the first is the one in use */
	bool dead, closing;
	/* the next question is sent although DNS is dead */
	bool trial;
	/* the first one sent since the last answer, or 0 */
	int64_t unanswered_ms;
	/* the collector sleeps until something arrives */
	bool idle;
	bool renew;		/* the context is to be replaced */

	/* constant */
	uint64_t seed;
	size_t cache_max;
	int wake;
	pthread_t collector;
	bool serve_local_zones;
	char *trust_anchor, *resolv_conf;
	bool watches;		/* the servers are those of resolv_conf */

	/* used only by the collector */
	struct text_list servers;
	struct dns_probe probe;
	int64_t probe_end_ms, probe_next_ms, trial_ms, watch_next_ms;
};

static const char *const status_word[] = {
	[ANSWER_DATA] = "data",
	[ANSWER_NODATA] = "nodata",
	[ANSWER_NXDOMAIN] = "nxdomain",
	[ANSWER_SERVFAIL] = "servfail",
	[ANSWER_TIMEOUT] = "timeout",
	[ANSWER_BOGUS] = "bogus",
	[ANSWER_BAD_NAME] = "bad-name",
};

const char *
answer_status_name(enum answer_status s)
{
	return status_word[s];
}

/* Folds case, drops a final dot, checks lengths. Returns -1 if no such name
 * can exist. */
static int
name_normal(const char *name, char *out)
{
	size_t label = 0, len = 0;

	for (; *name != '\0'; name++) {
		char c = *name;

		if (c == '.') {
			if (label == 0)
				return -1;
			if (name[1] == '\0')
				break;
			label = 0;
		} else if (++label > LABEL_MAX) {
			return -1;
		}
		if (len + 1 >= DOMAIN_SIZE)
			return -1;
		out[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	out[len] = '\0';
	return label > 0 ? 0 : -1;
}

/* For libunbound: bytes with a special meaning are written as \DDD. */
static void
name_escaped(const char *name, char *out)
{
	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;

		if (c == '.' || c == '-' || c == '_' || (c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9')) {
			*out++ = (char)c;
		} else {
			*out++ = '\\';
			*out++ = (char)('0' + c / 100);
			*out++ = (char)('0' + c / 10 % 10);
			*out++ = (char)('0' + c % 10);
		}
	}
	*out = '\0';
}

static size_t
name_bucket(const struct resolver *r, const char *name, enum dns_type type)
{
	return hash_add_text(r->seed ^ (uint64_t)type, name) % BUCKETS;
}

static struct question *
question_new(struct resolver *r, const char *name, enum dns_type type)
{
	struct question *q = calloc(1, sizeof *q);
	pthread_condattr_t attr;

	if (q == NULL)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->changed, &attr);
	pthread_condattr_destroy(&attr);
	SLIST_INIT(&q->thens);
	q->r = r;
	q->refs = 1;
	q->type = type;
	q->asked_ms = clock_ms();
	q->bytes = sizeof *q;
	memcpy(q->name, name, strlen(name) + 1);
	return q;
}

static void
question_put(struct question *q)
{
	if (--q->refs > 0)
		return;
	pthread_cond_destroy(&q->changed);
	free(q->block);
	free(q);
}

static void
table_drop(struct question *q)
{
	struct resolver *r = q->r;

	LIST_REMOVE(q, bucket);
	q->hashed = false;
	if (q->ready) {
		TAILQ_REMOVE(&r->used, q, entry);
		r->n_used--;
		r->bytes -= q->bytes;
	}
	question_put(q);
}

static void
table_use(struct question *q)
{
	struct resolver *r = q->r;

	TAILQ_INSERT_TAIL(&r->used, q, entry);
	r->n_used++;
	r->bytes += q->bytes;
	while (r->n_used > r->cache_max || r->bytes > CACHE_BYTES_MAX)
		table_drop(TAILQ_FIRST(&r->used));
}

static struct question *
table_find(struct resolver *r, const char *name, enum dns_type type)
{
	struct question *q;

	LIST_FOREACH(q, &r->bucket[name_bucket(r, name, type)], bucket) {
		if (q->type == type && strcmp(q->name, name) == 0)
			break;
	}
	if (q == NULL || !q->ready)
		return q;
	if (q->until_ms <= clock_ms()) {
		table_drop(q);
		return NULL;
	}
	TAILQ_REMOVE(&r->used, q, entry);
	TAILQ_INSERT_TAIL(&r->used, q, entry);
	return q;
}

/* Forgets what is unanswered, or everything: nobody can join it any more. */
static void
table_forget(struct resolver *r, bool ready_too)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct question *q = LIST_FIRST(&r->bucket[i]), *next;

		for (; q != NULL; q = next) {
			next = LIST_NEXT(q, bucket);
			if (!q->ready || ready_too)
				table_drop(q);
		}
	}
}

/* How long an answer is kept. */
static int64_t
keep_ms(enum answer_status status, unsigned ttl_s)
{
	unsigned s = FAILURE_TTL;

	switch (status) {
	case ANSWER_DATA:
		s = ttl_s < TTL_MIN ? TTL_MIN : ttl_s;
		s = s > TTL_MAX ? TTL_MAX : s;
		break;
	case ANSWER_NODATA:
	case ANSWER_NXDOMAIN:
		s = ttl_s < TTL_MIN ? TTL_MIN : ttl_s;
		s = s > NEGATIVE_TTL_MAX ? NEGATIVE_TTL_MAX : s;
		break;
	case ANSWER_SERVFAIL:
	case ANSWER_TIMEOUT:
	case ANSWER_BOGUS:
	case ANSWER_BAD_NAME:
		break;
	}
	return (int64_t)s * 1000;
}

static enum answer_status
status_of(const struct question *q, int err, const struct ub_result *res)
{
	if (err == UB_SYNTAX)
		return ANSWER_BAD_NAME;
	if (err != 0 || res == NULL)
		return ANSWER_SERVFAIL;
	if (res->bogus)
		return ANSWER_BOGUS;
	if (res->rcode == 3)
		return ANSWER_NXDOMAIN;
	if (res->rcode == 0)
		return res->havedata ? ANSWER_DATA : ANSWER_NODATA;
	return clock_ms() - q->asked_ms >= GAVE_UP_MS ?
	    ANSWER_TIMEOUT : ANSWER_SERVFAIL;
}

/* Copies name without final dot, case folded; a name that is too long is
 * dropped. */
static char *
put_canonical(char *at, const char *name)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len >= DOMAIN_SIZE)
		len = 0;
	for (size_t i = 0; i < len; i++)
		at[i] = name[i] >= 'A' && name[i] <= 'Z' ?
		    (char)(name[i] - 'A' + 'a') : name[i];
	at[len] = '\0';
	return at + len + 1;
}

/* Fills q->answer from the library's result, in one block of our own (its
 * result also holds the whole packet). Returns -1 without memory. */
static int
answer_fill(struct question *q, const struct ub_result *res)
{
	struct answer *a = &q->answer;
	const char *canonical = res->canonname != NULL ? res->canonname : q->name;
	size_t n = 0, bytes = DOMAIN_SIZE;
	struct rdata *rdata;
	char *at;

	for (; res->havedata && res->data[n] != NULL; n++) {
		if (n == ANSWER_RECORDS_MAX) {
			a->cut = true;
			break;
		}
		bytes += sizeof *rdata + (size_t)res->len[n];
	}
	rdata = malloc(bytes);
	if (rdata == NULL)
		return -1;
	at = (char *)(rdata + n);
	for (size_t i = 0; i < n; i++) {
		size_t len = (size_t)res->len[i];

		memcpy(at, res->data[i], len);
		rdata[i] = (struct rdata){ (const uint8_t *)at, len };
		at += len;
	}
	put_canonical(at, canonical);
	a->canonical = at;
	a->rdata = rdata;
	a->n = n;
	a->secure = res->secure;
	a->ttl_s = res->ttl > 0 ? (unsigned)res->ttl : 0;
	q->block = rdata;
	q->bytes += bytes;
	return 0;
}

/* Wakes all waiters: DNS is dead, or no longer. */
static void
wake_waiters(struct resolver *r)
{
	struct context *c;
	struct question *q;

	SLIST_FOREACH(c, &r->contexts, next) {
		TAILQ_FOREACH(q, &c->flight, entry)
			pthread_cond_broadcast(&q->changed);
	}
}

/* A server has answered something. Called with r->lock held. */
static void
heard_a_word(struct resolver *r)
{
	r->unanswered_ms = 0;
	if (r->dead) {
		r->dead = false;
		r->renew = true;
	}
}

/* Ends a question in flight: puts the result in the table, wakes waiters and
 * runs continuations. res may be NULL. */
static void
question_finish(struct question *q, enum answer_status status,
    const struct ub_result *res)
{
	struct resolver *r = q->r;
	struct then *t;

	q->answer.canonical = q->name;
	if (res != NULL && answer_fill(q, res) != 0)
		status = ANSWER_SERVFAIL;
	q->answer.status = status;
	pthread_mutex_lock(&r->lock);
	TAILQ_REMOVE(&q->context->flight, q, entry);
	q->context = NULL;
	r->n_flight--;
	q->ready = true;
	q->until_ms = clock_ms() + keep_ms(status, q->answer.ttl_s);
	if (status == ANSWER_DATA || status == ANSWER_NODATA ||
	    status == ANSWER_NXDOMAIN)
		heard_a_word(r);
	if (q->hashed)
		table_use(q);
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&r->lock);

	/* Ready now: nobody adds to the list any more. */
	while ((t = SLIST_FIRST(&q->thens)) != NULL) {
		SLIST_REMOVE_HEAD(&q->thens, next);
		t->call(t->arg, &q->answer);
		free(t);
	}
	pthread_mutex_lock(&r->lock);
	question_put(q);
	pthread_mutex_unlock(&r->lock);
}

/* libunbound's callback, in the collector. */
static void
on_answer(void *arg, int err, struct ub_result *res)
{
	struct question *q = arg;

	question_finish(q, status_of(q, err, res), err == 0 ? res : NULL);
	if (res != NULL)
		ub_resolve_free(res);
}

static void
on_start(void *arg, int err, struct ub_result *res)
{
	(void)arg;
	(void)err;
	if (res != NULL)
		ub_resolve_free(res);
}

/* Sockets for questions in flight: a quarter of the file limit. */
static void
count_ports(char *out, size_t size)
{
	struct rlimit files = { .rlim_cur = 0 };
	rlim_t n;

	(void)getrlimit(RLIMIT_NOFILE, &files);
	n = files.rlim_cur / 4;
	if (n < PORTS_MIN)
		n = PORTS_MIN;
	if (n > PORTS_MAX)
		n = PORTS_MAX;
	(void)snprintf(out, size, "%lu", (unsigned long)n);
}

static int
context_options(const struct resolver *r, struct ub_ctx *ub, struct err *err)
{
	char ports[16];
	const struct {
		const char *name, *value;
		bool local_zones;
	} option[] = {
		{ "do-not-query-localhost:", "no", false },
		{ "cache-max-ttl:", "3600", false },
		{ "cache-max-negative-ttl:", "300", false },
		{ "infra-keep-probing:", "yes", false },
		{ "outgoing-range:", ports, false },
		{ "unblock-lan-zones:", "yes", true },
		{ "insecure-lan-zones:", "yes", true },
		{ "local-zone:", "test. transparent", true },
		{ "local-zone:", "invalid. transparent", true },
		{ "local-zone:", "home.arpa. transparent", true },
	};

	count_ports(ports, sizeof ports);
	for (size_t i = 0; i < sizeof option / sizeof *option; i++) {
		int rc;

		if (option[i].local_zones && r->serve_local_zones)
			continue;
		rc = ub_ctx_set_option(ub, option[i].name, option[i].value);
		if (rc != 0)
			return err_set(err, EXIT_UNAVAILABLE,
			    "libunbound rejects %s %s: %s", option[i].name,
			    option[i].value, ub_strerror(rc));
	}
	for (size_t i = 0; i < r->servers.n; i++) {
		int rc = ub_ctx_set_fwd(ub, r->servers.v[i]);

		if (rc != 0)
			return err_set(err, EXIT_CONFIG,
			    "resolver.servers: libunbound rejects \"%s\": %s",
			    r->servers.v[i], ub_strerror(rc));
	}
	return 0;
}

/* A look-up that needs no server: only now does libunbound check its options,
 * and start its thread (without signals for us). */
static int
context_start(const struct resolver *r, struct ub_ctx *ub, struct err *err)
{
	struct ub_result *res = NULL;
	int rc = ub_resolve(ub, "localhost.", DNS_A, 1, &res);

	if (rc == 0) {
		ub_resolve_free(res);
		rc = ub_resolve_async(ub, "localhost.", DNS_A, 1, NULL,
		    on_start, NULL);
	}
	if (rc != 0 && r->trust_anchor != NULL)
		return err_set(err, EXIT_CONFIG,
		    "resolver.trust_anchor: %s: libunbound cannot use it (%s)",
		    r->trust_anchor, ub_strerror(rc));
	if (rc != 0)
		return err_set(err, EXIT_UNAVAILABLE,
		    "cannot start libunbound: %s", ub_strerror(rc));
	return 0;
}

static int
context_begin(const struct resolver *r, struct ub_ctx *ub, struct err *err)
{
	if (context_options(r, ub, err) != 0)
		return -1;
	if ((r->trust_anchor != NULL &&
	    ub_ctx_add_ta_file(ub, r->trust_anchor) != 0) ||
	    ub_ctx_async(ub, 1) != 0)
		return err_set(err, EXIT_UNAVAILABLE,
		    "cannot start libunbound");
	return context_start(r, ub, err);
}

/* On a thread without signals: libunbound's own thread inherits that. */
static struct context *
context_new(const struct resolver *r, struct err *err)
{
	struct context *c = calloc(1, sizeof *c);

	if (c != NULL)
		c->ub = ub_ctx_create();
	if (c == NULL || c->ub == NULL) {
		free(c);
		err_set(err, EXIT_TEMPORARY, "libunbound: out of memory");
		return NULL;
	}
	TAILQ_INIT(&c->flight);
	ub_ctx_debugout(c->ub, NULL);
	if (context_begin(r, c->ub, err) != 0) {
		ub_ctx_delete(c->ub);
		free(c);
		return NULL;
	}
	return c;
}

/* Frees a context that is no longer used, and ends what is still in flight. */
static void
context_free(struct context *c)
{
	struct question *q;

	ub_ctx_delete(c->ub);		/* no callback after this */
	while ((q = TAILQ_FIRST(&c->flight)) != NULL)
		question_finish(q, ANSWER_TIMEOUT, NULL);
	free(c);
}

/* Puts a new context in front. On failure the old one stays in use. */
static void
context_renew(struct resolver *r, bool forget_all)
{
	struct context *c = context_new(r, NULL);

	pthread_mutex_lock(&r->lock);
	r->renew = false;
	if (c != NULL) {
		SLIST_INSERT_HEAD(&r->contexts, c, next);
		table_forget(r, forget_all);
	}
	pthread_mutex_unlock(&r->lock);
}

/* Takes out one context that has no questions left, or is one too many. */
static struct context *
context_take_old(struct resolver *r)
{
	struct context *c, *found = NULL;
	unsigned n = 0;

	pthread_mutex_lock(&r->lock);
	SLIST_FOREACH(c, &r->contexts, next) {
		if (n++ > 0 && c->asking == 0 &&
		    (TAILQ_EMPTY(&c->flight) || n > CONTEXTS_MAX))
			found = c;
	}
	if (found != NULL)
		SLIST_REMOVE(&r->contexts, found, context, next);
	pthread_mutex_unlock(&r->lock);
	return found;
}

/* Checks whether the system has a different list of servers. */
static void
watch_servers(struct resolver *r, int64_t now)
{
	struct text_list list = { 0 };

	if (!r->watches || now < r->watch_next_ms)
		return;
	r->watch_next_ms = now + WATCH_EVERY_MS;
	if (dns_servers_read(NULL, r->resolv_conf, &list, NULL) != 0 ||
	    dns_servers_equal(&list, &r->servers)) {
		text_list_free(&list);
		return;
	}
	text_list_free(&r->servers);
	r->servers = list;
	context_renew(r, true);
}

static void
probe_begin(struct resolver *r, int64_t now)
{
	dns_probe_send(&r->probe, &r->servers);
	r->probe_end_ms = now + PROBE_MS;
	r->probe_next_ms = now + PROBE_EVERY_MS;
}

/*
 * alive, nothing waits long ......... nothing
 * alive, silent for SILENT_MS ....... probe
 * the probe is answered ............. alive, not doubted for ALIVE_FOR_MS
 * the probe ends without a word ..... dead, unless a question was answered
 * dead .............................. probe every PROBE_EVERY_MS
 */
static void
watch_life(struct resolver *r, int64_t now)
{
	bool answered = dns_probe_answered(&r->probe);
	bool begin = false, end = false;

	pthread_mutex_lock(&r->lock);
	if (r->probe_end_ms != 0) {
		end = answered || now >= r->probe_end_ms;
		if (answered) {
			heard_a_word(r);
			r->probe_next_ms = now + ALIVE_FOR_MS;
		} else if (end && r->unanswered_ms != 0 && !r->dead) {
			r->dead = true;
			r->trial_ms = now + TRIAL_EVERY_MS;
			wake_waiters(r);
		}
	}
	if (r->dead && now >= r->trial_ms) {
		r->trial_ms = now + TRIAL_EVERY_MS;
		r->trial = r->renew = true;
	}
	begin = (r->probe_end_ms == 0 || end) && now >= r->probe_next_ms &&
	    (r->dead || (r->unanswered_ms != 0 &&
	    now - r->unanswered_ms >= SILENT_MS));
	pthread_mutex_unlock(&r->lock);
	if (end) {
		dns_probe_close(&r->probe);
		r->probe_end_ms = 0;
	}
	if (begin)
		probe_begin(r, now);
}

/* Until something arrives, or it is time to check. */
static int
collector_timeout(struct resolver *r)
{
	int ms = r->watches ? WATCH_EVERY_MS : -1;

	pthread_mutex_lock(&r->lock);
	if (r->dead || r->unanswered_ms != 0 || r->probe_end_ms != 0 ||
	    SLIST_NEXT(SLIST_FIRST(&r->contexts), next) != NULL)
		ms = TICK_MS;
	r->idle = ms != TICK_MS;
	pthread_mutex_unlock(&r->lock);
	return ms;
}

/* Only the collector adds or removes contexts: those listed here stay. */
static size_t
collector_list(struct resolver *r, struct ub_ctx **ub, struct pollfd *fd,
    size_t max)
{
	struct context *c;
	size_t n = 0;

	pthread_mutex_lock(&r->lock);
	SLIST_FOREACH(c, &r->contexts, next) {
		if (n == max)
			break;
		ub[n] = c->ub;
		fd[n] = (struct pollfd){ ub_fd(c->ub), POLLIN, 0 };
		n++;
	}
	pthread_mutex_unlock(&r->lock);
	return n;
}

static bool
collector_stops(struct resolver *r)
{
	bool stop;

	pthread_mutex_lock(&r->lock);
	stop = r->closing;
	pthread_mutex_unlock(&r->lock);
	return stop;
}

static void
collector_renew(struct resolver *r)
{
	struct context *old;
	bool renew;

	pthread_mutex_lock(&r->lock);
	renew = r->renew;
	pthread_mutex_unlock(&r->lock);
	if (renew)
		context_renew(r, false);
	while ((old = context_take_old(r)) != NULL)
		context_free(old);
}

static void *
collect(void *arg)
{
	enum { UBS = 2 * CONTEXTS_MAX };
	struct resolver *r = arg;

	while (!collector_stops(r)) {
		struct ub_ctx *ub[UBS];
		struct pollfd fd[UBS + 1 + DNS_SERVERS_MAX];
		size_t n = collector_list(r, ub, fd, UBS), all = n;
		uint64_t count;
		int64_t now;

		fd[all++] = (struct pollfd){ r->wake, POLLIN, 0 };
		for (size_t i = 0; i < r->probe.n; i++)
			fd[all++] = (struct pollfd){ r->probe.fd[i], POLLIN, 0 };
		if (poll(fd, all, collector_timeout(r)) < 0 && errno != EINTR)
			break;
		if ((fd[n].revents & POLLIN) != 0)
			(void)!read(r->wake, &count, sizeof count);
		for (size_t i = 0; i < n; i++) {
			if (fd[i].revents != 0)
				ub_process(ub[i]);
		}
		now = clock_ms();
		watch_servers(r, now);
		watch_life(r, now);
		collector_renew(r);
	}
	return NULL;
}

static void
collector_wake(struct resolver *r)
{
	uint64_t one = 1;

	(void)!write(r->wake, &one, sizeof one);
}

/* The part of resolver_new() that runs on its own thread. */
struct first_context {
	const struct resolver *resolver;
	struct context *context;	/* NULL: err says why */
	struct err *err;
};

static void *
make_first_context(void *arg)
{
	struct first_context *f = arg;

	f->context = context_new(f->resolver, f->err);
	return NULL;
}

static int
resolver_setup(struct resolver *r, const struct resolver_options *o,
    struct err *err)
{
	struct first_context f = { .resolver = r, .err = err };

	if (getrandom(&r->seed, sizeof r->seed, 0) != sizeof r->seed)
		return err_errno(err, EXIT_TEMPORARY, "getrandom");
	r->cache_max = o->cache_max > 0 ? o->cache_max : CACHE_MAX;
	r->serve_local_zones = o->serve_local_zones;
	r->watches = o->servers == NULL || o->servers->n == 0;
	r->resolv_conf = strdup(o->resolv_conf != NULL ? o->resolv_conf :
	    "/etc/resolv.conf");
	if (o->trust_anchor != NULL && o->trust_anchor[0] != '\0') {
		size_t len;
		char *text = file_read(o->trust_anchor, 1024 * 1024, &len, err);

		if (text == NULL) {
			if (err != NULL)
				err->code = EXIT_CONFIG;
			return err_prefix(err, "resolver.trust_anchor");
		}
		free(text);
		r->trust_anchor = strdup(o->trust_anchor);
		if (r->trust_anchor == NULL)
			return err_set(err, EXIT_TEMPORARY, "out of memory");
	}
	if (r->resolv_conf == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	if (dns_servers_read(o->servers, r->resolv_conf, &r->servers, err) != 0)
		return -1;
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->wake < 0)
		return err_errno(err, EXIT_TEMPORARY, "eventfd");
	errno = thread_call(make_first_context, &f);
	if (errno != 0)
		return err_errno(err, EXIT_TEMPORARY, "cannot start the thread "
		    "of the resolver");
	if (f.context == NULL)
		return -1;
	SLIST_INSERT_HEAD(&r->contexts, f.context, next);
	return 0;
}

/* Frees everything except the collector. */
static void
resolver_discard(struct resolver *r)
{
	struct context *c;

	while ((c = SLIST_FIRST(&r->contexts)) != NULL) {
		SLIST_REMOVE_HEAD(&r->contexts, next);
		context_free(c);
	}
	table_forget(r, true);
	dns_probe_close(&r->probe);
	text_list_free(&r->servers);
	if (r->wake >= 0)
		close(r->wake);
	free(r->trust_anchor);
	free(r->resolv_conf);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

struct resolver *
resolver_new(const struct resolver_options *o, struct err *err)
{
	struct resolver *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&r->lock, NULL);
	TAILQ_INIT(&r->used);
	SLIST_INIT(&r->contexts);
	r->wake = -1;
	if (resolver_setup(r, o, err) != 0) {
		resolver_discard(r);
		return NULL;
	}
	rc = thread_start(&r->collector, collect, r);
	if (rc != 0) {
		errno = rc;
		err_errno(err, EXIT_TEMPORARY, "cannot start the thread of the "
		    "resolver");
		resolver_discard(r);
		return NULL;
	}
	return r;
}

void
resolver_free(struct resolver **rp)
{
	struct resolver *r = *rp;

	if (r == NULL)
		return;
	*rp = NULL;
	pthread_mutex_lock(&r->lock);
	r->closing = true;
	pthread_mutex_unlock(&r->lock);
	collector_wake(r);
	pthread_join(r->collector, NULL);
	resolver_discard(r);
}

/* A question that is answered without a query. */
static struct question *
question_answered(struct resolver *r, enum answer_status status)
{
	struct question *q = question_new(r, "", DNS_A);

	if (q == NULL)
		return NULL;
	q->ready = true;
	q->answer.status = status;
	q->answer.canonical = q->name;
	return q;
}

/* Puts a new question into table and flight, with r->lock held. Its three
 * owners are the requester, the table and the flight. */
static void
question_launch(struct question *q)
{
	struct resolver *r = q->r;

	q->refs += 2;
	q->hashed = true;
	LIST_INSERT_HEAD(&r->bucket[name_bucket(r, q->name, q->type)], q, bucket);
	q->context = SLIST_FIRST(&r->contexts);
	q->context->asking++;
	TAILQ_INSERT_TAIL(&q->context->flight, q, entry);
	r->n_flight++;
	if (r->unanswered_ms == 0)
		r->unanswered_ms = q->asked_ms;
}

/* Hands a launched question to libunbound. */
static void
question_send(struct question *q, struct context *c, bool wake)
{
	struct resolver *r = q->r;
	char name[ESCAPED_SIZE];
	int rc;

	name_escaped(q->name, name);
	rc = ub_resolve_async(c->ub, name, q->type, 1, q, on_answer, NULL);
	if (rc != 0)
		question_finish(q, status_of(q, rc, NULL), NULL);
	pthread_mutex_lock(&r->lock);
	c->asking--;
	pthread_mutex_unlock(&r->lock);
	if (wake)
		collector_wake(r);
}

/* Returns true if a new question must end immediately in a time-out. Called
 * with r->lock held. */
static bool
is_hopeless(struct resolver *r)
{
	if (r->closing || r->n_flight >= FLIGHT_MAX)
		return true;
	if (!r->dead)
		return false;
	if (!r->trial)
		return true;
	r->trial = false;
	return false;
}

/*
 * Returns the question, with a reference for the caller. t, if given, is added
 * to it unless it is already answered; *added tells. NULL without memory.
 */
static struct question *
question_ask(struct resolver *r, const char *name, enum dns_type type,
    struct then *t, bool *added)
{
	char normal[DOMAIN_SIZE];
	struct question *q;
	struct context *c = NULL;
	bool wake = false;

	if (name_normal(name, normal) != 0)
		return question_answered(r, ANSWER_BAD_NAME);
	pthread_mutex_lock(&r->lock);
	q = table_find(r, normal, type);
	if (q != NULL) {
		q->refs++;
	} else if (is_hopeless(r)) {
		q = question_answered(r, ANSWER_TIMEOUT);
	} else {
		q = question_new(r, normal, type);
		if (q != NULL) {
			question_launch(q);
			c = q->context;
			wake = r->idle;
			r->idle = false;
		}
	}
	if (q != NULL && t != NULL && !q->ready) {
		SLIST_INSERT_HEAD(&q->thens, t, next);
		*added = true;
	}
	pthread_mutex_unlock(&r->lock);
	if (c != NULL)
		question_send(q, c, wake);
	return q;
}

struct question *
resolver_ask(struct resolver *r, const char *name, enum dns_type type)
{
	return question_ask(r, name, type, NULL, NULL);
}

const struct answer *
resolver_wait(struct question *q, int64_t deadline_ms)
{
	struct resolver *r;
	struct timespec until = clock_timespec(deadline_ms);
	const struct answer *a;
	int rc = 0;

	if (q == NULL)
		return NULL;
	r = q->r;
	pthread_mutex_lock(&r->lock);
	while (!q->ready && !r->dead && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&q->changed, &r->lock, &until);
	a = q->ready ? &q->answer : NULL;
	pthread_mutex_unlock(&r->lock);
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

int
resolver_ask_then(struct resolver *r, const char *name, enum dns_type type,
    void (*then)(void *arg, const struct answer *a), void *arg)
{
	struct then *t = malloc(sizeof *t);
	struct question *q;
	bool added = false;

	if (t == NULL)
		return -1;
	t->call = then;
	t->arg = arg;
	q = question_ask(r, name, type, t, &added);
	if (!added)
		free(t);
	if (q == NULL)
		return -1;
	if (!added)
		then(arg, &q->answer);
	resolver_done(&q);
	return 0;
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
