/* SPDX-License-Identifier: ISC */
/*
 * What the page asks of the store, beside the report: from the daily totals,
 * so that it costs as little as the report does.
 */
#include "tool/html.h"

#include <stdlib.h>
#include <string.h>

#include "record/store_read.h"

enum { COUNTS_MAX = 200000 };

static void
counts_free(struct html_counts *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].of);
	}
	free(c->v);
	*c = (struct html_counts){ 0 };
}

/* One more, or NULL without memory. */
static struct html_count *
counts_add(struct html_counts *c, const char *name, const char *of)
{
	struct html_count one = { .name = strdup(name), .of = strdup(of) };
	struct html_count *more = NULL;

	if (c->n < COUNTS_MAX && (c->n & (c->n - 1)) == 0)
		more = realloc(c->v, (c->n == 0 ? 1 : 2 * c->n) *
		    sizeof *more);
	else if (c->n < COUNTS_MAX)
		more = c->v;
	if (more != NULL)
		c->v = more;
	if (more == NULL || one.name == NULL || one.of == NULL) {
		free(one.name);
		free(one.of);
		return NULL;
	}
	more[c->n] = one;
	return &more[c->n++];
}

/* One row for each family of a day, in no order: joined after sorting. */
static bool
got_day(void *arg, const struct store_total *t)
{
	struct html_page *p = arg;
	struct html_count *c = counts_add(&p->days, t->day, "");

	if (c == NULL) {
		p->lost = true;
		return false;
	}
	if (strcmp(t->family, "ipv6") == 0)
		c->n[0] = t->attempts;
	else if (strcmp(t->family, "ipv4") == 0)
		c->n[1] = t->attempts;
	else
		c->n[2] = t->attempts;
	return true;
}

static bool
got_bounced(void *arg, const struct store_total *t)
{
	struct html_page *p = arg;
	struct html_count *c = t->results > 0 ? counts_add(&p->bounced,
	    t->provider, t->class) : NULL;

	if (c != NULL)
		c->n[0] = t->results;
	else if (t->results > 0)
		p->lost = true;
	return !p->lost;
}

static bool
got_one(struct html_page *p, struct html_counts *to, const char *name,
    int64_t n)
{
	struct html_count *c = n > 0 ? counts_add(to, name, "") : NULL;

	if (c != NULL)
		c->n[0] = n;
	else if (n > 0)
		p->lost = true;
	return !p->lost;
}

static bool
got_bouncer(void *arg, const struct store_total *t)
{
	struct html_page *p = arg;

	return got_one(p, &p->bouncers, t->provider, t->results);
}

static bool
got_class(void *arg, const struct store_total *t)
{
	struct html_page *p = arg;

	return got_one(p, &p->classes, t->class, t->results);
}

static bool
got_used(void *arg, const struct store_total *t)
{
	struct html_page *p = arg;
	int64_t rest = t->messages - t->right - t->wrong;
	struct html_count *c = counts_add(&p->used, t->provider, t->family);

	if (c == NULL) {
		p->lost = true;
		return false;
	}
	c->n[0] = t->right;
	c->n[1] = t->wrong;
	c->n[2] = rest > 0 ? rest : 0;
	return true;
}

static int64_t
sum_of(const struct html_count *c)
{
	return c->n[0] + c->n[1] + c->n[2];
}

static int
compare_sums(const void *one, const void *two)
{
	const struct html_count *a = one;
	const struct html_count *b = two;
	int by_name = strcmp(a->name, b->name);

	if (sum_of(a) != sum_of(b))
		return sum_of(a) > sum_of(b) ? -1 : 1;
	return by_name != 0 ? by_name : strcmp(a->of, b->of);
}

static int
compare_days(const void *one, const void *two)
{
	int64_t a = html_day(one);
	int64_t b = html_day(two);

	return a < b ? -1 : a > b;
}

/* Rows of one day become one. */
static void
join_days(struct html_counts *c)
{
	size_t kept = 0;

	for (size_t i = 1; i < c->n; i++) {
		if (html_day(&c->v[kept]) != html_day(&c->v[i])) {
			c->v[++kept] = c->v[i];
			continue;
		}
		for (size_t k = 0; k < 3; k++)
			c->v[kept].n[k] += c->v[i].n[k];
		free(c->v[i].name);
		free(c->v[i].of);
	}
	if (c->n > 0)
		c->n = kept + 1;
}

static void
sort_counts(struct html_counts *c,
    int (*compare)(const void *one, const void *two))
{
	if (c->n > 0)
		qsort(c->v, c->n, sizeof *c->v, compare);
}

int
html_gather(struct store *s, struct html_page *p, struct err *err)
{
	const struct report_options *o = &p->report->o;
	const struct store_query q = { .from = o->from, .to = o->to,
		.kind = o->with_forwarded ? NULL : "own" };
	struct store_query bounced = q;

	bounced.status = "bounced";
	if (store_totals(s, &q, STORE_DAY | STORE_FAMILY, got_day, p, err) !=
	    0 || store_totals(s, &q, STORE_PROVIDER | STORE_FAMILY, got_used,
	    p, err) != 0 || store_totals(s, &bounced, STORE_PROVIDER |
	    STORE_CLASS, got_bounced, p, err) != 0 || store_totals(s,
	    &bounced, STORE_PROVIDER, got_bouncer, p, err) != 0 ||
	    store_totals(s, &bounced, STORE_CLASS, got_class, p, err) != 0)
		return -1;
	sort_counts(&p->days, compare_days);
	join_days(&p->days);
	sort_counts(&p->bounced, compare_sums);
	sort_counts(&p->bouncers, compare_sums);
	sort_counts(&p->classes, compare_sums);
	sort_counts(&p->used, compare_sums);
	return 0;
}

int64_t
html_day(const struct html_count *c)
{
	return store_number(c->name);
}

void
html_free(struct html_page *p)
{
	counts_free(&p->days);
	counts_free(&p->bounced);
	counts_free(&p->bouncers);
	counts_free(&p->classes);
	counts_free(&p->used);
}
