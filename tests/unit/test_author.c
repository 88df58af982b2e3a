/* SPDX-License-Identifier: ISC */
/* The author domain by one or several From fields. */

#include "author.h"

#include "unit.h"

static const struct {
	const char *name;
	const char *from[3];
	enum author_kind kind;
	const char *domain;
} rows[] = {
	{ "none", { NULL }, AUTHOR_NONE, "" },
	{ "empty", { "" }, AUTHOR_NONE, "" },
	{ "plain", { " a@example.org" }, AUTHOR_ONE, "example.org" },
	{ "case", { " A@Example.ORG" }, AUTHOR_ONE, "example.org" },
	{ "name", { " \"x@example.net\" <a@example.org>" }, AUTHOR_ONE,
	    "example.org" },
	{ "U-label", { " a@b\xc3\xbc" "cher.example" }, AUTHOR_ONE,
	    "xn--bcher-kva.example" },
	{ "both forms", { " a@b\xc3\xbc" "cher.example, "
	    "b@xn--bcher-kva.example" }, AUTHOR_ONE,
	    "xn--bcher-kva.example" },
	{ "two of one", { " a@example.org, b@example.org" }, AUTHOR_ONE,
	    "example.org" },
	{ "two of two", { " a@example.org, b@example.net" }, AUTHOR_SEVERAL,
	    "example.org" },
	{ "two fields of one", { " a@example.org", " b@example.org" },
	    AUTHOR_ONE, "example.org" },
	{ "two fields of two", { " a@example.org", " b@example.net" },
	    AUTHOR_SEVERAL, "example.org" },
	{ "no domain", { " root" }, AUTHOR_NONE, "" },
	{ "one without a domain", { " root, a@example.org" }, AUTHOR_ONE,
	    "example.org" },
	{ "group", { " us: a@example.org, b@example.org;" }, AUTHOR_ONE,
	    "example.org" },
	{ "empty group", { " undisclosed:;" }, AUTHOR_NONE, "" },
	{ "fold", { "\n a@example.org" }, AUTHOR_ONE, "example.org" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct author a = { 0 };

		for (size_t j = 0; j < 3 && rows[i].from[j] != NULL; j++)
			author_add(&a, rows[i].from[j]);
		if (a.kind != rows[i].kind ||
		    strcmp(a.domain, rows[i].domain) != 0)
			fail_msg("%s: kind %d, domain \"%s\"", rows[i].name,
			    (int)a.kind, a.domain);
	}
}

/* A list too long to read is no proof of one author. */
static void
test_too_many(void **state)
{
	static char value[2000 * 16];
	struct author a = { 0 };

	(void)state;
	for (int i = 0; i < 1500; i++)
		strcat(value, "a@example.org, ");
	author_add(&a, value);
	assert_int_equal(a.kind, AUTHOR_SEVERAL);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_too_many))
