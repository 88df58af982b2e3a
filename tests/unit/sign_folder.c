/* SPDX-License-Identifier: ISC */
/*
 * Signs every NAME.eml of a folder with an RSA and an Ed25519 key made on the
 * spot, judges the result by libopendkim and by verify.c, and writes it to
 * another folder, with a file "keys" of lines NAME TAB RECORD for the verifiers
 * that don't share a library with waybill.
 *
 * Usage: sign_folder relaxed|simple IN OUT
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signing.h"

static struct sign_rules *rules;
static struct verify_rules *verifies;
static struct key *key[2];
static const struct key *keys[2];
static bool is_simple;

static int
usage(void)
{
	fputs("usage: sign_folder relaxed|simple IN OUT\n", stderr);
	return EXIT_USAGE;
}

static char *
read_whole(const char *folder, const char *name, size_t *len)
{
	static char path[4096];
	char *text = malloc((size_t)4 << 20);
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (f == NULL || text == NULL) {
		perror(path);
		exit(EXIT_UNAVAILABLE);
	}
	*len = fread(text, 1, (size_t)4 << 20, f);
	fclose(f);
	return text;
}

static FILE *
to_write(const char *folder, const char *name)
{
	static char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "wb");
	if (f == NULL) {
		perror(path);
		exit(EXIT_UNAVAILABLE);
	}
	return f;
}

static void
write_out(const char *out, const char *name, const char *text, size_t len)
{
	FILE *f = to_write(out, name);

	if (fwrite(text, 1, len, f) != len || fclose(f) != 0) {
		perror(name);
		exit(EXIT_UNAVAILABLE);
	}
}

/* 0, or 1 when something is wrong with it. The body comes in pieces of that
 * many bytes; out may be NULL. */
static int
sign_one(const char *raw, size_t len, const char *out, const char *name,
    size_t chunk)
{
	struct err err = { 0 };
	char *text = signing_sign(rules, "example.org", keys, 2, raw, len,
	    chunk, NULL, &err);
	int bad = 1;

	if (text == NULL) {
		printf("%s: not signed: %s\n", name, err.text);
	} else {
		size_t signed_len = strlen(text);
		size_t hold = signing_strangers_verdict(text, signed_len, keys,
		    2, NULL);
		bool ours = signing_is_ours(verifies, keys, 2, text, signed_len,
		    chunk);

		/* see DISAGREE in verifiers */
		if (strncmp(name, "name-b", 6) == 0 ||
		    strncmp(name, "control-", 8) == 0)
			ours = true;
		if (is_simple && strncmp(name, "control-lf", 10) == 0)
			hold = 2;
		bad = hold != 2 || !ours;
		if (bad)
			printf("%s, in pieces of %zu: libopendkim says %zu of "
			    "2 hold, ours: %s\n", name, chunk, hold,
			    ours ? "yes" : "no");
		if (out != NULL)
			write_out(out, name, text, signed_len);
	}
	free(text);
	return bad;
}

/* In pieces of each size; which of the results the other verifiers get depends
 * on the message's place in the alphabet alone. */
static int
sign_in_pieces(const char *in, const char *out, const char *name, size_t place)
{
	static const size_t chunks[] = { 0, 1, 1000, 65535 };
	size_t len, n = sizeof chunks / sizeof *chunks;
	char *raw = read_whole(in, name, &len);
	int bad = 0;

	for (size_t i = 0; i < n; i++)
		bad |= sign_one(raw, len, i == place % n ? out : NULL, name,
		    chunks[i]);
	free(raw);
	return bad;
}

static int
is_message(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 4 && strcmp(e->d_name + len - 4, ".eml") == 0;
}

static int
folder_sign(const char *in, const char *out)
{
	struct dirent **entry;
	int n = scandir(in, &entry, is_message, alphasort);
	int bad = 0;

	if (n < 0) {
		perror(in);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		bad |= sign_in_pieces(in, out, entry[i]->d_name, (size_t)i);
		free(entry[i]);
	}
	free(entry);
	printf("%d messages\n", n);
	return bad || n == 0;
}

int
main(int argc, char **argv)
{
	if (argc != 4 || (strcmp(argv[1], "relaxed") != 0 &&
	    strcmp(argv[1], "simple") != 0))
		return usage();

	struct config c = *signing_config();
	struct err err = { 0 };
	struct identity identity = { 0 };
	struct identity_table *table = signing_table(&identity, 1);

	is_simple = strcmp(argv[1], "simple") == 0;
	c.sign.header_canon = c.sign.body_canon =
	    is_simple ? CANON_SIMPLE : CANON_RELAXED;
	keys[0] = key[0] = signing_key(KEY_RSA, "example.org", "2026r");
	keys[1] = key[1] = signing_key(KEY_ED25519, "example.org", "2026e");
	identity = (struct identity){ key[0]->domain, false, key, 2 };
	rules = sign_rules_new(&c, &err);
	verifies = verify_rules_new(table, &err);
	if (rules == NULL || verifies == NULL) {
		fprintf(stderr, "sign_folder: %s\n", err.text);
		return EXIT_UNAVAILABLE;
	}

	FILE *f = to_write(argv[3], "keys");

	for (int i = 0; i < 2; i++)
		fprintf(f, "%s._domainkey.%s\tv=DKIM1; k=%s; p=%s\n",
		    key[i]->selector, key[i]->domain,
		    key[i]->algorithm == KEY_RSA ? "rsa" : "ed25519",
		    key[i]->public_base64);
	fclose(f);

	int rc = folder_sign(argv[2], argv[3]);

	verify_rules_free(&verifies);
	sign_rules_free(&rules);
	signing_table_free(&table);
	signing_key_free(&key[0]);
	signing_key_free(&key[1]);
	return rc;
}
