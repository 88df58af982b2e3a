/* SPDX-License-Identifier: ISC */
/*
 * Messages in the queue, as far as the log has told of them.
 *
 * The table is a hash by queue id and a list by arrival, bounded by messages
 * and by bytes. What a saved message is written as is event lines (base/event):
 * "queued flags=... from=... author=... met=... wait=... dest=... family=...
 * last=..." with the fields of each prediction in turn, and the last answer of
 * each destination that waits; what has no room in one goes on in the next.
 */
#include "record/queued.h"

#include "base/event.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LEFT_MAX: the recorder saves after 200,000 lines at most, and a message that
 * waits and leaves is three of them. */
enum {
	QUEUED_MAX = 30000,
	QUEUED_BYTES_MAX = 20 * 1024 * 1024,
	QUEUED_BUCKETS = 65536,
	LEFT_MAX = 65536,
	RECIPIENTS_MAX = 100000,	/* that a saved line may claim */
	SAVED_MAX = 65536,		/* bytes of a saved message */
};

struct queued_table {
	struct queued *bucket[QUEUED_BUCKETS];
	struct queued *newest, *oldest;
	struct queued *changed;		/* the latest of those that are */
	size_t n;
	size_t bytes;			/* of all of them */
	struct text text;		/* of a message that is saved */
	char (*left)[POSTFIX_QID_MAX + 1];	/* owned */
	size_t n_left, left_size;
};

static uint32_t
hash_of(const char *s)
{
	return (uint32_t)hash_add_text(0, s);
}

