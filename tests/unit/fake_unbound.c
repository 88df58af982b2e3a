/* SPDX-License-Identifier: ISC */
/*
 * libunbound without a network: see fake_unbound.h. Its lock is never held
 * during a callback. Memory that a test needs is asserted, not checked.
 */
#include "fake_unbound.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include <unbound.h>

#include "base/clock.h"
#include "find/dns_servers.h"
#include "unit.h"
#include "zone.h"

enum { NAME_SIZE = 4 * DOMAIN_SIZE, OPTIONS_MAX = 40, OPTION_SIZE = 64 };
enum {				/* milliseconds */
	GIVES_UP = 15000,	/* libunbound, with silent servers */
	/* longer than resolver.c lets a living server be, and its probe */
	SILENCE = 6000, PROBE = 1000,
	LOOK = 10,
};

/* What fake_unbound_kill() asks for, which counts for nothing. */
static const char own_name[] = "fake-unbound.invalid";

struct query {
	TAILQ_ENTRY(query) next;	/* of those that wait, or are ready */
	struct ub_ctx *ub;
	char name[NAME_SIZE];
	int type;
	void *arg;
	ub_callback_type done;
};

TAILQ_HEAD(query_list, query);

struct ub_ctx {
	int fd;
	struct query_list ready;
};

/* One block: the result, then what it points into. */
struct result {
	struct ub_result ub;
	char *data[ZONE_RECORDS_MAX + 1];
	int len[ZONE_RECORDS_MAX + 1];
	char canonical[DOMAIN_SIZE];
	char bytes[];
};

struct asked {
	struct asked *next;
	int type;
	char name[NAME_SIZE];
};

