/* SPDX-License-Identifier: ISC */
/*
 * The judge. A family at a destination is, by what happened last:
 *
 *	something rejected for the address, network or name, and nothing
 *	accepted since ............................ REJECTED
 *	something accepted ........................ ACCEPTED
 *	no connection, BROKEN_MIN times at least .. BROKEN
 *	rejected for other reasons ................. ODD
 *	deferred ................................... DEFERRED
 *	nothing ................................... UNTRIED
 *
 * and the verdict, where one family is REJECTED:
 *
 *	the other	is accepted there		SWITCH
 *			is rejected there		ASK
 *			was deferred there		SWITCH: that passes
 *			was never tried: the same of its provider's other
 *			destinations; then SWITCH if DNS has addresses of it
 *			and nobody lists ours; IPv4 is had by nearly all, so
 *			it is tried where DNS is silent
 *
 * A family whose texts don't blame the address, or that is BROKEN, is treated
 * as REJECTED where nothing at all came through it and the other one is good.
 * Never is mail sent to where it was rejected.
 */
#include "tool/advise.h"

#include <stdlib.h>
#include <string.h>

enum {
	BROKEN_MIN = 3,		/* failed connections in a row */
	VAGUE_MIN = 3,		/* vague rejection, and as many accepted */
};

const char *
advise_verdict_name(enum advise_verdict v)
{
	static const char *const names[] = {
		[ADVISE_UNKNOWN] = "unknown", [ADVISE_FINE] = "fine",
		[ADVISE_DONE] = "done", [ADVISE_WAIT] = "wait",
		[ADVISE_FIX] = "fix", [ADVISE_ASK] = "ask",
		[ADVISE_SWITCH] = "switch",
	};

	return names[v];
}

const char *
advise_choice_name(enum advise_choice c)
{
	static const char *const names[ADVISE_CHOICES] = {
		[ADVISE_DO_IPV4] = "ipv4", [ADVISE_DO_IPV6] = "ipv6",
		[ADVISE_DO_FIX] = "fix", [ADVISE_DO_RECEIVER] = "receiver",
		[ADVISE_DO_HOSTING] = "hosting", [ADVISE_DO_RELAY] = "relay",
		[ADVISE_DO_WAIT] = "wait",
	};

	return names[c];
}

enum ip_family
advise_family(int side)
{
	return side == ADVISE_IPV4 ? IP_4 : side == ADVISE_IPV6 ? IP_6 :
	    IP_NONE;
}

const struct advise_cause *
advise_why(const struct advise_dest *d)
{
	return d->why == 0 ? NULL : &d->cause[d->why - 1];
}

static int
side_of(const struct advise_cause *c)
{
	if (strcmp(c->t.family, "ipv4") == 0)
		return ADVISE_IPV4;
	return strcmp(c->t.family, "ipv6") == 0 ? ADVISE_IPV6 :
	    ADVISE_NO_FAMILY;
}

static bool
is_class(const struct advise_cause *c, const char *name)
{
	return strcmp(c->class->name, name) == 0;
}

static bool
is_time(const struct advise_cause *c)
{
	return strcmp(c->who, "time") == 0;
}

/* Does it say what address or network this host has, or what it is called? */
static bool
blames_address(const struct advise_cause *c)
{
	return is_class(c, "ipv6-refused") || (!is_time(c) &&
	    (strcmp(c->scope, "address") == 0 ||
	    strcmp(c->scope, "network") == 0));
}

/* Could it be the address all the same: how many of it make one think so; 0:
 * no. */
static int64_t
vague_min(const struct advise_cause *c)
{
	if (is_class(c, "spf") || is_class(c, "dmarc") || is_class(c, "auth"))
		return 1;
	return is_class(c, "policy") || is_class(c, "other") ? VAGUE_MIN : 0;
}

static bool
is_recipients(const struct advise_cause *c)
{
	return strcmp(c->scope, "recipient") == 0;
}

