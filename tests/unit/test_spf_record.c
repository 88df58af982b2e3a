/* SPDX-License-Identifier: ISC */
/* The grammar of SPF records, and records with an address put in. */
#include "find/spf_record.h"

#include "unit.h"

#define BYTES(s) s, sizeof (s) - 1

static void
kinds(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		bool want;
	} row[] = {
		{ BYTES("v=spf1"), true },
		{ BYTES("v=spf1 -all"), true },
		{ BYTES("V=SPF1 -all"), true },
		{ BYTES("v=spf10"), false },
		{ BYTES("v=spf1\t-all"), false },
		{ BYTES("v=spf1\0"), false },
		{ BYTES("v=spf"), false },
		{ BYTES(" v=spf1"), false },
		{ BYTES(""), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("%s\n", row[i].s);
		assert_int_equal(spf_record_is(row[i].s, row[i].len),
		    row[i].want);
	}
}

/* Of each: is it right, how many terms has it, and where is it wrong? */
static void
grammar(void **state)
{
	static const struct {
		const char *record;
		int terms;	/* -1: wrong */
		size_t offset;
	} row[] = {
		{ "v=spf1", 0, 0 },
		{ "v=spf1   ", 0, 0 },
		{ "v=spf1 all", 1, 0 },
		{ "v=spf1  +a  -mx   ~ptr ?all  ", 4, 0 },
		{ "v=spf1 a:example.org", 1, 0 },
		{ "v=spf1 a:example.org.", 1, 0 },
		{ "v=spf1 a/24", 1, 0 },
		{ "v=spf1 a//64", 1, 0 },
		{ "v=spf1 a/24//64", 1, 0 },
		{ "v=spf1 a/0//0", 1, 0 },
		{ "v=spf1 mx:example.org/32//128", 1, 0 },
		{ "v=spf1 a:1.2.3.example2", 1, 0 },
		{ "v=spf1 a:foo:bar/baz.example.org", 1, 0 },
		{ "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip4:0.0.0.0/0", 3, 0 },
		{ "v=spf1 ip6:2001:db8::7 ip6:2001:db8::/32 ip6:::/0", 3, 0 },
		{ "v=spf1 ip6:::ffff:192.0.2.1/96", 1, 0 },
		{ "v=spf1 include:_spf.example.org -all", 2, 0 },
		{ "v=spf1 exists:%{ir}.%{v}._spf.%{d2}", 1, 0 },
		{ "v=spf1 exists:%{l1r-}%%%_%-.%{o}", 1, 0 },
		{ "v=spf1 exists:%{D}", 1, 0 },
		{ "v=spf1 exists:a%%", 1, 0 },
		{ "v=spf1 exists:%{s128R.-+,/_=}", 1, 0 },
		{ "v=spf1 redirect=example.org", 0, 0 },
		{ "v=spf1 exp=example.org redirect=example.net", 0, 0 },
		{ "v=spf1 m-x_y.z=anything,really:%{d} -all", 1, 0 },
		{ "v=spf1 ra= -all", 1, 0 },

		{ "v=spf1 all:example.org", -1, 10 },
		{ "v=spf1 all/8", -1, 10 },
		{ "v=spf1 -", -1, 8 },
		{ "v=spf1 --all", -1, 8 },
		{ "v=spf1 foo", -1, 7 },
		{ "v=spf1 ip5:192.0.2.1", -1, 7 },
		{ "v=spf1 a:", -1, 9 },
		{ "v=spf1 a:museum", -1, 9 },
		{ "v=spf1 a:example.org:8080", -1, 9 },
		{ "v=spf1 a:192.0.2.1", -1, 9 },
		{ "v=spf1 a:example.-org", -1, 9 },
		{ "v=spf1 a:example.org-", -1, 9 },
		{ "v=spf1 a:example.o_g", -1, 9 },
		{ "v=spf1 a:example..", -1, 9 },
		{ "v=spf1 a/33", -1, 9 },
		{ "v=spf1 a//129", -1, 10 },
		{ "v=spf1 a/024", -1, 9 },
		{ "v=spf1 a//0064", -1, 10 },
		{ "v=spf1 a/", -1, 9 },
		{ "v=spf1 a/24/64", -1, 12 },
		{ "v=spf1 a/99999999999999999999", -1, 9 },
		{ "v=spf1 mx=", 0, 0 },		/* a modifier named mx */
		{ "v=spf1 ptr/24", -1, 10 },
		{ "v=spf1 ptr:", -1, 11 },
		{ "v=spf1 include", -1, 14 },
		{ "v=spf1 include:", -1, 15 },
		{ "v=spf1 include:example.org/24", -1, 15 },
		{ "v=spf1 exists:example.org/24", -1, 14 },
		{ "v=spf1 ip4", -1, 10 },
		{ "v=spf1 ip4:", -1, 11 },
		{ "v=spf1 ip4:192.0.2", -1, 11 },
		{ "v=spf1 ip4:192.0.2.1/", -1, 21 },
		{ "v=spf1 ip4:192.0.2.1/33", -1, 21 },
		{ "v=spf1 ip4:192.0.2.1/032", -1, 21 },
		{ "v=spf1 ip4:192.0.2.01", -1, 11 },
		{ "v=spf1 ip4:192.0.2.1//32", -1, 21 },
		{ "v=spf1 ip4:192.0.2.1:25", -1, 11 },
		{ "v=spf1 ip4:2001:db8::7", -1, 11 },
		{ "v=spf1 ip4=192.0.2.1", 0, 0 },	/* a modifier, alas */
		{ "v=spf1 ip6:192.0.2.1", -1, 11 },
		{ "v=spf1 ip6:[2001:db8::7]", -1, 11 },
		{ "v=spf1 ip6:2001:db8::7/129", -1, 23 },
		{ "v=spf1 ip6:2001:db8::7%eth0", -1, 11 },
		{ "v=spf1 exists:%{x}", -1, 16 },
		{ "v=spf1 exists:%{c}.a", -1, 16 },
		{ "v=spf1 exists:%{d0}", -1, 17 },
		{ "v=spf1 exists:%{d", -1, 17 },
		{ "v=spf1 exists:%{dr2}", -1, 18 },
		{ "v=spf1 exists:%{d;}", -1, 17 },
		{ "v=spf1 exists:%", -1, 14 },
		{ "v=spf1 exists:%d.example.org", -1, 15 },
		{ "v=spf1 exists:foo.}", -1, 14 },
		{ "v=spf1 redirect=", -1, 16 },
		{ "v=spf1 redirect=example", -1, 16 },
		{ "v=spf1 redirect:example.org", -1, 7 },
		{ "v=spf1 -redirect=example.org", -1, 8 },
		{ "v=spf1 redirect=a.example redirect=b.example", -1, 26 },
		{ "v=spf1 exp=a.example EXP=b.example", -1, 21 },
		{ "v=spf1 m=%{x}", -1, 11 },
		{ "v=spf1 =example.org", -1, 7 },
		{ "v=spf1 1m=x", -1, 7 },
		{ "v=spf1 a,mx", -1, 8 },
		{ "v=spf1 a;mx", -1, 8 },
		{ "v=spf1 a\tmx", -1, 8 },
		{ "v=spf1 a:b\303\266.example.org", -1, 10 },
		{ "v=spf1 a\177", -1, 8 },
		{ "v=spf1 a mx v=spf1", 2, 0 },		/* a modifier named v */
		{ "\"v=spf1 -all\"", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct spf_record r;
		struct spf_fault f;
		const char *s = row[i].record;
		int rc = spf_record_parse(&r, s, strlen(s), &f);

		print_message("%s: %s\n", s, rc < 0 ? f.text : "right");
		assert_int_equal(rc, row[i].terms < 0 ? -1 : 0);
		if (rc < 0)
			assert_true(f.text[0] != '\0');
		else
			assert_int_equal(r.n, row[i].terms);
		assert_int_equal(f.offset, row[i].offset);
		spf_record_free(&r);
		assert_int_equal(spf_record_parse(&r, s, strlen(s), NULL), rc);
		spf_record_free(&r);
	}
}

static void
faults(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		const char *want;
	} row[] = {
		{ BYTES("v=spf1 a ip4:192.0.2 -all"),
		    "term \"ip4:192.0.2\": not an IPv4 address" },
		{ BYTES("v=spf1 ipv4:192.0.2.1"),
		    "term \"ipv4:192.0.2.1\": unknown mechanism" },
		{ BYTES("v=spf1 include:a\303\266\".example"),
		    "term \"include:a???.example\": contains a byte that "
		    "is not printable ASCII" },
		{ BYTES("v=spf1 -all\0"), "term \"-all?\": contains a byte "
		    "that is not printable ASCII" },
		{ BYTES("v=spf1 all-a-long-long-long-long-long-long-long-long-"
		    "term"), "term "
		    "\"all-a-long-long-long-long-long-long-long-long-te...\": "
		    "unknown mechanism" },
		{ BYTES("spf1 -all"), "does not begin with \"v=spf1 \"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct spf_record r;
		struct spf_fault f;

		assert_int_equal(spf_record_parse(&r, row[i].s, row[i].len,
		    &f), -1);
		assert_string_equal(f.text, row[i].want);
		spf_record_free(&r);
	}
}

static void
span_is(struct spf_span s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.s, want, s.len);
}

