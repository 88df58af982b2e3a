/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_LOG_H
#define WAYBILL_BASE_LOG_H

#include "base/event.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_sink { LOG_SINK_STDERR, LOG_SINK_SYSLOG };

/* Where lines go: standard error (with the journal's "<priority>" in front
 * when standard error is the journal's: $JOURNAL_STREAM), or syslog, facility
 * mail. ident is "waybilld" or the like and must stay valid. Before the first
 * call lines go to standard error at level info. Not thread-safe itself: call
 * it before threads. */
void log_open(const char *ident, enum log_sink sink, enum log_level level);

/* Another level from now on (a reload). Thread-safe. */
void log_set_level(enum log_level level);

/* Writes one finished event. A line that is begun with "warning: " is of
 * level warning, others are info. Thread-safe, one write a line. */
void log_event(struct event *e);

/* A line for the operator that isn't about a message: plain words behind the
 * name of an event ("start", "reload", "stop", ...) are written by
 * log_event(); this is for errors of our own. It reads "error: sentence",
 * "warning: notice: sentence", "notice: sentence" or "debug: sentence", so
 * that it is an event too. Control and non-ASCII bytes become "?". */
void log_say(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