/* The latest cause of a side for which test holds: index plus one, or 0. */
static size_t
latest(const struct advise_dest *d, int side,
    bool (*test)(const struct advise_cause *c))
{
	size_t found = 0;

	for (size_t i = 0; i < d->n_causes; i++) {
		const struct advise_cause *c = &d->cause[i];

		if (side_of(c) == side && test(c) && (found == 0 ||
		    c->t.last_second >= d->cause[found - 1].t.last_second))
			found = i + 1;
	}
	return found;
}

static bool
is_network(const struct advise_cause *c)
{
	return is_class(c, "network");
}

/* Put off, and that alone. */
static bool
is_slow(const struct advise_cause *c)
{
	return c->t.wrong == REPORT_DEFERRED && !is_network(c) &&
	    !blames_address(c);
}

/* Rejected, or given up, for something else. */
static bool
is_odd(const struct advise_cause *c)
{
	return c->t.wrong != REPORT_DEFERRED && !blames_address(c) &&
	    !is_recipients(c);
}

static void
judge_side(struct advise_dest *d, int side)
{
	struct advise_side *s = &d->side[side];
	size_t blamed = latest(d, side, blames_address);
	size_t network = latest(d, side, is_network);
	size_t odd = latest(d, side, is_odd);
	size_t slow = latest(d, side, is_slow);

	if (blamed != 0 &&
	    d->cause[blamed - 1].t.last_second >= s->last_sent) {
		s->state = ADVISE_REJECTED;
		s->cause = blamed;
	} else if (s->sent > 0) {
		s->state = ADVISE_ACCEPTED;
	} else if (network != 0 && odd == 0 && slow == 0 &&
	    d->cause[network - 1].t.n >= BROKEN_MIN) {
		s->state = ADVISE_BROKEN;
		s->cause = network;
	} else if (odd != 0) {
		s->state = ADVISE_ODD;
		s->cause = odd;
	} else if (slow != 0 || network != 0) {
		s->state = ADVISE_DEFERRED;
		s->cause = slow != 0 ? slow : network;
	}
}

/* Is a side as good as rejected, the other one being good? */
static bool
is_as_rejected(const struct advise_dest *d, int side, bool *is_inferred)
{
	const struct advise_side *s = &d->side[side];
	const struct advise_side *other = &d->side[1 - side];
	int64_t min;

	*is_inferred = false;
	if (s->state == ADVISE_REJECTED)
		return true;
	if (s->sent > 0 || other->state != ADVISE_ACCEPTED || s->cause == 0)
		return false;
	if (s->state == ADVISE_BROKEN)
		return true;
	min = s->state == ADVISE_ODD ?
	    vague_min(&d->cause[s->cause - 1]) : 0;
	*is_inferred = true;
	return min > 0 && s->bounced >= min && other->sent >= min;
}

/* How many destinations of a provider reject, and accept, over a family. */
struct provider {
	const char *name;
	size_t rejected[2];
	size_t accepted[2];
};

/* What all destinations together say. */
struct evidence {
	const struct advise_world *w;
	struct provider *provider;	/* owned; sorted by name */
	size_t n;
	bool is_listed[2];	/* somebody says that our address is on a list */
};

static int
compare_providers(const void *one, const void *two)
{
	const struct provider *a = one, *b = two;

	return strcmp(a->name, b->name);
}

static void
add_states(const struct advise_dest *d, struct evidence *e,
    struct provider *into)
{
	for (int side = 0; side < 2; side++) {
		const struct advise_side *s = &d->side[side];

		into->rejected[side] += s->state == ADVISE_REJECTED;
		into->accepted[side] += s->state == ADVISE_ACCEPTED;
		e->is_listed[side] |= s->state == ADVISE_REJECTED &&
		    is_class(&d->cause[s->cause - 1], "ip-listed");
	}
}

