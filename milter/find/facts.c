/* SPDX-License-Identifier: ISC */
/*
 * Facts and the jobs that find them: a table by kind and key under one mutex.
 *
 * A fact is created when somebody asks for it, becomes ready once, and never
 * changes then: a refresh creates a new one, which replaces the old one in the
 * table, while holders of the old one continue to read it. Kinds that start
 * are continuations of the resolver and need no thread. Kinds that run wait in
 * queues, one per party (on whose behalf they run), and a few threads serve
 * the parties in turn; a party uses at most half of the threads at a time.
 *
 * Jobs of both sorts count for their party, and outlive the message that
 * started them: a query for a dead domain is in flight for up to 24 s. A party
 * has at most PARTY_MAX in flight, and never more than half of the remaining
 * room: only over twenty greedy parties at once could leave none for the next.
 * Refreshes belong to no party, and have room that no party can take.
 *
 * Facts to keep fresh wait in a wheel of one-second slots for their next turn,
 * when their TTL is over: earlier, the resolver would return its cached
 * answer, and the fact would be older than its TTL for most of another one.
 * The old result stays readable meanwhile. The keeper takes what is due and
 * starts enough at a time that all of them get their turn within a minute. It
 * pauses while DNS is dead.
 *
 * Limits: max ready facts that are not kept fresh, the least recently used
 * being dropped first; FLIGHT_MAX jobs in flight; QUEUE_MAX waiting for a
 * thread.
 *
 * Locks: f->lock protects all members of the table and of its facts, parties
 * and keeps that are not marked constant. No function of a kind is called with
 * it held.
 */
#include "find/facts.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/thread.h"

enum {
	BUCKETS = 8192,
	FACTS_MAX = 20000, FLIGHT_MAX = 4096, QUEUE_MAX = 1000,
	PARTY_MAX = 2 * FACTS_UNANSWERED_MAX,
	OWN_FLIGHT = 512, OWN_QUEUE = 100,	/* for no party */
	THREADS = 4, THREADS_MAX = 64,
	SLOTS = 4096,			/* seconds; over TTL_MAX */
};
enum { TTL_MIN = 60, TTL_MAX = 3600, FAILED_TTL = 5 };	/* seconds */
enum {					/* milliseconds */
	RUN_MS = 5000, TICK_MS = 250, LOOK_MS = 100,
	/* A kept result stays readable this long after its TTL, until its
	 * turn. */
	STALE_MS = 300 * 1000,
};
/* The turn comes this many seconds after the TTL, plus up to one more for each
 * SPREAD seconds of it: the library counts in seconds too. */
enum { AFTER_TTL = 2, SPREAD = 20 };
/* Facts started per tick: at least a few, and all of them within a minute. */
enum { START_MIN = 10, TICKS_A_MINUTE = 60 * 1000 / TICK_MS };

struct fact_job {
	struct fact *fact;
};

TAILQ_HEAD(fact_list, fact);

struct fact {
	LIST_ENTRY(fact) bucket;
	/* of f->used, the queue of a party, or trash */
	TAILQ_ENTRY(fact) entry;
	struct fact_job job;		/* constant, as facts, kind, key */
	struct facts *facts;
	const struct fact_kind *kind;
	char *key;
	/* it is in flight for this keep, or NULL */
	struct keep *keep;
	/* NULL: keep owns them, or there are none */
	void *args;
	struct party *party;		/* while in flight */
	bool hashed, used, ready;
	unsigned refs;			/* table, job, each holder */
	int64_t until_ms;
	pthread_cond_t changed;
	void *result;			/* constant once ready */
};

/* The parties on whose behalf jobs are in flight. */
struct party {
	TAILQ_ENTRY(party) turn;
	struct fact_list queue;
	size_t jobs;			/* in flight, including queued ones */
	unsigned running;
	char *name;			/* "": nobody, for what is kept fresh */
};

struct keep {
	TAILQ_ENTRY(keep) slot;
	const struct fact_kind *kind;	/* constant, as key, args */
	char *key;
	void *args;
	struct fact *fact;		/* the latest one, holds a reference */
	/* the next one; its job holds a reference */
	struct fact *flight;
};

