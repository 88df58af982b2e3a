/* SPDX-License-Identifier: ISC */
/* Values of main.cf with their names filled in. */
#include "find/postfix_value.h"

#include "unit.h"

static const char *
look_up(const void *arg, const char *name)
{
	static const char *const pairs[][2] = {
		{"a", "A"}, {"empty", ""}, {"b", "<$a>"}, {"loop", "x$loop"},
		{"ping", "$pong"}, {"pong", "$ping"}, {"compatibility_level", "3.6"},
		{"two", "2"}, {"many", "$b$b$b$b$b$b$b$b"},
		{"more", "$many$many$many$many$many$many$many$many"},
		{"most", "$more$more$more$more$more$more$more$more"},
	};

	assert_string_equal(arg, "argument");
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (strcmp(pairs[i][0], name) == 0)
			return pairs[i][1];
	return NULL;
}

static void
values(void **state)
{
	static const struct {
		const char *in, *want;		/* NULL: cut */
	} rows[] = {
		{"", ""}, {"plain, text", "plain, text"}, {"$a", "A"},
		{"x$a.y", "xA.y"}, {"${a}b", "Ab"}, {"$(a)b", "Ab"},
		{"$ab", ""}, {"$$a", "$a"}, {"$b", "<A>"}, {"$", "$"},
		{"$-", "$-"}, {"${a", "${a"}, {"$unknown|", "|"},
		{"${a?yes}", "yes"}, {"${empty?yes}", ""},
		{"${unknown?yes}", ""}, {"${a:no}", ""}, {"${empty:no}", "no"},
		{"${unknown:no}", "no"}, {"${a?{yes}:{no}}", "yes"},
		{"${empty?{yes}:{no}}", "no"}, {"${ a ? { $b } : { n } }", "<A>"},
		{"${unknown:{x$a}}", "xA"}, {"${empty?{x}:y}", "y"},
		{"${a?${b?{deep}}}", "deep"}, {"${a?{${b}}:{}}", "<A>"},
		{"${{$a} == {A} ? {same} : {other}}", "same"},
		{"${{$a} != {A} ? {x} : {y}}", "y"},
		{"${{10} < {9} ? {less} : {more}}", "more"},
		{"${{10x} < {9} ? {less} : {more}}", "less"},
		{"${{$two} >= {2} ? {x}}", "x"}, {"${{1} > {2} ? {x}}", ""},
		{"${{1} > {2} : {x}}", "x"}, {"${{1} == {1}}", "bool_true"},
		{"${{$compatibility_level} <level {3.10} ? {old} : {new}}",
		    "old"},
		{"${{$compatibility_level} <level {1} ? {} : {p, d}}", "p, d"},
		{"${{3.6} >=level {3.6.0} ? {x}}", "x"},
		{"${{a} ~ {b} ? {x}}", NULL}, {"${{a} == b}", NULL},
		{"${a!x}", NULL}, {"$loop", NULL}, {"$ping", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text t;
		text_init(&t, 1000);
		postfix_value_expand(rows[i].in, look_up, "argument", &t);
		if (t.cut != (rows[i].want == NULL) || (!t.cut &&
		    strcmp(t.buf, rows[i].want) != 0))
			fail_msg("%s: \"%s\"", rows[i].in, t.buf);
		text_free(&t);
	}
}

static void
growth_is_bounded(void **state)
{
	struct text t;

	(void)state;
	text_init(&t, 100);
	postfix_value_expand("$most", look_up, "argument", &t);
	assert_true(t.cut);
	assert_true(t.len <= 100);
	text_free(&t);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(values),
    cmocka_unit_test(growth_is_bounded))