/* 0, or -1 without memory. */
static int
gather_evidence(const struct advise *a, struct evidence *e)
{
	size_t n = 0;

	e->provider = calloc(a->n + 1, sizeof *e->provider);
	if (e->provider == NULL)
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		e->provider[i].name = a->dest[i].provider;
		add_states(&a->dest[i], e, &e->provider[i]);
	}
	qsort(e->provider, a->n, sizeof *e->provider, compare_providers);
	for (size_t i = 1; i < a->n; i++) {
		struct provider *last = &e->provider[n];
		const struct provider *next = &e->provider[i];

		if (strcmp(last->name, next->name) != 0) {
			e->provider[++n] = *next;
			continue;
		}
		for (int side = 0; side < 2; side++) {
			last->rejected[side] += next->rejected[side];
			last->accepted[side] += next->accepted[side];
		}
	}
	e->n = a->n == 0 ? 0 : n + 1;
	return 0;
}

/* What a provider says of a family that d hasn't been tried over. */
static enum advise_state
provider_state(const struct evidence *e, const struct advise_dest *d, int side)
{
	const struct provider key = { .name = d->provider };
	const struct provider *p = bsearch(&key, e->provider, e->n, sizeof key,
	    compare_providers);

	if (p == NULL || d->provider[0] == '\0')
		return ADVISE_UNTRIED;
	return p->rejected[side] > 0 ? ADVISE_REJECTED : p->accepted[side] > 0 ?
	    ADVISE_ACCEPTED : ADVISE_UNTRIED;
}

/* May the family that wasn't tried there be used? Else the obstacle. */
static enum advise_obstacle
untried(const struct evidence *e, struct advise_dest *d, int side)
{
	enum advise_state there = provider_state(e, d, side);
	enum advise_reach reach;

	reach = e->w->reach(e->w->arg, d->name, advise_family(side));
	if (reach == ADVISE_REACH_NO)
		return ADVISE_NOT_THERE;
	if (there == ADVISE_REJECTED)
		return ADVISE_REJECTED_TOO;
	d->ground = ADVISE_BY_PROVIDER;
	if (there == ADVISE_ACCEPTED)
		return ADVISE_FREE;
	if (e->is_listed[side])
		return ADVISE_LISTED_TOO;
	d->ground = reach == ADVISE_REACH_YES ? ADVISE_BY_DNS :
	    ADVISE_BY_NOTHING;
	return reach == ADVISE_REACH_YES || side == ADVISE_IPV4 ?
	    ADVISE_FREE : ADVISE_NOT_KNOWN;
}

/* One family is rejected: is the other one a way? */
static void
check_rejected(const struct evidence *e, struct advise_dest *d)
{
	int other = 1 - d->bad;
	const struct advise_side *s = &d->side[other];

	d->obstacle = ADVISE_FREE;
	d->ground = ADVISE_BY_ITSELF;
	if (!e->w->has[other])
		d->obstacle = ADVISE_NOT_HERE;
	else if (s->state == ADVISE_REJECTED)
		d->obstacle = ADVISE_REJECTED_TOO;
	else if (s->state == ADVISE_BROKEN)
		d->obstacle = ADVISE_NOT_KNOWN;
	else if (s->state == ADVISE_DEFERRED)
		d->ground = ADVISE_BY_PATIENCE;
	else if (s->state != ADVISE_ACCEPTED)
		d->obstacle = untried(e, d, other);
	d->verdict = d->obstacle != ADVISE_FREE ? ADVISE_ASK : ADVISE_SWITCH;
	if (d->verdict == ADVISE_SWITCH)
		d->keep = advise_family(other);
}

static int64_t
last_sent(const struct advise_dest *d)
{
	int64_t last = 0;

	for (int i = 0; i < ADVISE_SIDES; i++)
		if (d->side[i].last_sent > last)
			last = d->side[i].last_sent;
	return last;
}

/* The latest of all sides for which test holds. */
static size_t
latest_of_all(const struct advise_dest *d,
    bool (*test)(const struct advise_cause *c))
{
	size_t found = 0;

	for (int i = 0; i < ADVISE_SIDES; i++) {
		size_t at = latest(d, i, test);

		if (at != 0 && (found == 0 || d->cause[at - 1].t.last_second >
		    d->cause[found - 1].t.last_second))
			found = at;
	}
	return found;
}

