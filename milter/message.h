/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_MESSAGE_H
#define WAYBILL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"
#include "config/identity.h"
#include "config/keys.h"
#include "origin.h"
#include "state.h"
#include "survey.h"

/* Maximum number of foreign stamps that are removed; with more, the message is
 * rejected. */
enum { MESSAGE_FORGED_MAX = 256 };

/* result= of the log. */
enum message_result {
	RESULT_SIGNED,
	RESULT_UNSIGNED,
	/* unsigned because of a failure, on_error = accept */
	RESULT_ACCEPTED,
	RESULT_TEMPFAIL,
	RESULT_REJECTED,		/* over MESSAGE_FORGED_MAX */
};
const char *message_result_name(enum message_result r);

/* why= of the log: why a message isn't signed. */
enum message_why {
	WHY_NOTHING,
	WHY_NO_KEY,
	WHY_NO_AUTHOR,
	WHY_SEVERAL_AUTHORS,
	WHY_NOT_ALIGNED,
	WHY_ALREADY_SIGNED,
	WHY_FORWARDED,
	WHY_REINJECTED,
	WHY_DISABLED,
	WHY_FORGED,
};
const char *message_why_name(enum message_why w);

/* What is known about a message; complete after message_end(). */
struct message_facts {
	enum origin origin;
	struct address mailfrom;	/* domain "": <> or unreadable */
	char author[DOMAIN_SIZE];	/* "": none, or several */
	const struct identity *identity;	/* of the author, or NULL */
	size_t rcpts;
	size_t dests;
	uint64_t size;		/* bytes with CRLF, as received */
	enum message_result result;
	enum message_why why;
	unsigned fragile;	/* bits of enum sign_fragile; for signed mail */
	unsigned forged;	/* foreign stamps, removed or rejected */
	struct err failure;	/* text "" unless signing failed */
};

/* One edit; edits are made in the given order. */
struct message_edit {
	const char *name;
	unsigned index;		/* removal: the how-many-eth of that name, from
				   1; 0: the field is inserted at the top */
	const char *value;	/* of an insertion: begins with a space, folds
				   are LF and white space */
};

/*
 * One outgoing message from MAIL to its end. Used by one thread at a time;
 * call the functions in the order of the prototypes. Errors inside are kept,
 * and message_end() decides on them (on_error).
 */
struct message;

/*
 * state: a reference, which the message takes over (even on failure).
 * mail_arg: the argument of MAIL. login: the name that the client has logged
 * in with, or NULL; if it is an address, its domain is used for an empty MAIL
 * FROM. party: who sends, for fairness (survey_new()). Returns NULL without
 * memory.
 */
struct message *message_new(struct state *state, enum origin origin,
    const char *mail_arg, const char *login, const char *party);

/* Postfix's macros j and v, or NULL. */
void message_set_host(struct message *m, const char *host,
    const char *version);

/* Records a failure that happened outside of the message. */
void message_fail(struct message *m, const char *sentence);

/* host, mailer: {rcpt_host}, {rcpt_mailer}, or NULL. */
void message_add_recipient(struct message *m, const char *arg,
    const char *host, const char *mailer);

/* value begins with the white space after the colon. */
void message_add_header(struct message *m, const char *name,
    const char *value);

/* Returns true if message_end_headers() will wait for DNS. */
bool message_is_open(const struct message *m);

/* Waits for the look-ups of the message, at most until resolver.wait after its
 * first recipient. id: the queue id if known, for errors of the library; not
 * NULL. */
void message_end_headers(struct message *m, const char *id);

void message_add_body(struct message *m, const void *bytes, size_t len);

/* Decides; the facts are then complete. */
void message_end(struct message *m);

/* The edits to make to the message, owned by m. */
size_t message_edits(const struct message *m,
    const struct message_edit **edits);

/* The MTA's library rejected an edit: the result becomes tempfail. */
void message_edit_failed(struct message *m, const struct message_edit *e);

const struct message_facts *message_facts(const struct message *m);
const struct state *message_state(const struct message *m);

/* The survey of the message; NULL if it passed untouched or is not accepted.
 * Owned by m. */
const struct survey *message_survey(const struct message *m);

/* The keys whose signatures were made: 0 unless the result is signed. */
size_t message_signatures(const struct message *m);
const struct key *message_signature_key(const struct message *m, size_t i);

void message_free(struct message **m);

#endif
