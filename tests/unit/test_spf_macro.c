/* SPDX-License-Identifier: ISC */
/* Macros of SPF: the examples of RFC 7208 7.4, and what strangers try. */
#include "find/spf_macro.h"

#include "base/text.h"
#include "unit.h"

static void
expand(void **state)
{
	static const struct {
		const char *spec, *ip, *want;
	} row[] = {
		/* RFC 7208 7.4; those of one label are no names to ask for */
		{ "%{s}.x", NULL, "strong-bad@email.example.com.x" },
		{ "%{o}", NULL, "email.example.com" },
		{ "%{d}", NULL, "email.example.com" },
		{ "%{d4}", NULL, "email.example.com" },
		{ "%{d3}", NULL, "email.example.com" },
		{ "%{d2}", NULL, "example.com" },
		{ "%{d1}.x", NULL, "com.x" },
		{ "%{dr}", NULL, "com.example.email" },
		{ "%{d2r}", NULL, "example.email" },
		{ "%{l}.x", NULL, "strong-bad.x" },
		{ "%{l-}", NULL, "strong.bad" },
		{ "%{lr}.x", NULL, "strong-bad.x" },
		{ "%{lr-}", NULL, "bad.strong" },
		{ "%{l1r-}.x", NULL, "strong.x" },
		{ "%{ir}.%{v}._spf.%{d2}", "192.0.2.3",
		    "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", NULL,
		    "bad.strong.lp._spf.example.com" },
		{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "192.0.2.3",
		    "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
		{ "%{d2}.trusted-domains.example.net", NULL,
		    "example.com.trusted-domains.example.net" },
		{ "%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01",
		    "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		    "1.0.0.2.ip6._spf.example.com" },

		{ "%{p}.x", NULL, "unknown.x" },
		{ "%{h}", NULL, "mx.example.org" },
		{ "%{i}.x", "192.0.2.3", "192.0.2.3.x" },
		{ "a%%b%_c%-d.x", NULL, "a%b c%20d.x" },
		{ "%{S}.x", NULL, "strong-bad%40email.example.com.x" },
		{ "%{d999999999999999999}", NULL, "email.example.com" },
		{ "a.b.", NULL, "a.b" },
		{ "a..b", NULL, "" },
		{ ".a.b", NULL, "" },
		{ "%{d1}", NULL, "" },
	};
	struct ip none = ip_of("192.0.2.3");

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct ip ip = row[i].ip != NULL ? ip_of(row[i].ip) : none;
		struct spf_macro_values v = {
			.sender = "strong-bad@email.example.com",
			.local = { "strong-bad", 10 },
			.origin = "email.example.com",
			.domain = "email.example.com",
			.helo = "mx.example.org",
			.ip = &ip,
		};
		struct spf_span spec = { row[i].spec, strlen(row[i].spec) };
		char out[DOMAIN_SIZE];

		assert_int_equal(spf_macro_expand(spec, &v, out),
		    row[i].want[0] == '\0' ? -1 : 0);
		assert_string_equal(out, row[i].want);
	}
}

/* Names over 253 bytes lose labels at the left, however long they are. */
static void
cut(void **state)
{
	static const unsigned counts[] = { 9, 10, 11, 100, 6000 };
	struct ip ip = ip_of("192.0.2.1");
	struct spf_macro_values v = { .sender = "a@b.c", .local = { "a", 1 },
	    .origin = "b.c", .domain = "example.org", .helo = "h",
	    .ip = &ip };

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct text t, want;
		char out[DOMAIN_SIZE];

		text_init(&t, 70000);
		text_init(&want, 70000);
		for (unsigned k = 0; k < counts[i]; k++) {
			text_add(&t, "%{d}.");
			/* 20 of 12 bytes and "x.example" are 249 */
			if (k < 20)
				text_add(&want, "example.org.");
		}
		text_add(&t, "x.example");
		text_add(&want, "x.example");
		assert_int_equal(spf_macro_expand((struct spf_span){ t.buf,
		    t.len }, &v, out), 0);
		/* one "org." more fits in front: 253 */
		if (counts[i] > 20) {
			assert_memory_equal(out, "org.", 4);
			assert_string_equal(out + 4, want.buf);
		} else {
			assert_string_equal(out, want.buf);
		}
		text_free(&t);
		text_free(&want);
	}
}

static void
wants_validated(void **state)
{
	static const struct {
		const char *spec;
		bool want;
	} row[] = {
		{ "%{p}", true }, { "a.%{P2r}.b", true }, { "%{d}", false },
		{ "%%{p}.x", false }, { "%%%{p}", true }, { "p.x", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(spf_macro_wants_validated((struct spf_span){
		    row[i].spec, strlen(row[i].spec) }), row[i].want);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(expand),
    cmocka_unit_test(cut),
    cmocka_unit_test(wants_validated))