TAILQ_HEAD(keep_list, keep);

struct facts {
	pthread_mutex_t lock;
	LIST_HEAD(, fact) bucket[BUCKETS];
	struct fact_list used;		/* ready, not kept; last used last */
	size_t n_used, n_flight, n_queued, n_kept;
	TAILQ_HEAD(, party) parties;	/* the next in turn comes first */
	struct keep_list slot[SLOTS], due, flying;
	int64_t slot_s;			/* slots before this second are empty */
	uint32_t random;
	pthread_cond_t work, keeping, ready;	/* ready: some fact is */
	bool closing, left;		/* left: the last job ends it */

	/* constant */
	struct resolver *resolver;
	size_t max;
	uint64_t seed;
	unsigned n_threads;
	pthread_t thread[THREADS_MAX], keeper;
	unsigned n_started;
	bool keeper_started;
};

static void
cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

static void
args_free(const struct fact_kind *kind, void *args)
{
	if (args != NULL && kind->free_args != NULL)
		kind->free_args(args);
}

static struct fact *
fact_new(struct facts *f, const struct fact_kind *kind, const char *key)
{
	struct fact *x = calloc(1, sizeof *x);

	if (x == NULL)
		return NULL;
	x->key = strdup(key);
	if (x->key == NULL) {
		free(x);
		return NULL;
	}
	cond_init(&x->changed);
	x->job.fact = x;
	x->facts = f;
	x->kind = kind;
	return x;
}

/* Destroys facts without references, without the lock. */
static void
trash_empty(struct fact_list *trash)
{
	struct fact *x;

	while ((x = TAILQ_FIRST(trash)) != NULL) {
		TAILQ_REMOVE(trash, x, entry);
		if (x->result != NULL)
			x->kind->free_result(x->result);
		args_free(x->kind, x->args);
		pthread_cond_destroy(&x->changed);
		free(x->key);
		free(x);
	}
}

static void
fact_put(struct fact *x, struct fact_list *trash)
{
	if (--x->refs == 0)
		TAILQ_INSERT_TAIL(trash, x, entry);
}

static size_t
bucket_of(const struct facts *f, const struct fact_kind *kind, const char *key)
{
	return hash_add_text(f->seed ^ (uintptr_t)kind, key) % BUCKETS;
}

static void
table_insert(struct fact *x)
{
	struct facts *f = x->facts;

	LIST_INSERT_HEAD(&f->bucket[bucket_of(f, x->kind, x->key)], x, bucket);
	x->hashed = true;
	x->refs++;
}

static void
table_unuse(struct fact *x)
{
	if (!x->used)
		return;
	TAILQ_REMOVE(&x->facts->used, x, entry);
	x->facts->n_used--;
	x->used = false;
}

static void
table_drop(struct fact *x, struct fact_list *trash)
{
	if (!x->hashed)
		return;
	table_unuse(x);
	LIST_REMOVE(x, bucket);
	x->hashed = false;
	fact_put(x, trash);
}

/* Adds it to the ready facts that may be dropped. */
static void
table_use(struct fact *x, struct fact_list *trash)
{
	struct facts *f = x->facts;

	TAILQ_INSERT_TAIL(&f->used, x, entry);
	f->n_used++;
	x->used = true;
	while (f->n_used > f->max)
		table_drop(TAILQ_FIRST(&f->used), trash);
}

static bool
is_expired(const struct fact *x)
{
	return x->ready &&
	    x->until_ms + (x->used ? 0 : STALE_MS) <= clock_ms();
}

/*
 * A kept result is readable for some time longer: the next one is on its way.
 */
static struct fact *
table_find(struct facts *f, const struct fact_kind *kind, const char *key,
    struct fact_list *trash)
{
	struct fact *x;

	LIST_FOREACH(x, &f->bucket[bucket_of(f, kind, key)], bucket) {
		if (x->kind == kind && strcmp(x->key, key) == 0)
			break;
	}
	if (x != NULL && is_expired(x)) {
		table_drop(x, trash);
		return NULL;
	}
	if (x != NULL && x->used) {
		TAILQ_REMOVE(&f->used, x, entry);
		TAILQ_INSERT_TAIL(&f->used, x, entry);
	}
	return x;
}