static bool
is_put_off(const struct advise_cause *c)
{
	return c->t.wrong == REPORT_DEFERRED;
}

/* No family is rejected. */
static void
judge_rest(struct advise_dest *d)
{
	size_t odd = latest_of_all(d, is_odd);
	size_t slow = latest_of_all(d, is_put_off);
	const struct advise_cause *c = odd == 0 ? NULL : &d->cause[odd - 1];

	d->verdict = ADVISE_FINE;
	if (d->side[ADVISE_NO_FAMILY].state == ADVISE_REJECTED) {
		d->why = d->side[ADVISE_NO_FAMILY].cause;
		d->verdict = ADVISE_ASK;
	} else if (c != NULL && c->t.last_second >= last_sent(d)) {
		d->why = odd;
		d->verdict = strcmp(c->who, "you") == 0 || is_network(c) ?
		    ADVISE_FIX : ADVISE_ASK;
	} else if (slow != 0 && (d->cause[slow - 1].t.last_second >=
	    last_sent(d) || is_class(&d->cause[slow - 1], "rate"))) {
		d->why = slow;
		d->verdict = ADVISE_WAIT;
	}
	if (d->why != 0)
		d->bad = side_of(&d->cause[d->why - 1]);
}

static void
judge(const struct evidence *e, struct advise_dest *d)
{
	bool is_inferred[2];
	bool bad[2];
	bool is_known = d->n_causes > 0;

	for (int i = 0; i < ADVISE_SIDES; i++)
		is_known |= d->side[i].sent > 0;
	if (!is_known) {
		d->verdict = ADVISE_UNKNOWN;
		return;
	}
	for (int i = 0; i < 2; i++)
		bad[i] = is_as_rejected(d, i, &is_inferred[i]);
	if (!bad[0] && !bad[1]) {
		judge_rest(d);
		return;
	}
	d->bad = bad[0] && bad[1] ? d->side[1].bounced > d->side[0].bounced :
	    bad[1];
	d->why = d->side[d->bad].cause;
	d->is_inferred = is_inferred[d->bad];
	check_rejected(e, d);
}

int
advise_judge(struct advise *a, const struct advise_world *w)
{
	struct evidence e = { .w = w };

	for (size_t i = 0; i < a->n; i++)
		for (int k = 0; k < ADVISE_SIDES; k++)
			judge_side(&a->dest[i], k);
	if (gather_evidence(a, &e) != 0)
		return -1;
	for (size_t i = 0; i < a->n; i++)
		if (a->dest[i].is_wanted)
			judge(&e, &a->dest[i]);
	free(e.provider);
	return 0;
}

/* What a rejection leaves to be done beside another way. */
static size_t
reject_choices(const struct advise_cause *c, enum advise_choice *out)
{
	size_t n = 0;

	if (strcmp(c->who, "you") == 0 || is_network(c))
		out[n++] = ADVISE_DO_FIX;
	if (!is_network(c))
		out[n++] = ADVISE_DO_RECEIVER;
	if (blames_address(c) && !is_class(c, "ipv6-refused"))
		out[n++] = ADVISE_DO_HOSTING;
	return n;
}

size_t
advise_choices(const struct advise_dest *d, enum advise_choice *out)
{
	const struct advise_cause *c = advise_why(d);
	size_t n = 0;

	switch (d->verdict) {
	case ADVISE_UNKNOWN:
	case ADVISE_FINE:
	case ADVISE_DONE:
		break;
	case ADVISE_WAIT:
		out[n++] = ADVISE_DO_WAIT;
		break;
	case ADVISE_FIX:
		out[n++] = ADVISE_DO_FIX;
		if (c->link[0] != '\0')
			out[n++] = ADVISE_DO_RECEIVER;
		break;
	case ADVISE_ASK:
		n = reject_choices(c, out);
		out[n++] = ADVISE_DO_RELAY;
		break;
	case ADVISE_SWITCH:
		out[n++] = d->keep == IP_4 ? ADVISE_DO_IPV4 : ADVISE_DO_IPV6;
		n += reject_choices(c, out + n);
		break;
	}
	return n;
}
