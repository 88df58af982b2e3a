/* SPDX-License-Identifier: ISC */
/*
 * How much of a recipient's address the record keeps.
 *
 * Replies quote addresses. A local part is what stands before an "@" up to a
 * space, a bracket or the like, or a whole quoted string; it becomes "*", so
 * that a text still tells one domain from another.
 */
#include "record/recipient.h"

#include "base/file.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
read_key(const char *path, struct recipient_rules *out, struct err *err)
{
	unsigned char fresh[RECIPIENT_KEY_SIZE];
	char *bytes;
	size_t len;

	if (access(path, F_OK) != 0) {
		if (RAND_bytes(fresh, sizeof fresh) != 1)
			return err_set(err, EXIT_TEMPORARY,
			    "%s: no random bytes", path);
		if (file_write(path, (const char *)fresh, sizeof fresh, 0600,
		    (uid_t)-1, (gid_t)-1, FILE_NEVER_OVER, err) != 0)
			return -1;
	}
	bytes = file_read(path, RECIPIENT_KEY_SIZE, &len, err);
	if (bytes == NULL)
		return -1;
	if (len == RECIPIENT_KEY_SIZE)
		memcpy(out->key, bytes, len);
	free(bytes);
	if (len != RECIPIENT_KEY_SIZE)
		return err_set(err, EXIT_DATA, "%s: %d bytes are wanted; "
		    "remove it and a new key is made (hashes then differ from "
		    "the old ones)", path, RECIPIENT_KEY_SIZE);
	return 0;
}

int
recipient_rules_read(enum recipient_mode mode, const char *key_path,
    struct recipient_rules *out, struct err *err)
{
	memset(out, 0, sizeof *out);
	out->mode = mode;
	return mode == RECIPIENT_HASH ? read_key(key_path, out, err) : 0;
}

static void
add_hash(const struct recipient_rules *r, const char *address,
    struct text *out)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	struct text plain;
	const char *at = strrchr(address, '@');

	/* The domain's case says nothing, the local part's may. */
	text_init(&plain, 2048);
	for (const char *p = address; *p != '\0'; p++) {
		char c = at != NULL && p > at ?
		    (char)tolower((unsigned char)*p) : *p;

		text_add_bytes(&plain, &c, 1);
	}
	if (HMAC(EVP_sha256(), r->key, sizeof r->key,
	    (const unsigned char *)plain.buf, plain.len, mac, &len) != NULL)
		for (unsigned i = 0; i < 16; i++)
			text_addf(out, "%02x", mac[i]);
	text_free(&plain);
}

void
recipient_shown(const struct recipient_rules *r, const char *address,
    struct text *out)
{
	switch (r->mode) {
	case RECIPIENT_DOMAIN:
		break;
	case RECIPIENT_HASH:
		add_hash(r, address, out);
		break;
	case RECIPIENT_FULL:
		text_add(out, address);
		break;
	}
}

/* Where the local part before at begins. */
static const char *
local_part(const char *text, const char *at)
{
	const char *p = at;

	if (p > text && p[-1] == '"') {
		for (p--; p > text && p[-1] != '"'; p--)
			;
		return p > text ? p - 1 : p;
	}
	while (p > text && !isspace((unsigned char)p[-1]) &&
	    strchr("<>()[],;:\"'", p[-1]) == NULL)
		p--;
	return p;
}

void
recipient_redact(const struct recipient_rules *r, const char *text,
    size_t len, struct text *out)
{
	const char *done = text;
	const char *end = text + len;
	const char *at;

	if (r->mode == RECIPIENT_FULL) {
		text_add_bytes(out, text, len);
		return;
	}
	while ((at = memchr(done, '@', (size_t)(end - done))) != NULL) {
		const char *from = local_part(done, at);

		text_add_bytes(out, done, (size_t)(from - done));
		text_add(out, from < at ? "*@" : "@");
		done = at + 1;
	}
	text_add_bytes(out, done, (size_t)(end - done));
}
