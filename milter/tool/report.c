/* SPDX-License-Identifier: ISC */
/*
 * The record of a period, put together: totals of the period and of the one
 * before, what waits now, and what was rejected or deferred.
 *
 * The answer comes from the daily totals, so its cost is that of their number
 * (days, destinations, classes), not that of the attempts behind them.
 */
#include "tool/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "record/store_read.h"

enum {
	DAY_S = 86400,
	STALE_S = 7 * DAY_S,	/* over Postfix's maximal_queue_lifetime */
	SLOTS = 4096,
	GROUPS_MAX = 200000,
	COMPARED_MAX = 1000,	/* worst troubles that are looked at closely */
};

/* A hash index over an array: indexes plus one, 0 is free. */
struct index {
	size_t *slot;		/* size slots, owned */
	size_t size;
};

struct gather {
	struct report *r;
	struct index groups;
	struct index troubles;
	bool is_before;		/* the period before is being read */
};

static const struct {
	const char *name;
	enum store_column column;
	bool has_family;
} bys[REPORT_BYS] = {
	[REPORT_DESTINATION] = { "destination", STORE_DEST, true },
	[REPORT_PROVIDER] = { "provider", STORE_PROVIDER, true },
	[REPORT_FAMILY] = { "family", STORE_FAMILY, false },
	[REPORT_CLASS] = { "class", STORE_CLASS, false },
	[REPORT_AUTHOR] = { "author", STORE_AUTHOR, false },
	[REPORT_DAY] = { "day", STORE_DAY, false },
};

const char *
report_by_name(enum report_by by)
{
	return bys[by].name;
}

void
report_period(int64_t now, int64_t since_ms, struct report_options *o)
{
	int64_t since = since_ms / 1000 < now ? since_ms / 1000 : now;

	o->from = now - since;
	o->to = now + 1;
	if (since >= 2 * DAY_S) {
		o->to = now / DAY_S * DAY_S + DAY_S;
		o->from = o->from / DAY_S * DAY_S;
	}
}

/* Makes room for one more; false without memory. Old entries must be put in
 * again when size has changed. */
static bool
index_grow(struct index *x, size_t n)
{
	size_t size = x->size == 0 ? SLOTS : 2 * x->size;
	size_t *slot;

	if (n < x->size / 2)
		return true;
	slot = calloc(size, sizeof *slot);
	if (slot == NULL)
		return false;
	free(x->slot);
	x->slot = slot;
	x->size = size;
	return true;
}

static uint64_t
hash_group(const char *name, const char *family)
{
	return hash_add_text(hash_add_text(0, name), family);
}

static uint64_t
hash_trouble(const char *dest, const char *family, const char *class,
    enum report_wrong wrong)
{
	return hash_add_text(hash_group(dest, family), class) + wrong;
}

static void
index_put(struct index *x, uint64_t h, size_t at)
{
	size_t i = h % x->size;

	while (x->slot[i] != 0)
		i = (i + 1) % x->size;
	x->slot[i] = at + 1;
}

static struct report_group *
add_group(struct gather *g, const char *name, const char *family)
{
	struct report *r = g->r;
	size_t size = g->groups.size;
	struct report_group *more;

	if (r->n_groups == GROUPS_MAX || !index_grow(&g->groups, r->n_groups))
		return NULL;
	if (size != g->groups.size)
		for (size_t i = 0; i < r->n_groups; i++)
			index_put(&g->groups, hash_group(r->groups[i].name,
			    r->groups[i].family), i);
	more = realloc(r->groups, (r->n_groups + 1) * sizeof *more);
	if (more == NULL)
		return NULL;
	r->groups = more;
	more[r->n_groups] = (struct report_group){ .name = strdup(name),
		.family = strdup(family) };
	if (more[r->n_groups].name == NULL ||
	    more[r->n_groups].family == NULL) {
		free(more[r->n_groups].name);
		free(more[r->n_groups].family);
		return NULL;
	}
	index_put(&g->groups, hash_group(name, family), r->n_groups);
	return &more[r->n_groups++];
}

