/* SPDX-License-Identifier: ISC */
/*
 * The kinds of facts that a message needs, and the key of each:
 *
 *	kind		key			found by
 *	route		next hops, no_mx	route_find()
 *	spf		domain, address, helo	spf_find(), on a facts thread
 *	policy		domain			dmarc_find()
 *	published	selector, domain, key	published_find()
 *
 * A finding "DNS did not answer" counts as a failure: facts keeps it for a few
 * seconds only, so that the real answer comes soon after DNS is back.
 */
#include "inquiry.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "find/dmarc.h"
#include "find/published.h"
#include "find/resolver.h"
#include "find/route.h"
#include "find/spf.h"

enum { NAME_MAX_BYTES = 2048 };

struct inquiry {
	struct resolver *resolver;
	struct facts *facts;
	struct key_memory *memory;
};

/* The key outlives the facts; its fact owns this. */
struct published_args {
	const struct key *key;
	struct key_memory *memory;
};

/* A running query for a key; the fact's args may be freed before it ends. */
struct published_job {
	struct fact_job *job;
	const struct key *key;
	struct key_memory *memory;
};

struct route_args {
	bool no_mx;
	char hops[];
};

struct spf_args {
	struct ip ip;
	char *domain;
	char *helo;
};

static void *
copy(const void *finding, size_t size)
{
	void *out = malloc(size);

	if (out != NULL)
		memcpy(out, finding, size);
	return out;
}

static void
on_route(void *job, struct route *route)
{
	fact_finish(job, route, route == NULL || route->failed ? FACT_FAILED :
	    route->ttl_s);
}

static void
start_route(struct fact_job *job, const void *args)
{
	const struct route_args *a = args;

	route_find(fact_job_resolver(job), a->hops, a->no_mx, on_route, job);
}

static void
free_route(void *result)
{
	struct route *route = result;

	route_free(&route);
}

static void *
run_spf(struct resolver *r, const void *args, int64_t deadline_ms,
    unsigned *ttl_s)
{
	const struct spf_args *a = args;
	struct spf_query q = { .domain = a->domain, .ip = a->ip,
	    .helo = a->helo };
	struct spf_finding *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	spf_find(r, &q, deadline_ms, f);
	*ttl_s = f->result == SPF_TEMPERROR ? FACT_FAILED : f->ttl_s;
	return f;
}

static void
free_spf_args(void *args)
{
	struct spf_args *a = args;

	free(a->domain);
	free(a->helo);
	free(a);
}

static void
on_policy(void *job, const struct dmarc_finding *f)
{
	fact_finish(job, copy(f, sizeof *f),
	    f->policy == DMARC_POLICY_UNKNOWN ? FACT_FAILED : f->ttl_s);
}

static void
start_policy(struct fact_job *job, const void *args)
{
	if (dmarc_find(fact_job_resolver(job), args, on_policy, job) < 0)
		fact_finish(job, NULL, FACT_FAILED);
}

static void
on_published(void *arg, const struct published_finding *f)
{
	struct published_job *j = arg;

	key_memory_note(j->memory, j->key, f->state, clock_ms());
	fact_finish(j->job, copy(f, sizeof *f),
	    f->state == PUBLISHED_UNKNOWN ? FACT_FAILED : f->ttl_s);
	free(j);
}

static void
start_published(struct fact_job *job, const void *args)
{
	const struct published_args *a = args;
	struct published_query q = {
		.selector = a->key->selector,
		.domain = a->key->domain,
		.type = key_type(a->key->algorithm),
		.public_base64 = a->key->public_base64,
	};
	struct published_job *j = malloc(sizeof *j);

	if (j != NULL) {
		*j = (struct published_job){ job, a->key, a->memory };
		if (published_find(fact_job_resolver(job), &q, on_published,
		    j) == 0)
			return;
	}
	free(j);
	fact_finish(job, NULL, FACT_FAILED);
}

static const struct fact_kind route_kind = {
	.name = "route", .start = start_route, .free_result = free_route,
	.free_args = free,
};

static const struct fact_kind spf_kind = {
	.name = "spf", .run = run_spf, .free_result = free,
	.free_args = free_spf_args,
};

static const struct fact_kind policy_kind = {
	.name = "policy", .start = start_policy, .free_result = free,
	.free_args = free,
};

static const struct fact_kind published_kind = {
	.name = "published", .start = start_published, .free_result = free,
	.free_args = free,
};

static void
route_name(const char *hops, bool no_mx, struct text *out)
{
	text_init(out, NAME_MAX_BYTES);
	text_addf(out, "%s%s", no_mx ? "! " : "", hops);
}

/* A configuration has no selector of a domain twice. */
static void
published_name(const struct key *k, struct text *out)
{
	text_init(out, NAME_MAX_BYTES);
	text_addf(out, "%s %s", k->selector, k->domain);
}

/* Takes ownership of args and name; a name that was cut gives no fact. */
static struct fact *
start(struct inquiry *q, const struct fact_kind *kind, struct text *name,
    void *args, const char *on_behalf)
{
	struct fact *fact = NULL;

	if (!name->cut)
		fact = facts_start(q->facts, kind, name->buf, args, on_behalf);
	else if (kind->free_args != NULL)
		kind->free_args(args);
	text_free(name);
	return fact;
}

