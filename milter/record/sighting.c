/* SPDX-License-Identifier: ISC */
/*
 * Lines that are known again.
 *
 * A line is its second, tag, pid and text, and its ordinal among equal ones of
 * that second in its log. The host isn't part of it: logs disagree about that.
 *
 * Two logs of one line tell the same second, but for the moment that it takes
 * from one to the other: a line of 11:59:59.999 in the journal is of 12:00:00
 * in the file. So where there are several logs, a line is held against those
 * of the others from just before and after, one for one, and has the identity
 * of its match.
 */
#include "record/sighting.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum {
	ORDINAL_SLOTS = 32768,
	ORDINAL_PROBES = 8,
	ORDINAL_SECONDS = 5,		/* after which a slot is free again */
	RECENT_SLOTS = 16384,
	RECENT_PROBES = 32,
	APART_US_MAX = 1300000,		/* a second that is told whole, and a way */
};

struct ordinal {
	uint64_t hash;
	int64_t second;
	unsigned n;
};

/* A line that one log had, and which have had it since. */
struct recent {
	uint64_t hash;		/* of tag, pid and text; 0: free */
	int64_t time_us;
	uint64_t identity;
	unsigned streams;	/* a bit each */
};

struct sightings {
	struct ordinal *ordinal[SIGHTING_STREAMS];	/* ORDINAL_SLOTS each */
	struct recent *recent;			/* RECENT_SLOTS */
	unsigned streams;	/* seen so far, a bit each */
	bool is_many;
};

struct sightings *
sightings_new(bool has_many_streams)
{
	struct sightings *s = calloc(1, sizeof *s);
	bool is_whole = s != NULL;

	for (unsigned i = 0; i < SIGHTING_STREAMS && is_whole; i++) {
		s->ordinal[i] = calloc(ORDINAL_SLOTS, sizeof *s->ordinal[i]);
		is_whole = s->ordinal[i] != NULL;
	}
	if (is_whole)
		s->recent = calloc(RECENT_SLOTS, sizeof *s->recent);
	if (s != NULL && s->recent == NULL)
		sightings_free(&s);
	if (s != NULL)
		s->is_many = has_many_streams;
	return s;
}

void
sightings_free(struct sightings **s)
{
	if (*s == NULL)
		return;
	for (unsigned i = 0; i < SIGHTING_STREAMS; i++)
		free((*s)->ordinal[i]);
	free((*s)->recent);
	free(*s);
	*s = NULL;
}

bool
sightings_are_many(const struct sightings *s)
{
	return s->is_many || (s->streams & (s->streams - 1)) != 0;
}

/* How many equal lines of this second its log has had. */
static unsigned
ordinal_of(struct sightings *s, unsigned stream, uint64_t hash, int64_t second)
{
	for (unsigned i = 0; i < ORDINAL_PROBES; i++) {
		struct ordinal *o = &s->ordinal[stream][(hash + i) %
		    ORDINAL_SLOTS];

		if (o->hash == hash && o->second == second)
			return ++o->n;
		if (o->second + ORDINAL_SECONDS < second || o->hash == 0) {
			*o = (struct ordinal){ hash, second, 0 };
			break;
		}
	}
	return 0;
}

static bool
are_close(int64_t a_us, int64_t b_us)
{
	return a_us - b_us < APART_US_MAX && b_us - a_us < APART_US_MAX;
}

/* The earliest line of other streams that may be this one and that its stream
 * hasn't had; NULL, and then it is noted itself. */
static struct recent *
match(struct sightings *s, unsigned stream, uint64_t hash, int64_t time_us,
    uint64_t identity)
{
	struct recent *found = NULL;
	struct recent *room = NULL;

	for (unsigned i = 0; i < RECENT_PROBES; i++) {
		struct recent *r = &s->recent[(hash + i) % RECENT_SLOTS];
		bool is_close = r->hash != 0 && are_close(r->time_us, time_us);

		if (is_close && r->hash == hash &&
		    (r->streams & 1U << stream) == 0) {
			if (found == NULL || r->time_us < found->time_us)
				found = r;
		} else if (!is_close && (room == NULL || room->hash != 0))
			room = r;
	}
	if (found == NULL && room != NULL)
		*room = (struct recent){ hash, time_us, identity,
			1U << stream };
	return found;
}

uint64_t
sighting_identity(struct sightings *s, unsigned stream,
    const struct source_line *line, bool *is_repeat)
{
	int64_t second = line->time_us / 1000000;
	const int64_t which[] = { second, line->pid };
	uint64_t tag = hash_add_text(0, line->tag);
	uint64_t identity;
	struct recent *r;
	unsigned n;

	stream %= SIGHTING_STREAMS;
	s->streams |= 1U << stream;
	identity = hash_add(hash_add(tag, which, sizeof which), line->text,
	    line->len);
	n = ordinal_of(s, stream, identity, second);
	identity = hash_add(identity, &n, sizeof n) & INT64_MAX;
	if (is_repeat != NULL)
		*is_repeat = false;
	if (!sightings_are_many(s))
		return identity;
	r = match(s, stream, hash_add(hash_add(tag, &which[1],
	    sizeof which[1]), line->text, line->len) | 1, line->time_us,
	    identity);
	if (r == NULL)
		return identity;
	r->streams |= 1U << stream;
	if (is_repeat != NULL)
		*is_repeat = true;
	return r->identity;
}
