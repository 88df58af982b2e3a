/* SPDX-License-Identifier: ISC */
/*
 * A log line's head, and the table of functions behind each source.
 *
 * Two heads are known: the traditional one, "Nov 24 08:02:53 host tag[pid]: ",
 * which names neither year nor zone (the year is the latest that doesn't lie
 * in the future of the file, which is right across New Year; the zone is the
 * machine's), and
 * RFC 3339, "2026-11-24T08:02:53.123456+01:00 host tag[pid]: ".
 */
#include "record/source.h"
#include "record/source_ops.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct source {
	const struct source_ops *ops;
	void *self;		/* owned */
};

struct head {
	const char *p;
	const char *end;
};

static const int64_t SECOND_US = 1000000;

/* Takes exactly n digits (n 0: as many as there are, 9 at most). */
static bool
take_digits(struct head *h, int n, int *out)
{
	int got = 0;
	int value = 0;

	while (h->p < h->end && isdigit((unsigned char)*h->p) &&
	    got < (n == 0 ? 9 : n)) {
		value = value * 10 + (*h->p++ - '0');
		got++;
	}
	*out = value;
	return n == 0 ? got > 0 : got == n;
}

static bool
take_char(struct head *h, char c)
{
	if (h->p >= h->end || *h->p != c)
		return false;
	h->p++;
	return true;
}

/* "08:02:" into tm. */
static bool
take_clock(struct head *h, struct tm *tm)
{
	return take_digits(h, 2, &tm->tm_hour) && take_char(h, ':') &&
	    take_digits(h, 2, &tm->tm_min) && take_char(h, ':') &&
	    tm->tm_hour < 24 && tm->tm_min < 60;
}

/* Is this the minute of the line before? Then it is taken. */
static bool
take_minute(struct head *h, const struct source_minute *before)
{
	if (before->len == 0 || (size_t)(h->end - h->p) < before->len ||
	    memcmp(h->p, before->text, before->len) != 0)
		return false;
	h->p += before->len;
	return true;
}

static void
keep_minute(const char *from, const struct head *h, int64_t second,
    struct source_minute *before)
{
	size_t len = (size_t)(h->p - from);

	before->len = len <= sizeof before->text ? len : 0;
	memcpy(before->text, from, before->len);
	before->second = second;
}

