/* SPDX-License-Identifier: ISC */
/* Foreign text for terminals, HTML and command lines. */
#include "base/escape.h"

#include "unit.h"

static void
texts(void **state)
{
	static const struct {
		const char *in, *terminal, *html;
	} rows[] = {
		{"plain", "plain", "plain"},
		{"550 <a@b> \"x\" & 'y'", "550 <a@b> \"x\" & 'y'",
		    "550 &lt;a@b&gt; &quot;x&quot; &amp; &#39;y&#39;"},
		{"\x1b[31m\n\t\x7f", "\\x1B[31m\\x0A\\x09\\x7F",
		    "\\x1B[31m\\x0A\\x09\\x7F"},
		{"b\xc3\xbc" "cher \xe2\x82\xac \xf0\x9f\x98\x80",
		    "b\xc3\xbc" "cher \xe2\x82\xac \xf0\x9f\x98\x80",
		    "b\xc3\xbc" "cher \xe2\x82\xac \xf0\x9f\x98\x80"},
		{"\xc2\x85\xc2\x9b", "\\u{0085}\\u{009B}",
		    "\\u{0085}\\u{009B}"},
		{"\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f",
		    "\\u{202E}\\u{2066}\\u{061C}\\u{200F}",
		    "\\u{202E}\\u{2066}\\u{061C}\\u{200F}"},
		{"\x9b" "31m", "\\x9B31m", "\\x9B31m"},
		{"\xc0\xbc", "\\xC0\\xBC", "\\xC0\\xBC"},	/* overlong < */
		{"\xed\xa0\x80", "\\xED\\xA0\\x80", "\\xED\\xA0\\x80"},
		{"\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80",
		    "\\xF4\\x90\\x80\\x80"},
		{"\xe2\x82", "\\xE2\\x82", "\\xE2\\x82"},
		{"\xc3<", "\\xC3<", "\\xC3&lt;"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text t;
		text_init(&t, 1000);
		escape_terminal(&t, rows[i].in);
		assert_string_equal(t.buf, rows[i].terminal);
		text_clear(&t);
		escape_html(&t, rows[i].in);
		assert_string_equal(t.buf, rows[i].html);
		text_free(&t);
	}
}

static void
names(void **state)
{
	static const char *const good[] = {"example.org", "a", "_dmarc.x",
	    "smtp4", "A-B", "."};
	static const char *const bad[] = {"", "-rf", "a b", "a;b", "$(x)", "a/b",
	    "a\n", "b\xc3\xbc", "a'b", "a@b"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(escape_is_plain_name(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(escape_is_plain_name(bad[i]));
}

static void
arguments(void **state)
{
	static const char *const bad[] = {"", "-rf", "a b", "a;b", "$(x)", "a&b",
	    "/k/a'b.pem", "/k/a\nb", "/k/b\xc3\xbc.pem", "~root", "a*"};

	(void)state;
	assert_string_equal(escape_argument("/etc/waybill/keys/a-b_1.pem"),
	    "/etc/waybill/keys/a-b_1.pem");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_string_equal(escape_argument(bad[i]), "FILE");
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(texts),
    cmocka_unit_test(names),
    cmocka_unit_test(arguments))