/* Of the context that was made last. */
struct option {
	char name[OPTION_SIZE], value[OPTION_SIZE];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct zone *zone;
static struct asked *asked;
static struct query_list held = TAILQ_HEAD_INITIALIZER(held);
static struct option options[OPTIONS_MAX];
static size_t n_options;
static bool holds, is_late, is_dead, ignores_probes;
static const char *silent;
static int failure;
/* The tests' time is later than the real time by this much; or, if the clock
 * has stopped, later than the moment when it stopped. */
static pthread_mutex_t clock_lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t passed_ms, stopped_ms;
static bool has_stopped, turns_at_probe;

/* -- the clock, and probes of servers ---------------------------------------- */

int64_t __real_clock_ms(void);
int64_t __wrap_clock_ms(void);
struct timespec __real_clock_timespec(int64_t deadline_ms);
struct timespec __wrap_clock_timespec(int64_t deadline_ms);
int __real_clock_left(int64_t deadline_ms);
int __wrap_clock_left(int64_t deadline_ms);
void __wrap_dns_probe_send(struct dns_probe *p,
    const struct text_list *servers);
bool __wrap_dns_probe_answered(const struct dns_probe *p);

int64_t
__wrap_clock_ms(void)
{
	int64_t ms;

	pthread_mutex_lock(&clock_lock);
	ms = (has_stopped ? stopped_ms : __real_clock_ms()) + passed_ms;
	pthread_mutex_unlock(&clock_lock);
	return ms;
}

/* The deadline by the real clock. */
static int64_t
real_deadline(int64_t deadline_ms)
{
	return deadline_ms - __wrap_clock_ms() + __real_clock_ms();
}

struct timespec
__wrap_clock_timespec(int64_t deadline_ms)
{
	return __real_clock_timespec(real_deadline(deadline_ms));
}

int
__wrap_clock_left(int64_t deadline_ms)
{
	return __real_clock_left(real_deadline(deadline_ms));
}

void
fake_unbound_pass(int64_t ms)
{
	pthread_mutex_lock(&clock_lock);
	passed_ms += ms;
	pthread_mutex_unlock(&clock_lock);
}

void
fake_unbound_stop_clock(void)
{
	pthread_mutex_lock(&clock_lock);
	stopped_ms = __real_clock_ms();
	has_stopped = true;
	pthread_mutex_unlock(&clock_lock);
}

static void
start_clock(void)
{
	pthread_mutex_lock(&clock_lock);
	if (has_stopped)
		passed_ms += stopped_ms - __real_clock_ms();
	has_stopped = false;
	pthread_mutex_unlock(&clock_lock);
}

static bool
probes_are_in_vain(void)
{
	bool in_vain;

	pthread_mutex_lock(&lock);
	in_vain = is_dead || ignores_probes;
	pthread_mutex_unlock(&lock);
	return in_vain;
}

void
__wrap_dns_probe_send(struct dns_probe *p, const struct text_list *servers)
{
	bool turns;

	(void)servers;
	p->n = 0;
	pthread_mutex_lock(&lock);
	turns = turns_at_probe;
	turns_at_probe = false;
	pthread_mutex_unlock(&lock);
	if (turns)
		fake_unbound_pass(PROBE);	/* it is in vain */
}

bool
__wrap_dns_probe_answered(const struct dns_probe *p)
{
	(void)p;
	return !probes_are_in_vain();
}

/* -- answers ----------------------------------------------------------------- */

static struct ub_result *
result_new(const struct zone_answer *a, const char *name, int type)
{
	size_t bytes = 0;
	struct result *r;
	char *at;

	for (size_t i = 0; i < a->n; i++)
		bytes += a->len[i];
	r = calloc(1, sizeof *r + bytes);
	assert(r != NULL);
	at = r->bytes;
	for (size_t i = 0; i < a->n; i++) {
		memcpy(at, a->data[i], a->len[i]);
		r->data[i] = at;
		r->len[i] = (int)a->len[i];
		at += a->len[i];
	}
	if (!text_equal_fold(a->canonical, name)) {
		strcpy(r->canonical, a->canonical);
		r->ub.canonname = r->canonical;
	}
	r->ub.qtype = type;
	r->ub.qclass = 1;
	r->ub.data = r->data;
	r->ub.len = r->len;
	r->ub.rcode = a->rcode;
	r->ub.havedata = a->n > 0;
	r->ub.nxdomain = a->rcode == 3;
	r->ub.secure = a->secure;
	r->ub.bogus = a->bogus;
	r->ub.ttl = (int)a->ttl_s;
	return &r->ub;
}

/* Answers q, which belongs to nobody else any more. */
static void
query_answer(struct query *q)
{
	struct zone_answer *a = malloc(sizeof *a);
	struct ub_result *res;

	assert(a != NULL);
	pthread_mutex_lock(&lock);
	zone_answer(zone, q->name, q->type, a);
	res = result_new(a, q->name, q->type);
	pthread_mutex_unlock(&lock);
	if (a->is_silent)
		fake_unbound_pass(GIVES_UP);
	free(a);
	q->done(q->arg, 0, res);
	free(q);
}

/* Takes the first of list that is to be answered. Called with the lock held. */
static struct query *
query_take(struct query_list *list)
{
	struct query *q = TAILQ_FIRST(list);

	if (q != NULL)
		TAILQ_REMOVE(list, q, next);
	return q;
}

static bool
name_is_silent(const char *name)
{
	return silent != NULL && (silent[0] == '.' ?
	    domain_is_under(name, silent + 1) : text_equal_fold(name, silent));
}

static void
count(const struct query *q)
{
	struct asked *a;

	if (strcmp(q->name, own_name) == 0)
		return;
	a = calloc(1, sizeof *a);
	assert(a != NULL);
	strcpy(a->name, q->name);
	a->type = q->type;
	a->next = asked;
	asked = a;
	pthread_cond_broadcast(&changed);
}

/* How often it was asked for so far. Called with the lock held. */
static unsigned
counted(const char *name, enum dns_type type)
{
	unsigned n = 0;

	for (const struct asked *a = asked; a != NULL; a = a->next) {
		if ((type == 0 || a->type == (int)type) &&
		    (name == NULL || text_equal_fold(a->name, name)))
			n++;
	}
	return n;
}

static void
make_readable(const struct ub_ctx *ub)
{
	uint64_t one = 1;

	(void)!write(ub->fd, &one, sizeof one);
}

/* -- libunbound -------------------------------------------------------------- */

struct ub_ctx *
ub_ctx_create(void)
{
	struct ub_ctx *ub = calloc(1, sizeof *ub);

	assert(ub != NULL);
	TAILQ_INIT(&ub->ready);
	ub->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(ub->fd >= 0);
	pthread_mutex_lock(&lock);
	n_options = 0;
	pthread_mutex_unlock(&lock);
	return ub;
}

/* What waits is dropped without a callback. */
void
ub_ctx_delete(struct ub_ctx *ub)
{
	struct query *q, *after;

	pthread_mutex_lock(&lock);
	for (q = TAILQ_FIRST(&held); q != NULL; q = after) {
		after = TAILQ_NEXT(q, next);
		if (q->ub == ub) {
			TAILQ_REMOVE(&held, q, next);
			free(q);
		}
	}
	while ((q = query_take(&ub->ready)) != NULL)
		free(q);
	pthread_mutex_unlock(&lock);
	close(ub->fd);
	free(ub);
}

int
ub_ctx_set_option(struct ub_ctx *ub, const char *opt, const char *val)
{
	struct option *o;

	(void)ub;
	if (opt[0] == '\0' || opt[strlen(opt) - 1] != ':' || val[0] == '\0')
		return UB_SYNTAX;
	pthread_mutex_lock(&lock);
	assert(n_options < OPTIONS_MAX);
	o = &options[n_options++];
	(void)snprintf(o->name, sizeof o->name, "%s", opt);
	(void)snprintf(o->value, sizeof o->value, "%s", val);
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return 0;
}

int
ub_ctx_set_fwd(struct ub_ctx *ub, const char *addr)
{
	return ub_ctx_set_option(ub, "forward-addr:", addr);
}

int
ub_ctx_add_ta_file(struct ub_ctx *ub, const char *fname)
{
	(void)ub;
	return access(fname, R_OK) == 0 ? 0 : UB_READFILE;
}

int
ub_ctx_async(struct ub_ctx *ub, int dothread)
{
	(void)ub;
	return dothread == 1 ? 0 : UB_FORKFAIL;
}

int
ub_ctx_debugout(struct ub_ctx *ub, void *out)
{
	(void)ub;
	(void)out;
	return 0;
}

const char *
ub_strerror(int err)
{
	return err == 0 ? "no error" : "an error of the fake";
}

int
ub_fd(struct ub_ctx *ub)
{
	return ub->fd;
}

/* localhost., which libunbound has itself. */
static struct ub_result *
localhost(void)
{
	static const struct zone_answer none;

	return result_new(&none, "", DNS_A);
}

int
ub_resolve(struct ub_ctx *ub, const char *name, int rrtype, int rrclass,
    struct ub_result **result)
{
	(void)ub;
	assert(strcmp(name, "localhost.") == 0 && rrtype == DNS_A &&
	    rrclass == 1);
	*result = localhost();
	return 0;
}

int
ub_resolve_async(struct ub_ctx *ub, const char *name, int rrtype, int rrclass,
    void *mydata, ub_callback_type callback, int *async_id)
{
	struct query *q;
	bool now = false;
	int error;

	assert(rrclass == 1 && async_id == NULL);
	if (strcmp(name, "localhost.") == 0) {
		callback(mydata, 0, localhost());
		return 0;
	}
	pthread_mutex_lock(&lock);
	error = failure;
	pthread_mutex_unlock(&lock);
	if (error != 0)
		return error;
	q = calloc(1, sizeof *q);
	assert(q != NULL);
	*q = (struct query){ .ub = ub, .type = rrtype, .arg = mydata,
		.done = callback };
	zone_name(name, q->name, sizeof q->name);
	pthread_mutex_lock(&lock);
	count(q);
	if (holds || is_dead || name_is_silent(q->name)) {
		TAILQ_INSERT_TAIL(&held, q, next);
	} else if (is_late) {
		TAILQ_INSERT_TAIL(&ub->ready, q, next);
		make_readable(ub);
	} else {
		now = true;
	}
	pthread_mutex_unlock(&lock);
	if (now)
		query_answer(q);
	return 0;
}

int
ub_process(struct ub_ctx *ub)
{
	uint64_t number;
	struct query *q;

	(void)!read(ub->fd, &number, sizeof number);
	do {
		pthread_mutex_lock(&lock);
		q = query_take(&ub->ready);
		pthread_mutex_unlock(&lock);
		if (q != NULL)
			query_answer(q);
	} while (q != NULL);
	return 0;
}

void
ub_resolve_free(struct ub_result *result)
{
	free(result);
}

/* -- what a test says -------------------------------------------------------- */

void
fake_unbound_zone(const char *text)
{
	pthread_mutex_lock(&lock);
	zone_free(&zone);
	zone = zone_parse(text);
	while (asked != NULL) {
		struct asked *a = asked;

		asked = a->next;
		free(a);
	}
	holds = is_late = is_dead = ignores_probes = false;
	silent = NULL;
	failure = 0;
	turns_at_probe = false;
	pthread_mutex_unlock(&lock);
	start_clock();
}

struct resolver *
fake_unbound_resolver(const char *text)
{
	char server[] = "192.0.2.53", *servers[] = { server };
	struct text_list list = { servers, 1 };
	struct resolver_options o = { .servers = &list };
	struct err err = { 0 };
	struct resolver *r;

	fake_unbound_zone(text);
	r = resolver_new(&o, &err);
	assert(r != NULL);
	return r;
}

unsigned
fake_unbound_count(const char *name, enum dns_type type)
{
	unsigned n;

	pthread_mutex_lock(&lock);
	n = counted(name, type);
	pthread_mutex_unlock(&lock);
	return n;
}

static struct timespec
end_of_patience(void)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_MS / 1000;
	return end;
}