/* The group, added where it is new; NULL without memory. */
static struct report_group *
group_of(struct gather *g, const char *name, const char *family)
{
	size_t i;

	if (!bys[g->r->o.by].has_family)
		family = "";
	if (g->groups.size > 0) {
		i = hash_group(name, family) % g->groups.size;
		for (; g->groups.slot[i] != 0; i = (i + 1) % g->groups.size) {
			struct report_group *found =
			    &g->r->groups[g->groups.slot[i] - 1];

			if (strcmp(found->name, name) == 0 &&
			    strcmp(found->family, family) == 0)
				return found;
		}
	}
	return add_group(g, name, family);
}

static void
trouble_free(struct report_trouble *t)
{
	free(t->dest);
	free(t->provider);
	free(t->family);
	free(t->class);
	free(t->mx);
	free(t->stage);
	free(t->text);
}

static struct report_trouble *
find_trouble(const struct gather *g, const char *dest, const char *family,
    const char *class, enum report_wrong wrong)
{
	const struct index *x = &g->troubles;
	size_t i;

	if (x->size == 0)
		return NULL;
	i = hash_trouble(dest, family, class, wrong) % x->size;
	for (; x->slot[i] != 0; i = (i + 1) % x->size) {
		struct report_trouble *t = &g->r->troubles[x->slot[i] - 1];

		if (t->wrong == wrong &&
		    strcmp(t->dest, dest) == 0 &&
		    strcmp(t->family, family) == 0 &&
		    strcmp(t->class, class) == 0)
			return t;
	}
	return NULL;
}

static struct report_trouble *
add_trouble(struct gather *g, const struct store_total *from,
    enum report_wrong wrong)
{
	struct report *r = g->r;
	size_t size = g->troubles.size;
	struct report_trouble *more;
	struct report_trouble *t;

	if (r->n_troubles == GROUPS_MAX ||
	    !index_grow(&g->troubles, r->n_troubles))
		return NULL;
	for (size_t i = 0; size != g->troubles.size && i < r->n_troubles; i++)
		index_put(&g->troubles, hash_trouble(r->troubles[i].dest,
		    r->troubles[i].family, r->troubles[i].class,
		    r->troubles[i].wrong), i);
	more = realloc(r->troubles, (r->n_troubles + 1) * sizeof *more);
	if (more == NULL)
		return NULL;
	r->troubles = more;
	t = &more[r->n_troubles];
	*t = (struct report_trouble){ .dest = strdup(from->dest),
		.provider = strdup(from->provider),
		.family = strdup(from->family), .class = strdup(from->class),
		.mx = strdup(""), .stage = strdup(""), .text = strdup(""),
		.wrong = wrong };
	if (t->dest == NULL || t->provider == NULL || t->family == NULL ||
	    t->class == NULL || t->mx == NULL || t->stage == NULL ||
	    t->text == NULL) {
		trouble_free(t);
		return NULL;
	}
	index_put(&g->troubles, hash_trouble(from->dest, from->family,
	    from->class, wrong), r->n_troubles++);
	return t;
}

enum report_wrong
report_wrong_of(const char *status)
{
	if (strcmp(status, "bounced") == 0)
		return REPORT_BOUNCED;
	if (strcmp(status, "expired") == 0)
		return REPORT_EXPIRED;
	return strcmp(status, "deferred") == 0 ? REPORT_DEFERRED :
	    REPORT_WRONGS;
}

static const char *
name_in(const struct store_total *t, enum report_by by)
{
	switch (by) {
	case REPORT_DESTINATION:
		return t->dest;
	case REPORT_PROVIDER:
		return t->provider;
	case REPORT_FAMILY:
		return t->family;
	case REPORT_CLASS:
		return t->class;
	case REPORT_AUTHOR:
		return t->author;
	case REPORT_DAY:
		return t->day;
	case REPORT_BYS:
		break;
	}
	return "";
}

static bool
got_total(void *arg, const struct store_total *t)
{
	struct gather *g = arg;
	struct report_group *group = group_of(g, name_in(t, g->r->o.by),
	    t->family);

	if (group == NULL) {
		g->r->lost = true;
		return true;
	}
	if (g->is_before) {
		group->before += t->messages;
		return true;
	}
	group->messages += t->messages;
	group->attempts += t->attempts;
	group->right += t->right;
	group->wrong += t->wrong;
	switch (report_wrong_of(t->status)) {
	case REPORT_BOUNCED:
		group->bounced += t->results;
		break;
	case REPORT_EXPIRED:
		group->expired += t->results;
		break;
	case REPORT_DEFERRED:
		group->deferred += t->attempts;
		break;
	case REPORT_WRONGS:
		group->sent += t->results;
		break;
	}
	return true;
}

