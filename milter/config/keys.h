/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_KEYS_H
#define WAYBILL_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/text.h"

enum key_algorithm { KEY_RSA, KEY_ED25519 };

/* Bits of RSA keys: refused under the first, warned of under the second (RFC
 * 8301 3.2), made up to the third (which verifiers must know), refused over
 * the fourth: their cost in time stops the mail. */
enum {
	KEY_BITS_MIN = 1024, KEY_BITS_GOOD = 2048, KEY_BITS_SURE = 4096,
	KEY_BITS_MAX = 16384
};

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
 * about what is odd but allowed (owner, RSA under 2048), else text[0] is 0.
 * NULL with err, code EXIT_DATA.
 */
struct key *key_read(const char *path, const char *domain,
    const char *selector, gid_t group, bool follow, struct err *warning,
    struct err *err);

/*
 * The public half of a key out of the file that public_write() made: the value
 * of its TXT record, then the path of the key. Its pkey and pem are NULL. NULL
 * with err, code EXIT_DATA.
 */
struct key *key_read_public(const char *path, const char *domain,
    const char *selector, struct err *err);

/* The same of a text, which it changes. NULL: it isn't one, or no memory. */
struct key *key_parse_public(char *text, const char *domain,
    const char *selector);

void key_free(struct key **key);

/* A new key, without a path; bits for RSA alone. NULL with err. */
struct key *key_generate(enum key_algorithm a, unsigned bits,
    const char *domain, const char *selector, struct err *err);

/*
 * May a folder of keys be trusted? It is opened without following a symbolic
 * link and must belong to root or to who runs this, and be writable by its
 * owner alone. Returns its descriptor (the caller closes), or -1 with err,
 * code EXIT_CONFIG; errno is ENOENT when there is none.
 */
int key_folder_open(const char *path, struct err *err);

/* The group that may read keys: the primary one of the user that waybilld
 * becomes (struct config's user); (gid_t)-1 when the host has no such user. */
gid_t key_group(const char *user);

/* Is s a selector (RFC 6376 3.1: labels of letters, digits, "-" and "_") that
 * fits in front of domain? Writes its lower case to out (DOMAIN_SIZE bytes).
 * 0, or -1 with err, code EXIT_DATA. */
int key_selector(const char *s, const char *domain, char *out,
    struct err *err);

/* Appends the value of the TXT record: "v=DKIM1; k=rsa; p=...". */
void key_record(const struct key *key, struct text *out);

#endif