/* Takes ownership of name. */
static struct fact *
known(struct inquiry *q, const struct fact_kind *kind, struct text *name)
{
	struct fact *fact = name->cut ? NULL :
	    facts_known(q->facts, kind, name->buf);

	text_free(name);
	return fact;
}

/* Returns NULL without memory. */
static struct published_args *
published_args_of(const struct inquiry *q, const struct key *key)
{
	struct published_args *a = malloc(sizeof *a);

	if (a != NULL)
		*a = (struct published_args){ key, q->memory };
	return a;
}

/* Returns 0, or -1 without memory. */
static int
keep_identity(struct inquiry *q, const struct identity *id)
{
	char *domain = strdup(id->domain);
	int rc = domain == NULL ? -1 :
	    facts_keep(q->facts, &policy_kind, id->domain, domain);

	for (size_t i = 0; i < id->nkeys && rc == 0; i++) {
		struct published_args *a = published_args_of(q, id->keys[i]);
		struct text name;

		published_name(id->keys[i], &name);
		rc = a == NULL ? -1 : facts_keep(q->facts, &published_kind,
		    name.buf, a);
		text_free(&name);
	}
	return rc;
}

static struct resolver *
open_resolver(const struct config *c, struct err *err)
{
	struct resolver_options o = {
		.servers = &c->resolver.servers,
		.trust_anchor = c->resolver.trust_anchor,
	};

	return resolver_new(&o, err);
}

struct inquiry *
inquiry_new(const struct config *c, const struct identity_table *identities,
    struct key_memory *memory, struct err *err)
{
	struct facts_options fo = { 0 };
	struct inquiry *q = calloc(1, sizeof *q);
	int rc = 0;

	if (q == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return NULL;
	}
	q->memory = memory;
	q->resolver = open_resolver(c, err);
	if (q->resolver != NULL)
		q->facts = facts_new(q->resolver, &fo, err);
	if (q->facts == NULL) {
		inquiry_free(&q);
		return NULL;
	}
	for (size_t i = 0; i < identity_count(identities) && rc == 0; i++)
		rc = keep_identity(q, identity_at(identities, i));
	if (rc != 0) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		inquiry_free(&q);
	}
	return q;
}

struct key_memory *
inquiry_key_memory(const struct inquiry *q)
{
	return q == NULL ? NULL : q->memory;
}

int
inquiry_check(const struct config *c, struct err *err)
{
	struct resolver *r = open_resolver(c, err);

	if (r == NULL)
		return -1;
	resolver_free(&r);
	return 0;
}

void
inquiry_free(struct inquiry **inquiry)
{
	struct inquiry *q = *inquiry;

	if (q == NULL)
		return;
	facts_free(&q->facts);
	resolver_free(&q->resolver);
	free(q);
	*inquiry = NULL;
}

struct fact *
inquiry_route(struct inquiry *q, const char *hops, bool no_mx,
    const char *party)
{
	size_t len = strlen(hops);
	struct route_args *a;
	struct text name;

	if (q == NULL)
		return NULL;
	a = malloc(sizeof *a + len + 1);
	if (a == NULL)
		return NULL;
	a->no_mx = no_mx;
	memcpy(a->hops, hops, len + 1);
	route_name(hops, no_mx, &name);
	return start(q, &route_kind, &name, a, party);
}

bool
inquiry_wait_share(struct inquiry *q, const char *party, int64_t deadline_ms)
{
	return q != NULL && facts_wait_share(q->facts, party, deadline_ms);
}

struct fact *
inquiry_known_route(struct inquiry *q, const char *hops, bool no_mx)
{
	struct text name;

	if (q == NULL)
		return NULL;
	route_name(hops, no_mx, &name);
	return known(q, &route_kind, &name);
}

struct fact *
inquiry_spf(struct inquiry *q, const char *domain, const struct ip *ip,
    const char *helo, const char *party)
{
	char address[IP_SIZE];
	struct spf_args *a;
	struct text name;

	if (q == NULL)
		return NULL;
	a = calloc(1, sizeof *a);
	if (a == NULL)
		return NULL;
	a->ip = *ip;
	a->domain = strdup(domain);
	a->helo = strdup(helo);
	if (a->domain == NULL || a->helo == NULL) {
		free_spf_args(a);
		return NULL;
	}
	text_init(&name, NAME_MAX_BYTES);
	text_addf(&name, "%s %s %s", ip_format(ip, address), domain, helo);
	return start(q, &spf_kind, &name, a, party);
}

struct fact *
inquiry_policy(struct inquiry *q, const char *domain, const char *party)
{
	char *args = q == NULL ? NULL : strdup(domain);

	return args == NULL ? NULL :
	    facts_start(q->facts, &policy_kind, domain, args, party);
}

struct fact *
inquiry_published(struct inquiry *q, const struct key *key)
{
	struct published_args *a = q == NULL ? NULL :
	    published_args_of(q, key);
	struct text name;

	if (a == NULL)
		return NULL;
	published_name(key, &name);
	return start(q, &published_kind, &name, a, NULL);
}

struct fact *
inquiry_known_published(struct inquiry *q, const struct key *key)
{
	struct text name;

	if (q == NULL)
		return NULL;
	published_name(key, &name);
	return known(q, &published_kind, &name);
}
