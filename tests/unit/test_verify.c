/* SPDX-License-Identifier: ISC */
/*
 * Which signatures count as ours. Those that must hold are made by sign.c;
 * those that must not are made of them, or by hand.
 */
#include <time.h>

#include "signing.h"
#include "unit.h"
#include "verify.h"

#define BASE "From: a@example.org\r\nTo: b@example.net\r\n" \
	"Subject: hello\r\n"
#define MESSAGE BASE "\r\nhello\r\n"

static struct key *rsa, *ed, *stranger;
static const struct key *both[2], *foreign[1], *imposter[1];
static struct key fake;
static struct key *ours[2];
static struct identity identity[1];
static struct identity_table *table;
static struct sign_rules *signs;
static struct verify_rules *rules;

static int
setup(void **state)
{
	struct err err;

	(void)state;
	both[0] = ours[0] = rsa = signing_key(KEY_RSA, "example.org", "2026r");
	both[1] = ours[1] = ed = signing_key(KEY_ED25519, "example.org",
	    "2026e");
	foreign[0] = stranger = signing_key(KEY_RSA, "example.net", "x");
	/* our names, another key */
	fake = *stranger;
	fake.domain = rsa->domain;
	fake.selector = rsa->selector;
	imposter[0] = &fake;
	identity[0] = (struct identity){ rsa->domain, true, ours, 2 };
	table = signing_table(identity, 1);
	signs = sign_rules_new(signing_config(), &err);
	rules = verify_rules_new(table, &err);
	return signs == NULL || rules == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	verify_rules_free(&rules);
	sign_rules_free(&signs);
	signing_table_free(&table);
	signing_key_free(&rsa);
	signing_key_free(&ed);
	signing_key_free(&stranger);
	return 0;
}

static char *
signed_by(const struct key *const *keys, size_t n, const char *domain,
    const char *raw)
{
	struct err err;
	char *out = signing_sign(signs, domain, keys, n, raw, strlen(raw), 0,
	    NULL, &err);

	if (out == NULL)
		fail_msg("%s", err.text);
	return out;
}

/* message with the first old in it replaced; message is freed. */
static char *
replaced(char *message, const char *old, const char *with)
{
	char *at = strstr(message, old);
	char *out = malloc(strlen(message) + strlen(with) + 1);

	assert_non_null(at);
	assert_non_null(out);
	memcpy(out, message, (size_t)(at - message));
	stpcpy(stpcpy(out + (at - message), with), at + strlen(old));
	free(message);
	return out;
}

static char *
above(const char *fields, char *message)
{
	char *out = malloc(strlen(message) + strlen(fields) + 1);

	assert_non_null(out);
	stpcpy(stpcpy(out, fields), message);
	free(message);
	return out;
}

static void
expect(const char *name, char *message, bool want)
{
	static const size_t chunks[] = { 0, 1 };

	for (int i = 0; i < 2; i++)
		if (signing_is_ours(rules, both, 2, message, strlen(message),
		    chunks[i])
		    != want)
			fail_msg("%s: want %d of\n%.4000s", name, want,
			    message);
	free(message);
}

static void
ours_hold(void **state)
{
	static const char *const in[] = {
		MESSAGE, BASE, BASE "\r\n", BASE "\r\nno end",
		"From:\r\n a@example.org\r\nSubject:\r\n\tx\r\n \r\n\r\nx\r\n",
		"From: a @ example.org\r\n (comment\r\n\r\n",
		"From: \r\n\r\n",
		"From: a@example.org\r\nFrom: b@example.org\r\n\r\nx\r\n",
		"From: \xc3\xbc@example.org\r\nSubject: \xff\xfe\r\n\r\n\xff\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(in); i++) {
		expect("both", signed_by(both, 2, "example.org", in[i]), true);
		expect("RSA", signed_by(both, 1, "example.org", in[i]), true);
		expect("Ed25519", signed_by(both + 1, 1, "example.org", in[i]),
		    true);
		expect("in transit", above("Received: by x\r\n\tfor y\r\n"
		    "X-Waybill_Sender: x\r\nDKIM-Signature: v=1; d=x; s=y;\r\n"
		    "DKIM-Signature:\r\nReceived: z\r\n",
		    signed_by(both, 2, "example.org", in[i])), true);
	}
	expect("beside a broken one of ours", above("DKIM-Signature: v=1; "
	    "a=rsa-sha256; d=example.org; s=2026r; h=From; bh=eA==; b=eA==\r\n",
	    signed_by(both, 1, "example.org", MESSAGE)), true);
}

