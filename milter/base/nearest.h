/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_NEAREST_H
#define WAYBILL_BASE_NEAREST_H

/* Finds which known word somebody meant who typed another one. The strings
 * must outlive the search. */
struct nearest {
	const char *typed;
	const char *best;
	unsigned distance;
};

void nearest_begin(struct nearest *n, const char *typed);
void nearest_try(struct nearest *n, const char *known);

/* Returns the nearest of the words tried, or NULL if none is near enough to be
 * suggested (a third of its letters may differ, ignoring ASCII case). */
const char *nearest_found(const struct nearest *n);

#endif
