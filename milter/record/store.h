/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_STORE_H
#define WAYBILL_RECORD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reach.h"
#include "record/attempt.h"

/*
 * The record: attempts, daily totals, messages that are queued and how far
 * each log was read. One interface over SQLite and PostgreSQL. Rows and
 * positions are written in one transaction; a row that is there already (the
 * same line read twice) counts once.
 */
struct store;

enum store_mode { STORE_WRITE, STORE_READ };

/* Adds to what a process can open (reach.h) the files that store_open() and
 * whoever writes need: the folder of a SQLite file; of PostgreSQL what libpq
 * reads, and /etc, since hosts and certificates may change. */
void store_reach(const char *url, const char *password_file,
    struct reach *reach);

/*
 * url: a path (SQLite) or postgresql://...; password_file may be NULL or "".
 * host is the mail host that is written for. STORE_WRITE creates the file and
 * migrates the schema; STORE_READ changes nothing. NULL with err:
 * EXIT_UNAVAILABLE when it is down, absent or broken, EXIT_CONFIG when the URL
 * can't be used.
 */
struct store *store_open(const char *url, const char *password_file,
    const char *host, enum store_mode mode, struct err *err);
void store_close(struct store **s);

/* One transaction: begin, any number of puts, commit. A failure of any rolls
 * back; then begin again. */
int store_begin(struct store *s, struct err *err);
int store_put_attempt(struct store *s, const struct attempt *a,
    struct err *err);
/* text "": the message has left the queue, and nothing of it waits. */
int store_put_queued(struct store *s, const char *qid, const char *text,
    struct err *err);
int store_put_position(struct store *s, const char *source,
    const char *position, struct err *err);
/* A line of waybilld that is worth keeping: a warning, its last signature. */
int store_put_event(struct store *s, int64_t time_us, uint64_t identity,
    const char *name, const char *text, struct err *err);
/* Adds to a counter that has a name and up to two words ("" for none). */
int store_add_count(struct store *s, const char *name, const char *of,
    const char *and_of, int64_t n, struct err *err);
int store_commit(struct store *s, struct err *err);
void store_rollback(struct store *s);

/* The position of a source, "" when there is none yet; malloc'd. NULL with
 * err on failure. */
char *store_position(struct store *s, const char *source, struct err *err);

/* Hands over every queued message of this host. 0 or -1. */
int store_queued(struct store *s,
    void (*got)(void *arg, const char *qid, const char *text), void *arg,
    struct err *err);

/* Deletes rows from before a time, of all hosts, a bounded number a call or a
 * month whole, in a transaction of its own; totals stay. How many, of a month
 * about; -1 with err. */
long store_expire(struct store *s, int64_t before_us, struct err *err);

#endif