static bool
got_kind(void *arg, const struct store_total *t)
{
	struct report *r = arg;

	if (strcmp(t->kind, "forwarded") == 0)
		r->forwarded += t->messages;
	else if (strcmp(t->kind, "bounce") == 0)
		r->bounces += t->messages;
	return true;
}

static bool
got_queued(void *arg, const struct store_queued_dest *w)
{
	struct gather *g = arg;
	char day[24];
	struct store_total t = { .day = day, .author = w->author,
		.dest = w->dest, .provider = w->provider,
		.family = w->family, .class = w->class };
	struct report_group *group;

	if (!g->r->o.with_forwarded && strcmp(w->kind, "own") != 0)
		return true;
	/* Tried long ago and never again: its end was not in the log. */
	if (w->second < g->r->o.from - STALE_S)
		return true;
	snprintf(day, sizeof day, "%lld", (long long)(w->second / DAY_S));
	group = group_of(g, name_in(&t, g->r->o.by), w->family);
	if (group != NULL)
		group->queued++;
	return true;
}

/* What is needed of every total at the destinations that make trouble. */
static bool
got_bad_total(void *arg, const struct store_total *t)
{
	struct gather *g = arg;
	enum report_wrong wrong = report_wrong_of(t->status);
	int64_t n = wrong == REPORT_DEFERRED ? t->attempts : t->results;
	struct report_trouble *trouble;

	if (wrong == REPORT_WRONGS || n == 0)
		return true;
	trouble = find_trouble(g, t->dest, t->family, t->class, wrong);
	if (trouble == NULL)
		trouble = add_trouble(g, t, wrong);
	if (trouble == NULL) {
		g->r->lost = true;
		return true;
	}
	if (trouble->n == 0 || t->first_second < trouble->first_second)
		trouble->first_second = t->first_second;
	if (t->last_second > trouble->last_second)
		trouble->last_second = t->last_second;
	trouble->n += n;
	return true;
}

/* What else happened at the destinations of the worst troubles. */
static bool
got_all_total(void *arg, const struct store_total *t)
{
	struct report *r = arg;

	for (size_t i = 0; i < r->n_troubles && i < COMPARED_MAX; i++) {
		struct report_trouble *trouble = &r->troubles[i];

		if (strcmp(trouble->dest, t->dest) != 0)
			continue;
		if (strcmp(t->status, "sent") == 0) {
			trouble->sent += t->results;
			if (t->delay_ms > trouble->delay_ms)
				trouble->delay_ms = t->delay_ms;
		}
		if (strcmp(trouble->family, t->family) == 0 &&
		    strcmp(t->status, "deferred") != 0)
			trouble->of += t->results;
	}
	return true;
}

static void
replace(char **at, const char *with)
{
	char *copy = strdup(with);

	if (copy == NULL)
		return;
	free(*at);
	*at = copy;
}

static bool
got_text(void *arg, const struct store_trouble *t)
{
	struct gather *g = arg;
	struct report_trouble *trouble = find_trouble(g, t->total.dest,
	    t->total.family, t->total.class, report_wrong_of(t->total.status));

	if (trouble == NULL)
		return true;
	replace(&trouble->mx, t->mx);
	replace(&trouble->stage, t->stage);
	replace(&trouble->text, t->text);
	return true;
}

static int
compare_groups(const void *one, const void *two)
{
	const struct report_group *a = one;
	const struct report_group *b = two;
	int by_name = strcmp(a->name, b->name);

	if (a->messages != b->messages)
		return a->messages > b->messages ? -1 : 1;
	if (a->attempts != b->attempts)
		return a->attempts > b->attempts ? -1 : 1;
	return by_name != 0 ? by_name : strcmp(a->family, b->family);
}

