/* SPDX-License-Identifier: ISC */
/*
 * The systemd journal as a source: entries of facility mail whose sender the
 * kernel vouches to be root, postfix or waybill, so that no other user can
 * write into the record with logger(1).
 *
 * The position is the journal's own cursor. Where it points to an entry that
 * is gone, the journal goes on with the next one that is there.
 */
#include "record/source.h"
#include "record/source_ops.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

struct journal_source {
	sd_journal *journal;
	bool has_fd;
	uint64_t done;
	char position[SOURCE_POSITION_MAX];
};

/* A field's value without "NAME="; NULL where the entry has none. Belongs to
 * the journal until the next call. */
static const char *
field(sd_journal *j, const char *name, size_t *len)
{
	const void *data;
	size_t skip = strlen(name) + 1;

	if (sd_journal_get_data(j, name, &data, len) < 0 || *len < skip)
		return NULL;
	*len -= skip;
	return (const char *)data + skip;
}

static void
copy_name(sd_journal *j, const char *name, char *out)
{
	size_t len;
	const char *value = field(j, name, &len);

	if (value == NULL)
		len = 0;
	if (len >= SOURCE_NAME_MAX)
		len = SOURCE_NAME_MAX - 1;
	if (len > 0)
		memcpy(out, value, len);
	out[len] = '\0';
}

static long
number_of(sd_journal *j, const char *name)
{
	char text[SOURCE_NAME_MAX];

	copy_name(j, name, text);
	return strtol(text, NULL, 10);
}

/* false for an entry that is no line of text. */
static bool
read_entry(sd_journal *j, struct source_line *line)
{
	uint64_t stamp;
	size_t len;
	const char *text;
	const char *nul;

	if (sd_journal_get_realtime_usec(j, &stamp) < 0)
		return false;
	line->time_us = (int64_t)stamp;
	copy_name(j, "_HOSTNAME", line->host);
	copy_name(j, "SYSLOG_IDENTIFIER", line->tag);
	line->pid = number_of(j, "SYSLOG_PID");
	if (line->pid == 0)
		line->pid = number_of(j, "_PID");
	text = field(j, "MESSAGE", &len);
	if (text == NULL)
		return false;
	nul = memchr(text, '\0', len);
	if (nul != NULL)
		len = (size_t)(nul - text);
	line->cut = len > SOURCE_TEXT_MAX;
	line->len = line->cut ? SOURCE_TEXT_MAX : len;
	memcpy(line->text, text, line->len);
	line->text[line->len] = '\0';
	return true;
}

static enum source_state
journal_next(void *self, struct source_line *line, struct err *err)
{
	struct journal_source *s = self;

	for (;;) {
		int rc = sd_journal_next(s->journal);

		if (rc < 0) {
			errno = -rc;
			err_errno(err, EXIT_UNAVAILABLE, "journal");
			return SOURCE_FAILED;
		}
		if (rc == 0) {
			(void)sd_journal_process(s->journal);
			return SOURCE_IDLE;
		}
		s->done++;
		if (read_entry(s->journal, line))
			return SOURCE_LINE;
	}
}

static const char *
journal_position(void *self)
{
	struct journal_source *s = self;
	char *cursor;

	if (s->done > 0 && sd_journal_get_cursor(s->journal, &cursor) >= 0) {
		snprintf(s->position, sizeof s->position, "%s", cursor);
		free(cursor);
	}
	return s->position;
}

static const char *
journal_name(const void *self)
{
	(void)self;
	return "journal";
}

static int
journal_fd(const void *self)
{
	const struct journal_source *s = self;

	return s->has_fd ? sd_journal_get_fd(s->journal) : -1;
}

static void
journal_progress(const void *self, uint64_t *done, uint64_t *total)
{
	const struct journal_source *s = self;

	*done = s->done;
	*total = 0;
}

static void
journal_close(void *self)
{
	struct journal_source *s = self;

	sd_journal_close(s->journal);
	free(s);
}

static const struct source_ops journal_ops = {
	.next = journal_next,
	.position = journal_position,
	.name = journal_name,
	.fd = journal_fd,
	.progress = journal_progress,
	.close = journal_close,
};

/* Facility mail, and one of the users who may speak of mail. */
static int
add_matches(sd_journal *j)
{
	static const char *const users[] = { "root", "postfix", "waybill" };
	int rc = sd_journal_add_match(j, "SYSLOG_FACILITY=2", 0);

	for (size_t i = 0; i < 3 && rc >= 0; i++) {
		const struct passwd *pw = getpwnam(users[i]);
		char match[40];

		if (pw == NULL)
			continue;
		snprintf(match, sizeof match, "_UID=%lu",
		    (unsigned long)pw->pw_uid);
		rc = sd_journal_add_match(j, match, 0);
	}
	return rc;
}

struct source *
source_open_journal(const char *position, struct err *err)
{
	struct journal_source *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL) {
		err_set(err, EXIT_TEMPORARY, "journal: out of memory");
		return NULL;
	}
	rc = sd_journal_open(&s->journal, SD_JOURNAL_LOCAL_ONLY);
	if (rc >= 0)
		rc = add_matches(s->journal);
	if (rc >= 0 && position != NULL && position[0] != '\0') {
		rc = sd_journal_seek_cursor(s->journal, position);
	} else if (rc >= 0)
		rc = sd_journal_seek_head(s->journal);
	if (rc < 0) {
		errno = -rc;
		err_errno(err, EXIT_UNAVAILABLE, "journal");
		journal_close(s);
		return NULL;
	}
	s->has_fd = sd_journal_get_fd(s->journal) >= 0;
	return source_new(&journal_ops, s);
}
