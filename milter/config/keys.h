/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_KEYS_H
#define WAYBILL_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/text.h"

enum key_algorithm { KEY_RSA, KEY_ED25519 };

/* RSA key sizes in bits: below the first a key is rejected, below the second
 * there is a warning (RFC 8301 3.2); keys are created up to the third (which
 * verifiers must support) and rejected above the fourth, because signing would
 * take long enough to hold up mail. */
enum {
	KEY_BITS_MIN = 1024, KEY_BITS_GOOD = 2048, KEY_BITS_SURE = 4096,
	KEY_BITS_MAX = 16384
};

/* A signing key, RFC 6376 and RFC 8463. Immutable. public_part is the value of
 * p= in the DNS record: SubjectPublicKeyInfo for RSA, the 32 raw bytes for
 * Ed25519, in base64. */
struct key {
	char *domain;		/* A-label of the identity it belongs to */
	char *selector;
	char *path;
	enum key_algorithm algorithm;
	unsigned bits;		/* RSA modulus; 256 for Ed25519 */
	char *pem;		/* private key, PKCS#8 PEM, NUL-terminated */
	size_t pem_len;
	char *public_base64;
	void *pkey;		/* EVP_PKEY *, owns one reference */
};

/* "rsa-sha256" or "ed25519-sha256": the value of a= (RFC 6376 3.3). */
const char *key_signature_algorithm(enum key_algorithm a);

/* "rsa" or "ed25519": the value of k=. */
const char *key_type(enum key_algorithm a);

/*
 * Reads a PEM file, PKCS#1 or PKCS#8, and lets the key sign and verify a
 * sample. Rejects files with unsafe mode or group, other types and sizes of
 * keys, encrypted keys, certificates ...; the message has the path, the cause
 * and the fix. group is the gid whose members may read the file (waybill's).
 * follow says whether path may be a symbolic link. warning, if not NULL, gets
 * a message about what is unusual but allowed (owner, RSA under 2048);
 * otherwise its text[0] is 0. Returns NULL with err, code EXIT_DATA.
 */
struct key *key_read(const char *path, const char *domain,
    const char *selector, gid_t group, bool follow, struct err *warning,
    struct err *err);

/*
 * Reads the public half of a key from a file written by public_write(): the
 * value of its TXT record, then the path of the key. pkey and pem of the
 * result are NULL. Returns NULL with err, code EXIT_DATA.
 */
struct key *key_read_public(const char *path, const char *domain,
    const char *selector, struct err *err);

/* The same for a text, which it modifies. Returns NULL if the text is
 * malformed or there is no memory. */
struct key *key_parse_public(char *text, const char *domain,
    const char *selector);

void key_free(struct key **key);

/* Creates a new key, without a path; bits is for RSA only. Returns NULL with
 * err. */
struct key *key_generate(enum key_algorithm a, unsigned bits,
    const char *domain, const char *selector, struct err *err);

/*
 * Opens a key directory and checks that it can be trusted. It is opened
 * without following a symbolic link; it must be owned by root or the current
 * user, and only its owner may have write access. Returns its descriptor (the
 * caller closes it), or -1 with err, code EXIT_CONFIG; errno is ENOENT if it
 * does not exist.
 */
int key_folder_open(const char *path, struct err *err);

/* The group that may read keys: the primary group of the user that waybilld
 * becomes (user in struct config); (gid_t)-1 if the host has no such user. */
gid_t key_group(const char *user);

/* Checks that s is a selector (RFC 6376 3.1: labels of letters, digits, "-"
 * and "_") that fits in front of domain. Writes it in lower case to out
 * (DOMAIN_SIZE bytes). Returns 0, or -1 with err, code EXIT_DATA. */
int key_selector(const char *s, const char *domain, char *out,
    struct err *err);

/* Appends the value of the TXT record: "v=DKIM1; k=rsa; p=...". */
void key_record(const struct key *key, struct text *out);

#endif
