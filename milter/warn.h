/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_WARN_H
#define WAYBILL_WARN_H

#include <stdbool.h>
#include <stdint.h>

/* Number of subjects that are remembered; the one least recently asked about
 * is dropped. */
enum { WARN_SUBJECTS_MAX = 4096 };

/* What was warned about, and when. Thread-safe. Outlives reloads. */
struct warn;

struct warn *warn_new(void);
void warn_free(struct warn **w);

/*
 * Returns true if a warning of this kind about this subject is due: it was
 * never given, or is at least every_ms old. It then counts as given at now_ms
 * (clock_ms()). held_back, if not NULL, gets the number of times the answer
 * was no since then.
 */
bool warn_is_due(struct warn *w, const char *kind, const char *subject,
    int64_t every_ms, int64_t now_ms, unsigned *held_back);

#endif
