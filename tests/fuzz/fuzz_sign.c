/* SPDX-License-Identifier: ISC */
/*
 * A message of any fields and any body, in pieces of any size, is signed, and
 * both signatures hold: for libopendkim as a stranger, and for verify.c, unless
 * some name has bytes that other verifiers stop at. The first byte chooses the
 * forms and the pieces.
 *
 * Left out is what verifiers can't agree on or Postfix doesn't have: NUL, bare
 * CR and LF, VT, FF and a tab before the colon.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/signing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIRST "From: a@example.org\r\n"

static struct key *key[2];
static const struct key *keys[2];
static struct identity identity;
static struct sign_rules *rules[4];
static struct verify_rules *verifies;

static void
begin(void)
{
	struct config c = *signing_config();

	keys[0] = key[0] = signing_key(KEY_RSA, "example.org", "2026r");
	keys[1] = key[1] = signing_key(KEY_ED25519, "example.org", "2026e");
	identity = (struct identity){ key[0]->domain, false, key, 2 };
	for (int i = 0; i < 4; i++) {
		c.sign.header_canon = i & 1 ? CANON_SIMPLE : CANON_RELAXED;
		c.sign.body_canon = i & 2 ? CANON_SIMPLE : CANON_RELAXED;
		rules[i] = sign_rules_new(&c, NULL);
	}
	verifies = verify_rules_new(signing_table(&identity, 1), NULL);
}

/* Does the line at data begin a field? Then its blanks before the colon are
 * spaces. */
static char *
field_begin(const uint8_t *data, size_t size, char *to)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t line = end == NULL ? size : (size_t)(end - data);
	const uint8_t *colon = memchr(data, ':', line);

	if (line == 0 || data[0] == ' ' || data[0] == '\t' || colon == NULL ||
	    memchr(data, '\t', (size_t)(colon - data)) != NULL)
		return line == 0 || data[0] == ' ' || data[0] == '\t' ? to :
		    stpcpy(to, "X: ");
	return to;
}

static char *
message_of(const uint8_t *data, size_t size)
{
	char *raw = malloc(5 * size + sizeof FIRST + 8);
	char *to = raw;
	bool in_fields = true;

	if (raw == NULL)
		abort();
	to = stpcpy(to, FIRST);
	for (size_t i = 0; i < size; i++) {
		if (in_fields && (i == 0 || data[i - 1] == '\n')) {
			if (data[i] == '\n')
				in_fields = false;
			else
				to = field_begin(data + i, size - i, to);
		}
		if (data[i] == '\n')
			to = stpcpy(to, "\r\n");
		else if (strchr("\r\v\f", data[i]) == NULL)
			*to++ = (char)data[i];
	}
	*to = '\0';
	if (in_fields && to[-1] != '\n')
		strcpy(to, "\r\n");
	return raw;
}

/* Does every field's name end at the colon, and is it printable? */
static bool
has_plain_names(const char *raw)
{
	for (const char *p = raw; *p != '\0' && strncmp(p, "\r\n", 2) != 0;
	    p += strcspn(p, "\n") + 1) {
		size_t len = strcspn(p, ":\n");

		if (*p == ' ' || *p == '\t')
			continue;
		for (size_t i = 0; i < len; i++) {
			if (p[i] < '!' || p[i] > '~')
				return false;
		}
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err;

	if (size < 1 || size > 100000)
		return 0;
	if (key[0] == NULL)
		begin();

	char *raw = message_of(data + 1, size - 1);
	size_t chunk = data[0] >> 2;
	char *text = signing_sign(rules[data[0] & 3], "example.org", keys, 2,
	    raw, strlen(raw), chunk, NULL, &err);

	if (text == NULL) {
		if (strncmp(err.text, "the message", 11) != 0)
			abort();
	} else if (signing_strangers_verdict(text, strlen(text), keys, 2, NULL)
	    != 2 || signing_is_ours(verifies, keys, 2, text, strlen(text),
	    chunk) != has_plain_names(raw)) {
		fprintf(stderr, "%s\n", text);
		abort();
	}
	free(text);
	free(raw);
	return 0;
}
