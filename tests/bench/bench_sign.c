/* SPDX-License-Identifier: ISC */
/*
 * What a signature costs with a key that is parsed once and with one that is
 * parsed for each message, in microseconds of this thread's time, and what
 * memory is in use after many more than before.
 *
 * Usage: bench_sign [MESSAGES [BODY_BYTES]]       (default 20000 and 4096)
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/signing.h"

enum { LINE = 78, TIMED_MAX = 3000, SETTLE = 200 };

static const char *const fields[][2] = {
	{ "From", " Anna <a@example.org>" },
	{ "To", " Bert <b@example.net>, Carla <c@example.net>" },
	{ "Subject", " a subject of an ordinary length" },
	{ "Date", " Wed, 25 Nov 2026 04:00:00 +0000" },
	{ "Message-ID", " <4dXk2w1zW9z@mail.example.org>" },
	{ "MIME-Version", " 1.0" },
	{ "Content-Type", " text/plain; charset=utf-8" },
	{ "User-Agent", " x" },
};

static double
thread_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
sign_once(const struct sign_rules *rules, const struct key *key,
    const char *body, size_t len)
{
	struct err err = { 0 };
	struct sign *s = sign_open(rules, "example.org", &key, 1, "bench",
	    &err);
	int rc = 0;

	for (size_t i = 0; s != NULL && i < sizeof fields / sizeof *fields; i++)
		rc |= sign_header(s, fields[i][0], fields[i][1], &err);
	if (s == NULL || rc != 0 || sign_end_headers(s, &err) < 0 ||
	    sign_body(s, body, len, &err) < 0 || sign_close(s, &err) < 0) {
		fprintf(stderr, "bench_sign: %s\n", err.text);
		exit(EXIT_UNAVAILABLE);
	}
	sign_free(&s);
}

static double
time_of(const struct sign_rules *rules, const struct key *key,
    const char *body, size_t len, size_t n)
{
	for (size_t i = 0; i < 20; i++)
		sign_once(rules, key, body, len);

	double begin = thread_us();

	for (size_t i = 0; i < n; i++)
		sign_once(rules, key, body, len);
	return (thread_us() - begin) / (double)n;
}

static void
bench(const struct sign_rules *rules, struct key *key, const char *body,
    size_t len, size_t n)
{
	size_t timed = n < TIMED_MAX ? n : TIMED_MAX;
	double parsed_once = time_of(rules, key, body, len, timed);
	void *pkey = key->pkey;
	size_t before;

	for (size_t i = 0; i < SETTLE; i++)
		sign_once(rules, key, body, len);
	before = mallinfo2().uordblks;
	for (size_t i = 0; i < n; i++)
		sign_once(rules, key, body, len);

	long grown = (long)(mallinfo2().uordblks - before);

	key->pkey = NULL;	/* nothing to hand out */

	double parsed_anew = time_of(rules, key, body, len, timed);

	key->pkey = pkey;
	printf("%-8s %7.0f us a message, %7.0f with the key parsed anew: "
	    "ratio %.1f; %+ld bytes after %zu messages\n",
	    key->algorithm == KEY_RSA ? "rsa" : "ed25519", parsed_once,
	    parsed_anew, parsed_anew / parsed_once, grown, n);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	size_t len = argc > 2 ? strtoul(argv[2], NULL, 10) : 4096;
	char *body = malloc(len + 3);
	struct err err = { 0 };
	struct sign_rules *rules = sign_rules_new(signing_config(), &err);

	if (rules == NULL || body == NULL || n == 0) {
		fprintf(stderr, "bench_sign: %s\n", err.text);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < len; i++)
		body[i] = "the quick brown fox "[i % 20];
	for (size_t i = LINE; i + 2 < len; i += LINE)
		memcpy(body + i, "\r\n", 2);
	printf("keys=%s\n", sign_keys_are_cached(rules) ? "cached" : "parsed");
	for (int a = KEY_RSA; a <= KEY_ED25519; a++) {
		struct key *key = signing_key((enum key_algorithm)a,
		    "example.org", "bench");

		bench(rules, key, body, len, n);
		signing_key_free(&key);
	}
	sign_rules_free(&rules);
	free(body);
	return 0;
}
