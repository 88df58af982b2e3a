/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_ATTEMPT_H
#define WAYBILL_RECORD_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"
#include "base/text.h"
#include "record/recipient.h"
#include "record/reply.h"
#include "record/source.h"

/*
 * Lines joined to attempts: what smtp(8) says without a queue id belongs to the
 * next line with one of the same process, several lines of one failure are one
 * attempt, and what waybilld predicted is found by the queue id, over a
 * requeue and a content filter too. Memory is bounded whatever the log holds.
 */

/* One attempt of a delivery request at one address, or, without an address,
 * the result of a recipient for whom none could be tried. A recipient whose
 * message was too long in the queue is a row too, "expired", which is no
 * attempt: what it says of host, class and text is the last deferral's. Strings
 * belong to whoever hands it over. */
struct attempt {
	int64_t time_us;
	uint64_t identity;	/* of its line: second, tag, pid, text, ordinal */
	const char *qid;
	const char *author;	/* author domain, else the MAIL FROM domain */
	bool author_is_known;	/* from waybilld's line */
	const char *kind;	/* own bounce forwarded */
	const char *sender;	/* mailbox; "" where its domain isn't ours */
	const char *recipient;	/* as record.recipients says; "" */
	const char *dest;	/* recipient's domain, A-label */
	const char *provider;
	const char *mx;
	struct ip ip;
	const char *family;	/* ipv4 ipv6; "" unknown */
	const char *transport;	/* "" unknown */
	const char *tls;	/* "" none or unknown */
	const char *status;	/* sent deferred bounced expired */
	const char *dsn;
	const char *stage;
	const char *class;	/* "" where it was sent */
	const char *text;
	const char *predicted;	/* ipv6 ipv4 either none unknown; "" */
	const char *why;
	unsigned conn_use;
	int64_t delay_ms;	/* since the message came; -1 */
	bool is_attempt;	/* an address was tried */
	bool is_final;		/* the result of a recipient in this run */
	bool is_first;		/* the first attempt of its request that Postfix
				 * could make, which a prediction is judged by */
	bool is_message;	/* the first row of this message and dest */
	int queued;		/* at dest: 1 this message is, -1 no more */
};

struct attempt_options {
	struct reply_rules *rules;
	const struct recipient_rules *recipients;
	const struct ip *own;		/* this host's addresses */
	size_t n_own;
	const char *fallback;		/* host of smtp_fallback_relay, "" */
	bool has_many_logs;		/* there will be several streams */
	void (*emit)(void *arg, const struct attempt *a);
	/* The next two may be NULL. A warning of waybilld; a message of an
	 * author ("" where it has no identity here), its result and why ("" for
	 * none), or later its end, "expired". */
	void (*warned)(void *arg, int64_t time_us, uint64_t identity,
	    const char *name, const char *text);
	void (*message)(void *arg, int64_t time_us, uint64_t identity,
	    const char *author, const char *result, const char *why);
	void *arg;
};

struct attempt_joiner;

/* o and what it points to must outlive the joiner. NULL with err. */
struct attempt_joiner *attempt_joiner_new(const struct attempt_options *o,
    struct err *err);
void attempt_joiner_free(struct attempt_joiner **j);

/* Takes a line of waybilld or Postfix; others are passed over. stream numbers
 * the source that it came from (0 to ATTEMPT_STREAMS - 1): equal lines are told
 * apart by their ordinal within a source, and what two sources tell is taken
 * once. */
enum { ATTEMPT_STREAMS = 8 };
void attempt_joiner_line(struct attempt_joiner *j, unsigned stream,
    const struct source_line *line);

/* The time of the oldest line that is still needed to complete a request,
 * INT64_MAX when none is: reading must begin there after a crash. */
int64_t attempt_joiner_oldest(struct attempt_joiner *j);

/* What is known of messages that are still in the queue and has changed since
 * the last call, one text each; "" for one that has left it. For the store,
 * which gives it back by attempt_joiner_restore() after a restart. */
void attempt_joiner_save(struct attempt_joiner *j,
    void (*save)(void *arg, const char *qid, const char *text), void *arg);
void attempt_joiner_restore(struct attempt_joiner *j, const char *qid,
    const char *text);

/* What is known of requests under way, as lines, and the same taken back after
 * a restart. The caller frees requests. A text that is resumed is trusted no
 * more than the disk that it was on. */
void attempt_joiner_requests(const struct attempt_joiner *j,
    struct text *requests);
void attempt_joiner_resume(struct attempt_joiner *j, const char *requests);

/* waybilld's latest sign line, "" when none was read. Belongs to j. */
const char *attempt_joiner_signed(const struct attempt_joiner *j,
    int64_t *time_us);

#endif
