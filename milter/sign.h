/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_SIGN_H
#define WAYBILL_SIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "config/keys.h"
#include "budget.h"
#include "sign_rules.h"

/*
 * What may break a signature in transit although it is valid when it leaves
 * here. Bits of one number.
 */
enum sign_fragile {
	FRAGILE_8BIT = 1,	/* 8-bit bytes in the body or a signed field: a
				   host without 8BITMIME gets them recoded */
	FRAGILE_LONG_LINE = 2,	/* a line over 998 bytes: smtp(8) breaks it */
	FRAGILE_CONTROL = 4,	/* bare CR, VT or FF, which verifiers read
				   differently */
};

/* Appends the words of the set bits, "8bit,long-line,control". */
void sign_fragile_words(unsigned fragile, struct text *out);

/* Messages with more From fields are not signed: every one must be covered. */
enum { SIGN_FROM_MAX = 500 };

/*
 * The signatures of one message, one for each key. Used by one thread at a
 * time. Call the functions in the order of the prototypes. A function that
 * returns -1 has set err, and signing of this message has failed: only
 * sign_free() may be called then.
 */
struct sign;

/*
 * domain: the A-label for d=. keys: nkeys (at least 1) keys that sign; they
 * must live until sign_free(), the array itself need not. id: the queue id or
 * another name of the message for the library's errors, not NULL. Returns NULL
 * with err.
 */
struct sign *sign_open(const struct sign_rules *rules, const char *domain,
    const struct key *const *keys, size_t nkeys, const char *id,
    struct err *err);

/* Call it right after sign_open(): counts memory in b, which must outlive s.
 * When b is exceeded, sign_header() and sign_end_headers() fail. */
void sign_count_memory(struct sign *s, struct budget *b);

/*
 * Adds a header field as it will be in the message when it leaves, in that
 * order from the top: inserted fields (stamps) first, removed ones not at all.
 * value begins with the white space after the colon, as Postfix passes it with
 * SMFIP_HDR_LEADSPC and as smfi_insheader() takes it; folds are LF and white
 * space. Any name, any length; an empty value is allowed. Both strings must
 * live until sign_end_headers() returns.
 */
int sign_header(struct sign *s, const char *name, const char *value,
    struct err *err);

/*
 * t= is set here. Fails if there was no From field, or more of them than a
 * signature can name (SIGN_FROM_MAX): no honest message has two.
 */
int sign_end_headers(struct sign *s, struct err *err);

/* A piece of the body, of any size including 0; lines end with CRLF. */
int sign_body(struct sign *s, const void *bytes, size_t len, struct err *err);

/* Computes every signature, or fails. */
int sign_close(struct sign *s, struct err *err);

/* After sign_close(): one for each key, in the order of the keys. value is
 * that of the DKIM-Signature field, ready for smfi_insheader(): it begins with
 * a space, folds are LF and white space, no CR. Owned by s. */
size_t sign_count(const struct sign *s);
const char *sign_value(const struct sign *s, size_t i);
const struct key *sign_key(const struct sign *s, size_t i);

/* The bits of enum sign_fragile seen so far; complete after sign_close(). */
unsigned sign_fragile(const struct sign *s);

/* Returns true if the message has so many fields that some of sign.headers
 * could not be covered (the names of all do not fit into an h= that verifiers
 * read completely). From, the stamps and the most important fields are always
 * covered. Known after sign_end_headers(). */
bool sign_is_short(const struct sign *s);

void sign_free(struct sign **s);

/*
 * Makes one trial signature, for sign_rules_new(), which finds out the values
 * of its cached and forgets: whether libopendkim requests the parsed key, and
 * whether it leaks that of an Ed25519 signature. Returns 0, or -1 with err.
 */
int sign_probe(const struct sign_rules *rules, bool *cached, bool *forgets,
    struct err *err);

#endif