bool
fake_unbound_comes(const char *name, enum dns_type type, unsigned n)
{
	struct timespec end = end_of_patience();
	bool has_come;
	int rc = 0;

	pthread_mutex_lock(&lock);
	while (counted(name, type) < n && rc == 0)
		rc = pthread_cond_timedwait(&changed, &lock, &end);
	has_come = counted(name, type) >= n;
	pthread_mutex_unlock(&lock);
	return has_come;
}

/* Answers what is held, but not what is silent. */
static void
let_go(void)
{
	struct query *q;

	do {
		pthread_mutex_lock(&lock);
		TAILQ_FOREACH(q, &held, next) {
			if (!holds && !is_dead && !name_is_silent(q->name))
				break;
		}
		if (q != NULL)
			TAILQ_REMOVE(&held, q, next);
		pthread_mutex_unlock(&lock);
		if (q != NULL)
			query_answer(q);
	} while (q != NULL);
}

void
fake_unbound_hold(bool hold)
{
	pthread_mutex_lock(&lock);
	holds = hold;
	pthread_mutex_unlock(&lock);
	let_go();
}

void
fake_unbound_late(bool late)
{
	pthread_mutex_lock(&lock);
	is_late = late;
	pthread_mutex_unlock(&lock);
}

void
fake_unbound_silence(const char *name)
{
	pthread_mutex_lock(&lock);
	silent = name;
	pthread_mutex_unlock(&lock);
}

