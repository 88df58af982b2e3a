/* SPDX-License-Identifier: ISC */
/* The first look at a configuration file: lines, structure, doubles. */
#include "config/scan.h"

#include "unit.h"

/* Every sentence, in order; NULL ends. */
static const struct {
	const char *name, *text;
	int faults;
	const char *want[4];
} bad[] = {
	{ "unknown option", "# c\n/* two\nlines */ sokcet = x\n", 0,
	    { "f:3: sokcet: unknown option; did you mean socket?" } },
	{ "unknown option that another section has", "expire = 1\n", 0,
	    { "f:1: expire: unknown option; did you mean sign.expire?" } },
	{ "unknown section", "\n\nlogg { to = stderr }\nnosuch = 1\n", 0,
	    { "f:3: logg: unknown section; to list all options: waybill config "
		"--defaults",
	      "f:4: nosuch: unknown option; to list all options: waybill "
		"config --defaults" } },
	{ "section as option", "sign = 1\n", 0,
	    { "f:1: sign: this is a section: put its options in { } after the "
		"name" } },
	{ "option as section", "user { a = 1 }\n", 0,
	    { "f:1: user: this is an option: \"=\" is missing after the "
		"name" } },
	{ "given twice", "user = a\n// x\nuser = b\n", 0,
	    { "f:3: user: given twice, first on line 1: keep one of them" } },
	{ "given twice in two sections", "log { to = a }\nlog { to = b }\n", 0,
	    { "f:2: log.to: given twice, first on line 1: keep one of them" } },
	{ "list for one value", "user = { a }\n", 0,
	    { "f:1: user: takes one value, not a list" } },
	{ "added to one value", "user += a\n", 0,
	    { "f:1: user: takes one value, not a list" } },
	{ "same title", "domain \"a.example\" {}\ndomain \"A.example\" {}\n", 0,
	    { "f:2: domain: \"A.example\" is given twice, first on line 1: "
		"keep one of them" } },
	{ "same key", "domain a.example {\nkey x { file = /a }\n"
	    "key X { file = /b } }\n", 0,
	    { "f:3: domain.key: \"X\" is given twice, first on line 2: keep "
		"one of them" } },
	{ "no title", "domain { }\n", 0,
	    { "f:1: domain: the title is missing; example: domain "
		"\"example.org\" {" } },
	{ "title too many", "sign \"x\" { }\n", 0,
	    { "f:1: sign: this section takes no title" } },
	{ "never closed", "user = a\nsign {\nenabled = true\n", 1,
	    { "f:2: sign: section not closed: a \"}\" is missing" } },
	{ "closed twice", "sign { }\n}\n", 1,
	    { "f:2: unexpected \"}\", expected the name of an option" } },
	{ "unclosed string", "user = \"a\nkeys = \"/b\"\n", 1,
	    { "f:1: string not closed on its line: \" is missing" } },
	{ "unclosed list", "outgoing { networks = { \"a\", \n}\n", 1,
	    { "f:1: outgoing: section not closed: a \"}\" is missing" } },
	{ "comma missing", "outgoing { networks = { a b } }\n", 1,
	    { "f:1: outgoing.networks: a comma is missing in the list" } },
	{ "value missing", "log { to = }\nuser =\n", 2,
	    { "f:1: log.to: the value is missing",
	      "f:3: user: the value is missing" } },
	{ "equals missing", "user waybill\nkeys /x\n", 2,
	    { "f:1: user: \"=\" is missing after the name",
	      "f:2: keys: \"=\" is missing after the name" } },
	{ "equals missing at the end", "user", 1,
	    { "f:1: user: \"=\" is missing after the name" } },
	{ "variable", "keys = \"${HOME}/x\"\nuser = ${USER}\n", 2,
	    { "f:1: \"${\" is not allowed in double quotes, variables are not "
		"expanded: write the value, or use single quotes",
	      "f:2: \"${\" is not allowed here, variables are not expanded: "
		"write the value" } },
	{ "include", "include(\"/etc/passwd\")\nuser = a b\n", 2,
	    { "f:1: include: there is no include: all options are in one file",
	      "f:2: b: unknown option; to list all options: waybill config "
		"--defaults" } },
	{ "comment never closed", "user = a /* x\n\n", 1,
	    { "f:1: comment not closed: \"*/\" is missing" } },
};

