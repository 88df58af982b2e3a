/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_VERIFY_H
#define WAYBILL_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "config/identity.h"
#include "budget.h"

/*
 * Finds out whether the message already carries a valid signature of ours.
 * Ours is one whose d= and s= name a key that signs here; it is verified with
 * the public half of that key, never through DNS. What other verifiers reject
 * is not valid.
 */

/* Further candidates are not tried. */
enum { VERIFY_TRIES_MAX = 4 };

/* Per configuration: immutable, shared by all threads. The table must outlive
 * it, and it must outlive every struct verify opened with it. */
struct verify_rules;

struct verify_rules *verify_rules_new(const struct identity_table *table,
    struct err *err);
void verify_rules_free(struct verify_rules **rules);

/*
 * Returns true if this DKIM-Signature value could be ours, so that verifying
 * is worthwhile: it is well-formed, has a key of ours in d= and s= with its
 * algorithm in a=, no l= (ours never have it), and has not expired. Cheap;
 * value is hostile.
 */
bool verify_is_candidate(const struct verify_rules *rules, const char *value);

/* One message. Used by one thread at a time. Call the functions in the order
 * of the prototypes, the same as for struct sign, which is used in parallel. */
struct verify;

/*
 * keys: those that sign this message; signatures by others do not count. They
 * must outlive it. id is as in sign_open(). Returns NULL with err (no memory).
 */
struct verify *verify_open(const struct verify_rules *rules,
    const struct key *const *keys, size_t nkeys, const char *id,
    struct err *err);

/* Call it right after verify_open(): counts memory in b, which must outlive v.
 * When b is exceeded, no signature counts as valid. */
void verify_count_memory(struct verify *v, struct budget *b);

/*
 * Every field of the message as received, from the top, none left out and none
 * added; value is as in sign_header(). Both strings must live until
 * verify_end_headers() returns.
 */
void verify_header(struct verify *v, const char *name, const char *value);

/* Returns true if there is anything left to verify. If not, the body is not
 * needed. */
bool verify_end_headers(struct verify *v);

void verify_body(struct verify *v, const void *bytes, size_t len);

/* Returns true if one of our signatures is valid. An error inside (no memory)
 * gives false: the message is then signed again, which harms nobody. */
bool verify_close(struct verify *v);

void verify_free(struct verify **v);

#endif
