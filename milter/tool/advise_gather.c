/* SPDX-License-Identifier: ISC */
/*
 * The evidence: totals of our own mail by destination, provider, family,
 * status and class, the latest text of each, and what the rules say of it.
 * Bounces and forwarded mail don't count: what they meet is others' doing.
 *
 * A destination whose MX hosts are several providers' is called by the one
 * that made the last trouble, else by any.
 */
#include "tool/advise.h"

#include <stdlib.h>
#include <string.h>

#include "record/store_read.h"
#include "tool/report_text.h"

enum { DAY_S = 86400, TALLIES_MAX = 400000 };

/* One total, as it came. */
struct tally {
	char *dest;
	char *provider;
	char *class;
	bool is_host;		/* of the host whose mail counts */
	int family;		/* a side */
	enum report_wrong wrong;	/* REPORT_WRONGS: sent */
	int64_t results;
	int64_t attempts;
	int64_t first, last;
};

struct gather {
	struct advise *a;
	const char *host;	/* NULL: any */
	struct tally *v;
	size_t n;
};

static const char *const families[ADVISE_SIDES] = { "ipv4", "ipv6", "" };

static int
side_of_family(const char *family)
{
	for (int i = 0; i < ADVISE_NO_FAMILY; i++)
		if (strcmp(family, families[i]) == 0)
			return i;
	return ADVISE_NO_FAMILY;
}

static struct tally *
add_tally(struct gather *g)
{
	struct tally *more;

	if (g->n == TALLIES_MAX)
		return NULL;
	if ((g->n & (g->n - 1)) == 0) {
		more = realloc(g->v, (g->n == 0 ? 1 : 2 * g->n) *
		    sizeof *more);
		if (more == NULL)
			return NULL;
		g->v = more;
	}
	g->v[g->n] = (struct tally){ .dest = NULL };
	return &g->v[g->n++];
}

static bool
got_total(void *arg, const struct store_total *t)
{
	struct gather *g = arg;
	struct tally *new;

	if (t->dest[0] == '\0')
		return true;
	new = add_tally(g);
	if (new == NULL) {
		g->a->lost = true;
		return false;
	}
	new->dest = strdup(t->dest);
	new->provider = strdup(t->provider);
	new->class = strdup(t->class);
	new->is_host = g->host == NULL || strcmp(t->host, g->host) == 0;
	new->family = side_of_family(t->family);
	new->wrong = report_wrong_of(t->status);
	new->results = t->results;
	new->attempts = t->attempts;
	new->first = t->first_second;
	new->last = t->last_second;
	if (new->dest == NULL || new->provider == NULL || new->class == NULL)
		g->a->lost = true;
	return !g->a->lost;
}

static int
compare_tallies(const void *one, const void *two)
{
	const struct tally *a = one;
	const struct tally *b = two;
	int by_dest = strcmp(a->dest, b->dest);

	if (by_dest != 0)
		return by_dest;
	return a->last < b->last ? -1 : a->last > b->last;
}

static struct advise_cause *
find_cause(struct advise_dest *d, const char *family, const char *class,
    enum report_wrong wrong)
{
	for (size_t i = 0; i < d->n_causes; i++) {
		struct advise_cause *c = &d->cause[i];

		if (c->t.wrong == wrong && strcmp(c->t.family, family) == 0 &&
		    strcmp(c->t.class, class) == 0)
			return c;
	}
	return NULL;
}

static void
cause_free(struct advise_cause *c)
{
	free(c->t.dest);
	free(c->t.provider);
	free(c->t.family);
	free(c->t.class);
	free(c->t.mx);
	free(c->t.stage);
	free(c->t.text);
}

