/* SPDX-License-Identifier: ISC */
/*
 * RFC 5321 allows several spellings of a recipient, so they are normalized
 * before comparing: quotes and backslashes of the local part are removed, the
 * domain is its A-label. Case is folded in the local part too; hosts that
 * distinguish it are rarer than people who write their own address in another
 * case.
 *
 * Only a hash of each is kept. Two addresses with the same hash would reveal
 * the destination of a hidden recipient: the chance is one in 2^64, and nobody
 * gains by a deliberate collision, because whoever writes To: knows the
 * recipients.
 */
#include "visible.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

struct visible_recipient {
	uint64_t hash;
	uint32_t destination;
	bool is_shown;
};

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Hash of its plain form: without quotes, case folded. */
static uint64_t
hash_address(const struct address *a)
{
	const char *at = strrchr(a->text, '@');
	bool is_quoted = a->text[0] == '"';
	char plain[ADDRESS_MAX + DOMAIN_SIZE];
	size_t n = 0;

	for (const char *p = a->text; *p != '\0' && p != at; p++) {
		if (is_quoted && *p == '"')
			continue;
		if (is_quoted && *p == '\\' && p[1] != '\0' && p + 1 != at)
			p++;
		plain[n++] = lower(*p);
	}
	plain[n++] = '@';
	for (const char *p = a->domain; *p != '\0'; p++)
		plain[n++] = lower(*p);
	return hash_add(0, plain, n);
}

static int
compare(const void *a, const void *b)
{
	const struct visible_recipient *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

void
visible_add(struct visible *v, const struct address *recipient,
    size_t destination)
{
	if (v->n == VISIBLE_RECIPIENTS_MAX || recipient->domain[0] == '\0')
		return;
	if (v->n == v->room) {
		size_t room = v->room == 0 ? 8 : 2 * v->room;
		struct visible_recipient *grown = realloc(v->recipient,
		    room * sizeof *grown);

		if (grown == NULL)
			return;
		v->recipient = grown;
		v->room = room;
	}
	v->recipient[v->n++] = (struct visible_recipient){
		.hash = hash_address(recipient),
		.destination = (uint32_t)destination,
	};
	v->is_sorted = false;
}

/* Marks all entries of one address: it may have been given twice. */
static void
show_address(struct visible *v, const struct address *a)
{
	struct visible_recipient key = { .hash = hash_address(a) };
	struct visible_recipient *end = v->recipient + v->n;
	struct visible_recipient *r = bsearch(&key, v->recipient, v->n,
	    sizeof *r, compare);

	if (r == NULL || r->is_shown)
		return;
	while (r > v->recipient && r[-1].hash == key.hash)
		r--;
	for (; r < end && r->hash == key.hash; r++)
		r->is_shown = true;
}

void
visible_show(struct visible *v, const char *value)
{
	struct address_list list;
	struct address a;

	if (v->n == 0)
		return;
	if (!v->is_sorted)
		qsort(v->recipient, v->n, sizeof *v->recipient, compare);
	v->is_sorted = true;
	address_list_begin(&list, value, strlen(value));
	while (address_list_next(&list, &a))
		show_address(v, &a);
}

void
visible_mark(const struct visible *v, bool *is_shown, size_t n)
{
	for (size_t i = 0; i < v->n; i++) {
		if (v->recipient[i].is_shown && v->recipient[i].destination < n)
			is_shown[v->recipient[i].destination] = true;
	}
}

void
visible_free(struct visible *v)
{
	free(v->recipient);
	*v = (struct visible){ 0 };
}