void
fake_unbound_ignore_probes(void)
{
	pthread_mutex_lock(&lock);
	is_dead = false;
	ignores_probes = true;
	pthread_mutex_unlock(&lock);
}

void
fake_unbound_fail(int error)
{
	pthread_mutex_lock(&lock);
	failure = error;
	pthread_mutex_unlock(&lock);
}

/* Called with the lock held. */
static bool
has_option(const char *name, const char *value)
{
	for (size_t i = 0; i < n_options; i++) {
		if (strcmp(options[i].name, name) == 0 &&
		    strcmp(options[i].value, value) == 0)
			return true;
	}
	return false;
}

bool
fake_unbound_has_option(const char *name, const char *value)
{
	bool has;

	pthread_mutex_lock(&lock);
	has = has_option(name, value);
	pthread_mutex_unlock(&lock);
	return has;
}

bool
fake_unbound_option_comes(const char *name, const char *value)
{
	struct timespec end = end_of_patience();
	bool has_come;
	int rc = 0;

	pthread_mutex_lock(&lock);
	while (!has_option(name, value) && rc == 0)
		rc = pthread_cond_timedwait(&changed, &lock, &end);
	has_come = has_option(name, value);
	pthread_mutex_unlock(&lock);
	return has_come;
}

void
fake_unbound_kill(struct resolver *r, bool dead)
{
	struct question *q;
	int64_t end;

	pthread_mutex_lock(&lock);
	is_dead = ignores_probes = turns_at_probe = dead;
	pthread_mutex_unlock(&lock);
	/* A question of ours waits for an answer, as long as makes a resolver
	 * probe. */
	q = resolver_ask(r, own_name, DNS_A);
	fake_unbound_pass(SILENCE);
	end = __real_clock_ms() + PATIENCE_MS;
	while (resolver_is_dead(r) != dead && __real_clock_ms() < end)
		(void)poll(NULL, 0, LOOK);
	assert(resolver_is_dead(r) == dead);
	resolver_done(&q);
	let_go();
}
