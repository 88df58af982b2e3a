/* SPDX-License-Identifier: ISC */
/* Which destinations may be named in a message. */
#include "visible.h"

#include "unit.h"

static void
add(struct visible *v, const char *path, size_t destination)
{
	struct address a;

	(void)address_path(path, &a);
	visible_add(v, &a, destination);
}

static void
test_rows(void **state)
{
	/* The recipient of destination 0 is hidden unless field names it. */
	static const struct {
		const char *name;
		const char *recipient;
		const char *field;
		bool is_shown;
	} rows[] = {
		{ "plain", "<b@example.net>", " b@example.net", true },
		{ "with a name", "<b@example.net>", " Bob <b@example.net>",
		    true },
		{ "second of the list", "<b@example.net>",
		    " a@example.com,\n b@example.net", true },
		{ "in a group", "<b@example.net>",
		    " us: a@example.com, b@example.net;", true },
		{ "case of both parts", "<B@example.net>", " b@EXAMPLE.Net",
		    true },
		{ "quotes that need not be", "<b@example.net>",
		    " \"b\"@example.net", true },
		{ "quotes on the other side", "<\"b c\"@example.net>",
		    " \"b\\ c\"@example.net", true },
		{ "U-label", "<b@xn--bcher-kva.example>",
		    " b@b\xc3\xbc" "cher.example", true },
		{ "of sendmail(1), without brackets", "b@example.net",
		    " b@example.net", true },
		{ "another person of the domain", "<b@example.net>",
		    " c@example.net", false },
		{ "another domain", "<b@example.net>", " b@example.org",
		    false },
		{ "a subdomain", "<b@example.net>", " b@sub.example.net",
		    false },
		{ "in a comment", "<b@example.net>",
		    " a@example.com (b@example.net)", false },
		{ "in a name", "<b@example.net>",
		    " \"b@example.net\" <a@example.com>", false },
		{ "an empty group", "<b@example.net>",
		    " undisclosed-recipients:;", false },
		{ "nothing", "<b@example.net>", "", false },
		{ "no domain", "<b>", " b", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct visible v = { 0 };
		bool is_shown = false;

		add(&v, rows[i].recipient, 0);
		visible_show(&v, rows[i].field);
		visible_mark(&v, &is_shown, 1);
		if (is_shown != rows[i].is_shown)
			fail_msg("%s: %s", rows[i].name,
			    is_shown ? "shown" : "hidden");
		visible_free(&v);
	}
}

/* Each for itself; a recipient that came twice, by two ways, counts twice. */
static void
test_several(void **state)
{
	struct visible v = { 0 };
	bool is_shown[4] = { false };

	(void)state;
	add(&v, "<a@example.net>", 0);
	add(&v, "<b@example.net>", 1);
	add(&v, "<a@example.net>", 2);
	add(&v, "<c@example.com>", 3);
	visible_show(&v, " a@example.net");
	visible_show(&v, " c@example.com");
	visible_mark(&v, is_shown, 4);
	assert_true(is_shown[0] && !is_shown[1] && is_shown[2] && is_shown[3]);
	visible_free(&v);
}

static void
test_bounds(void **state)
{
	struct visible v = { 0 };
	bool is_shown[2] = { false };
	char path[60];

	(void)state;
	for (int i = 0; i < VISIBLE_RECIPIENTS_MAX; i++) {
		snprintf(path, sizeof path, "<a%d@example.net>", i);
		add(&v, path, 0);
	}
	add(&v, "<last@example.net>", 1);
	assert_int_equal(v.n, VISIBLE_RECIPIENTS_MAX);
	visible_show(&v, " last@example.net, a99999@example.net");
	visible_mark(&v, is_shown, 2);
	assert_true(is_shown[0] && !is_shown[1]);
	visible_mark(&v, is_shown, 0);
	visible_free(&v);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_several),
    cmocka_unit_test(test_bounds))