/* Counts bytes that q takes from now on. */
static void
charge(struct queued *q, size_t n)
{
	q->bytes += n;
	q->table->bytes += n;
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

void
queued_touch(struct queued *q)
{
	struct queued_table *t = q->table;

	if (q->is_changed)
		return;
	q->is_changed = true;
	q->next_changed = t->changed;
	q->prev_changed = NULL;
	if (t->changed != NULL)
		t->changed->prev_changed = q;
	t->changed = q;
}

static void
untouch(struct queued *q)
{
	if (!q->is_changed)
		return;
	q->is_changed = false;
	*(q->prev_changed != NULL ? &q->prev_changed->next_changed :
	    &q->table->changed) = q->next_changed;
	if (q->next_changed != NULL)
		q->next_changed->prev_changed = q->prev_changed;
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
	t->bytes -= q->bytes;
	untouch(q);
	if (q->is_saved)
		note_left(t, q);
	for (unsigned i = 0; i < q->n; i++)
		free(q->v[i].dest);
	for (unsigned i = 0; i < q->n_dest; i++)
		free(q->dest[i].last);
	free(q->v);
	free(q->dest);
	free(q->mail_from);
	free(q->author);
	free(q);
}

struct queued_table *
queued_table_new(void)
{
	struct queued_table *t = calloc(1, sizeof *t);

	if (t != NULL)
		text_init(&t->text, SAVED_MAX);
	return t;
}

void
queued_table_free(struct queued_table **t)
{
	if (*t == NULL)
		return;
	while ((*t)->newest != NULL)
		drop(*t, (*t)->newest);
	text_free(&(*t)->text);
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
	while (t->oldest != NULL && (t->n >= QUEUED_MAX ||
	    t->bytes >= QUEUED_BYTES_MAX))
		drop(t, t->oldest);
	q = calloc(1, sizeof *q);
	if (q == NULL)
		return NULL;
	q->table = t;
	charge(q, sizeof *q);
	memcpy(q->qid, qid, strlen(qid) + 1);
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
	/* What the old one took stays charged: it is set once or twice. */
	if (copy != NULL)
		charge(q, strlen(copy) + 1);
	queued_touch(q);
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
	charge(q, sizeof *v + a + b + c + d);
	queued_touch(q);
}

const struct queued_prediction *
queued_prediction(const struct queued *q, const char *dest)
{
	for (unsigned i = 0; q != NULL && i < q->n; i++)
		if (strcmp(q->v[i].dest, dest) == 0)
			return &q->v[i];
	return NULL;
}

static struct queued_dest *
dest_of_hash(struct queued *q, uint32_t hash)
{
	for (unsigned i = 0; i < q->n_dest; i++)
		if (q->dest[i].hash == hash)
			return &q->dest[i];
	return NULL;
}

static struct queued_dest *
dest_of(struct queued *q, const char *dest)
{
	return dest_of_hash(q, hash_of(dest));
}

/* Adds one; NULL when there is no room. */
static struct queued_dest *
add_dest(struct queued *q, uint32_t hash)
{
	struct queued_dest *more;

	if (q->n_dest == QUEUED_DESTS_MAX)
		return NULL;
	if ((q->n_dest & (q->n_dest - 1)) == 0) {
		unsigned size = q->n_dest == 0 ? 1 : 2 * q->n_dest;

		more = realloc(q->dest, size * sizeof *more);
		if (more == NULL)
			return NULL;
		charge(q, (size - q->n_dest) * sizeof *more);
		q->dest = more;
	}
	q->dest[q->n_dest] = (struct queued_dest){ .hash = hash };
	return &q->dest[q->n_dest++];
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
	/* The same message at the same destinations. */
	for (unsigned i = 0; i < old->n_dest; i++)
		if (dest_of_hash(q, old->dest[i].hash) == NULL)
			(void)add_dest(q, old->dest[i].hash);
}

void
queued_leave(struct queued_table *t, const char *qid)
{
	struct queued *q = queued_find(t, qid);

	if (q != NULL)
		drop(t, q);
}

void
queued_sweep(struct queued_table *t, int64_t second)
{
	struct queued *older;

	for (struct queued *q = t->newest; q != NULL; q = older) {
		older = q->older;
		if (q->coming_since != 0 && q->coming_since < second &&
		    !q->has_line)
			drop(t, q);
	}
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

bool
queued_meets(struct queued *q, const char *dest)
{
	if (dest_of(q, dest) != NULL || add_dest(q, hash_of(dest)) == NULL)
		return false;
	queued_touch(q);
	return true;
}

void
queued_begin_run(struct queued *q)
{
	for (unsigned i = 0; i < q->n_dest; i++)
		q->dest[i].is_fresh = false;
}

/* Copies an answer in one piece, its words behind it. */
static struct queued_answer *
copy_answer(struct queued *q, const struct queued_answer *from)
{
	const char *const words[] = { from->dest, from->provider, from->mx,
		from->stage, from->class, from->text };
	enum { N = sizeof words / sizeof words[0] };
	size_t len[N];
	size_t size = sizeof(struct queued_answer);
	struct queued_answer *copy;
	char *at;

	for (int i = 0; i < N; i++) {
		len[i] = strnlen(words[i], i == N - 1 ? QUEUED_TEXT_MAX :
		    POSTFIX_FIELD_MAX);
		size += len[i] + 1;
	}
	copy = malloc(size);
	if (copy == NULL)
		return NULL;
	charge(q, size);
	at = (char *)(copy + 1);
	const char **const fields[] = { &copy->dest, &copy->provider,
		&copy->mx, &copy->stage, &copy->class, &copy->text };
	for (int i = 0; i < N; i++) {
		memcpy(at, words[i], len[i]);
		at[len[i]] = '\0';
		*fields[i] = at;
		at += len[i] + 1;
	}
	copy->ip = from->ip;
	return copy;
}

static size_t
answer_size(const struct queued_answer *a)
{
	return a == NULL ? 0 : (size_t)(a->text - (const char *)a) +
	    strlen(a->text) + 1;
}

static void
set_answer(struct queued *q, struct queued_dest *d,
    const struct queued_answer *from)
{
	struct queued_answer *copy = from == NULL ? NULL :
	    copy_answer(q, from);
	size_t size = answer_size(d->last);

	free(d->last);
	d->last = copy;
	q->bytes -= size;
	q->table->bytes -= size;
}

int
queued_wait(struct queued *q, const struct queued_answer *answer,
    bool is_deferred)
{
	struct queued_dest *d = dest_of(q, answer->dest);
	bool did_wait;

	if (d == NULL)
		return 0;
	did_wait = d->waits;
	d->recipients = (d->is_fresh ? d->recipients : 0) + is_deferred;
	d->waits = is_deferred || (did_wait && d->is_fresh);
	d->is_fresh = true;
	if (d->waits != did_wait || is_deferred)
		queued_touch(q);
	if (is_deferred)
		set_answer(q, d, answer);
	if (!d->waits) {
		set_answer(q, d, NULL);
		return did_wait ? -1 : 0;
	}
	q->is_saved = true;	/* the store has a row of it from now on */
	return 1;
}

void
queued_expire(struct queued *q, void (*expired)(void *arg,
    const struct queued_answer *last, unsigned recipients), void *arg)
{
	for (unsigned i = 0; i < q->n_dest; i++) {
		struct queued_dest *d = &q->dest[i];

		if (!d->waits)
			continue;
		if (d->last != NULL)
			expired(arg, d->last, d->recipients > 0 ?
			    d->recipients : 1);
		d->waits = false;
		set_answer(q, d, NULL);
		queued_touch(q);
	}
}

/* A message being written: the lines that are full, and the one under way. */
struct saved {
	struct text *text;
	struct event e;
};

struct pair {
	const char *key;
	const char *value;
};

static void
end_line(struct saved *s)
{
	text_addf(s->text, "%s%s", s->text->len > 0 ? "\n" : "",
	    event_line(&s->e));
	event_begin(&s->e, NULL, false, "queued");
}

/* Adds pairs that belong together, on one line; what has no room on a line of
 * its own is left out. */
static void
add_pairs(struct saved *s, const struct pair *v, size_t n)
{
	for (int tries = 0; tries < 2; tries++) {
		size_t len = s->e.len;
		size_t had = s->e.n;

		for (size_t i = 0; i < n && had + n <= EVENT_FIELDS_MAX; i++)
			event_add(&s->e, v[i].key, v[i].value);
		if (!s->e.cut && had + n <= EVENT_FIELDS_MAX)
			return;
		s->e.line[len] = '\0';
		s->e.len = len;
		s->e.n = had;
		s->e.cut = false;
		if (tries == 0)
			end_line(s);
	}
}

/* "RECIPIENTS DEST PROVIDER MX ADDRESS STAGE CLASS TEXT", "-" for an empty
 * word. */
static void
add_answer(struct saved *s, const struct queued_dest *d)
{
	const struct queued_answer *a = d->last;
	const char *const words[] = { a->dest, a->provider, a->mx, NULL,
		a->stage, a->class };
	char ip[IP_SIZE];
	struct text t;

	text_init(&t, 4096);
	text_addf(&t, "%u", d->recipients);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		const char *word = words[i] == NULL ? ip_format(&a->ip, ip) :
		    words[i];

		text_addf(&t, " %s", word[0] == '\0' ? "-" : word);
	}
	text_addf(&t, " %s", a->text);
	add_pairs(s, &(struct pair){ "last", t.buf }, 1);
	text_free(&t);
}

/* Reads what add_answer() wrote; a destination that isn't known to wait is
 * passed over. */
static void
read_answer(struct queued *q, const char *value)
{
	struct queued_answer a = { 0 };
	char copy[EVENT_LINE_MAX + 1];
	char *at = copy;
	const char *ip;
	const char **const fields[] = { &a.dest, &a.provider, &a.mx, &ip,
		&a.stage, &a.class };
	unsigned long recipients = strtoul(value, NULL, 10);
	struct queued_dest *d;

	snprintf(copy, sizeof copy, "%s", value);
	(void)strsep(&at, " ");
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		const char *word = strsep(&at, " ");

		if (at == NULL)
			return;
		*fields[i] = strcmp(word, "-") == 0 ? "" : word;
	}
	a.text = at;
	(void)ip_parse(ip, &a.ip);
	d = dest_of(q, a.dest);
	if (d == NULL || !d->waits)
		return;
	d->recipients = recipients < RECIPIENTS_MAX ? (unsigned)recipients :
	    RECIPIENTS_MAX;
	set_answer(q, d, &a);
}

