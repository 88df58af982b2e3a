/* SPDX-License-Identifier: ISC */
/* Mailboxes of the envelope and of From:, To: and Cc:, nasty ones above all. */
#include "base/address.h"

#include "unit.h"

/* Every domain of the value, joined by blanks; "-" for one without. */
static void
domains_of(const char *value, size_t len, char *out, size_t size)
{
	struct address_list l;
	struct address a;
	size_t n = 0;

	out[0] = '\0';
	address_list_begin(&l, value, len);
	while (address_list_next(&l, &a) && n < size)
		n += (size_t)snprintf(out + n, size - n, "%s%s",
		    n == 0 ? "" : " ", a.domain[0] == '\0' ? "-" : a.domain);
	assert_int_equal(a.text[0], '\0');
}

static void
domains(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		/* RFC 5322 as it should be */
		{"a@example.org", "example.org"},
		{"A B <a@example.org>", "example.org"},
		{"\"B, A\" <a@EXAMPLE.org>", "example.org"},
		{"<a@example.org>", "example.org"},
		{"a@example.org (A B)", "example.org"},
		{"a@example.org, b@example.net", "example.org example.net"},
		{"a@[192.0.2.1]", "[192.0.2.1]"},
		{"a@[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"},
		{"A: a@x, b@y;, c@z", "x y z"},
		{"undisclosed-recipients:;", ""},
		{"A:;, b@y", "y"},
		/* comments, quotes, quoted pairs */
		{"(a@x) a@y (b@z)", "y"},
		{"a(x(y)\\))@(c)example(d).(e)org(f)", "example.org"},
		{"(\\() <a@y>", "y"},
		{"\"a@x\" <b@y>", "y"},
		{"\"a \\\" <z@z>, \" <b@y>", "y"},
		{"\"a@x, c\"@y", "y"},
		{"\"a\\\"@x\"@y", "y"},
		{"A \\, B <a@y>", "y"},
		{"\"<a@x>\" <b@y>", "y"},
		{"(<a@x>,) <b@y>", "y"},
		/* folds and blanks */
		{"\r\n A\r\n\tB\r\n <a@y>\r\n", "y"},
		{"a @ example . org", "example.org"},
		{"a\r\n @\r\n example\r\n .\r\n org\r\n", "example.org"},
		{"A <\r\n a . b\n @ y\r\n >", "y"},
		{"a@[192.\r\n 0.2.1 ]", "[192.0.2.1]"},
		/* obsolete forms */
		{"<@a,@b:c@d>", "d"}, {"A <@a , @b : c@d>, e@f", "d f"},
		{"a@x,,b@y,", "x y"}, {",,,", ""}, {"", ""}, {"  ", ""},
		{"J. Q. P <a@y>", "y"}, {"Mr. A. B@y", "y"},
		/* encoded words, 8-bit, U-labels */
		{"=?utf-8?q?a=40x?= <b@y>", "y"},
		{"=?utf-8?q?a,_b@x?= <c@y>", "y"},
		{"=?utf-8?b?PGFAeD4=?= =?utf-8?q?\"?= <c@y>", "y"},
		{"=?a <b@y>", "y"}, {"=?u?q?a@b, c@y", "b y"},
		{"a@b\xc3\xbc" "cher.example", "xn--bcher-kva.example"},
		{"J\xc3\xbcrgen <a@B\xc3\x9c" "CHER.example>",
		    "xn--bcher-kva.example"},
		{"\xff\xfe\x80 <a@y>", "y"}, {"a@\xff", "-"},
		{"\x01\x02 a\x03@y", "y"},
		/* garbage that is in use */
		{"a@example.org <b@example.net>", "example.net"},
		{"a@b@c", "c"}, {"<a@b@c>", "c"},
		{"B, A <a@y>", "y"}, {"a b@y", "y"}, {"a@x b@y", "x"},
		{"a@y c", "y"}, {"a@y. ", "y"}, {"A <a@y", "y"},
		{"<a@x, <b@y>", "x y"}, {"A <a@y> B", "y"},
		{"<x> <a@y>", "y"}, {"<a@x> <b@y>", "x"}, {"<<a@y>>", "y"},
		{"a@y >", "y"}, {"a@x <>", "x"}, {"<>", ""},
		{"mailto:a@y", "y"}, {"A; <a@y>", "y"}, {"\"A <a@y>", "y"},
		{"5\" disk <a@y>", "y"}, {"A (B <a@y>", "y"}, {":( <a@y>", "y"},
		{"A) <a@y>", "y"}, {"[A] <a@y>", "y"}, {"\\", ""},
		{"a@y\\", "-"}, {"A <a@y\\>", "-"},
		/* mailboxes without a domain that is one */
		{"root", ""}, {"<root>", "-"}, {"<root>, a@y", "- y"},
		{"a@", "-"}, {"a@ex ample.org", "ex"}, {"a@x..y", "-"},
		{"a@[192.0.2.1", "-"}, {"a@exa/mple", "-"}, {"@y", "y"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[500];
		domains_of(rows[i].in, strlen(rows[i].in), got, sizeof got);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu: %s: \"%s\", not \"%s\"", i,
			    rows[i].in, got, rows[i].want);
	}
}

