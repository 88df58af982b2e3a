/* SPDX-License-Identifier: ISC */
/*
 * DNS for a command: a resolver by the configuration, and continuations that
 * are waited for, since a command has nothing else to do. Whoever waits no
 * longer leaves the box to the continuation, which comes some time (or when
 * the resolver ends) and frees it.
 */
#include "tool/asker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* How often a waiting command looks whether DNS is dead. */
enum { LOOK_MS = 200 };

union finding {
	struct dmarc_finding dmarc;
	struct published_finding published;
	struct route *route;
};

struct box {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	bool is_filled;		/* guarded by lock, as is the rest */
	bool is_left;
	union finding finding;
};

struct resolver *
asker_resolver(const struct config *c, struct err *err)
{
	struct resolver_options o = {
		.servers = &c->resolver.servers,
		.trust_anchor = c->resolver.trust_anchor,
	};

	return resolver_new(&o, err);
}

static struct box *
box_new(void)
{
	struct box *b = calloc(1, sizeof *b);
	pthread_condattr_t attr;

	if (b == NULL)
		return NULL;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&b->lock, NULL);
	(void)pthread_cond_init(&b->filled, &attr);
	(void)pthread_condattr_destroy(&attr);
	return b;
}

static void
box_free(struct box *b)
{
	(void)pthread_cond_destroy(&b->filled);
	(void)pthread_mutex_destroy(&b->lock);
	free(b);
}

/* The continuation's side. False: nobody waits for the finding any more. */
static bool
box_fill(struct box *b, const void *finding, size_t size)
{
	bool is_left;

	(void)pthread_mutex_lock(&b->lock);
	memcpy(&b->finding, finding, size);
	b->is_filled = true;
	is_left = b->is_left;
	(void)pthread_cond_signal(&b->filled);
	(void)pthread_mutex_unlock(&b->lock);
	if (is_left)
		box_free(b);
	return !is_left;
}

/* The command's side; out is untouched when nothing came until end, or when
 * DNS is known to be dead by then. */
static void
box_wait(struct resolver *r, struct box *b, int64_t end, void *out, size_t size)
{
	bool is_filled;

	(void)pthread_mutex_lock(&b->lock);
	while (!b->is_filled && clock_ms() < end) {
		int64_t look = clock_ms() + LOOK_MS;
		struct timespec until = clock_timespec(look < end ? look : end);

		(void)pthread_cond_timedwait(&b->filled, &b->lock, &until);
		if (!b->is_filled && resolver_is_dead(r))
			break;
	}
	is_filled = b->is_filled;
	if (is_filled)
		memcpy(out, &b->finding, size);
	b->is_left = true;
	(void)pthread_mutex_unlock(&b->lock);
	if (is_filled)
		box_free(b);
}

static void
take_dmarc(void *arg, const struct dmarc_finding *f)
{
	(void)box_fill(arg, f, sizeof *f);
}

static void
take_published(void *arg, const struct published_finding *f)
{
	(void)box_fill(arg, f, sizeof *f);
}

static void
take_route(void *arg, struct route *route)
{
	if (!box_fill(arg, &route, sizeof route))
		route_free(&route);
}

void
asker_dmarc(struct resolver *r, const char *domain, struct dmarc_finding *out)
{
	struct box *b = box_new();

	*out = (struct dmarc_finding){ .policy = DMARC_POLICY_UNKNOWN };
	if (b == NULL)
		return;
	if (dmarc_find(r, domain, take_dmarc, b) < 0)
		box_free(b);
	else
		box_wait(r, b, clock_ms() + ASKER_PATIENCE_MS, out,
		    sizeof *out);
}

void
asker_published_until(struct resolver *r, const struct published_query *q,
    int64_t deadline_ms, struct published_finding *out)
{
	struct box *b = box_new();

	*out = (struct published_finding){ .state = PUBLISHED_UNKNOWN };
	if (b == NULL)
		return;
	if (published_find(r, q, take_published, b) < 0)
		box_free(b);
	else
		box_wait(r, b, deadline_ms, out, sizeof *out);
}

void
asker_published(struct resolver *r, const struct published_query *q,
    struct published_finding *out)
{
	asker_published_until(r, q, clock_ms() + ASKER_PATIENCE_MS, out);
}

struct route *
asker_route(struct resolver *r, const char *nexthop, bool no_mx)
{
	struct box *b = box_new();
	struct route *route = NULL;

	if (b == NULL)
		return NULL;
	route_find(r, nexthop, no_mx, take_route, b);
	box_wait(r, b, clock_ms() + ASKER_PATIENCE_MS, &route, sizeof route);
	return route;
}
