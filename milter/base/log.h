/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_LOG_H
#define WAYBILL_BASE_LOG_H

#include "base/event.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_sink { LOG_SINK_STDERR, LOG_SINK_SYSLOG };

/*
 * Sets where lines go: standard error (with "<priority>" in front if it is
 * connected to the journal: $JOURNAL_STREAM), or syslog, facility mail. ident
 * is "waybilld" or the like and must stay valid. Before the first call, lines
 * go to standard error at level info. Not thread-safe: call it before starting
 * threads.
 */
void log_open(const char *ident, enum log_sink sink, enum log_level level);

/* Changes the level (at a reload). Thread-safe. */
void log_set_level(enum log_level level);

/* Writes one finished event. A line that begins with "warning: " has level
 * warning, others info. Thread-safe; one write per line. */
void log_event(struct event *e);

/*
 * Writes a line for the operator that is not about a message. Named events
 * ("start", "reload", "stop", ...) are written by log_event(); this is for
 * errors of our own. The line reads "error: sentence", "warning: notice:
 * sentence", "notice: sentence" or "debug: sentence", so it is an event too.
 * Control and non-ASCII bytes become "?".
 */
void log_say(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
