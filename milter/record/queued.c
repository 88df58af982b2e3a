/* SPDX-License-Identifier: ISC */
/*
 * Messages in the queue, as far as the log has told of them.
 *
 * The table is a hash by queue id and a list by arrival. What a saved message
 * is written as is one event line (base/event): "queued from=... author=...
 * flags=... dest=... family=..." with the fields of each prediction in turn.
 */
#include "record/queued.h"

#include "base/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LEFT_MAX: the recorder saves after 50,000 lines. */
enum { QUEUED_MAX = 30000, QUEUED_BUCKETS = 65536, LEFT_MAX = 65536 };

struct queued_table {
	struct queued *bucket[QUEUED_BUCKETS];
	struct queued *newest, *oldest;
	size_t n;
	char (*left)[POSTFIX_QID_MAX + 1];	/* owned */
	size_t n_left, left_size;
};

/* FNV-1a. */
static uint32_t
hash_of(const char *s)
{
	uint32_t h = 2166136261U;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619U;
	return h;
}

/* Notes that the store still has what is gone. */
static void
note_left(struct queued_table *t, const struct queued *q)
{
	if (t->n_left == t->left_size && t->left_size < LEFT_MAX) {
		size_t size = t->left_size == 0 ? 256 : 2 * t->left_size;
		void *more = realloc(t->left, size * sizeof *t->left);

		if (more == NULL)
			return;
		t->left = more;
		t->left_size = size;
	}
	if (t->n_left < t->left_size)
		memcpy(t->left[t->n_left++], q->qid, sizeof q->qid);
}

static void
drop(struct queued_table *t, struct queued *q)
{
	struct queued **at = &t->bucket[hash_of(q->qid) % QUEUED_BUCKETS];

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	*(q->newer != NULL ? &q->newer->older : &t->newest) = q->older;
	*(q->older != NULL ? &q->older->newer : &t->oldest) = q->newer;
	t->n--;
	if (q->is_saved)
		note_left(t, q);
	for (unsigned i = 0; i < q->n; i++)
		free(q->v[i].dest);
	free(q->v);
	free(q->mail_from);
	free(q->author);
	free(q);
}

struct queued_table *
queued_table_new(void)
{
	return calloc(1, sizeof(struct queued_table));
}

void
queued_table_free(struct queued_table **t)
{
	if (*t == NULL)
		return;
	while ((*t)->newest != NULL)
		drop(*t, (*t)->newest);
	free((*t)->left);
	free(*t);
	*t = NULL;
}

struct queued *
queued_find(struct queued_table *t, const char *qid)
{
	struct queued *q = t->bucket[hash_of(qid) % QUEUED_BUCKETS];

	while (q != NULL && strcmp(q->qid, qid) != 0)
		q = q->next;
	return q;
}

struct queued *
queued_of(struct queued_table *t, const char *qid)
{
	struct queued **bucket = &t->bucket[hash_of(qid) % QUEUED_BUCKETS];
	struct queued *q = queued_find(t, qid);

	if (q != NULL)
		return q;
	if (strlen(qid) >= sizeof q->qid)
		return NULL;	/* no queue id of Postfix's */
	if (t->n >= QUEUED_MAX)
		drop(t, t->oldest);
	q = calloc(1, sizeof *q);
	if (q == NULL)
		return NULL;
	snprintf(q->qid, sizeof q->qid, "%s", qid);
	q->next = *bucket;
	*bucket = q;
	q->older = t->newest;
	*(t->newest != NULL ? &t->newest->newer : &t->oldest) = q;
	t->newest = q;
	t->n++;
	return q;
}

void
queued_set(struct queued *q, char **field, const char *value)
{
	char *copy = value == NULL ? NULL : strdup(value);

	free(*field);
	*field = copy;
	q->is_changed = true;
}

void
queued_predict(struct queued *q, const char *dest, const char *family,
    const char *why, const char *transport)
{
	struct queued_prediction *v;
	size_t a = strlen(dest) + 1;
	size_t b = strlen(family) + 1;
	size_t c = strlen(why) + 1;
	size_t d = strlen(transport) + 1;
	char *words;

	if (q->n == QUEUED_PREDICTIONS_MAX)
		return;
	v = realloc(q->v, (q->n + 1) * sizeof *v);
	words = malloc(a + b + c + d);
	if (v != NULL)
		q->v = v;
	if (v == NULL || words == NULL) {
		free(words);
		return;
	}
	memcpy(words, dest, a);
	memcpy(words + a, family, b);
	memcpy(words + a + b, why, c);
	memcpy(words + a + b + c, transport, d);
	v[q->n++] = (struct queued_prediction){ words, words + a,
		words + a + b, words + a + b + c };
	q->is_changed = true;
}

const struct queued_prediction *
queued_prediction(const struct queued *q, const char *dest)
{
	for (unsigned i = 0; q != NULL && i < q->n; i++)
		if (strcmp(q->v[i].dest, dest) == 0)
			return &q->v[i];
	return NULL;
}

