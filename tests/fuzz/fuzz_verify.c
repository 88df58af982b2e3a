/* SPDX-License-Identifier: ISC */
/*
 * Signatures from outside. The first byte says which: an even one, and the
 * input is a message, on which nothing can be ours, since the keys are made
 * anew; an odd one, and the input is put above a message that is signed by us,
 * or into it at the place that the next two bytes name.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/signing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGE "From: a@example.org\r\nTo: b@example.net\r\nSubject: x\r\n" \
	"\r\nhello\r\n"

static struct key *key[2];
static const struct key *keys[2];
static struct identity identity;
static struct verify_rules *verifies;
static char *ours;

static void
begin(void)
{
	struct sign_rules *rules = sign_rules_new(signing_config(), NULL);

	keys[0] = key[0] = signing_key(KEY_RSA, "example.org", "2026r");
	keys[1] = key[1] = signing_key(KEY_ED25519, "example.org", "2026e");
	identity = (struct identity){ key[0]->domain, false, key, 2 };
	verifies = verify_rules_new(signing_table(&identity, 1), NULL);
	ours = signing_sign(rules, "example.org", keys, 2, MESSAGE,
	    strlen(MESSAGE), 0, NULL, NULL);
	sign_rules_free(&rules);
	if (ours == NULL || !signing_is_ours(verifies, keys, 2, ours, strlen(ours), 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	if (ours == NULL)
		begin();

	size_t len = strlen(ours);
	size_t at = (data[0] & 2) == 0 ? 0 :
	    ((size_t)data[1] << 8 | data[2]) % len;
	char *raw = malloc(size + len);

	if (raw == NULL)
		abort();
	if ((data[0] & 1) == 0) {
		memcpy(raw, data + 1, size - 1);
		if (signing_is_ours(verifies, keys, 2, raw, size - 1, data[0] >> 2))
			abort();
	} else {
		memcpy(raw, ours, at);
		memcpy(raw + at, data + 3, size - 3);
		memcpy(raw + at + size - 3, ours + at, len - at);
		signing_is_ours(verifies, keys, 2, raw, size - 3 + len, data[0] >> 2);
	}
	free(raw);
	return 0;
}
