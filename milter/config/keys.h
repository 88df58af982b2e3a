/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_KEYS_H
#define WAYBILL_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/text.h"

enum key_algorithm { KEY_RSA, KEY_ED25519 };

/* One signing key, RFC 6376 and RFC 8463. Immutable. The public part is what
 * p= of the DNS record holds: SubjectPublicKeyInfo for RSA, the 32 raw bytes
 * for Ed25519, in base64. */
struct key {
	char *domain;		/* A-label of the identity it belongs to */
	char *selector;
	char *path;
	enum key_algorithm algorithm;
	unsigned bits;		/* RSA modulus; 256 for Ed25519 */
	char *pem;		/* private key, PKCS#8 PEM, NUL-terminated */
	size_t pem_len;
	char *public_base64;
	void *pkey;		/* EVP_PKEY *, one reference owned */
};

/* "rsa-sha256", "ed25519-sha256": the value of a= (RFC 6376 3.3). */
const char *key_signature_algorithm(enum key_algorithm a);

/* "rsa", "ed25519": the value of k=. */
const char *key_type(enum key_algorithm a);

/*
 * Reads a PEM file, PKCS#1 or PKCS#8, refuses what spec 2.5 refuses (mode,
 * group, kind, size, encrypted, certificate, DSA ...) with the path, the cause
 * and the mend, and lets the key sign and verify a sample. group is the gid
 * whose members may read the file (waybill's). follow says whether path may be
 * a symbolic link. warning, when not NULL, gets a sentence (text[0] != 0)
 * about what is odd but allowed (owner, RSA under 2048). NULL with err, code
 * EXIT_DATA for a bad key, EXIT_CONFIG for permissions.
 */
struct key *key_read(const char *path, const char *domain,
    const char *selector, gid_t group, bool follow, struct err *warning,
    struct err *err);

void key_free(struct key **key);

/* A new key; bits for RSA alone (2048 to 4096). NULL with err. */
struct key *key_generate(enum key_algorithm a, unsigned bits,
    const char *domain, const char *selector, struct err *err);

/* Appends the value of the TXT record: "v=DKIM1; k=rsa; p=...". */
void key_record(const struct key *key, struct text *out);

#endif
