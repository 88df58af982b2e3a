/* SPDX-License-Identifier: ISC */
/*
 * How much of a recipient's address the record keeps.
 *
 * Replies quote addresses. A local part is what stands before an "@" (or "%40",
 * as in a link) back to a space, a bracket or the like, a whole quoted string,
 * or all that "<" begins; it becomes "*", so that a text still tells one domain
 * from another. A local part may hold any byte, and many hosts repeat it
 * without its quotes: those of the message's own recipient are looked for as
 * they are.
 *
 * BUGS: as a word of its own, without "@", a local part of less than three
 * bytes, or of digits alone, stays: it can't be told from a code or an article.
 */
#include "record/recipient.h"

#include "base/file.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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

/* Does a backslash stand before p that isn't one itself? */
static bool
is_escaped(const char *text, const char *p)
{
	size_t n = 0;

	while (p - n > text && p[-1 - (ptrdiff_t)n] == '\\')
		n++;
	return n % 2 == 1;
}

/* What an open "<" began before at; NULL where none is open. */
static const char *
open_bracket(const char *text, const char *at)
{
	for (const char *p = at; p > text && p[-1] != '>'; p--)
		if (p[-1] == '<')
			return p;
	return NULL;
}

/* Where the local part before at begins. */
static const char *
local_part(const char *text, const char *at)
{
	const char *p = at;
	const char *bracket = open_bracket(text, at);

	if (p > text && p[-1] == '"') {
		for (p--; p > text; p--)
			if (p[-1] == '"' && !is_escaped(text, p - 1))
				return p - 1;
		return text;
	}
	if (bracket != NULL)
		return bracket;
	while (p > text && !isspace((unsigned char)p[-1]) &&
	    strchr("<>()[],;:\"", p[-1]) == NULL)
		p--;
	while (p < at && *p == '\'')
		p++;
	return p;
}

/* The length of "@" or "%40" at p; 0 where it is neither. */
static size_t
at_sign(const char *p, const char *end)
{
	if (p < end && *p == '@')
		return 1;
	return end - p >= 3 && memcmp(p, "%40", 3) == 0 ? 3 : 0;
}

static void
redact_addresses(const char *text, size_t len, struct text *out)
{
	const char *done = text;
	const char *end = text + len;

	for (const char *p = text; p < end; p++) {
		size_t n = at_sign(p, end);
		const char *from;

		if (n == 0)
			continue;
		from = local_part(done, p);
		text_add_bytes(out, done, (size_t)(from - done));
		text_add(out, from < p ? "*" : "");
		text_add_bytes(out, p, n);
		done = p + n;
		p = done - 1;
	}
	text_add_bytes(out, done, (size_t)(end - done));
}

/* A local part in one of its forms. */
struct local {
	char text[1024];
	size_t len;
	bool is_word;		/* also looked for without "@" */
};

enum { LOCALS_MAX = 4 };

static void
add_local(struct local *v, size_t *n, const char *text, size_t len)
{
	struct local *l = &v[*n];
	bool has_letter = false;

	if (*n == LOCALS_MAX || len == 0 || len > sizeof l->text)
		return;
	memcpy(l->text, text, len);
	l->len = len;
	for (size_t i = 0; i < len; i++)
		has_letter = has_letter || !isdigit((unsigned char)text[i]);
	l->is_word = len >= 3 && has_letter;
	(*n)++;
}

/* The local part of an address, as it stands there and without its quotes. */
static void
add_locals(struct local *v, size_t *n, const char *address)
{
	const char *at = strrchr(address, '@');
	size_t len = at == NULL ? strlen(address) : (size_t)(at - address);
	char plain[1024];
	size_t m = 0;

	if (len > sizeof plain)
		return;
	add_local(v, n, address, len);
	if (len < 2 || address[0] != '"' || address[len - 1] != '"')
		return;
	for (size_t i = 1; i + 1 < len; i++) {
		if (address[i] == '\\' && i + 2 < len)
			i++;
		plain[m++] = address[i];
	}
	add_local(v, n, plain, m);
}

static bool
is_word_byte(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Does this local part stand at p, as one? */
static bool
is_here(const struct local *l, const char *text, const char *p,
    const char *end)
{
	const char *after = p + l->len;

	if ((size_t)(end - p) < l->len ||
	    strncasecmp(p, l->text, l->len) != 0)
		return false;
	if (at_sign(after, end) > 0)
		return true;
	return l->is_word && (p == text || !is_word_byte(p[-1])) &&
	    (after == end || !is_word_byte(*after));
}

static void
redact_known(const struct local *v, size_t n, const char *text, size_t len,
    struct text *out)
{
	const char *end = text + len;
	const char *done = text;

	for (const char *p = text; p < end; p++) {
		size_t skip = 0;

		for (size_t i = 0; i < n; i++)
			if (v[i].len > skip && is_here(&v[i], text, p, end))
				skip = v[i].len;
		if (skip == 0)
			continue;
		text_add_bytes(out, done, (size_t)(p - done));
		text_add(out, "*");
		done = p + skip;
		p = done - 1;
	}
	text_add_bytes(out, done, (size_t)(end - done));
}

/* The length of a text that was cut without what may be a part of an address:
 * its last word, and the quote or bracket that this word stands in. */
static size_t
whole_length(const char *text, size_t len)
{
	enum { ADDRESS_LEN = 320 };
	const char *end = text + len;
	const char *from = len > ADDRESS_LEN ? end - ADDRESS_LEN : text;
	const char *whole = end;
	const char *bracket;
	const char *quote = NULL;

	while (whole > from && !isspace((unsigned char)whole[-1]))
		whole--;
	bracket = open_bracket(from, whole);
	for (const char *p = from; p < whole; p++)
		if (*p == '"' && !is_escaped(text, p))
			quote = quote == NULL ? p : NULL;
	if (bracket != NULL && bracket < whole)
		whole = bracket;
	if (quote != NULL && quote < whole)
		whole = quote;
	return (size_t)(whole - text);
}

void
recipient_redact(const struct recipient_rules *r,
    const char *const *known, size_t n, const char *text, size_t len,
    bool is_cut, struct text *out)
{
	struct local v[LOCALS_MAX];
	size_t n_locals = 0;
	struct text plain;

	if (r->mode == RECIPIENT_FULL) {
		text_add_bytes(out, text, len);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (known[i] != NULL)
			add_locals(v, &n_locals, known[i]);
	if (is_cut)
		len = whole_length(text, len);
	text_init(&plain, len + 1);
	redact_known(v, n_locals, text, len, &plain);
	redact_addresses(plain.buf, plain.len, out);
	text_free(&plain);
}
