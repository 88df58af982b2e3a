/* SPDX-License-Identifier: ISC */
/*
 * Remembers what DNS has said about each key over several answers: the gate
 * must not drop a signature because of a single one, which may be forged or
 * wrong.
 *
 * A key is identified by its domain, its selector and its public half, so that
 * a key whose file was replaced begins anew.
 */
#include "key_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	char *domain;
	char *selector;
	char *public_base64;
	struct key_past past;
};

struct key_memory {
	pthread_mutex_t lock;
	/* protected by lock, as is what follows; sorted */
	struct entry *v;
	size_t n;
};

struct key_memory *
key_memory_new(void)
{
	struct key_memory *m = calloc(1, sizeof *m);

	if (m != NULL)
		pthread_mutex_init(&m->lock, NULL);
	return m;
}

static void
free_entries(struct entry *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].domain);
		free(v[i].selector);
		free(v[i].public_base64);
	}
	free(v);
}

void
key_memory_free(struct key_memory **memory)
{
	struct key_memory *m = *memory;

	if (m == NULL)
		return;
	free_entries(m->v, m->n);
	pthread_mutex_destroy(&m->lock);
	free(m);
	*memory = NULL;
}

static int
compare_names(const struct entry *e, const char *domain, const char *selector,
    const char *public_base64)
{
	int rc = strcmp(domain, e->domain);

	if (rc == 0)
		rc = strcmp(selector, e->selector);
	if (rc == 0)
		rc = strcmp(public_base64, e->public_base64);
	return rc;
}

static int
compare_key(const void *key, const void *entry)
{
	const struct key *k = key;

	return compare_names(entry, k->domain, k->selector, k->public_base64);
}

static int
compare_entries(const void *one, const void *other)
{
	const struct entry *e = one;

	return compare_names(other, e->domain, e->selector, e->public_base64);
}

/* Called with the lock held. */
static struct entry *
find(const struct key_memory *m, const struct key *key)
{
	return m->n == 0 ? NULL : bsearch(key, m->v, m->n, sizeof *m->v,
	    compare_key);
}

/* Whether DNS has had a key of the domain. Called with the lock held. */
static bool
domain_was_seen(const struct key_memory *m, const char *domain)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].past.was_seen &&
		    strcmp(m->v[i].domain, domain) == 0)
			return true;
	}
	return false;
}

/* Called with the lock held. Returns -1 without memory; e must still be freed
 * then. */
static int
fill(const struct key_memory *m, struct entry *e, const struct key *key)
{
	const struct entry *was = find(m, key);

	e->past = (struct key_past){ .said = PUBLISHED_UNKNOWN };
	if (was != NULL)
		e->past = was->past;
	else
		e->past.is_late = domain_was_seen(m, key->domain);
	e->domain = strdup(key->domain);
	e->selector = strdup(key->selector);
	e->public_base64 = strdup(key->public_base64);
	return e->domain == NULL || e->selector == NULL ||
	    e->public_base64 == NULL ? -1 : 0;
}

/* Called with the lock held; v has room for all keys of the table. */
static int
fill_all(const struct key_memory *m, struct entry *v,
    const struct identity_table *table)
{
	for (size_t i = 0; i < identity_count(table); i++) {
		const struct identity *id = identity_at(table, i);

		for (size_t k = 0; k < id->nkeys; k++) {
			if (fill(m, v++, id->keys[k]) != 0)
				return -1;
		}
	}
	return 0;
}

int
key_memory_use(struct key_memory *m, const struct identity_table *table)
{
	struct entry *v, *old;
	size_t n = 0, n_old;
	int rc;

	for (size_t i = 0; i < identity_count(table); i++)
		n += identity_at(table, i)->nkeys;
	v = calloc(n + 1, sizeof *v);
	if (v == NULL)
		return -1;
	pthread_mutex_lock(&m->lock);
	rc = fill_all(m, v, table);
	old = rc == 0 ? m->v : v;
	n_old = rc == 0 ? m->n : n;
	if (rc == 0) {
		qsort(v, n, sizeof *v, compare_entries);
		m->v = v;
		m->n = n;
	}
	pthread_mutex_unlock(&m->lock);
	free_entries(old, n_old);
	return rc;
}

void
key_memory_note(struct key_memory *m, const struct key *key,
    enum published_state said, int64_t now_ms)
{
	struct entry *e;

	if (m == NULL || said == PUBLISHED_UNKNOWN)
		return;
	pthread_mutex_lock(&m->lock);
	e = find(m, key);
	if (e != NULL) {
		e->past.said = said;
		if (said == PUBLISHED_YES) {
			e->past.was_seen = true;
			e->past.lacks = 0;
		} else if (e->past.lacks++ == 0) {
			e->past.lacks_since_ms = now_ms;
		}
	}
	pthread_mutex_unlock(&m->lock);
}

struct key_past
key_memory_read(struct key_memory *m, const struct key *key)
{
	struct key_past past = { .said = PUBLISHED_UNKNOWN };
	const struct entry *e;

	if (m == NULL)
		return past;
	pthread_mutex_lock(&m->lock);
	e = find(m, key);
	if (e != NULL)
		past = e->past;
	pthread_mutex_unlock(&m->lock);
	return past;
}
