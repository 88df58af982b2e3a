/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_STORE_H
#define WAYBILL_RECORD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"

/*
 * The record: attempts, messages, daily totals and how far each log was read.
 * One interface over SQLite and PostgreSQL. Rows and position are written in
 * one transaction; a row that is there already (the same line read twice)
 * counts once.
 */

/* One attempt of one delivery request at one address, for one recipient, or
 * for all of them where only the connection failed. */
struct attempt {
	int64_t time_us;
	const char *host;	/* this mail host */
	uint64_t identity;	/* of the line: second, tag, pid, text, ordinal */
	const char *qid;
	const char *author;	/* author domain, or the MAIL FROM domain */
	bool author_is_known;	/* from waybilld's line */
	const char *kind;	/* own bounce forwarded */
	const char *sender;	/* mailbox; "" where its domain isn't ours */
	const char *recipient;	/* as record.recipients says; "" */
	const char *dest;	/* recipient's domain, A-label */
	const char *provider;
	const char *mx;
	struct ip ip;
	const char *family;	/* ipv4 ipv6, "" unknown */
	const char *transport;	/* "" unknown */
	const char *tls;	/* "" none or unknown */
	const char *status;	/* sent deferred refused */
	bool is_final;		/* the result of this recipient in this run */
	bool is_first;		/* the first attempt of its request */
	unsigned conn_use;
	const char *dsn;
	const char *stage;
	const char *class;	/* "" where it was sent */
	const char *text;
	const char *predicted;	/* ipv6 ipv4 either none unknown; "" unpredicted */
	const char *why;
	int64_t delay_ms;	/* since the message came; -1 */
};

struct store;

enum store_mode { STORE_WRITE, STORE_READ };

/* url: a path (SQLite) or postgresql://...; password_file may be NULL or "".
 * STORE_WRITE creates and migrates the schema. NULL with err: EXIT_UNAVAILABLE
 * when it is down or absent, EXIT_CONFIG when the URL is wrong. */
struct store *store_open(const char *url, const char *password_file,
    enum store_mode mode, struct err *err);
void store_close(struct store **s);

/* One transaction: begin, any number of puts, commit. */
int store_begin(struct store *s, struct err *err);
int store_put_attempt(struct store *s, const struct attempt *a,
    struct err *err);
int store_put_position(struct store *s, const char *host, const char *source,
    const char *position, struct err *err);
int store_commit(struct store *s, struct err *err);
void store_rollback(struct store *s);

/* Position of a source, malloc'd. NULL: none yet (err->text is "") or failure. */
char *store_position(struct store *s, const char *host, const char *source,
    struct err *err);

/* Deletes rows older than before_us, a bounded number a call; totals stay.
 * How many; -1 with err. */
long store_expire(struct store *s, int64_t before_us, struct err *err);

#endif