void
queued_follow(struct queued_table *t, const char *from, const char *to)
{
	struct queued *old;
	struct queued *q;

	if (queued_find(t, from) == NULL || strcmp(from, to) == 0)
		return;
	q = queued_of(t, to);
	old = queued_find(t, from);	/* making room may have taken it */
	if (q == NULL || old == NULL || q->has_line)
		return;
	if (q->mail_from == NULL)
		queued_set(q, &q->mail_from, old->mail_from);
	queued_set(q, &q->author, old->author);
	q->has_line = old->has_line;
	q->is_ours = old->is_ours;
	q->is_forwarded = old->is_forwarded;
	q->is_bounce = old->is_bounce;
	for (unsigned i = 0; i < old->n; i++)
		queued_predict(q, old->v[i].dest, old->v[i].family,
		    old->v[i].why, old->v[i].transport);
}

void
queued_leave(struct queued_table *t, const char *qid)
{
	struct queued *q = queued_find(t, qid);

	if (q != NULL)
		drop(t, q);
}

const char *
queued_kind(const struct queued *q)
{
	if (q == NULL)
		return "own";
	if (q->is_forwarded)
		return "forwarded";
	if (q->is_bounce || (q->mail_from != NULL && q->mail_from[0] == '\0'))
		return "bounce";
	return "own";
}

static struct queued_dest *
dest_of(struct queued *q, const char *dest)
{
	uint32_t h = hash_of(dest);

	for (unsigned i = 0; i < q->n_dest; i++)
		if (q->dest[i].hash == h)
			return &q->dest[i];
	return NULL;
}

bool
queued_meets(struct queued *q, const char *dest)
{
	if (dest_of(q, dest) != NULL || q->n_dest == QUEUED_DESTS_MAX)
		return false;
	q->dest[q->n_dest++] = (struct queued_dest){ .hash = hash_of(dest) };
	q->is_changed = true;
	return true;
}

void
queued_begin_run(struct queued *q)
{
	for (unsigned i = 0; i < q->n_dest; i++)
		q->dest[i].is_fresh = false;
}

int
queued_wait(struct queued *q, const char *dest, bool is_deferred)
{
	struct queued_dest *d = dest_of(q, dest);
	bool did_wait;

	if (d == NULL)
		return 0;
	did_wait = d->waits;
	d->waits = is_deferred || (did_wait && d->is_fresh);
	d->is_fresh = true;
	if (d->waits != did_wait)
		q->is_changed = true;
	if (!d->waits)
		return did_wait ? -1 : 0;
	q->is_saved = true;	/* the store has a row of it from now on */
	return 1;
}

static const char *
write_line(const struct queued *q, struct event *e)
{
	char flags[] = "----";
	char met[12];

	if (q->has_line)
		flags[0] = 'l';
	if (q->is_ours)
		flags[1] = 'o';
	if (q->is_forwarded)
		flags[2] = 'f';
	if (q->is_bounce)
		flags[3] = 'b';
	event_begin(e, NULL, false, "queued");
	event_add(e, "flags", flags);
	event_add(e, "from", q->mail_from);
	event_add(e, "author", q->author);
	for (unsigned i = 0; i < q->n_dest; i++) {
		snprintf(met, sizeof met, "%u", q->dest[i].hash);
		event_add(e, q->dest[i].waits ? "wait" : "met", met);
	}
	for (unsigned i = 0; i < q->n; i++) {
		event_add(e, "dest", q->v[i].dest);
		event_add(e, "family", q->v[i].family);
		event_add(e, "why", q->v[i].why);
		event_add(e, "transport", q->v[i].transport);
	}
	return event_line(e);
}

void
queued_save(struct queued_table *t,
    void (*save)(void *arg, const char *qid, const char *text), void *arg)
{
	struct event e;

	for (size_t i = 0; i < t->n_left; i++)
		if (queued_find(t, t->left[i]) == NULL)
			save(arg, t->left[i], "");
	t->n_left = 0;
	for (struct queued *q = t->newest; q != NULL; q = q->older) {
		if (!q->is_changed)
			continue;
		save(arg, q->qid, write_line(q, &e));
		q->is_changed = false;
		q->is_saved = true;
	}
}

void
queued_restore(struct queued_table *t, const char *qid, const char *text)
{
	struct event_read r;
	struct queued *q;
	const char *flags;

	if (event_parse(&r, text, strlen(text)) != 0 ||
	    !postfix_log_is_qid(qid, strlen(qid)))
		return;
	flags = event_value(&r, "flags");
	q = queued_of(t, qid);
	if (q == NULL || flags == NULL || strlen(flags) != 4)
		return;
	q->has_line = flags[0] == 'l';
	q->is_ours = flags[1] == 'o';
	q->is_forwarded = flags[2] == 'f';
	q->is_bounce = flags[3] == 'b';
	queued_set(q, &q->mail_from, event_value(&r, "from"));
	queued_set(q, &q->author, event_value(&r, "author"));
	for (size_t i = 0; i < r.n; i++) {
		bool waits = strcmp(r.field[i].key, "wait") == 0;

		if ((waits || strcmp(r.field[i].key, "met") == 0) &&
		    q->n_dest < QUEUED_DESTS_MAX)
			q->dest[q->n_dest++] = (struct queued_dest){
			    .hash = (uint32_t)strtoul(r.field[i].value, NULL,
			    10), .waits = waits };
		if (strcmp(r.field[i].key, "dest") == 0 && i + 3 < r.n)
			queued_predict(q, r.field[i].value,
			    r.field[i + 1].value, r.field[i + 2].value,
			    r.field[i + 3].value);
	}
	q->is_changed = false;
	q->is_saved = true;
}
