/* SPDX-License-Identifier: ISC */
/*
 * Logs when a new key takes over from an old one: the operator who has
 * published the new one waits for that before retiring the old one.
 *
 * It does not wait for a message, which may come days later, but checks what
 * the inquiry keeps fresh. The memory is a list parallel to the table of
 * identities. It lasts as long as the process: a change between a stop and a
 * start is visible only in the "sign" lines.
 */
#include "takeover.h"

#include <stdlib.h>
#include <string.h>

#include "base/event.h"
#include "base/log.h"
#include "base/text.h"
#include "gate.h"

enum { KEYS_MAX = 64, SIGNS_MAX = 800 };

struct entry {
	char *domain;
	char *signs;		/* selectors; NULL: not known yet */
};

struct takeover {
	struct entry *v;	/* sorted by domain */
	size_t n;
};

struct takeover *
takeover_new(void)
{
	return calloc(1, sizeof(struct takeover));
}

static void
free_entries(struct entry *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].domain);
		free(v[i].signs);
	}
	free(v);
}

void
takeover_free(struct takeover **takeover)
{
	struct takeover *t = *takeover;

	if (t == NULL)
		return;
	free_entries(t->v, t->n);
	free(t);
	*takeover = NULL;
}

/* Returns true if the memory is for exactly these identities. */
static bool
is_current(const struct takeover *t, const struct identity_table *table)
{
	if (t->n != identity_count(table))
		return false;
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->v[i].domain, identity_at(table, i)->domain) != 0)
			return false;
	}
	return true;
}

static int
compare_domain(const void *domain, const void *entry)
{
	return strcmp(domain, ((const struct entry *)entry)->domain);
}

/* Updates it for the table: what is known of the remaining identities is kept.
 * Returns -1 without memory. */
static int
make_current(struct takeover *t, const struct identity_table *table)
{
	size_t n = identity_count(table);
	struct entry *v = calloc(n + 1, sizeof *v);

	if (v == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		v[i].domain = strdup(identity_at(table, i)->domain);
		if (v[i].domain == NULL) {
			free_entries(v, i);
			return -1;
		}
	}
	for (size_t i = 0; i < n; i++) {
		struct entry *was = t->n == 0 ? NULL : bsearch(v[i].domain,
		    t->v, t->n, sizeof *t->v, compare_domain);

		if (was != NULL) {
			v[i].signs = was->signs;
			was->signs = NULL;
		}
	}
	free_entries(t->v, t->n);
	t->v = v;
	t->n = n;
	return 0;
}

/*
 * The selectors of the keys that sign. Returns false if unknown at the moment.
 */
static bool
find_signs(const struct identity *id, struct inquiry *q, struct text *out)
{
	struct gate_key key[KEYS_MAX];

	if (id->nkeys == 1) {
		text_add(out, id->keys[0]->selector);
		return true;
	}
	if (id->nkeys > KEYS_MAX)
		return false;
	gate_read(q, id, false, key);
	for (size_t i = 0; i < id->nkeys; i++) {
		if (key[i].state == PUBLISHED_UNKNOWN)
			return false;
		if (key[i].signs)
			text_addf(out, "%s%s", out->len > 0 ? "," : "",
			    key[i].key->selector);
	}
	return true;
}

static void
say(const struct entry *was, const char *signs)
{
	struct event e;

	event_begin(&e, NULL, false, "takeover");
	event_add(&e, "d", was->domain);
	event_add_bounded(&e, "signs", signs);
	event_add_bounded(&e, "before", was->signs);
	log_event(&e);
}

static void
look_at(struct entry *entry, const struct identity *id, struct inquiry *q)
{
	struct text signs;

	text_init(&signs, SIGNS_MAX);
	if (find_signs(id, q, &signs) && (entry->signs == NULL ||
	    strcmp(entry->signs, signs.buf) != 0)) {
		if (entry->signs != NULL)
			say(entry, signs.buf);
		free(entry->signs);
		entry->signs = text_take(&signs);
	}
	text_free(&signs);
}

void
takeover_look(struct takeover *t, const struct identity_table *table,
    struct inquiry *q)
{
	if (!is_current(t, table) && make_current(t, table) != 0)
		return;
	for (size_t i = 0; i < t->n; i++)
		look_at(&t->v[i], identity_at(table, i), q);
}
