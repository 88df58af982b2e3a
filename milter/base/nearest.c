/* SPDX-License-Identifier: ISC */
/*
 * Finds the nearest known word: the least number of letters to insert, delete,
 * replace or swap with their neighbour (optimal string alignment). Words over
 * NEAREST_MAX bytes match nothing.
 */
#include "base/nearest.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

enum { NEAREST_MAX = 64 };

static unsigned char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') :
	    (unsigned char)c;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	unsigned d[NEAREST_MAX + 1][NEAREST_MAX + 1];

	if (na > NEAREST_MAX || nb > NEAREST_MAX)
		return UINT_MAX;
	for (size_t i = 0; i <= na; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			unsigned other = fold(a[i - 1]) != fold(b[j - 1]);
			unsigned n = d[i - 1][j - 1] + other;
			n = least(n, d[i - 1][j] + 1);
			n = least(n, d[i][j - 1] + 1);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]))
				n = least(n, d[i - 2][j - 2] + 1);
			d[i][j] = n;
		}
	}
	return d[na][nb];
}

void
nearest_begin(struct nearest *n, const char *typed)
{
	*n = (struct nearest){ .typed = typed, .distance = UINT_MAX };
}

void
nearest_try(struct nearest *n, const char *known)
{
	unsigned d = distance(n->typed, known);

	if (d < n->distance) {
		n->distance = d;
		n->best = known;
	}
}

const char *
nearest_found(const struct nearest *n)
{
	if (n->best == NULL || n->distance > (strlen(n->best) + 2) / 3)
		return NULL;
	return n->best;
}
