/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_WARN_H
#define WAYBILL_WARN_H

#include <stdbool.h>
#include <stdint.h>

/* So many subjects are remembered; the one unheard of for longest goes. */
enum { WARN_SUBJECTS_MAX = 4096 };

/* What was warned of and when. Thread-safe. Outlives reloads. */
struct warn;

struct warn *warn_new(void);
void warn_free(struct warn **w);

/*
 * Is a warning of this kind about this subject due, because it was never
 * given or is every_ms old? It then counts as given at now_ms (clock_ms()).
 * held_back, when not NULL, gets how often the answer was no since then.
 */
bool warn_is_due(struct warn *w, const char *kind, const char *subject,
    int64_t every_ms, int64_t now_ms, unsigned *held_back);

#endif
