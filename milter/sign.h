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
 * What on the way may break a signature that is right when it leaves here
 * (spec 2.6). Bits of one number.
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

/* More From fields than these are not signed: every one must be covered. */
enum { SIGN_FROM_MAX = 500 };

/*
 * The signatures of one message, one for each key. Used by one thread at a
 * time. The calls come in the order of the prototypes. Every function that
 * returns -1 has set a sentence, and signing of this message has failed: only
 * sign_free() makes sense then.
 */
struct sign;

/*
 * domain: the A-label for d=. keys: nkeys (at least 1) keys that are to sign;
 * they must live until sign_free(), the array itself needn't. id: the queue id
 * or another name of the message for the library's errors, not NULL.
 * NULL with err.
 */
struct sign *sign_open(const struct sign_rules *rules, const char *domain,
    const struct key *const *keys, size_t nkeys, const char *id,
    struct err *err);

/* Right after sign_open(): counts its memory in b, which must outlive it. When
 * that is over, sign_header() and sign_end_headers() fail. */
void sign_count_memory(struct sign *s, struct budget *b);

/*
 * One header field as it will stand in the message when it leaves, in that
 * order from the top: what is inserted (stamps) first, what is removed not at
 * all. value begins with the white space after the colon, as Postfix hands it
 * with SMFIP_HDR_LEADSPC and as it is given to smfi_insheader(); folds are LF
 * and white space. Any name, any length; an empty value is fine. Both strings
 * must live until sign_end_headers() returns.
 */
int sign_header(struct sign *s, const char *name, const char *value,
    struct err *err);

/*
 * t= is set here. Fails when there was no From field, or more of them than a
 * signature can name (SIGN_FROM_MAX): no honest message has two.
 */
int sign_end_headers(struct sign *s, struct err *err);

/* A piece of the body, any size, 0 as well; lines end in CRLF. */
int sign_body(struct sign *s, const void *bytes, size_t len, struct err *err);

/* Computes every signature, or fails. */
int sign_close(struct sign *s, struct err *err);

/* After sign_close(): one for each key, in the order of the keys. value is
 * that of the DKIM-Signature field, ready for smfi_insheader(): it begins with
 * a space, folds are LF and white space, no CR. Belongs to s. */
size_t sign_count(const struct sign *s);
const char *sign_value(const struct sign *s, size_t i);
const struct key *sign_key(const struct sign *s, size_t i);

/* The bits of enum sign_fragile seen so far; whole after sign_close(). */
unsigned sign_fragile(const struct sign *s);

/* Has the message so many fields that some of sign.headers could not be covered
 * (the names of all fit no h= that verifiers read whole)? From, the stamps and
 * what matters most always are. Known after sign_end_headers(). */
bool sign_is_short(const struct sign *s);

void sign_free(struct sign **s);

/*
 * One trial signature, for sign_rules_new(), whose cached and forgets are what
 * it finds out: does libopendkim ask for the parsed key, and doesn't it ever
 * give up that of an Ed25519 signature? 0, or -1 with err.
 */
int sign_probe(const struct sign_rules *rules, bool *cached, bool *forgets,
    struct err *err);

#endif
