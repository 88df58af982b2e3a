/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_CLOCK_H
#define WAYBILL_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC; deadlines are such values. */
int64_t clock_ms(void);

/* A deadline as pthread_cond_timedwait() on CLOCK_MONOTONIC wants it. */
struct timespec clock_timespec(int64_t deadline_ms);

/* Milliseconds until the deadline as poll(2) wants them: 0 to INT_MAX. */
int clock_left(int64_t deadline_ms);

/* "0", "500ms", "2s", "10m", "24h", "400d", "2w" (a number without unit:
 * seconds) to milliseconds. 0, or -1 when s is anything else or overflows. */
int clock_parse_duration(const char *s, int64_t *ms);

/* The shortest of these forms, for people and the sample file; out has size
 * bytes (16 are enough). Returns out. */
const char *clock_format_duration(int64_t ms, char *out, size_t size);

#endif