static struct party *
party_find(struct facts *f, const char *name)
{
	struct party *p;

	TAILQ_FOREACH(p, &f->parties, turn) {
		if (strcmp(p->name, name) == 0)
			break;
	}
	return p;
}

static struct party *
party_of(struct facts *f, const char *name)
{
	struct party *p = party_find(f, name);

	if (p != NULL)
		return p;
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return NULL;
	p->name = strdup(name);
	if (p->name == NULL) {
		free(p);
		return NULL;
	}
	TAILQ_INIT(&p->queue);
	TAILQ_INSERT_TAIL(&f->parties, p, turn);
	return p;
}

static void
party_leave(struct facts *f, struct party *p)
{
	if (p->jobs > 0)
		return;
	TAILQ_REMOVE(&f->parties, p, turn);
	free(p->name);
	free(p);
}

/* Of this many places, not counting those of no party. */
static bool
is_share(size_t jobs, size_t taken, size_t places)
{
	return taken < places && jobs < (places - taken + 1) / 2;
}

/* Returns true if there is room for one more job of name, which has this many
 * in flight. name "": nobody. */
static bool
has_room(const struct facts *f, const char *name, size_t jobs, bool is_queued)
{
	if (name[0] == '\0')
		return f->n_flight < FLIGHT_MAX &&
		    (!is_queued || f->n_queued < QUEUE_MAX);
	return jobs < PARTY_MAX &&
	    is_share(jobs, f->n_flight, FLIGHT_MAX - OWN_FLIGHT) &&
	    (!is_queued ||
	    is_share(jobs, f->n_queued, QUEUE_MAX - OWN_QUEUE));
}

/* Returns the next job in turn, or NULL; its party moves to the end. */
static struct fact *
party_next(struct facts *f)
{
	unsigned most = f->n_threads > 1 ? f->n_threads / 2 : 1;
	struct party *p;
	struct fact *x;

	TAILQ_FOREACH(p, &f->parties, turn) {
		if (!TAILQ_EMPTY(&p->queue) && p->running < most)
			break;
	}
	if (p == NULL)
		return NULL;
	x = TAILQ_FIRST(&p->queue);
	TAILQ_REMOVE(&p->queue, x, entry);
	TAILQ_REMOVE(&f->parties, p, turn);
	TAILQ_INSERT_TAIL(&f->parties, p, turn);
	f->n_queued--;
	p->running++;
	return x;
}

/*
 * Puts a new fact in flight, with a reference for its job. Kinds that start
 * must be started by the caller, without the lock. Returns -1 if too many are
 * in flight.
 */
static int
fact_launch(struct fact *x, const char *on_behalf)
{
	struct facts *f = x->facts;
	bool is_queued = x->kind->run != NULL;
	struct party *p;

	if (f->closing)
		return -1;
	p = party_of(f, on_behalf != NULL ? on_behalf : "");
	if (p == NULL)
		return -1;
	if (!has_room(f, p->name, p->jobs, is_queued)) {
		party_leave(f, p);
		return -1;
	}
	x->party = p;
	p->jobs++;
	x->refs++;
	f->n_flight++;
	if (is_queued) {
		TAILQ_INSERT_TAIL(&p->queue, x, entry);
		f->n_queued++;
		pthread_cond_signal(&f->work);
	}
	return 0;
}

static unsigned
ttl_clamp(unsigned ttl_s)
{
	if (ttl_s == FACT_FAILED)
		return FAILED_TTL;
	if (ttl_s < TTL_MIN)
		return TTL_MIN;
	return ttl_s > TTL_MAX ? TTL_MAX : ttl_s;
}

/* Puts it in the wheel for its next turn, after ttl_s. */
static void
keep_schedule(struct facts *f, struct keep *k, unsigned ttl_s)
{
	int64_t now_s = clock_ms() / 1000, due_s;

	f->random = f->random * 1664525u + 1013904223u;
	due_s = now_s + ttl_s + AFTER_TTL +
	    f->random / 65536 % (ttl_s / SPREAD + 1);
	if (due_s < f->slot_s)
		due_s = f->slot_s;
	TAILQ_INSERT_TAIL(&f->slot[due_s % SLOTS], k, slot);
}