static void
write_message(const struct queued *q, struct text *out)
{
	struct saved s = { .text = out };
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
	text_clear(out);
	event_begin(&s.e, NULL, false, "queued");
	event_add(&s.e, "flags", flags);
	if (q->coming_since != 0)
		event_add_number(&s.e, "since", q->coming_since);
	event_add(&s.e, "author", q->author);
	event_add(&s.e, "from", q->mail_from);
	s.e.cut = false;	/* a sender too long for a line isn't kept */
	for (unsigned i = 0; i < q->n_dest; i++) {
		snprintf(met, sizeof met, "%u", q->dest[i].hash);
		add_pairs(&s, &(struct pair){ q->dest[i].waits ? "wait" :
		    "met", met }, 1);
	}
	for (unsigned i = 0; i < q->n; i++) {
		const struct queued_prediction *p = &q->v[i];
		const struct pair pairs[] = { { "dest", p->dest },
			{ "family", p->family }, { "why", p->why },
			{ "transport", p->transport } };

		add_pairs(&s, pairs, 4);
	}
	for (unsigned i = 0; i < q->n_dest; i++)
		if (q->dest[i].last != NULL)
			add_answer(&s, &q->dest[i]);
	end_line(&s);
}

void
queued_save(struct queued_table *t,
    void (*save)(void *arg, const char *qid, const char *text), void *arg)
{
	for (size_t i = 0; i < t->n_left; i++)
		if (queued_find(t, t->left[i]) == NULL)
			save(arg, t->left[i], "");
	t->n_left = 0;
	while (t->changed != NULL) {
		struct queued *q = t->changed;

		write_message(q, &t->text);
		save(arg, q->qid, t->text.buf);
		untouch(q);
		q->is_saved = true;
	}
}

