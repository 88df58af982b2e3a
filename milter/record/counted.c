/* SPDX-License-Identifier: ISC */
/*
 * What is counted, as one span of seconds.
 *
 * Lines of a log come in the order of time. So those before the span are an
 * older file's, those in it were counted, and of its last second as many as
 * were counted then are met again first. What an older file has between two
 * files that were read before is taken for counted: a counter rather lacks
 * something than to have it twice.
 *
 * Within a run the same line can come from two sources, a moment apart: the
 * last identities are remembered, in sets of a few, the oldest of which goes.
 */
#include "record/counted.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool
read_span(const char *text, struct counted_span *s)
{
	return sscanf(text, "%" SCNd64 " %" SCNd64 " %" SCNu64, &s->from,
	    &s->to, &s->at_to) == 3 && s->from <= s->to;
}

void
counted_begin(struct counted *c, const char *saved)
{
	memset(c, 0, sizeof *c);
	c->was_empty = !read_span(saved, &c->was);
	c->is_empty = c->was_empty;
	if (!c->was_empty)
		c->is = c->was;
}

/* Was it met lately? It is from now on. */
static bool
is_known(struct counted *c, uint64_t identity)
{
	uint64_t *set = c->lately[identity % COUNTED_SETS];

	for (size_t i = 0; i < COUNTED_WAYS; i++)
		if (set[i] == identity)
			return true;
	memmove(&set[1], &set[0], (COUNTED_WAYS - 1) * sizeof set[0]);
	set[0] = identity;
	return false;
}

static void
extend(struct counted *c, int64_t second)
{
	if (c->is_empty) {
		c->is = (struct counted_span){ second, second, 0 };
		c->is_empty = false;
	}
	if (second < c->is.from)
		c->is.from = second;
	if (second > c->is.to) {
		c->is.to = second;
		c->is.at_to = 0;
	}
	if (second == c->is.to)
		c->is.at_to++;
}

bool
counted_add(struct counted *c, int64_t second, uint64_t identity)
{
	if (identity != 0 && is_known(c, identity))
		return false;
	if (!c->was_empty && second >= c->was.from && second < c->was.to)
		return false;
	if (!c->was_empty && second == c->was.to &&
	    c->again++ < c->was.at_to)
		return false;
	extend(c, second);
	return true;
}

void
counted_save(struct counted *c, const char *saved,
    char out[COUNTED_TEXT_SIZE])
{
	struct counted_span other;

	out[0] = '\0';
	if (c->is_empty)
		return;
	if (read_span(saved, &other)) {
		if (other.from < c->is.from)
			c->is.from = other.from;
		if (other.to > c->is.to) {
			c->is.to = other.to;
			c->is.at_to = other.at_to;
		}
	}
	(void)snprintf(out, COUNTED_TEXT_SIZE, "%" PRId64 " %" PRId64 " %"
	    PRIu64, c->is.from, c->is.to, c->is.at_to);
}
