/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_QUEUED_H
#define WAYBILL_RECORD_QUEUED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "record/postfix_log.h"

/*
 * What is known of messages that are in the queue, by queue id: sender, author
 * domain, whose mail it is, what waybilld predicted, where it waits. A table of
 * bounded size; the oldest message makes room.
 */

/* What waybilld said of one destination. */
struct queued_prediction {
	char *dest;		/* owned, with the words behind it */
	const char *family;
	const char *why;
	const char *transport;
};

/* The answer that a destination waits since: what is told of it when the
 * message expires. Words are the caller's, or owned with dest. */
struct queued_answer {
	const char *dest;
	const char *provider;
	const char *mx;
	const char *stage;
	const char *class;
	const char *text;	/* QUEUED_TEXT_MAX bytes are kept */
	struct ip ip;
};

/* A destination of a message that a result was told of. */
struct queued_dest {
	uint32_t hash;
	unsigned recipients;	/* that wait, as this run has found them */
	bool waits;		/* a recipient there will be tried again */
	bool is_fresh;		/* as this run of the queue has found it */
	struct queued_answer *last;	/* owned; NULL where none is known */
};

enum { QUEUED_PREDICTIONS_MAX = 64, QUEUED_DESTS_MAX = 64,
	QUEUED_TEXT_MAX = 200 };

struct queued_table;

struct queued {
	struct queued *next;		/* of its bucket */
	struct queued *newer, *older;	/* by arrival */
	struct queued *next_changed, *prev_changed;	/* of those that are */
	struct queued_table *table;
	size_t bytes;			/* that it takes */
	char qid[POSTFIX_QID_MAX + 1];
	int64_t coming_since;		/* second; 0: the queue manager has it */
	char *mail_from;		/* owned; NULL unknown, "" for <> */
	char *author;			/* owned; NULL unknown */
	bool has_line;			/* waybilld spoke of it */
	bool is_ours;			/* its author has an identity here */
	bool is_forwarded;
	bool is_bounce;
	bool is_changed;		/* since it was saved; queued_touch() */
	bool is_saved;
	struct queued_prediction *v;	/* owned */
	unsigned n;
	struct queued_dest *dest;	/* those met; owned */
	unsigned n_dest;
};

struct queued_table *queued_table_new(void);	/* NULL without memory */
void queued_table_free(struct queued_table **t);

/* NULL where the id isn't known. Belongs to the table, until the next call of
 * queued_of(), queued_follow() or queued_leave(). */
struct queued *queued_find(struct queued_table *t, const char *qid);

/* The same, made where it is new; NULL without memory, and for what is longer
 * than an id of Postfix's. */
struct queued *queued_of(struct queued_table *t, const char *qid);

/* It has changed, and is to be saved. */
void queued_touch(struct queued *q);

/* Sets mail_from or author (a field of q) to a copy. */
void queued_set(struct queued *q, char **field, const char *value);

void queued_predict(struct queued *q, const char *dest, const char *family,
    const char *why, const char *transport);

/* NULL: nothing was predicted for dest. q may be NULL. */
const struct queued_prediction *queued_prediction(const struct queued *q,
    const char *dest);

/* The message from goes on under the id to (requeued, or through a filter). */
void queued_follow(struct queued_table *t, const char *from, const char *to);

/* It left the queue. */
void queued_leave(struct queued_table *t, const char *qid);

/* Those that were coming before a second and still are will not come: their
 * client went away. */
void queued_sweep(struct queued_table *t, int64_t second);

/* "own", "bounce" or "forwarded"; q may be NULL. */
const char *queued_kind(const struct queued *q);

/* Is dest met for the first time? Past QUEUED_DESTS_MAX none is. */
bool queued_meets(struct queued *q, const char *dest);

/* The queue manager takes the message up again. */
void queued_begin_run(struct queued *q);

/* A result at answer->dest: 1 when it waits from now on or still does, -1 when
 * it no longer does, 0 when nothing is new. Several recipients of one run count
 * as waiting while one of them is. A deferral's answer is copied. */
int queued_wait(struct queued *q, const struct queued_answer *answer,
    bool is_deferred);

/* The message is given back to its sender: hands over each destination that
 * waits, with the recipients there (1 at least). Nothing waits afterwards.
 * One whose answer isn't known (it was too long to be saved) is not told of. */
void queued_expire(struct queued *q, void (*expired)(void *arg,
    const struct queued_answer *last, unsigned recipients), void *arg);

/* Hands over what has changed since the last call and is still queued, one
 * text (of lines) each, and "" for one that has left. */
void queued_save(struct queued_table *t,
    void (*save)(void *arg, const char *qid, const char *text), void *arg);

/* Takes back what queued_save() gave; text is trusted no more than the disk
 * that it was on. */
void queued_restore(struct queued_table *t, const char *qid, const char *text);

#endif
