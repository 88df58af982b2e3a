/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_CLOCK_H
#define WAYBILL_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Returns milliseconds of CLOCK_MONOTONIC. Deadlines are such values. */
int64_t clock_ms(void);

/* Converts a deadline for pthread_cond_timedwait() on CLOCK_MONOTONIC. */
struct timespec clock_timespec(int64_t deadline_ms);

/* Returns the milliseconds until the deadline, for poll(2): 0 to INT_MAX. */
int clock_left(int64_t deadline_ms);

/* Converts "0", "500ms", "2s", "10m", "24h", "400d", "2w" (a number without a
 * unit is in seconds) to milliseconds. Returns 0, or -1 if s is anything else
 * or overflows. */
int clock_parse_duration(const char *s, int64_t *ms);

/* Writes the shortest of these forms to out, which has size bytes (16 are
 * enough). Returns out. */
const char *clock_format_duration(int64_t ms, char *out, size_t size);

#endif