static struct advise_cause *
add_cause(struct advise_dest *d, const struct tally *t)
{
	struct advise_cause *more = realloc(d->cause, (d->n_causes + 1) *
	    sizeof *more);
	struct advise_cause *c;

	if (more == NULL)
		return NULL;
	d->cause = more;
	c = &more[d->n_causes];
	*c = (struct advise_cause){ .t = { .dest = strdup(t->dest),
		.provider = strdup(t->provider),
		.family = strdup(families[t->family]),
		.class = strdup(t->class), .mx = strdup(""),
		.stage = strdup(""), .text = strdup(""), .wrong = t->wrong,
		.first_second = t->first } };
	if (c->t.dest == NULL || c->t.provider == NULL || c->t.family == NULL ||
	    c->t.class == NULL || c->t.mx == NULL || c->t.stage == NULL ||
	    c->t.text == NULL) {
		cause_free(c);
		return NULL;
	}
	d->n_causes++;
	return c;
}

/* Adds a total of what went wrong. False without memory. */
static bool
add_wrong(struct advise_dest *d, const struct tally *t)
{
	struct advise_side *s = &d->side[t->family];
	int64_t n = t->wrong == REPORT_DEFERRED ? t->attempts : t->results;
	struct advise_cause *c;

	if (n == 0)
		return true;
	c = find_cause(d, families[t->family], t->class, t->wrong);
	if (c == NULL)
		c = add_cause(d, t);
	if (c == NULL)
		return false;
	c->t.n += n;
	if (t->first < c->t.first_second)
		c->t.first_second = t->first;
	if (t->last > c->t.last_second)
		c->t.last_second = t->last;
	if (t->wrong == REPORT_BOUNCED)
		s->bounced += n;
	else if (t->wrong == REPORT_EXPIRED)
		s->expired += n;
	else
		s->deferred += n;
	return true;
}

/* A destination's totals, n of them, in the order of time. */
static bool
add_dest(struct advise *a, const struct tally *t, size_t n)
{
	struct advise_dest *d = &a->dest[a->n];
	const char *provider = "";

	*d = (struct advise_dest){ .name = strdup(t[0].dest) };
	a->n++;
	for (size_t i = 0; i < n; i++) {
		struct advise_side *s = &d->side[t[i].family];

		if (t[i].wrong != REPORT_WRONGS) {
			if (!add_wrong(d, &t[i]))
				return false;
		} else {
			s->sent += t[i].results;
			if (t[i].last > s->last_sent)
				s->last_sent = t[i].last;
		}
		if (t[i].provider[0] != '\0' && (provider[0] == '\0' ||
		    t[i].wrong != REPORT_WRONGS))
			provider = t[i].provider;
	}
	d->provider = strdup(provider);
	return d->name != NULL && d->provider != NULL;
}

static void
tally_free(struct tally *t)
{
	free(t->dest);
	free(t->provider);
	free(t->class);
}

/* Leaves out what is other hosts', unless all of it is. */
static void
drop_other_hosts(struct gather *g)
{
	size_t kept = 0;
	bool has_own = false;

	for (size_t i = 0; i < g->n; i++)
		has_own |= g->v[i].is_host;
	if (!has_own)
		g->host = NULL;
	for (size_t i = 0; i < g->n; i++) {
		if (g->v[i].is_host || !has_own)
			g->v[kept++] = g->v[i];
		else
			tally_free(&g->v[i]);
	}
	g->n = kept;
}

/* From the totals to destinations. */
static void
group(struct gather *g)
{
	struct advise *a = g->a;
	size_t end;

	drop_other_hosts(g);
	if (g->n == 0 || a->lost)
		return;
	qsort(g->v, g->n, sizeof *g->v, compare_tallies);
	a->dest = calloc(g->n, sizeof *a->dest);
	for (size_t i = 0; i < g->n && a->dest != NULL; i = end) {
		end = i + 1;
		while (end < g->n && strcmp(g->v[end].dest, g->v[i].dest) == 0)
			end++;
		if (!add_dest(a, &g->v[i], end - i)) {
			a->lost = true;
			return;
		}
	}
	a->lost |= a->dest == NULL;
}