/* A kept fact is ready: it replaces the previous one. */
static void
keep_replace(struct fact *x, unsigned ttl_s, struct fact_list *trash)
{
	struct facts *f = x->facts;
	struct keep *k = x->keep;
	struct fact *old = table_find(f, x->kind, x->key, trash);

	if (old != NULL && old != x && old->ready)
		table_drop(old, trash);
	if (k->fact != NULL)
		fact_put(k->fact, trash);
	k->fact = x;
	k->flight = NULL;
	x->keep = NULL;
	x->refs++;
	if (!x->hashed)
		table_insert(x);
	TAILQ_REMOVE(&f->flying, k, slot);
	keep_schedule(f, k, ttl_s);
}

/* Called last, when no thread and no job uses f. */
static void
facts_destroy(struct facts *f)
{
	pthread_cond_destroy(&f->work);
	pthread_cond_destroy(&f->keeping);
	pthread_cond_destroy(&f->ready);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

struct resolver *
fact_job_resolver(const struct fact_job *job)
{
	return job->fact->facts->resolver;
}

void
fact_finish(struct fact_job *job, void *result, unsigned ttl_s)
{
	struct fact *x = job->fact;
	struct facts *f = x->facts;
	const struct fact_kind *kind = x->kind;
	struct fact_list trash = TAILQ_HEAD_INITIALIZER(trash);
	void *args;
	bool last;

	ttl_s = ttl_clamp(result != NULL ? ttl_s : FACT_FAILED);
	pthread_mutex_lock(&f->lock);
	args = x->args;
	x->args = NULL;
	x->result = result;
	x->ready = true;
	x->until_ms = clock_ms() + (int64_t)ttl_s * 1000;
	f->n_flight--;
	x->party->running -= kind->run != NULL;
	x->party->jobs--;
	party_leave(f, x->party);
	x->party = NULL;
	if (x->keep != NULL)
		keep_replace(x, ttl_s, &trash);
	else if (x->hashed)
		table_use(x, &trash);
	pthread_cond_broadcast(&x->changed);
	pthread_cond_broadcast(&f->ready);
	fact_put(x, &trash);
	last = f->left && f->n_flight == 0;
	pthread_mutex_unlock(&f->lock);
	args_free(kind, args);
	trash_empty(&trash);
	if (last)
		facts_destroy(f);
}

/* A thread for kinds that run. */
static void *
work(void *arg)
{
	struct facts *f = arg;

	pthread_mutex_lock(&f->lock);
	for (;;) {
		struct fact *x = f->closing ? NULL : party_next(f);
		const void *args;
		void *result;
		unsigned ttl_s = FACT_FAILED;

		if (f->closing)
			break;
		if (x == NULL) {
			pthread_cond_wait(&f->work, &f->lock);
			continue;
		}
		args = x->keep != NULL ? x->keep->args : x->args;
		pthread_mutex_unlock(&f->lock);
		result = x->kind->run(f->resolver, args, clock_ms() + RUN_MS,
		    &ttl_s);
		fact_finish(&x->job, result, ttl_s);
		pthread_mutex_lock(&f->lock);
		/* a party that had used its share may continue now */
		pthread_cond_signal(&f->work);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* Moves what is due from the wheel to the list. */
static void
wheel_turn(struct facts *f)
{
	int64_t now_s = clock_ms() / 1000;

	if (now_s - f->slot_s > SLOTS)
		f->slot_s = now_s - SLOTS;
	for (; f->slot_s <= now_s; f->slot_s++)
		TAILQ_CONCAT(&f->due, &f->slot[f->slot_s % SLOTS], slot);
}

/*
 * The turn of one kept fact. It is launched again, unless somebody else's
 * query has refreshed it in the meantime. Returns the fact to start, or NULL.
 */
static struct fact *
keep_turn(struct facts *f, struct keep *k, struct fact_list *trash)
{
	struct fact *x = table_find(f, k->kind, k->key, trash);
	bool is_there = x != NULL;
	int64_t now = clock_ms();

	TAILQ_REMOVE(&f->due, k, slot);
	if (x != NULL && x != k->fact && (!x->ready ||
	    x->until_ms > now + TTL_MIN * 1000 / 2)) {
		keep_schedule(f, k, x->ready ?
		    (unsigned)((x->until_ms - now) / 1000) : FAILED_TTL);
		return NULL;
	}
	x = fact_new(f, k->kind, k->key);
	if (x != NULL) {
		x->keep = k;
		x->refs++;
		if (fact_launch(x, "") == 0) {
			TAILQ_INSERT_TAIL(&f->flying, k, slot);
			k->flight = x;
			if (!is_there)
				table_insert(x);
			return x;
		}
		x->keep = NULL;
		fact_put(x, trash);
	}
	keep_schedule(f, k, FAILED_TTL);
	return NULL;
}

/*
 * Starts one tick's share of what is due. Called and left with the lock held.
 */
static void
keep_some(struct facts *f)
{
	size_t share = START_MIN + f->n_kept / TICKS_A_MINUTE;
	struct keep *k;

	while (share-- > 0 && !f->closing &&
	    (k = TAILQ_FIRST(&f->due)) != NULL) {
		struct fact_list trash = TAILQ_HEAD_INITIALIZER(trash);
		struct fact *x = keep_turn(f, k, &trash);

		pthread_mutex_unlock(&f->lock);
		if (x != NULL && x->kind->start != NULL)
			x->kind->start(&x->job, k->args);
		pthread_mutex_lock(&f->lock);
		if (x != NULL)
			fact_put(x, &trash);
		pthread_mutex_unlock(&f->lock);
		trash_empty(&trash);
		pthread_mutex_lock(&f->lock);
	}
}

static void *
keep_fresh(void *arg)
{
	struct facts *f = arg;

	pthread_mutex_lock(&f->lock);
	while (!f->closing) {
		struct timespec until;
		bool dead;

		if (f->n_kept == 0) {
			pthread_cond_wait(&f->keeping, &f->lock);
			continue;
		}
		pthread_mutex_unlock(&f->lock);
		dead = resolver_is_dead(f->resolver);
		pthread_mutex_lock(&f->lock);
		wheel_turn(f);
		if (!dead)
			keep_some(f);
		until = clock_timespec(clock_ms() +
		    (TAILQ_EMPTY(&f->due) ? 1000 : TICK_MS));
		if (!f->closing)
			pthread_cond_timedwait(&f->keeping, &f->lock, &until);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* A job still in flight takes over the args. */
static void
keeps_free(struct keep_list *list, struct fact_list *trash)
{
	struct keep *k;

	while ((k = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, k, slot);
		if (k->fact != NULL)
			fact_put(k->fact, trash);
		if (k->flight != NULL) {
			k->flight->args = k->args;
			k->flight->keep = NULL;
		} else {
			args_free(k->kind, k->args);
		}
		free(k->key);
		free(k);
	}
}

/* Ends the jobs that wait for a thread. */
static void
queue_end(struct facts *f)
{
	struct party *p;
	struct fact *x;

	for (;;) {
		pthread_mutex_lock(&f->lock);
		x = NULL;
		TAILQ_FOREACH(p, &f->parties, turn) {
			x = TAILQ_FIRST(&p->queue);
			if (x != NULL)
				break;
		}
		if (x != NULL) {
			TAILQ_REMOVE(&p->queue, x, entry);
			p->running++;
			f->n_queued--;
		}
		pthread_mutex_unlock(&f->lock);
		if (x == NULL)
			return;
		fact_finish(&x->job, NULL, FACT_FAILED);
	}
}

/* Stops the running threads. */
static void
threads_end(struct facts *f)
{
	pthread_mutex_lock(&f->lock);
	f->closing = true;
	pthread_cond_broadcast(&f->work);
	pthread_cond_broadcast(&f->keeping);
	pthread_mutex_unlock(&f->lock);
	for (unsigned i = 0; i < f->n_started; i++)
		pthread_join(f->thread[i], NULL);
	if (f->keeper_started)
		pthread_join(f->keeper, NULL);
}

static int
threads_start(struct facts *f)
{
	int rc = 0;

	while (rc == 0 && f->n_started < f->n_threads) {
		rc = thread_start(&f->thread[f->n_started], work, f);
		f->n_started += rc == 0;
	}
	if (rc == 0) {
		rc = thread_start(&f->keeper, keep_fresh, f);
		f->keeper_started = rc == 0;
	}
	return rc;
}

struct facts *
facts_new(struct resolver *r, const struct facts_options *o, struct err *err)
{
	struct facts *f = calloc(1, sizeof *f);
	int rc;

	if (f == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&f->lock, NULL);
	cond_init(&f->work);
	cond_init(&f->keeping);
	cond_init(&f->ready);
	TAILQ_INIT(&f->used);
	TAILQ_INIT(&f->parties);
	TAILQ_INIT(&f->due);
	TAILQ_INIT(&f->flying);
	for (size_t i = 0; i < SLOTS; i++)
		TAILQ_INIT(&f->slot[i]);
	f->slot_s = clock_ms() / 1000;
	f->resolver = r;
	f->max = o->max > 0 ? o->max : FACTS_MAX;
	f->n_threads = o->threads > 0 ? o->threads : THREADS;
	if (f->n_threads > THREADS_MAX)
		f->n_threads = THREADS_MAX;
	if (getrandom(&f->seed, sizeof f->seed, 0) != sizeof f->seed)
		f->seed = (uint64_t)clock_ms();
	f->random = (uint32_t)f->seed;
	rc = threads_start(f);
	if (rc != 0) {
		errno = rc;
		err_errno(err, EXIT_TEMPORARY, "cannot start the threads for "
		    "look-ups");
		threads_end(f);
		facts_destroy(f);
		return NULL;
	}
	return f;
}

void
facts_free(struct facts **fp)
{
	struct facts *f = *fp;
	struct fact_list trash = TAILQ_HEAD_INITIALIZER(trash);
	bool last;

	if (f == NULL)
		return;
	*fp = NULL;
	threads_end(f);
	queue_end(f);
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < BUCKETS; i++) {
		while (!LIST_EMPTY(&f->bucket[i]))
			table_drop(LIST_FIRST(&f->bucket[i]), &trash);
	}
	for (size_t i = 0; i < SLOTS; i++)
		keeps_free(&f->slot[i], &trash);
	keeps_free(&f->due, &trash);
	keeps_free(&f->flying, &trash);
	f->left = true;
	last = f->n_flight == 0;
	pthread_mutex_unlock(&f->lock);
	trash_empty(&trash);
	if (last)
		facts_destroy(f);
}

struct fact *
facts_start(struct facts *f, const struct fact_kind *kind, const char *key,
    void *args, const char *on_behalf)
{
	struct fact_list trash = TAILQ_HEAD_INITIALIZER(trash);
	struct fact *x, *launched = NULL;

	pthread_mutex_lock(&f->lock);
	x = table_find(f, kind, key, &trash);
	if (x != NULL) {
		x->refs++;
	} else if ((x = fact_new(f, kind, key)) != NULL) {
		x->refs++;
		x->args = args;
		if (fact_launch(x, on_behalf) == 0) {
			table_insert(x);
			launched = x;
		} else {
			x->args = NULL;
			fact_put(x, &trash);
			x = NULL;
		}
	}
	pthread_mutex_unlock(&f->lock);
	trash_empty(&trash);
	if (launched == NULL)
		args_free(kind, args);
	else if (kind->start != NULL)
		kind->start(&launched->job, args);
	return x;
}

struct fact *
facts_known(struct facts *f, const struct fact_kind *kind, const char *key)
{
	struct fact_list trash = TAILQ_HEAD_INITIALIZER(trash);
	struct fact *x;

	pthread_mutex_lock(&f->lock);
	x = table_find(f, kind, key, &trash);
	if (x != NULL)
		x->refs++;
	pthread_mutex_unlock(&f->lock);
	trash_empty(&trash);
	return x;
}

/* Waits for a moment, or until the deadline. Called and left with the lock
 * held, which is released meanwhile. Returns false if there is nothing to wait
 * for. */
static bool
may_wait(struct facts *f, int64_t deadline_ms, struct timespec *until)
{
	int64_t now = clock_ms();
	bool dead;

	if (now >= deadline_ms)
		return false;
	*until = clock_timespec(deadline_ms < now + LOOK_MS ? deadline_ms :
	    now + LOOK_MS);
	pthread_mutex_unlock(&f->lock);
	dead = resolver_is_dead(f->resolver);
	pthread_mutex_lock(&f->lock);
	return !dead;
}

const void *
fact_wait(struct fact *x, int64_t deadline_ms)
{
	struct facts *f;
	struct timespec until;
	const void *result;

	if (x == NULL)
		return NULL;
	f = x->facts;
	pthread_mutex_lock(&f->lock);
	while (!x->ready && may_wait(f, deadline_ms, &until)) {
		if (!x->ready)
			pthread_cond_timedwait(&x->changed, &f->lock, &until);
	}
	result = x->ready ? x->result : NULL;
	pthread_mutex_unlock(&f->lock);
	return result;
}

static size_t
count_unanswered(struct fact *const *fact, size_t n)
{
	size_t unanswered = 0;

	for (size_t i = 0; i < n; i++)
		unanswered += fact[i] != NULL && !fact[i]->ready;
	return unanswered;
}

/* The table they belong to; NULL if all are NULL. */
static struct facts *
facts_of(struct fact *const *fact, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fact[i] != NULL)
			return fact[i]->facts;
	return NULL;
}

size_t
facts_unanswered(struct fact *const *fact, size_t n)
{
	struct facts *f = facts_of(fact, n);
	size_t unanswered;

	if (f == NULL)
		return 0;
	pthread_mutex_lock(&f->lock);
	unanswered = count_unanswered(fact, n);
	pthread_mutex_unlock(&f->lock);
	return unanswered;
}

bool
facts_wait_room(struct fact *const *fact, size_t n, size_t max,
    int64_t deadline_ms)
{
	struct facts *f = facts_of(fact, n);
	struct timespec until;
	bool has_room;

	if (f == NULL)
		return max > 0;
	pthread_mutex_lock(&f->lock);
	while (count_unanswered(fact, n) >= max &&
	    may_wait(f, deadline_ms, &until)) {
		if (count_unanswered(fact, n) >= max)
			pthread_cond_timedwait(&f->ready, &f->lock, &until);
	}
	has_room = count_unanswered(fact, n) < max;
	pthread_mutex_unlock(&f->lock);
	return has_room;
}

bool
facts_wait_share(struct facts *f, const char *on_behalf, int64_t deadline_ms)
{
	struct timespec until;
	const struct party *p;
	bool is_there;

	pthread_mutex_lock(&f->lock);
	for (;;) {
		p = party_find(f, on_behalf);
		is_there = has_room(f, on_behalf, p == NULL ? 0 : p->jobs,
		    false);
		if (is_there || !may_wait(f, deadline_ms, &until))
			break;
		pthread_cond_timedwait(&f->ready, &f->lock, &until);
	}
	pthread_mutex_unlock(&f->lock);
	return is_there;
}

void
fact_done(struct fact **xp)
{
	struct fact_list trash = TAILQ_HEAD_INITIALIZER(trash);
	struct fact *x = *xp;
	struct facts *f;

	if (x == NULL)
		return;
	*xp = NULL;
	f = x->facts;
	pthread_mutex_lock(&f->lock);
	fact_put(x, &trash);
	pthread_mutex_unlock(&f->lock);
	trash_empty(&trash);
}

int
facts_keep(struct facts *f, const struct fact_kind *kind, const char *key,
    void *args)
{
	struct keep *k = calloc(1, sizeof *k);

	if (k != NULL)
		k->key = strdup(key);
	if (k == NULL || k->key == NULL) {
		free(k);
		args_free(kind, args);
		return -1;
	}
	k->kind = kind;
	k->args = args;
	pthread_mutex_lock(&f->lock);
	TAILQ_INSERT_TAIL(&f->due, k, slot);
	if (f->n_kept++ == 0)
		pthread_cond_signal(&f->keeping);
	pthread_mutex_unlock(&f->lock);
	return 0;
}
