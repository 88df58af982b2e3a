/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_FACTS_H
#define WAYBILL_FIND_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "find/resolver.h"

/*
 * A cache of look-up results: one job in flight per kind and key, its result
 * cached by TTL (1 to 60 minutes) in a bounded table, immutable and reference
 * counted. Milter threads start a job and wait for it, never for DNS.
 */

/* At most this many destinations of one message may be unanswered at a time;
 * the next one gets WHY_BUSY and starts no job. */
enum { FACTS_UNANSWERED_MAX = 64 };

/* TTL of a failure: it is kept for a few seconds, so that a burst causes one
 * query, and then looked up again. */
enum { FACT_FAILED = 0 };

struct fact_job;

/*
 * A kind of fact. Either start or run is NULL. Both read args, which stay
 * valid until the job is finished; fact_job_resolver() gives them the
 * resolver.
 */
struct fact_kind {
	const char *name;

	/* Begins the work and returns. Continuations of resolver_ask_then()
	 * must end in one call of fact_finish(), from any thread. */
	void (*start)(struct fact_job *job, const void *args);

	/* Does the work on a facts thread and returns its result, or NULL
	 * without memory. Must not wait beyond deadline_ms. Sets *ttl_s. */
	void *(*run)(struct resolver *r, const void *args, int64_t deadline_ms,
	    unsigned *ttl_s);

	void (*free_result)(void *result);
	void (*free_args)(void *args);		/* NULL: nothing to free */
};

struct resolver *fact_job_resolver(const struct fact_job *job);

/* Ends a job. The fact owns result (NULL without memory) from now on; ttl_s is
 * that of the answers it is based on, or FACT_FAILED. */
void fact_finish(struct fact_job *job, void *result, unsigned ttl_s);

struct facts_options {
	size_t max;		/* facts kept; 0: the default (20,000) */
	unsigned threads;	/* for kinds that run; 0: the default (4) */
};

struct facts;
struct fact;

/* Starts threads: call it after the last fork. Returns NULL with err. r must
 * outlive f; resolver_free(r) then ends what is still in flight. */
struct facts *facts_new(struct resolver *r, const struct facts_options *o,
    struct err *err);

/* All facts must have been released before. Waits for a running job (it has a
 * deadline); a job waiting for DNS ends by itself, or in resolver_free(). */
void facts_free(struct facts **f);

/*
 * Starts a job, joins one, or finds the result. Never blocks. Takes ownership
 * of args in every case (free_args is called if they are not needed).
 * on_behalf names the requester (a login, a client): each has a share of what
 * may be in flight, and kinds that run are served in turn among them, so that
 * one user's dead domains hold up nobody else, however many messages that user
 * sends. NULL or "": waybilld itself. Returns NULL if there is no memory, too
 * much is in flight, or the share is used up. Release it with fact_done().
 */
struct fact *facts_start(struct facts *f, const struct fact_kind *kind,
    const char *key, void *args, const char *on_behalf);

/* Returns the fact if it exists, ready or in flight; otherwise NULL. Starts
 * nothing. Release it with fact_done(). */
struct fact *facts_known(struct facts *f, const struct fact_kind *kind,
    const char *key);

/* Waits for the result until the deadline (clock_ms(); 0: do not wait), as
 * long as DNS is not known to be dead; otherwise returns NULL. The result is
 * owned by fact. */
const void *fact_wait(struct fact *fact, int64_t deadline_ms);

/* Returns how many of n facts (NULLs are skipped) have no result yet. */
size_t facts_unanswered(struct fact *const *fact, size_t n);

/* Waits until fewer than max of n facts have no result. Returns false at the
 * deadline, or if DNS is known to be dead. */
bool facts_wait_room(struct fact *const *fact, size_t n, size_t max,
    int64_t deadline_ms);

/* Waits until on_behalf ("" for nobody) may start another job of a kind that
 * starts. Returns false at the deadline, or if DNS is known to be dead. */
bool facts_wait_share(struct facts *f, const char *on_behalf,
    int64_t deadline_ms);

void fact_done(struct fact **fact);

/*
 * Keeps this fact fresh from now on until facts_free(): it is looked up soon,
 * spread over time, and again as soon as it has expired; the old result stays
 * readable until the new one is there. Kept facts do not count against max.
 * Takes ownership of args. Returns 0, or -1 without memory.
 */
int facts_keep(struct facts *f, const struct fact_kind *kind, const char *key,
    void *args);

#endif