/* "Z", "+01:00", "-0530" to seconds east. */
static bool
take_zone(struct head *h, int *east)
{
	int sign = 1;
	int hours;
	int minutes;

	*east = 0;
	if (take_char(h, 'Z'))
		return true;
	if (take_char(h, '-'))
		sign = -1;
	else if (!take_char(h, '+'))
		return false;
	if (!take_digits(h, 2, &hours))
		return false;
	(void)take_char(h, ':');
	if (!take_digits(h, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*east = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* "2026-11-24T08:02:" to the second that it begins with where it is UTC. */
static bool
take_rfc3339_minute(struct head *h, int64_t *second)
{
	struct tm tm = { 0 };

	if (!take_digits(h, 4, &tm.tm_year) || !take_char(h, '-') ||
	    !take_digits(h, 2, &tm.tm_mon) || !take_char(h, '-') ||
	    !take_digits(h, 2, &tm.tm_mday) || !take_char(h, 'T') ||
	    !take_clock(h, &tm))
		return false;
	if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_year < 1970)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*second = (int64_t)timegm(&tm);
	return true;
}

static bool
take_rfc3339(struct head *h, struct source_minute *before, int64_t *time_us)
{
	const char *from = h->p;
	int64_t fraction = 0;
	int64_t minute;
	int second;
	int east;

	if (!take_minute(h, before)) {
		if (!take_rfc3339_minute(h, &minute))
			return false;
		keep_minute(from, h, minute, before);
	}
	if (!take_digits(h, 2, &second) || second > 60)
		return false;
	if (take_char(h, '.')) {
		int64_t unit = SECOND_US;

		while (h->p < h->end && isdigit((unsigned char)*h->p)) {
			unit /= 10;
			fraction += (*h->p++ - '0') * unit;
		}
	}
	if (!take_zone(h, &east))
		return false;
	*time_us = (before->second + second - east) * SECOND_US + fraction;
	return true;
}

/* A stamp without a year isn't later: a clock may be a little ahead. */
static time_t
latest_second(int64_t limit_us)
{
	return (time_t)(limit_us / SECOND_US) + 24 * 3600;
}

/* The traditional stamp in the latest year that obeys limit_us. 29 February may
 * lie up to eight years back. */
static int64_t
latest_year(const struct tm *stamp, int64_t limit_us)
{
	time_t limit = latest_second(limit_us);
	struct tm base;

	if (localtime_r(&limit, &base) == NULL)
		return 0;
	for (int year = base.tm_year; year >= base.tm_year - 8; year--) {
		struct tm tm = *stamp;
		time_t t;

		tm.tm_year = year;
		tm.tm_isdst = -1;
		t = mktime(&tm);
		if (t != (time_t)-1 && tm.tm_mday == stamp->tm_mday &&
		    t <= limit)
			return (int64_t)t;
	}
	return 0;
}

/* "Nov 24 08:02:" to the second that it begins with. */
static bool
take_traditional_minute(struct head *h, int64_t limit_us, int64_t *second)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = { .tm_mon = -1 };

	if (h->end - h->p < 16)
		return false;
	for (int i = 0; i < 12; i++)
		if (memcmp(h->p, names + (size_t)i * 3, 3) == 0)
			tm.tm_mon = i;
	if (tm.tm_mon < 0)
		return false;
	h->p += 3;
	if (!take_char(h, ' '))
		return false;
	(void)take_char(h, ' ');
	if (!take_digits(h, 0, &tm.tm_mday) || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || !take_char(h, ' ') || !take_clock(h, &tm))
		return false;
	*second = latest_year(&tm, limit_us);
	return true;
}

static bool
take_traditional(struct head *h, int64_t limit_us,
    struct source_minute *before, int64_t *time_us)
{
	enum { YEAR_S = 365 * 24 * 3600 };
	const time_t limit = latest_second(limit_us);
	const char *from = h->p;
	int64_t minute;
	int second;

	/* The same minute is of the same year while only that one obeys. */
	if (before->second > limit || before->second <= limit - YEAR_S ||
	    !take_minute(h, before)) {
		if (!take_traditional_minute(h, limit_us, &minute))
			return false;
		keep_minute(from, h, minute, before);
	}
	if (!take_digits(h, 2, &second) || second > 60)
		return false;
	*time_us = (before->second + second) * SECOND_US;
	return true;
}

/* Takes what lies before p into out; false when it is empty, long or holds a
 * NUL. */
static bool
take_word(struct head *h, const char *p, char *out)
{
	size_t n = (size_t)(p - h->p);

	if (n == 0 || n >= SOURCE_NAME_MAX || memchr(h->p, '\0', n) != NULL)
		return false;
	memcpy(out, h->p, n);
	out[n] = '\0';
	h->p = p;
	return true;
}

static bool
take_host(struct head *h, char *out)
{
	const char *space = memchr(h->p, ' ', (size_t)(h->end - h->p));

	return space != NULL && take_word(h, space, out);
}

static bool
take_tag(struct head *h, char *out)
{
	const char *p = h->p;

	while (p < h->end && *p != '[' && *p != ':' && *p != ' ')
		p++;
	return take_word(h, p, out);
}

static void
set_text(struct source_line *line, const char *p, const char *end)
{
	size_t n = (size_t)(end - p);
	const char *nul = memchr(p, '\0', n);

	if (nul != NULL)
		n = (size_t)(nul - p);
	line->cut = n > SOURCE_TEXT_MAX;
	line->len = line->cut ? SOURCE_TEXT_MAX : n;
	memcpy(line->text, p, line->len);
	line->text[line->len] = '\0';
}

int
source_parse(const char *bytes, size_t len, int64_t limit_us,
    struct source_minute *before, struct source_line *line)
{
	struct head h = { bytes, bytes + len };
	int pid = 0;

	if (len == 0)
		return -1;
	if (isdigit((unsigned char)bytes[0])) {
		if (!take_rfc3339(&h, before, &line->time_us))
			return -1;
	} else if (!take_traditional(&h, limit_us, before, &line->time_us))
		return -1;
	if (!take_char(&h, ' ') || !take_host(&h, line->host) ||
	    !take_char(&h, ' ') || !take_tag(&h, line->tag))
		return -1;
	if (take_char(&h, '[') &&
	    (!take_digits(&h, 0, &pid) || !take_char(&h, ']')))
		return -1;
	line->pid = pid;
	if (!take_char(&h, ':') || !take_char(&h, ' '))
		return -1;
	set_text(line, h.p, h.end);
	return 0;
}

struct source *
source_new(const struct source_ops *ops, void *self)
{
	struct source *s = malloc(sizeof *s);

	if (s == NULL) {
		ops->close(self);
		return NULL;
	}
	s->ops = ops;
	s->self = self;
	return s;
}

enum source_state
source_next(struct source *s, struct source_line *line, struct err *err)
{
	return s->ops->next(s->self, line, err);
}

const char *
source_position(struct source *s)
{
	return s->ops->position(s->self);
}

const char *
source_name(const struct source *s)
{
	return s->ops->name(s->self);
}

int
source_fd(const struct source *s)
{
	return s->ops->fd == NULL ? -1 : s->ops->fd(s->self);
}

void
source_progress(const struct source *s, uint64_t *done, uint64_t *total)
{
	s->ops->progress(s->self, done, total);
}

void
source_close(struct source **s)
{
	if (*s == NULL)
		return;
	(*s)->ops->close((*s)->self);
	free(*s);
	*s = NULL;
}
