/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TESTS_SIGNING_H
#define WAYBILL_TESTS_SIGNING_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/identity.h"
#include "config/keys.h"
#include "sign.h"
#include "verify.h"

/*
 * What tests of signing and verifying share: keys made on the spot, a
 * configuration with the lists that operators get, messages as on the wire, and
 * libopendkim's verifier as a stranger would run it.
 */

/* A key that lives until signing_key_free(). Aborts when OpenSSL can't. */
struct key *signing_key(enum key_algorithm a, const char *domain,
    const char *selector);
void signing_key_free(struct key **key);

/* The lists and switches that signing needs; static storage. */
const struct config *signing_config(void);

/* Replaces the lists by words between blanks, in storage of *c. */
void signing_config_lists(struct config *c, const char *headers,
    const char *oversign);
void signing_config_free(struct config *c);

/*
 * raw is a message as on the wire (lines end in CRLF). Its fields are given to
 * sign_*() as a milter gets them, the body in pieces of chunk bytes (0: whole).
 * Returns the message with the signatures above it, NUL-terminated; the caller
 * frees. NULL with err. fragile may be NULL.
 */
char *signing_sign(const struct sign_rules *rules, const char *domain,
    const struct key *const *keys, size_t nkeys, const char *raw, size_t len,
    size_t chunk, unsigned *fragile, struct err *err);

/* The signatures on raw that hold, by libopendkim with the keys given; seen,
 * when not NULL, gets the number of those it found. */
size_t signing_strangers_verdict(const char *raw, size_t len,
    const struct key *const *keys, size_t nkeys, size_t *seen);

/* What verify_*() says of raw, when these keys count. */
bool signing_is_ours(const struct verify_rules *rules,
    const struct key *const *keys, size_t nkeys, const char *raw, size_t len,
    size_t chunk);

/* A table of identities in place of config/identity.c's, which reads files. */
struct identity_table *signing_table(struct identity *v, size_t n);
void signing_table_free(struct identity_table **t);

#endif
