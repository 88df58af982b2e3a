/* SPDX-License-Identifier: ISC */
/*
 * Signs a few messages, each with one key, changes them a little, and writes
 * those mutants of which verify.c still says that the signature holds to a
 * folder, MESSAGE-SELECTOR-NUMBER.eml, with the file "keys" as sign_folder
 * does. Other verifiers must accept each. The drawing is the same in each run
 * with one seed; the keys aren't, so the mutants differ in what they sign.
 *
 * Left out are mutants that no MTA hands on: a LF alone or no field in the
 * header.
 *
 * Usage: mutants FOLDER NUMBER SEED
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signing.h"

enum { CHANGES_MAX = 3, GROWTH = 3 };

static const char *const messages[] = {
	"From: a@example.org\r\nTo: b@example.net\r\nSubject: hello\r\n\r\n"
	    "hello\r\n",
	"Received: from x\r\n\tby y; now\r\nX-Other: 1\r\nFrom: \"Anna, B\" "
	    "<a@example.org>\r\nTo: b@example.net,\r\n\tc@example.net\r\n"
	    "Subject:  two  blanks \r\nDate: Wed, 25 Nov 2026 04:00:00 +0000"
	    "\r\nMessage-ID: <1@example.org>\r\nReferences:\r\n <x@y> <z@y>"
	    "\r\n\r\none  line \r\n\r\nand\tanother\r\n\r\n\r\n",
	"From: a@example.org\r\nSubject: no body\r\n\r\n",
};

static const char *const forms[] = { "relaxed", "simple" };

static uint64_t state;

static size_t
draw(size_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(state >> 33) % below;
}

/* Bytes that parsers differ about come often; a NUL never. */
static char
odd_byte(void)
{
	static const char odd[] =
	    "\r\n\v\f \t\b\x01\x7f\x80\xa0\xc3\xff=;:,!A-_/+";

	return draw(4) == 0 ? (char)(1 + draw(255)) :
	    odd[draw(sizeof odd - 1)];
}

/* Changes text in place, which has room for GROWTH more; half of the time in
 * the signature, which is on top. */
static size_t
change(char *text, size_t len)
{
	size_t end = strstr(text, "\r\nFrom:") == NULL || draw(2) == 0 ? len :
	    (size_t)(strstr(text, "\r\nFrom:") - text);
	size_t at = draw(end);
	char put[GROWTH] = { odd_byte(), '\n', ' ' };
	size_t cut = 0, n = 1;

	switch (draw(5)) {
	case 0:
		break;
	case 1:
		cut = 1;
		break;
	case 2:
		cut = 1;
		n = 0;
		break;
	case 3:
		put[0] = text[at];
		break;
	case 4:
		put[0] = '\r';
		n = 3;
		break;
	}
	memmove(text + at + n, text + at + cut, len - at - cut + 1);
	memcpy(text + at, put, n);
	return len + n - cut;
}

/* Is the header one that an MTA would hand on? */
static bool
has_header(const char *text)
{
	for (const char *p = text; strncmp(p, "\r\n", 2) != 0; ) {
		const char *end = strchr(p, '\n');
		size_t name = strcspn(p, ": \t\n");

		if (end == NULL || end == p || end[-1] != '\r')
			return false;
		if (*p == ' ' || *p == '\t' ? p == text :
		    name == 0 || p[name + strspn(p + name, " \t")] != ':')
			return false;
		p = end + 1;
	}
	return true;
}

static void
write_file(const char *folder, const char *name, const char *text, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(text, 1, len, f) != len || fclose(f) != 0) {
		perror(path);
		exit(EXIT_UNAVAILABLE);
	}
}

/* One mutant of text; is it held? */
static bool
one(const struct verify_rules *verifies, const struct key *const *key,
    const char *text, const char *folder, const char *name, size_t chunk)
{
	size_t len = strlen(text);
	char *mutant = malloc(len + CHANGES_MAX * GROWTH + 1);
	bool holds;

	if (mutant == NULL)
		abort();
	memcpy(mutant, text, len + 1);
	for (size_t n = 1 + draw(CHANGES_MAX); n > 0; n--)
		len = change(mutant, len);
	holds = strcmp(mutant, text) != 0 && has_header(mutant) &&
	    signing_is_ours(verifies, key, 1, mutant, len, chunk);
	if (holds)
		write_file(folder, name, mutant, len);
	free(mutant);
	return holds;
}

static size_t
mutants_of(size_t message, size_t form, const struct key *key,
    const struct verify_rules *verifies, const char *folder, size_t number)
{
	struct config c = *signing_config();
	struct err err = { 0 };
	struct sign_rules *rules;
	char *text, name[100];
	size_t held = 0;

	c.sign.header_canon = c.sign.body_canon = form == 1 ? CANON_SIMPLE :
	    CANON_RELAXED;
	rules = sign_rules_new(&c, &err);
	if (rules == NULL)
		abort();
	text = signing_sign(rules, "example.org", &key, 1, messages[message],
	    strlen(messages[message]), 0, NULL, &err);
	if (text == NULL)
		abort();
	for (size_t i = 0; i < number; i++) {
		snprintf(name, sizeof name, "%s-%zu-%s-%zu.eml", forms[form],
		    message, key->selector, i);
		held += one(verifies, &key, text, folder, name, i % 3);
	}
	free(text);
	sign_rules_free(&rules);
	return held;
}

int
main(int argc, char **argv)
{
	struct identity identity = { 0 };
	struct identity_table *table = signing_table(&identity, 1);
	struct verify_rules *verifies;
	struct key *key[2];
	size_t number, held = 0, n = sizeof messages / sizeof *messages;
	char keys[4096] = "";

	if (argc != 4) {
		fputs("usage: mutants FOLDER NUMBER SEED\n", stderr);
		return EXIT_USAGE;
	}
	number = strtoul(argv[2], NULL, 10) / (4 * n);
	state = strtoul(argv[3], NULL, 10);
	key[0] = signing_key(KEY_RSA, "example.org", "2026r");
	key[1] = signing_key(KEY_ED25519, "example.org", "2026e");
	identity = (struct identity){ key[0]->domain, false, key, 2 };
	verifies = verify_rules_new(table, NULL);
	for (size_t i = 0; i < 4 * n; i++)
		held += mutants_of(i / 4, i / 2 % 2, key[i % 2], verifies,
		    argv[1], number);
	for (size_t i = 0; i < 2; i++)
		snprintf(keys + strlen(keys), sizeof keys - strlen(keys),
		    "%s._domainkey.%s\tv=DKIM1; k=%s; p=%s\n",
		    key[i]->selector, key[i]->domain,
		    i == 0 ? "rsa" : "ed25519", key[i]->public_base64);
	write_file(argv[1], "keys", keys, strlen(keys));
	printf("%zu mutants, %zu held\n", 4 * n * number, held);
	verify_rules_free(&verifies);
	signing_table_free(&table);
	signing_key_free(&key[0]);
	signing_key_free(&key[1]);
	return held == 0;
}
