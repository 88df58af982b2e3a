/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_NEAREST_H
#define WAYBILL_BASE_NEAREST_H

/* Which of the known words did somebody mean who typed another one? Strings
 * must outlive the search. */
struct nearest {
	const char *typed;
	const char *best;
	unsigned distance;
};

void nearest_begin(struct nearest *n, const char *typed);
void nearest_try(struct nearest *n, const char *known);

/* The nearest of the words tried, or NULL when none is near enough to be
 * proposed (a third of its letters may differ, ASCII case folded). */
const char *nearest_found(const struct nearest *n);

#endif