static void
changed_dont(void **state)
{
	(void)state;
	expect("another subject", replaced(signed_by(both, 2, "example.org",
	    MESSAGE), "hello", "HELLO"), false);
	expect("another body", replaced(signed_by(both, 2, "example.org",
	    MESSAGE), "\r\n\r\nhello", "\r\n\r\nHELLO"), false);
	expect("a longer body", replaced(signed_by(both, 2, "example.org",
	    MESSAGE), "\r\n\r\nhello\r\n", "\r\n\r\nhello\r\nmore\r\n"), false);
	expect("another From above", above("From: evil@example.net\r\n",
	    signed_by(both, 2, "example.org", MESSAGE)), false);
	expect("a stamp above", above("X-Waybill-Route: dest=x\r\n",
	    signed_by(both, 2, "example.org", MESSAGE)), false);
	expect("an added l=", replaced(signed_by(both, 1, "example.org",
	    MESSAGE), "; t=", "; l=0; t="), false);
	expect("no signature", strdup(MESSAGE), false);
}

/* What the library takes for a good signature, and other verifiers don't. */
static void
lenient_dont(void **state)
{
	static const struct {
		const char *name, *old, *with;
	} row[] = {
		{ "other bytes in b=", "\tb=", "\tb=!" },
		{ "UTF-8 in b=", "\tb=", "\tb=\xc3\xa9" },
		{ "padding in front of b=", "\tb=", "\tb==" },
		{ "a CR in a covered field", "hello", "hello\r" },
		{ "a CR before a fold", "Subject: hello",
		    "Subject:\r\r\n hello" },
		{ "a CR before a fold of the signature", "\tb=", "\r\r\n\tb=" },
		{ "a VT", "Subject: hello", "Subject: \vhello" },
		{ "an FF", "Subject: hello", "Subject: \fhello" },
		{ "a VT at the end", "Subject: hello", "Subject: hello\v" },
		{ "a blank before a colon", "Subject:", "Subject :" },
		{ "a CR in the body", "\r\n\r\nhello", "\r\n\r\nhe\rllo" },
		{ "a CR before a CRLF", "\r\n\r\nhello", "\r\n\r\nhello\r" },
		{ "an LF in the body", "\r\n\r\nhello\r\n",
		    "\r\n\r\nhello\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		expect(row[i].name, replaced(signed_by(both, 1, "example.org",
		    MESSAGE), row[i].old, row[i].with), false);
	/* fields that it doesn't cover may have them */
	expect("a VT elsewhere", above("X-Odd: a\vb\fc\r\n",
	    signed_by(both, 1, "example.org", MESSAGE)), true);
}

/* A key that doesn't sign doesn't count. */
static void
uncounted_dont(void **state)
{
	char *message = signed_by(both, 1, "example.org", MESSAGE);

	(void)state;
	assert_true(signing_is_ours(rules, both, 1, message, strlen(message),
	    0));
	assert_false(signing_is_ours(rules, both + 1, 1, message,
	    strlen(message), 0));
	assert_false(signing_is_ours(rules, NULL, 0, message, strlen(message),
	    0));
	free(message);
}

static void
others_dont(void **state)
{
	(void)state;
	expect("a stranger's", signed_by(foreign, 1, "example.net", MESSAGE),
	    false);
	expect("a stranger's key under our names", signed_by(imposter, 1,
	    "example.org", MESSAGE), false);
	expect("our key for a subdomain", signed_by(both, 1,
	    "sub.example.org", MESSAGE), false);
	expect("our key for another's domain", signed_by(both, 1,
	    "example.net", MESSAGE), false);
}

/* More candidates than are tried, above the one that holds. */
static void
tries_end(void **state)
{
	char *message = signed_by(both, 1, "example.org", MESSAGE);
	static const char broken[] = "DKIM-Signature: v=1; a=rsa-sha256; "
	    "d=example.org; s=2026r; h=From; bh=eA==; b=eA==\r\n";

	(void)state;
	for (int i = 0; i < VERIFY_TRIES_MAX - 1; i++)
		message = above(broken, message);
	expect("three broken ones above", strdup(message), true);
	expect("four broken ones above", above(broken, message), false);
}

