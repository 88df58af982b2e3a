/* SPDX-License-Identifier: ISC */
/* A-labels and U-labels, and how names lie below each other. */
#include "base/domain.h"

#include "unit.h"

#define A10 "aaaaaaaaaa"
#define A63 A10 A10 A10 A10 A10 A10 "aaa"

static void
a_labels(void **state)
{
	static const struct {
		const char *in, *want;		/* NULL: refused */
	} rows[] = {
		{"example.org", "example.org"}, {"EXAMPLE.Org.", "example.org"},
		{"B\xc3\x9c" "CHER.example", "xn--bcher-kva.example"},
		{"b\xc3\xbc" "cher.example", "xn--bcher-kva.example"},
		{"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
		{"bu\xcc\x88" "cher.example", "xn--bcher-kva.example"},	/* NFD */
		{"fa\xc3\x9f.example", "xn--fa-hia.example"},
		{"b\xc3\xbc" "cher\xe3\x80\x82" "example", "xn--bcher-kva.example"},
		{"a\xef\xbc\x8e" "example", "a.example"},
		{"ab--cd.b\xc3\xbc" "cher.example", "ab--cd.xn--bcher-kva.example"},
		{"\xef\xbc\xa5xample.org", "example.org"},	/* full width E */
		{"ab--cd.example", "ab--cd.example"}, {"-x.example", "-x.example"},
		{"_dmarc.example.org", "_dmarc.example.org"},
		{"a_b.b\xc3\xbc" "cher", "a_b.xn--bcher-kva"},
		{"localhost", "localhost"}, {"192.0.2.1", "192.0.2.1"},
		{A63 ".org", A63 ".org"}, {A63 "a.org", NULL},
		{A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 "a",
		    A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 "a"},
		{A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 "aa", NULL},
		{A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 ".a", NULL},
		{"", NULL}, {".", NULL}, {"..", NULL}, {"a..b", NULL},
		{".a", NULL}, {"a..", NULL}, {"a b", NULL}, {"a/b", NULL},
		{"a@b", NULL}, {"a\nb", NULL}, {"\xff.example", NULL},
		{"b\xc3.example", NULL}, {"\xe2\x84\x80.example", NULL},
		{"\xc2\xad.example", NULL},	/* soft hyphen alone */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[DOMAIN_SIZE];
		int ret = domain_to_ascii(rows[i].in, out);
		if ((ret == 0) != (rows[i].want != NULL))
			fail_msg("row %zu: %s: %d", i, rows[i].in, ret);
		assert_string_equal(out,
		    rows[i].want == NULL ? "" : rows[i].want);
	}
}

static void
bytes_with_a_nul_are_no_name(void **state)
{
	char out[DOMAIN_SIZE];

	(void)state;
	assert_int_equal(domain_to_ascii_bytes("a.org\0b", 7, out), -1);
	assert_int_equal(domain_to_ascii_bytes("a.orgb", 5, out), 0);
	assert_string_equal(out, "a.org");
}

static void
faults_are_named(void **state)
{
	(void)state;
	assert_string_equal(domain_fault(""), "empty name");
	assert_string_equal(domain_fault("a..b"), "empty label");
	assert_string_equal(domain_fault(A63 "a"), "label longer than 63 "
	    "bytes");
	assert_string_equal(domain_fault("a b"), "only letters, digits, \"-\", "
	    "\"_\" and dots are allowed");
	assert_string_equal(domain_fault("\xff"),
	    "invalid internationalized label");
	assert_string_equal(domain_fault(A63 "." A63 "." A63 "." A63),
	    "longer than 253 bytes");
}

static void
u_labels(void **state)
{
	char out[40];

	(void)state;
	domain_to_unicode("xn--bcher-kva.example", out, sizeof out);
	assert_string_equal(out, "b\xc3\xbc" "cher.example");
	domain_to_unicode("xn--bcher-kva.example", out, 8);
	assert_string_equal(out, "xn--bch");
	domain_to_unicode("xn--0.example", out, sizeof out);
	assert_string_equal(out, "xn--0.example");
}

static void
trees(void **state)
{
	(void)state;
	assert_true(domain_is_under("a.example.org", "example.org"));
	assert_true(domain_is_under("example.org", "example.org"));
	assert_false(domain_is_under("badexample.org", "example.org"));
	assert_false(domain_is_under("org", "example.org"));
	assert_false(domain_is_under("example.org", ""));
	assert_true(domain_equal("a.b", "a.b"));
	assert_false(domain_equal("a.b", "a.c"));
	assert_string_equal(domain_parent("a.b.c"), "b.c");
	assert_null(domain_parent("c"));
	assert_int_equal(domain_labels("a.b.c"), 3);
	assert_int_equal(domain_labels("c"), 1);
	assert_int_equal(domain_labels(""), 0);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(a_labels),
    cmocka_unit_test(bytes_with_a_nul_are_no_name),
    cmocka_unit_test(faults_are_named),
    cmocka_unit_test(u_labels),
    cmocka_unit_test(trees))