static void
terms(void **state)
{
	static const char s[] = "v=spf1 ?MX:m.example.org/24//64 ~a//0 "
	    "ip4:192.0.2.129/25 redirect=r.example.org exp=%{d}.example.org";
	struct spf_record r;
	char text[IP_SIZE];

	(void)state;
	assert_int_equal(spf_record_parse(&r, s, sizeof s - 1, NULL), 0);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.terms[0].mechanism, SPF_TERM_MX);
	assert_int_equal(r.terms[0].qualifier, '?');
	span_is(r.terms[0].text, "?MX:m.example.org/24//64");
	span_is(r.terms[0].domain, "m.example.org");
	assert_int_equal(r.terms[0].bits4, 24);
	assert_int_equal(r.terms[0].bits6, 64);
	assert_int_equal(r.terms[1].mechanism, SPF_TERM_A);
	assert_int_equal(r.terms[1].qualifier, '~');
	assert_null(r.terms[1].domain.s);
	assert_int_equal(r.terms[1].bits4, 32);
	assert_int_equal(r.terms[1].bits6, 0);
	assert_int_equal(r.terms[2].mechanism, SPF_TERM_IP4);
	assert_int_equal(r.terms[2].net.bits, 25);
	assert_string_equal(ip_format(&r.terms[2].net.ip, text), "192.0.2.128");
	span_is(r.redirect, "r.example.org");
	span_is(r.exp, "%{d}.example.org");
	assert_int_equal(spf_record_lookups(&r), 3);
	spf_record_free(&r);
}