static void
candidates(void **state)
{
	static const struct { const char *value; bool want; } v[] = {
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From", true },
		{ "v=1;a=ed25519-sha256;d=example.org;s=2026e;h=From", true },
		{ " v=1; a=rsa-sha256; d=EXAMPLE.org; s=2026R; h=From", true },
		{ "\n v = 1;\n\ta = rsa-sha256 ; d=example.org;\n s=2026r; h=\n"
		    " From : To", true },
		{ " v=1; a=rsa-sha1; d=example.org; s=2026r; h=From", false },
		{ " v=1; a=ed25519-sha256; d=example.org; s=2026r; h=From",
		    false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026e; h=From", false },
		{ " v=2; a=rsa-sha256; d=example.org; s=2026r; h=From", false },
		{ " a=rsa-sha256; d=example.org; s=2026r; h=From", false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r", false },
		{ " v=1; a=rsa-sha256; d=sub.example.org; s=2026r; h=From",
		    false },
		{ " v=1; a=rsa-sha256; d=org; s=2026r; h=From", false },
		{ " v=1; a=rsa-sha256; d=example.org; s=x; h=From", false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From; l=5",
		    false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From; l=",
		    false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From; x=1",
		    false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From; x=-1",
		    false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From; x=x",
		    false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From; "
		    "x=99999999999999999999", false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From; "
		    "x=9999999999", true },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; d=example.org; "
		    "h=From", false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From:"
		    "dkim-signature :To", false },
		{ "", false }, { ";", false }, { "v", false }, { "=", false },
		{ " v=1; a=rsa-sha256; d=; s=; h=", false },
		{ " v=1; a=rsa-sha256; d=example.org; s=2026r; h=From; \xff=1",
		    false },
	};
	char *huge = calloc(1, 200000);

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		char whole[300];

		snprintf(whole, sizeof whole, "%s; bh=eA==; b=eA==",
		    v[i].value);
		if (verify_is_candidate(rules, whole) != v[i].want)
			fail_msg("\"%s\": want %d", whole, v[i].want);
	}
	assert_false(verify_is_candidate(rules, ""));
	assert_non_null(huge);
	strcpy(huge, v[0].value);
	strcat(huge, "; bh=eA==; b=");
	memset(huge + strlen(huge), 'A', 100000);
	assert_false(verify_is_candidate(rules, huge));
	free(huge);
}

/* Hostile in number and size: it ends, in good time, and nothing is ours. */
static void
floods(void **state)
{
	static const char bait[] = "v=1; a=rsa-sha256; d=example.org; s=2026r; "
	    "bh=eA==; b=eA==; h=";
	static const char *const lists[] = {
		"From", ":", "From:", ":::::From", "DKIM-Signature:From",
		"From:From:From:From:From:From:From:To:To:Subject:X:Y:Z",
	};
	char *in = malloc(4000000);
	char *to;
	time_t begin = time(NULL);

	(void)state;
	assert_non_null(in);
	for (size_t i = 0; i < COUNT(lists); i++) {
		sprintf(in, "DKIM-Signature: %s%s\r\n" MESSAGE, bait, lists[i]);
		expect(lists[i], strdup(in), false);
	}

	to = in;
	for (int i = 0; i < 20000; i++)
		to += sprintf(to, "DKIM-Signature: %sFrom\r\n", bait);
	strcpy(to, MESSAGE);
	expect("20000 signatures", strdup(in), false);

	to = in;
	for (int i = 0; i < 4; i++) {
		to += sprintf(to, "DKIM-Signature: %s", bait);
		for (int n = 0; n < 1000; n++)
			to += sprintf(to, "%c%c:", 'a' + n % 26,
			    'a' + n / 26 % 26);
		to += sprintf(to, "From\r\n");
	}
	for (int i = 0; i < 100000; i++)
		to += sprintf(to, "%c%c: x\r\n", 'a' + i % 26, 'a' + i / 26 %
		    26);
	strcpy(to, MESSAGE);
	expect("1000 names and 100000 fields", strdup(in), false);
	assert_in_range(time(NULL) - begin, 0, 60);
	free(in);
}

UNIT_MAIN(setup, teardown,
    cmocka_unit_test(ours_hold),
    cmocka_unit_test(changed_dont),
    cmocka_unit_test(lenient_dont),
    cmocka_unit_test(uncounted_dont),
    cmocka_unit_test(others_dont),
    cmocka_unit_test(tries_end),
    cmocka_unit_test(candidates),
    cmocka_unit_test(floods))
