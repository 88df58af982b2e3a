/* SPDX-License-Identifier: ISC */
/* What is printed of the table of options can be read back. */
#include "config/describe.h"

#include "config/options.h"
#include "unit.h"

static struct config *
read_back(const struct text *t)
{
	struct err_list errors = { 0 };
	struct config *c = config_read_text("f", t->buf, t->len, &errors);

	if (c == NULL)
		fail_msg("%s", errors.v[0].text);
	err_list_free(&errors);
	return c;
}

/* The file of defaults says the same as no file at all. */
static void
defaults_are_the_defaults(void **state)
{
	struct text defaults, in_force, empty, none;

	(void)state;
	text_init(&defaults, DESCRIBE_MAX);
	text_init(&in_force, DESCRIBE_MAX);
	text_init(&empty, DESCRIBE_MAX);
	text_init(&none, 1);
	describe_defaults(&defaults);
	struct config *a = read_back(&defaults);
	struct config *b = read_back(&none);
	describe_config(a, &in_force);
	describe_config(b, &empty);
	assert_string_equal(in_force.buf, empty.buf);
	config_free(&a);
	config_free(&b);
	text_free(&defaults);
	text_free(&in_force);
	text_free(&empty);
}

/* What is in force, printed and read, is in force again. */
static void
what_is_printed_can_be_read(void **state)
{
	static const char text[] =
	    "keys = \"/a\\\"b\\\\c\"\nuser = w\nsocket_mode = 600\n"
	    "outgoing { certificates = { \"CN=a, O=\\\"b\\\", C=c|CN=d\", "
	    "'x|${y}' } }\n"
	    "domain example.org { subdomains = yes\n"
	    "  key one { file = \"/k one\" } key two { file = /k2 } }\n"
	    "domain b.example { }\n"
	    "sign { expire = 30d oversign = { } }\n"
	    "warn { every = 90m }\n";
	struct err_list errors = { 0 };
	struct text first, second;
	struct config *c = config_read_text("f", text, strlen(text), &errors);

	(void)state;
	if (c == NULL)
		fail_msg("%s", errors.v[0].text);
	text_init(&first, DESCRIBE_MAX);
	text_init(&second, DESCRIBE_MAX);
	describe_config(c, &first);
	config_free(&c);
	c = read_back(&first);
	assert_string_equal(c->keys, "/a\"b\\c");
	assert_string_equal(c->outgoing.certificates.v[0],
	    "CN=a, O=\"b\", C=c|CN=d");
	assert_string_equal(c->outgoing.certificates.v[1], "x|${y}");
	assert_string_equal(c->domains[0].keys[0].file, "/k one");
	assert_int_equal(c->ndomains, 2);
	describe_config(c, &second);
	assert_string_equal(first.buf, second.buf);
	config_free(&c);
	text_free(&first);
	text_free(&second);
}

/* Lines of people's texts fit on a terminal; every option is there. */
static void
nothing_is_missing_or_too_wide(void **state)
{
	struct text sample, man;

	(void)state;
	text_init(&sample, DESCRIBE_MAX);
	text_init(&man, DESCRIBE_MAX);
	describe_defaults(&sample);
	describe_man(&man);
	size_t column = 0;
	for (const char *p = sample.buf; *p != '\0'; p++) {
		column = *p == '\n' ? 0 :
		    *p == '\t' ? (column / 8 + 1) * 8 : column + 1;
		assert_true(column <= 80);
	}
	for (size_t i = 0; i < option_count; i++) {
		char item[100];
		const char *dot = strrchr(option_rows[i].path, '.');
		(void)snprintf(item, sizeof item, ".It Ic %s\n",
		    option_rows[i].path);
		assert_non_null(strstr(man.buf, item));
		(void)snprintf(item, sizeof item, "%s = ",
		    dot == NULL ? option_rows[i].path : dot + 1);
		assert_non_null(strstr(sample.buf, item));
	}
	text_free(&sample);
	text_free(&man);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(defaults_are_the_defaults),
    cmocka_unit_test(what_is_printed_can_be_read),
    cmocka_unit_test(nothing_is_missing_or_too_wide))
