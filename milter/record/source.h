/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_SOURCE_H
#define WAYBILL_RECORD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/text.h"

/*
 * Where log lines come from: a file that is followed, old files, standard
 * input, the systemd journal. Each is a table of functions; the recorder asks
 * for the next line and for its position, and stores what both come to together.
 */

/* Postfix cuts a line's text at 2,000 bytes, waybilld at 1,000. What is
 * longer is cut here, and said so. */
enum { SOURCE_TEXT_MAX = 2100, SOURCE_NAME_MAX = 128, SOURCE_POSITION_MAX = 512 };

/* One line, taken apart as far as the logger's own head goes. */
struct source_line {
	int64_t time_us;	/* since 1970, UTC */
	char host[SOURCE_NAME_MAX];
	char tag[SOURCE_NAME_MAX];	/* "postfix/smtp", "waybilld" */
	long pid;		/* 0: none */
	bool cut;
	size_t len;
	char text[SOURCE_TEXT_MAX + 1];	/* bytes; no NUL inside */
};

enum source_state {
	SOURCE_LINE,		/* a line was given */
	SOURCE_IDLE,		/* no more now: poll source_fd(), or ask later */
	SOURCE_SETTLING,	/* no more now; lines wait behind what may come */
	SOURCE_END,		/* no more ever */
	SOURCE_FAILED,		/* err says why; asking again may help */
};

struct source;

/*
 * A file followed across rename, copytruncate and restart. position (as
 * source_position() gave it) NULL or "": from its beginning, with the rotated
 * files before it (PATH.1, PATH.2.gz, PATH-20261101.gz ...), oldest first.
 * NULL with err.
 */
struct source *source_open_file(const char *path, const char *position,
    struct err *err);

/* Files read once, in the order given; .gz, .xz, .zst are uncompressed. */
struct source *source_open_files(const struct text_list *paths,
    struct err *err);

struct source *source_open_stdin(void);

/* The journal; NULL with err where it wasn't built in or there is none. Only
 * lines of uid root, postfix and waybill are given. */
struct source *source_open_journal(const char *position, struct err *err);

enum source_state source_next(struct source *s, struct source_line *line,
    struct err *err);

/* The position before the line given last: a source opened there gives that
 * line again. Text for the store, at most SOURCE_POSITION_MAX bytes; "" while
 * there was none. Belongs to s until the next call. */
const char *source_position(struct source *s);

/* The name under which the position is kept: "file:PATH", "journal". Belongs
 * to s. */
const char *source_name(const struct source *s);

/* To be polled for reading; -1: ask again after a second. */
int source_fd(const struct source *s);

/* How far: bytes or entries done and in all (0: not known), for progress. */
void source_progress(const struct source *s, uint64_t *done, uint64_t *total);

void source_close(struct source **s);

/* The minute of the line before: what the calendar says of it is asked once,
 * not for each line. Zeroed it knows none; it belongs to lines of one source. */
struct source_minute {
	char text[17];		/* "Nov 24 08:02:" or "2026-11-24T08:02:" */
	size_t len;		/* of text; 0: none */
	int64_t second;		/* that it begins with; of the second form as
				 * if its zone were UTC */
};

/*
 * Takes a line of a file apart: "Nov 24 08:02:53 host tag[pid]: text" or
 * "2026-11-24T08:02:53.123456+01:00 host tag[pid]: text". limit_us is a time
 * that the line can't be long past (the file's change, or now): the year of
 * the first form is the latest that obeys it. 0; -1 when it is no such line.
 */
int source_parse(const char *bytes, size_t len, int64_t limit_us,
    struct source_minute *before, struct source_line *line);

#endif
