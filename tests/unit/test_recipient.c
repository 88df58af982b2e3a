/* SPDX-License-Identifier: ISC */
/* What is kept of a recipient: no local part survives in a stored text. */
#include "record/recipient.h"

#include "unit.h"

static const struct recipient_rules domain_only = { .mode = RECIPIENT_DOMAIN };

/* The address as the log has it; what must not survive. */
static const struct { const char *address, *plain; } locals[] = {
	{ "bob@v.example", "bob" },
	{ "o'brien@v.example", "o'brien" },
	{ "john.smith+news@v.example", "john.smith+news" },
	{ "\"john smith\"@v.example", "john smith" },
	{ "\"a secret\\\"quoted\\\" one\"@v.example", "a secret\"quoted\" one" },
	{ "\"back\\\\slash\"@v.example", "back\\slash" },
	{ "\"se@cret\"@v.example", "se@cret" },
	{ "\"x> to=<secret\"@v.example", "x> to=<secret" },
	{ "\"(secret), [or] so: it; is\"@v.example",
	  "(secret), [or] so: it; is" },
	{ "j\xc3\xb6rg@v.example", "j\xc3\xb6rg" },
	{ "#!$%&'*+-/=?^_`{|}~@v.example", "#!$%&'*+-/=?^_`{|}~" },
	{ "\"\\\"\\\"\\\"\"@v.example", "\"\"\"" },
	{ "\" secret \"@v.example", " secret " },
	{ "secret=example.org@v.example", "secret=example.org" },
};

/* How replies repeat an address: %1 as the log has it, %2 without quotes, %3
 * its local part without quotes. */
static const char *const replies[] = {
	"550 5.1.1 <%1>: Recipient address rejected",
	"550 5.1.1 <%2>: Recipient address rejected",
	"550 5.1.1 %2... User unknown",
	"550 no such user: '%2'",
	"550 no such user: \"%2\"",
	"550 5.7.1 %1,%1;%2 (and <%2>)",
	"550 see https://mx.example/?user=%3%40v.example&x=1",
	"552 mailbox of %3 is full",
	"552 [%3] is over quota",
	"450 <other@w.example> and <%2>",
	"x; from=<a@b.example> to=<%1>",
};

static void
compose(const char *form, const char *address, const char *plain,
    struct text *out)
{
	const char *at = strrchr(address, '@');

	for (const char *p = form; *p != '\0'; p++) {
		if (p[0] == '%' && p[1] == '1')
			text_add(out, address);
		else if (p[0] == '%' && p[1] == '2')
			text_addf(out, "%s%s", plain, at);
		else if (p[0] == '%' && p[1] == '3')
			text_add(out, plain);
		else {
			text_add_bytes(out, p, 1);
			continue;
		}
		p++;
	}
}

static void
no_local_part_survives(void **state)
{
	struct text in, out;

	(void)state;
	text_init(&in, 4096);
	text_init(&out, 4096);
	for (size_t i = 0; i < COUNT(locals); i++)
		for (size_t k = 0; k < COUNT(replies); k++) {
			const char *known[] = { NULL, locals[i].address };

			text_clear(&in);
			text_clear(&out);
			compose(replies[k], locals[i].address, locals[i].plain,
			    &in);
			recipient_redact(&domain_only, known, 2, in.buf,
			    in.len, false, &out);
			if (strstr(out.buf, locals[i].plain) != NULL ||
			    strstr(out.buf, "secret") != NULL)
				fail_msg("%s: %s", in.buf, out.buf);
		}
	text_free(&in);
	text_free(&out);
}

/* Cut anywhere, and not even its beginning. */
static void
no_cut_local_part_survives(void **state)
{
	struct text in, out;

	(void)state;
	text_init(&in, 4096);
	text_init(&out, 4096);
	for (size_t i = 0; i < COUNT(locals); i++) {
		const char *known[] = { locals[i].address };
		size_t lead = strlen("550 5.1.1 <");

		text_clear(&in);
		text_addf(&in, "550 5.1.1 <%s>: no", locals[i].address);
		for (size_t len = lead; len < in.len; len++) {
			text_clear(&out);
			recipient_redact(&domain_only, known, 1, in.buf, len,
			    true, &out);
			assert_true(out.len <= lead + strlen("*@v.example>: "));
			if (out.len > lead && out.buf[lead] != '*')
				fail_msg("%.*s: %s", (int)len, in.buf, out.buf);
		}
	}
	text_free(&in);
	text_free(&out);
}

/* Addresses that aren't the recipient's, and what is none. */
static void
every_address_loses_its_local_part(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{ "550 5.1.1 no", "550 5.1.1 no" },
		{ "550 <a@b.example>: no", "550 <*@b.example>: no" },
		{ "450 <\"a b\"@c.example>", "450 <*@c.example>" },
		{ "450 \"a \\\" b\"@c.example", "450 *@c.example" },
		{ "450 \"a\\\\\"@c.example x", "450 *@c.example x" },
		{ "450 <a b@c.example>", "450 <*@c.example>" },
		{ "450 'd'e@c.example'", "450 '*@c.example'" },
		{ "a@b.example,c@d.example", "*@b.example,*@d.example" },
		{ "see http://x/?a=b%40c.example", "see http:*%40c.example" },
		{ "at @ sign", "at @ sign" },
		{ "a@b@c", "*@*@c" },
		{ "550 User user unknown, 550", "550 * * unknown, 550" },
		{ "550 users are unknown", "550 users are unknown" },
	};
	static const char *const known[] = { "user@v.example",
		"550@v.example" };
	struct text out;

	(void)state;
	text_init(&out, 4096);
	for (size_t i = 0; i < COUNT(rows); i++) {
		text_clear(&out);
		recipient_redact(&domain_only, known, 2, rows[i].in,
		    strlen(rows[i].in), false, &out);
		if (strcmp(out.buf, rows[i].want) != 0)
			fail_msg("%s: %s, not %s", rows[i].in, out.buf,
			    rows[i].want);
	}
	text_free(&out);
}

static void
full_keeps_all(void **state)
{
	static const struct recipient_rules full = { .mode = RECIPIENT_FULL };
	static const char *const known[] = { "a@b.example" };
	struct text out;

	(void)state;
	text_init(&out, 100);
	recipient_redact(&full, known, 1, "550 <a@b.example", 16, true, &out);
	assert_string_equal(out.buf, "550 <a@b.example");
	text_free(&out);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(no_local_part_survives),
    cmocka_unit_test(no_cut_local_part_survives),
    cmocka_unit_test(every_address_loses_its_local_part),
    cmocka_unit_test(full_keeps_all))