static void
faults_are_named(void **state)
{
	struct err_list errors = { 0 };
	struct scan s;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(scan_text(&s, "f", bad[i].text,
		    strlen(bad[i].text), &errors), 0);
		for (size_t j = 0; j < 4; j++) {
			const char *want = bad[i].want[j];
			const char *got = j < errors.n ? errors.v[j].text : NULL;
			if (want == NULL && got == NULL)
				break;
			if (want == NULL || got == NULL ||
			    strcmp(want, got) != 0)
				fail_msg("%s: wanted\n%s\ngot\n%s",
				    bad[i].name, want == NULL ? "-" : want,
				    got == NULL ? "-" : got);
			assert_int_equal(errors.v[j].code, EXIT_CONFIG);
		}
		if (s.faults != bad[i].faults)
			fail_msg("%s: %d faults", bad[i].name, s.faults);
		scan_free(&s);
		err_list_free(&errors);
	}
}

static void
lines_and_instances_are_known(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbf# c\r\n"
	    "user = 'a#b' // c\n"
	    "/* x\n y */ sign { enabled = true\n"
	    "  oversign += { \"From\",\n \"To\", } }\n"
	    "domain \"a.example\" { }\n"
	    "domain \"b.example\" {\n"
	    "  key one { file = \"/x//y#z\" }\n"
	    "  key two {\n"
	    "    file = /z } subdomains = no }\n";
	struct err_list errors = { 0 };
	struct scan s;

	(void)state;
	assert_int_equal(scan_text(&s, "f", text, strlen(text), &errors), 0);
	assert_int_equal(errors.n, 0);
	assert_int_equal(s.faults, 0);
	assert_int_equal(scan_line(&s, "user", -1, -1), 2);
	assert_int_equal(scan_line(&s, "sign.enabled", -1, -1), 4);
	assert_int_equal(scan_line(&s, "sign.oversign", -1, -1), 5);
	assert_int_equal(scan_line(&s, "domain", 0, -1), 7);
	assert_int_equal(scan_line(&s, "domain", 1, -1), 8);
	assert_int_equal(scan_line(&s, "domain.key", 1, 1), 10);
	assert_int_equal(scan_line(&s, "domain.key.file", 1, 1), 11);
	assert_int_equal(scan_line(&s, "domain.subdomains", 1, -1), 11);
	assert_int_equal(scan_line(&s, "domain.subdomains", 0, -1), 0);
	/* What libconfuse gets has no comment and as many lines. */
	assert_null(strstr(s.text, "# c"));
	assert_null(strstr(s.text, "// c"));
	assert_null(strstr(s.text, "x\n y"));
	assert_non_null(strstr(s.text, "'a#b'"));
	assert_non_null(strstr(s.text, "\"/x//y#z\""));
	scan_free(&s);
}

static void
a_nul_is_no_text(void **state)
{
	struct err_list errors = { 0 };
	struct scan s;

	(void)state;
	assert_int_equal(scan_text(&s, "f", "a\n\0b", 4, &errors), 0);
	assert_int_equal(errors.n, 1);
	assert_string_equal(errors.v[0].text,
	    "f:2: contains a NUL byte: this is not a text file");
	assert_int_equal(s.faults, 1);
	scan_free(&s);
	err_list_free(&errors);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(faults_are_named),
    cmocka_unit_test(lines_and_instances_are_known),
    cmocka_unit_test(a_nul_is_no_text))
