/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_VERIFY_H
#define WAYBILL_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "config/identity.h"
#include "budget.h"

/*
 * Does the message already carry a signature of ours that holds? Ours is what
 * names in d= and s= a key that signs here; it is verified against that key's
 * public half, never by DNS. What other verifiers reject doesn't hold.
 */

/* More than these are not tried. */
enum { VERIFY_TRIES_MAX = 4 };

/* Per configuration: immutable, shared by all threads. The table must outlive
 * it, and it must outlive every struct verify opened with it. */
struct verify_rules;

struct verify_rules *verify_rules_new(const struct identity_table *table,
    struct err *err);
void verify_rules_free(struct verify_rules **rules);

/*
 * Could this DKIM-Signature value be ours, so that verifying is worth it? It is
 * well-formed, has a key of ours in d= and s= with its algorithm in a=, no l=
 * (ours never have it), and isn't expired. Cheap; value is hostile.
 */
bool verify_is_candidate(const struct verify_rules *rules, const char *value);

/* One message. Used by one thread at a time; calls in the order of the
 * prototypes, the same as with struct sign, beside which it runs. */
struct verify;

/* keys: those that sign this message; signatures of others don't count. They
 * must outlive it. id as in sign_open(). NULL with err (no memory). */
struct verify *verify_open(const struct verify_rules *rules,
    const struct key *const *keys, size_t nkeys, const char *id,
    struct err *err);

/* Right after verify_open(): counts its memory in b, which must outlive it.
 * When that is over, nothing is found to hold. */
void verify_count_memory(struct verify *v, struct budget *b);

/*
 * Every field of the message as it came, from the top, none left out and none
 * added; value as in sign_header(). Both strings must live until
 * verify_end_headers() returns.
 */
void verify_header(struct verify *v, const char *name, const char *value);

/* Is there anything left to verify? If not, the body needn't be given. */
bool verify_end_headers(struct verify *v);

void verify_body(struct verify *v, const void *bytes, size_t len);

/* Does one of ours hold? Trouble inside (no memory) reads false: the message
 * is then signed anew, which harms nobody. */
bool verify_close(struct verify *v);

void verify_free(struct verify **v);

#endif