static struct advise_dest *
find_dest(const struct advise *a, const char *name)
{
	size_t low = 0, high = a->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(name, a->dest[mid].name);

		if (order == 0)
			return &a->dest[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static void
replace(struct advise *a, char **at, const char *with)
{
	char *copy = strdup(with);

	if (copy == NULL) {
		a->lost = true;
		return;
	}
	free(*at);
	*at = copy;
}

static bool
got_text(void *arg, const struct store_trouble *t)
{
	struct gather *g = arg;
	struct advise_dest *d = g->host != NULL &&
	    strcmp(t->total.host, g->host) != 0 ? NULL :
	    find_dest(g->a, t->total.dest);
	struct advise_cause *c = d == NULL ? NULL : find_cause(d,
	    families[side_of_family(t->total.family)], t->total.class,
	    report_wrong_of(t->total.status));

	if (c == NULL)
		return true;
	replace(g->a, &c->t.provider, t->total.provider);
	replace(g->a, &c->t.mx, t->mx);
	replace(g->a, &c->t.stage, t->stage);
	replace(g->a, &c->t.text, t->text);
	return true;
}

static void
classify(struct advise *a, struct reply_rules *rules)
{
	for (size_t i = 0; i < a->n; i++) {
		struct advise_dest *d = &a->dest[i];

		for (size_t k = 0; k < d->n_causes; k++) {
			struct advise_cause *c = &d->cause[k];
			struct reply_finding f;

			report_finding(&c->t, rules, &f);
			c->class = f.class;
			c->scope = f.scope;
			c->who = f.who;
			c->link = f.link;
			if (strcmp(c->scope, "recipient") == 0 &&
			    c->t.wrong == REPORT_BOUNCED)
				d->unknown_users += c->t.n;
		}
	}
}

static void
dest_free(struct advise_dest *d)
{
	for (size_t i = 0; i < d->n_causes; i++)
		cause_free(&d->cause[i]);
	free(d->cause);
	free(d->name);
	free(d->provider);
}

void
advise_free(struct advise *a)
{
	for (size_t i = 0; i < a->n; i++)
		dest_free(&a->dest[i]);
	free(a->dest);
	a->dest = NULL;
	a->n = 0;
}

/* Those that were asked for by name and that the record hasn't got. */
static int
add_absent(struct advise *a, const struct text_list *only)
{
	struct advise_dest *more = realloc(a->dest, (a->n + only->n + 1) *
	    sizeof *more);

	if (more == NULL)
		return -1;
	a->dest = more;
	for (size_t i = 0; i < only->n; i++) {
		bool has = false;

		for (size_t k = 0; k < a->n && !has; k++)
			has = text_equal_fold(only->v[i], a->dest[k].name) ||
			    text_equal_fold(only->v[i], a->dest[k].provider);
		if (has)
			continue;
		more[a->n] = (struct advise_dest){ .is_wanted = true,
			.name = strdup(only->v[i]), .provider = strdup("") };
		if (more[a->n].name == NULL || more[a->n++].provider == NULL)
			return -1;
	}
	return 0;
}

int
advise_gather(struct store *s, const char *host,
    const struct text_list *only, struct reply_rules *rules,
    struct advise *a, struct err *err)
{
	const struct store_query q = { .from = a->from, .to = a->to,
		.kind = "own" };
	struct gather g = { .a = a, .host = host };
	int rc = store_totals(s, &q, (host == NULL ? 0 : STORE_HOST) |
	    STORE_DEST | STORE_PROVIDER |
	    STORE_FAMILY | STORE_STATUS | STORE_CLASS, got_total, &g, err);

	if (rc == 0)
		group(&g);
	for (size_t i = 0; i < g.n; i++)
		tally_free(&g.v[i]);
	free(g.v);
	if (rc == 0 && !a->lost)
		rc = store_troubles(s, &q, got_text, &g, err);
	if (rc != 0)
		return -1;
	if (a->lost)
		return err_set(err, EXIT_TEMPORARY,
		    "out of memory for the record's destinations");
	classify(a, rules);
	for (size_t i = 0; i < a->n; i++)
		a->dest[i].is_wanted = only->n == 0 ||
		    text_list_has_fold(only, a->dest[i].name) ||
		    text_list_has_fold(only, a->dest[i].provider);
	if (add_absent(a, only) != 0)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	return 0;
}