static void
texts(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"A <a.b@Example.ORG> (c)", "a.b@Example.ORG"},
		{"a (c) . b @\r\n y", "a.b@y"}, {"\"a b\"@y", "\"a b\"@y"},
		{"<@r:a@y>", "a@y"}, {"a\\,b@y", "a\\,b@y"},
		{"a@b@c", "a@b@c"}, {"<root>", "root"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address_list l;
		struct address a;
		address_list_begin(&l, rows[i].in, strlen(rows[i].in));
		assert_true(address_list_next(&l, &a));
		assert_string_equal(a.text, rows[i].want);
		assert_int_equal(a.is_literal, 0);
	}
}

static void
literals_are_marked(void **state)
{
	struct address_list l;
	struct address a;

	(void)state;
	address_list_begin(&l, "a@[192.0.2.1]", 13);
	assert_true(address_list_next(&l, &a));
	assert_true(a.is_literal);
	assert_string_equal(a.domain, "[192.0.2.1]");
}

static void
more_mailboxes_than_are_looked_at(void **state)
{
	static char value[(ADDRESS_LIST_MAX + 1) * 4 + 1];
	struct address_list l;
	struct address a;
	int n = 0;

	(void)state;
	for (int i = 0; i < ADDRESS_LIST_MAX; i++)
		strcpy(value + i * 4, "a@x,");
	address_list_begin(&l, value, strlen(value));
	while (address_list_next(&l, &a))
		n++;
	assert_int_equal(n, ADDRESS_LIST_MAX);
	assert_false(l.cut);
	strcat(value, "a@x,");
	address_list_begin(&l, value, strlen(value));
	while (address_list_next(&l, &a))
		;
	assert_true(l.cut);
	assert_int_equal(l.seen, ADDRESS_LIST_MAX);
}

/* What an attacker repeats, each with each, 100 kB of it, with the mailbox behind. Were one of
 * them quadratic, this test would run for minutes. */
static void
long_values(void **state)
{
	static const char *const parts[] = {"", "a", "a ", "(", ")", "\"", "\\",
	    "\"\"", "()", "<", "<a", "@", ".", "=?", " =?", "[", "a@[", ":",
	    "=?a?q?", " =?a?q?x", "@a,", "\r\n ", "a@b ", "((\\", "\"\\\""};
	enum { SIZE = 100000 };
	static char value[SIZE + 100];

	(void)state;
	for (size_t i = 0; i < COUNT(parts) * COUNT(parts); i++) {
		struct address_list l;
		struct address a, last = {0};
		char part[40];
		size_t n = 0, len;

		len = (size_t)snprintf(part, sizeof part, "%s%s",
		    parts[i / COUNT(parts)], parts[i % COUNT(parts)]);
		while (len > 0 && n + len < SIZE) {
			memcpy(value + n, part, len);
			n += len;
		}
		strcpy(value + n, ",b@example.org");
		address_list_begin(&l, value, strlen(value));
		while (address_list_next(&l, &a))
			last = a;
		assert_true(strlen(last.text) < sizeof last.text);
	}
	/* a local part that is cut, a domain that isn't */
	memset(value, 'a', SIZE);
	strcpy(value + SIZE, "@example.org");
	struct address_list l;
	struct address a;
	address_list_begin(&l, value, strlen(value));
	assert_true(address_list_next(&l, &a));
	assert_string_equal(a.domain, "example.org");
	assert_string_equal(a.text + strlen(a.text) - 13, "a@example.org");
	/* a domain that is none */
	value[0] = 'a';
	value[1] = '@';
	memset(value + 2, 'b', SIZE);
	address_list_begin(&l, value, SIZE);
	assert_true(address_list_next(&l, &a));
	assert_string_equal(a.domain, "");
}