static void
lookups(void **state)
{
	static const struct {
		const char *record;
		unsigned want;
	} row[] = {
		{ "v=spf1 ip4:192.0.2.1 -all", 0 },
		{ "v=spf1 a mx ptr include:a.example exists:b.example -all", 5 },
		{ "v=spf1 a -all mx redirect=a.example", 1 },
		{ "v=spf1 redirect=a.example", 1 },
		{ "v=spf1 redirect=a.example ?all", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct spf_record r;

		print_message("%s\n", row[i].record);
		assert_int_equal(spf_record_parse(&r, row[i].record,
		    strlen(row[i].record), NULL), 0);
		assert_int_equal(spf_record_lookups(&r), row[i].want);
		spf_record_free(&r);
	}
}

/* Records with 203.0.113.7 and 2001:db8::7 put in. */
static void
with(void **state)
{
	static const struct {
		const char *record, *want;
	} row[] = {
		{ NULL, "v=spf1 ip4:203.0.113.7 ip6:2001:db8::7 ~all" },
		{ "v=spf1 -all",
		    "v=spf1 ip4:203.0.113.7 ip6:2001:db8::7 -all" },
		{ "v=spf1 ip4:203.0.113.7 -all",
		    "v=spf1 ip4:203.0.113.7 ip6:2001:db8::7 -all" },
		{ "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 ~all",
		    "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 ~all" },
		{ "v=spf1 a mx include:_spf.example.net ?all",
		    "v=spf1 a mx include:_spf.example.net ip4:203.0.113.7 "
		    "ip6:2001:db8::7 ?all" },
		{ "v=spf1 a -ip6:2001:db8::/32 ip6:2001:db8::7 -all",
		    "v=spf1 a ip4:203.0.113.7 ip6:2001:db8::7 "
		    "-ip6:2001:db8::/32 ip6:2001:db8::7 -all" },
		{ "v=spf1 -all ip4:203.0.113.7 ip6:2001:db8::7",
		    "v=spf1 ip4:203.0.113.7 ip6:2001:db8::7 -all "
		    "ip4:203.0.113.7 ip6:2001:db8::7" },
		{ "v=spf1 redirect=_spf.example.net",
		    "v=spf1 ip4:203.0.113.7 ip6:2001:db8::7 "
		    "redirect=_spf.example.net" },
		{ "v=spf1 MX  ~all exp=e.example.org",
		    "v=spf1 MX ip4:203.0.113.7 ip6:2001:db8::7  ~all "
		    "exp=e.example.org" },
		{ "v=spf1", "v=spf1 ip4:203.0.113.7 ip6:2001:db8::7" },
	};
	struct ip ips[2];

	(void)state;
	assert_int_equal(ip_parse("203.0.113.7", &ips[0]), 0);
	assert_int_equal(ip_parse("2001:db8::7", &ips[1]), 0);
	for (size_t i = 0; i < COUNT(row); i++) {
		struct spf_record r = { 0 };
		const char *s = row[i].record;
		struct text t;

		text_init(&t, 1000);
		if (s != NULL)
			assert_int_equal(spf_record_parse(&r, s, strlen(s),
			    NULL), 0);
		spf_record_with(s != NULL ? &r : NULL, ips, 2, &t);
		assert_string_equal(t.buf, row[i].want);
		spf_record_free(&r);
		text_free(&t);
	}
}

/* A record as long as one can be, of the shortest terms. */
static void
longest(void **state)
{
	char *s = malloc(SPF_RECORD_MAX + 1);
	struct spf_record r;

	(void)state;
	assert_non_null(s);
	memcpy(s, "v=spf1", 6);
	for (size_t i = 6; i <= SPF_RECORD_MAX; i++)
		s[i] = i % 2 == 0 ? ' ' : 'a';
	assert_int_equal(spf_record_parse(&r, s, SPF_RECORD_MAX, NULL), 0);
	assert_int_equal(r.n, (SPF_RECORD_MAX - 6) / 2);
	spf_record_free(&r);
	assert_int_equal(spf_record_parse(&r, s, SPF_RECORD_MAX + 1, NULL), -1);
	spf_record_free(&r);
	free(s);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(kinds),
    cmocka_unit_test(grammar),
    cmocka_unit_test(faults),
    cmocka_unit_test(terms),
    cmocka_unit_test(lookups),
    cmocka_unit_test(with),
    cmocka_unit_test(longest))
