/* SPDX-License-Identifier: ISC */
/*
 * Deadlines and durations. Deadlines are absolute values of the monotonic
 * clock, so that setting the clock, by hand or by NTP, neither shortens nor
 * prolongs a wait. Durations are whole multiples of a unit; months and years
 * have no fixed length and are not accepted as units.
 */
#include "base/clock.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int64_t ms;
} clock_units[] = {
	{"w", 7LL * 24 * 3600 * 1000},
	{"d", 24LL * 3600 * 1000},
	{"h", 3600LL * 1000},
	{"m", 60LL * 1000},
	{"s", 1000},
	{"ms", 1},
};
enum { CLOCK_UNITS = sizeof clock_units / sizeof clock_units[0] };

int64_t
clock_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct timespec
clock_timespec(int64_t deadline_ms)
{
	if (deadline_ms < 0)
		deadline_ms = 0;
	return (struct timespec){.tv_sec = (time_t)(deadline_ms / 1000),
	    .tv_nsec = (long)(deadline_ms % 1000) * 1000000};
}

int
clock_left(int64_t deadline_ms)
{
	int64_t now = clock_ms();

	if (deadline_ms <= now)
		return 0;
	return deadline_ms - now > INT_MAX ? INT_MAX : (int)(deadline_ms - now);
}

int
clock_parse_duration(const char *s, int64_t *ms)
{
	int64_t n = 0;
	const char *p = s;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (n > (INT64_MAX - 9) / 10)
			return -1;
		n = n * 10 + (*p - '0');
	}
	if (p == s)
		return -1;
	const char *unit = *p == '\0' ? "s" : p;
	for (size_t i = 0; i < CLOCK_UNITS; i++)
		if (strcmp(unit, clock_units[i].name) == 0) {
			if (n > INT64_MAX / clock_units[i].ms)
				return -1;
			*ms = n * clock_units[i].ms;
			return 0;
		}
	return -1;
}

const char *
clock_format_duration(int64_t ms, char *out, size_t size)
{
	size_t i = 0;

	if (ms == 0) {
		(void)snprintf(out, size, "0");
		return out;
	}
	while (i < CLOCK_UNITS - 1 && ms % clock_units[i].ms != 0)
		i++;
	(void)snprintf(out, size, "%lld%s",
	    (long long)(ms / clock_units[i].ms), clock_units[i].name);
	return out;
}
