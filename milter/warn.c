/* SPDX-License-Identifier: ISC */
/*
 * Warnings, once per subject and warn.every.
 *
 * A fact is on the lines of every message that it concerns; a warning says it
 * once, with the fix, so that an operator who reads the log sees it and is not
 * flooded. What was reported is remembered by kind and subject in a table of
 * fixed size; when it is full, the subject least recently asked about is
 * forgotten, so whoever invents subjects causes one line each and uses no
 * memory.
 */
#include "warn.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

enum { BUCKETS = 1024, KEY_MAX = 600 };

struct entry {
	char *key;		/* kind and subject; NULL: the entry is free */
	uint64_t hash;
	int64_t given_ms;
	unsigned held_back;
	struct entry *chain;	/* next in the bucket */
	struct entry *older;	/* asked about before this one */
	struct entry *newer;
};

struct warn {
	pthread_mutex_t lock;
	/* protected by lock: */
	struct entry entries[WARN_SUBJECTS_MAX];
	struct entry *buckets[BUCKETS];
	struct entry *newest;
	struct entry *oldest;
};

struct warn *
warn_new(void)
{
	struct warn *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	for (size_t i = 0; i < WARN_SUBJECTS_MAX; i++) {
		struct entry *e = &w->entries[i];

		e->newer = i > 0 ? &w->entries[i - 1] : NULL;
		e->older = i + 1 < WARN_SUBJECTS_MAX ? &w->entries[i + 1] :
		    NULL;
	}
	w->newest = &w->entries[0];
	w->oldest = &w->entries[WARN_SUBJECTS_MAX - 1];
	return w;
}

void
warn_free(struct warn **warn)
{
	struct warn *w = *warn;

	if (w == NULL)
		return;
	for (size_t i = 0; i < WARN_SUBJECTS_MAX; i++)
		free(w->entries[i].key);
	pthread_mutex_destroy(&w->lock);
	free(w);
	*warn = NULL;
}

/* Called with the lock held, as are all below. */
static void
move_to_front(struct warn *w, struct entry *e)
{
	if (w->newest == e)
		return;
	e->newer->older = e->older;
	if (e->older != NULL)
		e->older->newer = e->newer;
	else
		w->oldest = e->newer;
	e->newer = NULL;
	e->older = w->newest;
	w->newest->newer = e;
	w->newest = e;
}

static struct entry *
find(struct warn *w, const char *key, uint64_t hash)
{
	for (struct entry *e = w->buckets[hash % BUCKETS]; e != NULL;
	    e = e->chain) {
		if (e->hash == hash && strcmp(e->key, key) == 0)
			return e;
	}
	return NULL;
}

/* Reuses the entry asked about least recently for key, and takes ownership of
 * key. */
static struct entry *
take_oldest(struct warn *w, char *key, uint64_t hash)
{
	struct entry *e = w->oldest;

	if (e->key != NULL) {
		struct entry **p = &w->buckets[e->hash % BUCKETS];

		while (*p != e)
			p = &(*p)->chain;
		*p = e->chain;
		free(e->key);
	}
	e->key = key;
	e->hash = hash;
	e->held_back = 0;
	e->chain = w->buckets[hash % BUCKETS];
	w->buckets[hash % BUCKETS] = e;
	return e;
}

bool
warn_is_due(struct warn *w, const char *kind, const char *subject,
    int64_t every_ms, int64_t now_ms, unsigned *held_back)
{
	struct text key;
	struct entry *e;
	uint64_t hash;
	bool is_due = true;

	if (held_back != NULL)
		*held_back = 0;
	text_init(&key, KEY_MAX);
	text_add(&key, kind);
	text_add(&key, " ");
	text_add_bytes(&key, subject, strnlen(subject, KEY_MAX / 2));
	hash = hash_add_text(0, key.buf);
	pthread_mutex_lock(&w->lock);
	e = find(w, key.buf, hash);
	if (e != NULL && now_ms - e->given_ms < every_ms) {
		e->held_back++;
		is_due = false;
	} else if (e != NULL) {
		if (held_back != NULL)
			*held_back = e->held_back;
		e->held_back = 0;
	} else {
		char *copy = text_take(&key);

		if (copy != NULL)
			e = take_oldest(w, copy, hash);
	}
	if (e != NULL && is_due)
		e->given_ms = now_ms;
	if (e != NULL)
		move_to_front(w, e);
	pthread_mutex_unlock(&w->lock);
	text_free(&key);
	return is_due;
}
