/* SPDX-License-Identifier: ISC */
/* Record data from strangers: what is read, what is refused. */
#include "find/rdata.h"

#include "unit.h"

/* A string literal as bytes; its own NUL is no part of them. */
#define BYTES(s) { (const uint8_t *)(s), sizeof (s) - 1 }

static void
names(void **state)
{
	static const struct {
		const char *name;
		struct rdata in;
		int rc;
		const char *want;
		size_t used;
	} row[] = {
		{ "two labels", BYTES("\7example\3org\0"), 0, "example.org", 13 },
		{ "upper case", BYTES("\7EXAMPLE\3Org\0"), 0, "example.org", 13 },
		{ "root", BYTES("\0"), 0, "", 1 },
		{ "underscore", BYTES("\6_dmarc\1x\0"), 0, "_dmarc.x", 10 },
		{ "more behind it", BYTES("\1a\0zz"), 0, "a", 3 },
		{ "nothing", BYTES(""), -1, "", 0 },
		{ "no end", BYTES("\7example\3org"), -1, "", 0 },
		{ "label past the end", BYTES("\7exam"), -1, "", 0 },
		{ "dot in a label", BYTES("\3a.b\0"), -1, "", 0 },
		{ "backslash in a label", BYTES("\3a\\b\0"), -1, "", 0 },
		{ "space in a label", BYTES("\3a b\0"), -1, "", 0 },
		{ "8-bit byte", BYTES("\2\303\274\0"), -1, "", 0 },
		{ "NUL in a label", BYTES("\2a\0\0"), -1, "", 0 },
		{ "label of one NUL", BYTES("\1\0\0"), -1, "", 0 },
		{ "pointer", BYTES("\300\14"), -1, "", 0 },
		{ "label type 01", BYTES("\101a\0"), -1, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char out[DOMAIN_SIZE] = "?";
		size_t used = 0;

		print_message("%s\n", row[i].name);
		assert_int_equal(rdata_name(row[i].in.data, row[i].in.len, out,
		    &used), row[i].rc);
		assert_string_equal(out, row[i].want);
		assert_int_equal(used, row[i].used);
	}
}

/* Labels of 63, 63, 63 and n bytes: 192 + n characters with the dots. */
static int
long_name(size_t n)
{
	uint8_t data[300];
	size_t at = 0;
	char out[DOMAIN_SIZE];
	int rc;

	for (int i = 0; i < 4; i++) {
		size_t len = i < 3 ? 63 : n;

		data[at++] = (uint8_t)len;
		memset(data + at, 'x', len);
		at += len;
	}
	data[at++] = 0;
	rc = rdata_name(data, at, out, NULL);
	assert_int_equal(strlen(out), rc == 0 ? 192 + n : 0);
	return rc;
}

static void
name_lengths(void **state)
{
	(void)state;
	assert_int_equal(long_name(60), 0);
	assert_int_equal(long_name(61), 0);
	assert_int_equal(long_name(62), -1);
	assert_int_equal(long_name(63), -1);
}

static void
addresses(void **state)
{
	static const struct {
		const char *name;
		struct rdata in;
		enum dns_type type;
		const char *want;	/* NULL: refused */
	} row[] = {
		{ "A", BYTES("\300\0\2\1"), DNS_A, "192.0.2.1" },
		{ "A of 3 bytes", BYTES("\300\0\2"), DNS_A, NULL },
		{ "A of 5 bytes", BYTES("\300\0\2\1\1"), DNS_A, NULL },
		{ "A of 16 bytes", BYTES("\40\1\r\270\0\0\0\0\0\0\0\0\0\0\0\1"),
		    DNS_A, NULL },
		{ "AAAA", BYTES("\40\1\r\270\0\0\0\0\0\0\0\0\0\0\0\1"),
		    DNS_AAAA, "2001:db8::1" },
		{ "AAAA of 4 bytes", BYTES("\300\0\2\1"), DNS_AAAA, NULL },
		{ "empty", BYTES(""), DNS_AAAA, NULL },
		{ "another type", BYTES("\300\0\2\1"), DNS_TXT, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct ip ip;
		char text[IP_SIZE];

		print_message("%s\n", row[i].name);
		assert_int_equal(rdata_ip(&row[i].in, row[i].type, &ip),
		    row[i].want != NULL ? 0 : -1);
		assert_string_equal(ip_format(&ip, text),
		    row[i].want != NULL ? row[i].want : "none");
	}
}

static void
mail_exchangers(void **state)
{
	static const struct {
		const char *name;
		struct rdata in;
		int rc;
		unsigned preference;
		const char *host;
	} row[] = {
		{ "plain", BYTES("\0\12\2mx\7example\3org\0"), 0, 10,
		    "mx.example.org" },
		{ "large preference", BYTES("\377\376\1a\0"), 0, 65534, "a" },
		{ "null MX", BYTES("\0\0\0"), 0, 0, "" },
		{ "too short", BYTES("\0\12"), -1, 0, "" },
		{ "bytes behind", BYTES("\0\12\1a\0x"), -1, 10, "a" },
		{ "bad name", BYTES("\0\12\3a.b\0"), -1, 10, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct rdata_mx mx;

		print_message("%s\n", row[i].name);
		assert_int_equal(rdata_mx(&row[i].in, &mx), row[i].rc);
		assert_int_equal(mx.preference, row[i].preference);
		assert_string_equal(mx.host, row[i].host);
	}
}

static void
pointers(void **state)
{
	struct rdata good = BYTES("\4Mail\7example\3org\0");
	struct rdata more = BYTES("\1a\0\0");
	char out[DOMAIN_SIZE];

	(void)state;
	assert_int_equal(rdata_ptr(&good, out), 0);
	assert_string_equal(out, "mail.example.org");
	assert_int_equal(rdata_ptr(&more, out), -1);
	assert_string_equal(out, "");
}

static void
texts(void **state)
{
	static const struct {
		const char *name;
		struct rdata in;
		const char *want;	/* NULL: refused */
		size_t len;
	} row[] = {
		{ "one string", BYTES("\6v=spf1"), "v=spf1", 6 },
		{ "two strings", BYTES("\3v=s\3pf1"), "v=spf1", 6 },
		{ "empty string", BYTES("\0"), "", 0 },
		{ "empty between", BYTES("\1a\0\1b"), "ab", 2 },
		{ "NUL inside", BYTES("\3a\0b"), "a\0b", 3 },
		{ "8-bit", BYTES("\2\377\200"), "\377\200", 2 },
		{ "no string at all", BYTES(""), NULL, 0 },
		{ "string past the end", BYTES("\5abc"), NULL, 0 },
		{ "second past the end", BYTES("\1a\2b"), NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		size_t len = 99;
		char *got = rdata_txt(&row[i].in, &len);

		print_message("%s\n", row[i].name);
		assert_int_equal(len, row[i].len);
		assert_int_equal(got != NULL, row[i].want != NULL);
		if (got != NULL)
			assert_memory_equal(got, row[i].want, len + 1);
		free(got);
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(names),
    cmocka_unit_test(name_lengths),
    cmocka_unit_test(addresses),
    cmocka_unit_test(mail_exchangers),
    cmocka_unit_test(pointers),
    cmocka_unit_test(texts))