static int
compare_days(const void *one, const void *two)
{
	const struct report_group *a = one;
	const struct report_group *b = two;
	int64_t day_a = store_number(a->name);
	int64_t day_b = store_number(b->name);

	if (day_a != day_b)
		return day_a < day_b ? -1 : 1;
	return strcmp(a->family, b->family);
}

static int
compare_troubles(const void *one, const void *two)
{
	const struct report_trouble *a = one;
	const struct report_trouble *b = two;

	if (a->wrong != b->wrong)
		return a->wrong < b->wrong ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	if (strcmp(a->dest, b->dest) != 0)
		return strcmp(a->dest, b->dest);
	if (strcmp(a->family, b->family) != 0)
		return strcmp(a->family, b->family);
	return strcmp(a->class, b->class);
}

static void
add_up(struct report *r)
{
	for (size_t i = 0; i < r->n_groups; i++) {
		const struct report_group *g = &r->groups[i];

		r->sum.messages += g->messages;
		r->sum.attempts += g->attempts;
		r->sum.sent += g->sent;
		r->sum.queued += g->queued;
		r->sum.deferred += g->deferred;
		r->sum.bounced += g->bounced;
		r->sum.expired += g->expired;
		r->sum.right += g->right;
		r->sum.wrong += g->wrong;
		r->sum.before += g->before;
	}
}

static int
gather_groups(struct store *s, struct gather *g, struct err *err)
{
	const struct report_options *o = &g->r->o;
	const struct store_query q = { .from = o->from, .to = o->to,
		.kind = o->with_forwarded ? NULL : "own" };
	struct store_query before = q;
	struct store_query any = q;
	unsigned columns = bys[o->by].column | STORE_STATUS |
	    (bys[o->by].has_family ? STORE_FAMILY : 0);

	before.from = o->from - (o->to - o->from);
	before.to = o->from;
	any.kind = NULL;
	if (store_totals(s, &q, columns, got_total, g, err) != 0 ||
	    store_totals(s, &any, STORE_KIND, got_kind, g->r, err) != 0 ||
	    store_queued_dests(s, got_queued, g, err) != 0)
		return -1;
	if (o->by == REPORT_DAY)
		return 0;
	g->is_before = true;
	return store_totals(s, &before, columns, got_total, g, err);
}

static int
gather_troubles(struct store *s, struct gather *g, struct err *err)
{
	const struct report_options *o = &g->r->o;
	const struct store_query q = { .from = o->from, .to = o->to,
		.kind = o->with_forwarded ? NULL : "own" };
	struct store_query days = q;

	days.from = o->from / DAY_S * DAY_S;
	days.to = (o->to + DAY_S - 1) / DAY_S * DAY_S;
	if (store_totals(s, &q, STORE_DEST | STORE_PROVIDER | STORE_FAMILY |
	    STORE_STATUS | STORE_CLASS, got_bad_total, g, err) != 0 ||
	    store_troubles(s, &days, got_text, g, err) != 0)
		return -1;
	if (g->r->n_troubles == 0)
		return 0;
	qsort(g->r->troubles, g->r->n_troubles, sizeof *g->r->troubles,
	    compare_troubles);
	return store_totals(s, &q, STORE_DEST |
	    STORE_FAMILY | STORE_STATUS, got_all_total, g->r, err);
}

int
report_gather(struct store *s, const struct report_options *o,
    struct report *r, struct err *err)
{
	struct gather g = { .r = r };
	int rc;

	memset(r, 0, sizeof *r);
	r->o = *o;
	rc = gather_groups(s, &g, err);
	if (rc == 0)
		rc = gather_troubles(s, &g, err);
	free(g.groups.slot);
	free(g.troubles.slot);
	if (r->n_groups > 0)
		qsort(r->groups, r->n_groups, sizeof *r->groups,
		    o->by == REPORT_DAY ? compare_days : compare_groups);
	add_up(r);
	return rc;
}

void
report_free(struct report *r)
{
	for (size_t i = 0; i < r->n_groups; i++) {
		free(r->groups[i].name);
		free(r->groups[i].family);
	}
	for (size_t i = 0; i < r->n_troubles; i++)
		trouble_free(&r->troubles[i]);
	free(r->groups);
	free(r->troubles);
	memset(r, 0, sizeof *r);
}
