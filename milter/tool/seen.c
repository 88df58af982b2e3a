/* SPDX-License-Identifier: ISC */
/*
 * The destinations of the record, most used first.
 *
 * The record is for the user waybill-record, Postfix's tables are for root, and
 * one command wants both: a worker reads the record and prints its findings, one
 * line a destination. It asks the daily totals twice, first for
 * the destinations (the best SEEN_MAX are kept while they come, so that memory
 * doesn't grow with the record), then for the families of these.
 */
#include "tool/seen.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/text.h"
#include "record/store_read.h"
#include "tool/command.h"
#include "tool/reader.h"
#include "tool/worker.h"

enum {
	DAY_S = 86400,
	LINE_SIZE = DOMAIN_SIZE + 64,
	TOLD_MAX = (SEEN_MAX + 1) * LINE_SIZE,
};

/* Of messages, also of all destinations together. */
static const int64_t number_max = INT64_MAX / (2 * SEEN_MAX);

const char *
seen_families(const struct seen_destination *d)
{
	return d->over_ipv4 && d->over_ipv6 ? "both" :
	    d->over_ipv4 ? "ipv4" : d->over_ipv6 ? "ipv6" : NULL;
}

/* Does a stand before b? */
static bool
is_before(const struct seen_destination *a, const struct seen_destination *b)
{
	return a->messages != b->messages ? a->messages > b->messages :
	    strcmp(a->name, b->name) < 0;
}

static void
leave_out(struct seen *s, int64_t messages)
{
	s->others++;
	s->other_messages += messages;
}

/* A domain or a literal, as in a recipient? Whoever can write the record can
 * write anything into it. */
static bool
is_destination(const char *name)
{
	char path[DOMAIN_SIZE + sizeof "postmaster@"];
	struct address a;

	if (strlen(name) >= DOMAIN_SIZE || strpbrk(name, " \t\r\n@") != NULL)
		return false;
	(void)snprintf(path, sizeof path, "postmaster@%s", name);
	return address_path(path, &a) == 0 && a.domain[0] != '\0';
}

static bool
got_destination(void *arg, const struct store_total *t)
{
	struct seen *s = arg;
	struct seen_destination d = { .messages = t->messages };
	size_t at;

	/* "" are attempts whose recipient isn't known */
	if (t->dest[0] == '\0' || t->messages <= 0)
		return true;
	if (!is_destination(t->dest)) {
		leave_out(s, t->messages);
		return true;
	}
	memcpy(d.name, t->dest, strlen(t->dest) + 1);
	if (s->n == SEEN_MAX) {
		if (is_before(&s->v[s->n - 1], &d)) {
			leave_out(s, d.messages);
			return true;
		}
		s->n--;
		leave_out(s, s->v[s->n].messages);
	}
	for (at = s->n; at > 0 && is_before(&d, &s->v[at - 1]); at--)
		s->v[at] = s->v[at - 1];
	s->v[at] = d;
	s->n++;
	return true;
}

static bool
got_family(void *arg, const struct store_total *t)
{
	struct seen *s = arg;

	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->v[i].name, t->dest) != 0)
			continue;
		s->v[i].over_ipv4 |= strcmp(t->family, "ipv4") == 0;
		s->v[i].over_ipv6 |= strcmp(t->family, "ipv6") == 0;
	}
	return true;
}

static int
ask(const struct config *c, struct seen *s, struct err *err)
{
	/* whole days: the totals answer, whatever the number of attempts */
	const struct store_query q = { .kind = "own",
		.to = (time(NULL) / DAY_S + 2) * DAY_S };
	struct store *store = reader_open(c, err);
	int rc = -1;

	if (store == NULL)
		return -1;
	if (store_totals(store, &q, STORE_DEST, got_destination, s, err) == 0)
		rc = store_totals(store, &q, STORE_DEST | STORE_FAMILY,
		    got_family, s, err);
	store_close(&store);
	return rc;
}

/* In the worker. */
static int
tell(void *arg, FILE *out)
{
	static struct seen s;
	const struct config *c = arg;
	struct err err = { 0 };

	if (ask(c, &s, &err) != 0)
		return command_fail(&err);
	(void)fprintf(out, "%" PRId64 " %" PRId64 "\n", s.others,
	    s.other_messages);
	for (size_t i = 0; i < s.n; i++)
		(void)fprintf(out, "%" PRId64 " %d %d %s\n", s.v[i].messages,
		    s.v[i].over_ipv4, s.v[i].over_ipv6, s.v[i].name);
	return EXIT_OK;
}

/* The next number of a line, up to max; the rest of the line then. NULL where
 * there is none. */
static char *
take_number(char *rest, int64_t max, int64_t *out)
{
	char *end = rest == NULL ? NULL : rest + strcspn(rest, " ");
	long long n;

	if (end == NULL)
		return NULL;
	if (*end != '\0')
		*end++ = '\0';
	if (text_number(rest, 0, max, &n) != 0)
		return NULL;
	*out = n;
	return end;
}

/* What the worker tells, who read what others wrote: as far as it is in its
 * form. */
static void
listen_to(FILE *in, struct seen *out)
{
	char line[LINE_SIZE];
	int64_t is_4, is_6;

	if (fgets(line, sizeof line, in) == NULL)
		return;
	line[strcspn(line, "\n")] = '\0';
	if (take_number(take_number(line, number_max, &out->others),
	    number_max, &out->other_messages) == NULL)
		return;
	while (out->n < SEEN_MAX && fgets(line, sizeof line, in) != NULL) {
		struct seen_destination *d = &out->v[out->n];
		char *name;

		line[strcspn(line, "\n")] = '\0';
		name = take_number(take_number(take_number(line, number_max,
		    &d->messages), 1, &is_4), 1, &is_6);
		if (name == NULL || name[0] == '\0' ||
		    strlen(name) >= sizeof d->name)
			return;
		d->over_ipv4 = is_4 != 0;
		d->over_ipv6 = is_6 != 0;
		(void)memcpy(d->name, name, strlen(name) + 1);
		out->n++;
	}
}

int
seen_read(const struct config *c, struct seen *out)
{
	struct worker worker = { .make = tell, .arg = (void *)(uintptr_t)c,
		.programs = CONFINE_NO_PROGRAMS, .config = c,
		.reads = WORKER_READS_STORE };
	char *data;
	size_t len;
	int code = worker_read(&worker, TOLD_MAX, &data, &len);
	FILE *in = code == EXIT_OK && len > 0 ? fmemopen(data, len, "r") :
	    NULL;

	memset(out, 0, sizeof *out);
	if (in != NULL) {
		listen_to(in, out);
		(void)fclose(in);
	}
	free(data);
	return code;
}