static void
paths(void **state)
{
	static const struct {
		const char *in;
		int ret;
		const char *text, *domain;
	} rows[] = {
		{"<a@example.org>", 0, "a@example.org", "example.org"},
		{"a@example.org", 0, "a@example.org", "example.org"},
		{"<>", 0, "", ""}, {"", 0, "", ""},
		{"<@a,@b:c@d>", 0, "c@d", "d"}, {"@a:c@d", 0, "c@d", "d"},
		{"<\"a@b>c\"@d>", 0, "\"a@b>c\"@d", "d"},
		{"<\"a\\\"@b\"@d>", 0, "\"a\\\"@b\"@d", "d"},
		{"<postmaster>", 0, "postmaster", ""}, {"root", 0, "root", ""},
		{"<a@[192.0.2.1]>", 0, "a@[192.0.2.1]", "[192.0.2.1]"},
		{"<a@b@c>", 0, "a@b@c", "c"},
		{"<\xc3\xbc@b\xc3\xbc" "cher.example>", 0,
		    "\xc3\xbc@b\xc3\xbc" "cher.example", "xn--bcher-kva.example"},
		{"<a@b", -1, "a@b", ""}, {"<", -1, "", ""},
		{"<a@>", -1, "a@", ""}, {"<@b>", -1, "@b", ""},
		{"<a@b c>", -1, "a@b c", ""}, {"<\"a@b>", -1, "\"a@b", ""},
		{"<a@[192.0.2.1>", -1, "a@[192.0.2.1", ""},
		{"<a@[x]y>", -1, "a@[x]y", ""}, {"<a@b>x", -1, "a@b>x", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address a;
		int ret = address_path(rows[i].in, &a);
		if (ret != rows[i].ret)
			fail_msg("%s: %d", rows[i].in, ret);
		assert_string_equal(a.text, rows[i].text);
		assert_string_equal(a.domain, rows[i].domain);
	}
}

/* Only where nobody can find another domain than the last one. */
static void
plain_paths(void **state)
{
	static const struct {
		const char *in;
		bool is_plain;
	} rows[] = {
		{"<a@b>", true}, {"a@b", true}, {"<a.b+c=d-1_~@b>", true},
		{"<a..b.@b>", true}, {"<\"a b\"@b>", true},
		{"<\xc3\xbc@b>", true}, {"<@x,@y:a@b>", true},
		{"<a@x(@b>", false}, {"<(x)a@b>", false}, {"<a%x@b>", false},
		{"<x!a@b>", false}, {"<a@x@b>", false}, {"<\"a@x\"@b>", false},
		{"<\"a%x\"@b>", false}, {"<\"x!a\"@b>", false},
		{"<\"a(\"@b>", false}, {"<\"a\\\"\"@b>", false},
		{"<\"a\".b@b>", false}, {"<a\\@x@b>", false},
		{"<a x@b>", false}, {"<a,x@b>", false}, {"<a:x@b>", false},
		{"<@x:y:a@b>", false}, {"<<a@b>", false}, {"<a\x01@b>", false},
		{"<\"@b>", false}, {"<a>", false}, {"<>", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address a;

		(void)address_path(rows[i].in, &a);
		if (a.is_plain != rows[i].is_plain)
			fail_msg("%s: %d", rows[i].in, a.is_plain);
	}
}

static void
path_too_long(void **state)
{
	char longest[ADDRESS_MAX + 100];
	struct address a;

	(void)state;
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(address_path(longest, &a), -1);
	assert_int_equal(strlen(a.text), ADDRESS_MAX - 1);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(domains),
    cmocka_unit_test(texts),
    cmocka_unit_test(literals_are_marked),
    cmocka_unit_test(more_mailboxes_than_are_looked_at),
    cmocka_unit_test(long_values),
    cmocka_unit_test(paths),
    cmocka_unit_test(plain_paths),
    cmocka_unit_test(path_too_long))
