/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_FACTS_H
#define WAYBILL_FIND_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "find/resolver.h"

/*
 * What is found out, kept: one job in flight per kind and key, its result
 * cached by TTL (1 to 60 minutes) in a bounded table, immutable and reference
 * counted. Milter threads start a job and wait for it, never for DNS.
 */

/* So many destinations of one message may be unanswered at a time; the next
 * one is WHY_BUSY and starts no job. */
enum { FACTS_UNANSWERED_MAX = 64 };

/* TTL of a result that is a failure: kept for a few seconds, so that a burst
 * asks once, then asked for again. */
enum { FACT_FAILED = 0 };

struct fact_job;

/*
 * A kind of fact. One of start and run is NULL. Both read args, which stay
 * valid until the job is finished, and get at the resolver by
 * fact_job_resolver().
 */
struct fact_kind {
	const char *name;

	/* Begins the work and returns: continuations of resolver_ask_then()
	 * end in one call of fact_finish(), from whatever thread. */
	void (*start)(struct fact_job *job, const void *args);

	/* Does the work on a facts thread and returns its result, NULL without
	 * memory. Waits only until deadline_ms. Sets *ttl_s. */
	void *(*run)(struct resolver *r, const void *args, int64_t deadline_ms,
	    unsigned *ttl_s);

	void (*free_result)(void *result);
	void (*free_args)(void *args);		/* NULL: args need none */
};

struct resolver *fact_job_resolver(const struct fact_job *job);

/* Ends a job: result (NULL without memory) is the fact's from now on; ttl_s
 * is that of the answers it rests on, or FACT_FAILED. */
void fact_finish(struct fact_job *job, void *result, unsigned ttl_s);

struct facts_options {
	size_t max;		/* facts kept; 0: the default (20,000) */
	unsigned threads;	/* for kinds that run; 0: the default (4) */
};

struct facts;
struct fact;

/* Starts threads: after the last fork. NULL with err. r must outlive f, and
 * resolver_free(r) ends what is in flight then. */
struct facts *facts_new(struct resolver *r, const struct facts_options *o,
    struct err *err);

/* All facts have been given back before. A job that runs is waited for (it
 * has a deadline); one that is in flight in DNS ends by itself, or in
 * resolver_free(). */
void facts_free(struct facts **f);

/*
 * Starts a job, joins one, or finds the result. Never blocks. Takes args in
 * every case (free_args is called when they aren't needed). on_behalf names
 * who asked (a login, a client): each has a share of what may be in flight, and
 * kinds that run are served in turn among those, so that one user's dead
 * domains hold nobody else up, whatever the number of his messages. NULL or "":
 * waybilld itself. NULL when there is no memory, too much in flight, or all of
 * the share. fact_done() gives it back.
 */
struct fact *facts_start(struct facts *f, const struct fact_kind *kind,
    const char *key, void *args, const char *on_behalf);

/* The fact if it is there already, found or in flight; NULL if it isn't. Starts
 * nothing. fact_done() gives it back. */
struct fact *facts_known(struct facts *f, const struct fact_kind *kind,
    const char *key);

/* The result, when it comes before the deadline (clock_ms(); 0: don't wait)
 * and while DNS isn't known to be dead; else NULL. It belongs to fact. */
const void *fact_wait(struct fact *fact, int64_t deadline_ms);

/* How many of n facts (NULLs are skipped) have no result yet. */
size_t facts_unanswered(struct fact *const *fact, size_t n);

/* Waits until fewer than max of n facts have no result yet. False when that
 * isn't so at the deadline, or DNS is known to be dead. */
bool facts_wait_room(struct fact *const *fact, size_t n, size_t max,
    int64_t deadline_ms);

/* Waits until on_behalf ("" for nobody) may start another job of a kind that
 * starts. False when that isn't so at the deadline, or DNS is known to be
 * dead. */
bool facts_wait_share(struct facts *f, const char *on_behalf,
    int64_t deadline_ms);

void fact_done(struct fact **fact);

/*
 * Keeps this fact fresh from now on until facts_free(): it is asked for soon,
 * spread over time, again as soon as it has expired, and an old result is
 * there to read until the new one is. Kept facts don't count against max. Takes
 * args. 0, or -1 without memory.
 */
int facts_keep(struct facts *f, const struct fact_kind *kind, const char *key,
    void *args);

#endif