/* What is said of a destination: "wait", "met", "last", or "dest" with the
 * three fields behind it. */
static void
restore_field(struct queued *q, const struct event_read *r, size_t i)
{
	const char *key = r->field[i].key;
	const char *value = r->field[i].value;
	bool waits = strcmp(key, "wait") == 0;
	struct queued_dest *d;

	if (waits || strcmp(key, "met") == 0) {
		d = add_dest(q, (uint32_t)strtoul(value, NULL, 10));
		if (d != NULL)
			d->waits = waits;
	} else if (strcmp(key, "last") == 0)
		read_answer(q, value);
	else if (strcmp(key, "dest") == 0 && i + 3 < r->n)
		queued_predict(q, value, r->field[i + 1].value,
		    r->field[i + 2].value, r->field[i + 3].value);
}

void
queued_restore(struct queued_table *t, const char *qid, const char *text)
{
	struct event_read r;
	struct queued *q;
	const char *flags;
	size_t len = strcspn(text, "\n");

	if (event_parse(&r, text, len) != 0 ||
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
	if (event_value(&r, "since") != NULL)
		q->coming_since = strtoll(event_value(&r, "since"), NULL, 10);
	queued_set(q, &q->mail_from, event_value(&r, "from"));
	queued_set(q, &q->author, event_value(&r, "author"));
	for (;;) {
		for (size_t i = 0; i < r.n; i++)
			restore_field(q, &r, i);
		text += len + (text[len] != '\0');
		len = strcspn(text, "\n");
		if (len == 0 || event_parse(&r, text, len) != 0)
			break;
	}
	untouch(q);
	q->is_saved = true;
}
