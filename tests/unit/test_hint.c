/* SPDX-License-Identifier: ISC */
/* What a pattern's matches must hold: never more than PCRE2 says, and enough
 * to be of use. */
#include "record/hint.h"

#include "unit.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { LINE = 4096, TEXTS_MAX = 2000 };

static char rules_path[LINE];
static char texts_path[LINE];

static bool
matches(const char *pattern, const char *text)
{
	int code;
	size_t at;
	pcre2_code *c = pcre2_compile((PCRE2_SPTR)pattern,
	    PCRE2_ZERO_TERMINATED, PCRE2_CASELESS | PCRE2_DOTALL, &code, &at,
	    NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int rc;

	assert_non_null(c);
	assert_non_null(data);
	rc = pcre2_match(c, (PCRE2_SPTR)text, strlen(text), 0, 0, data, NULL);
	pcre2_match_data_free(data);
	pcre2_code_free(c);
	return rc >= 0;
}

static bool
allows(const char *pattern, const char *text)
{
	struct hint *h = hint_new(pattern);
	struct hint_view view;
	bool yes;

	hint_look(&view, text, strlen(text));
	yes = hint_allows(h, &view);
	hint_free(&h);
	return yes;
}

static void
a_piece_is_wanted(void **state)
{
	static const struct {
		const char *pattern;
		const char *text;
		bool want;
	} rows[] = {
		{ "mailbox full", "the MAILBOX FULL of mail", true },
		{ "mailbox full", "the mailbox of mail", false },
		{ "^mailbox$", "mailbox", true },
		{ "ab", "zz", true },		/* too short to be looked for */
		{ "colou?r", "color", true },
		{ "colou?r", "colour", true },
		{ "colou?r", "dolor", false },
		{ "blocked*", "blocke", true },
		{ "blocked*", "block", false },
		{ "bloc+ed", "bloked", false },
		{ "bloc+ked", "blocccked", true },
		{ "blo(?:cked)?", "blo", true },
		{ "blo(?:cked)*", "bla", false },
		{ "blo(?:cked){0,2}", "blo", true },
		{ "blo(?:cked){1,2}", "blo", false },
		{ "(?:poor|bad) reputation|spam", "bad reputation", true },
		{ "(?:poor|bad) reputation|spam", "SPAM", true },
		{ "(?:poor|bad) reputation|spam", "good mail", false },
		{ "(?:poor|bad|x) y", "x y", true },
		{ "(?:poor|bad)", "pure", false },
		{ "\\bspf\\b", "spf", true },
		{ "\\bspf\\b", "sp f", false },
		{ "\\(BL\\)", "x (bl)", true },
		{ "\\(BL\\)", "x bl", false },
		{ "gr[ea]y.?list", "graylist", true },
		{ "gr[ea]y.?list", "greyish", false },
		{ "[]abc]defg", "]defg", true },
		{ "[^]]defg", "xdefg", true },
		{ "a{3}bcd", "aaabcd", true },
		{ "abc{2}d", "abccd", true },
		{ "abc{0}d", "abd", true },
		{ "abcd??e", "abce", true },
		{ "abcd{x}", "xyz", true },
		{ "abcd{1x,2}", "xyz", true },
		{ "abcd{,2}", "xyz", true },
		{ "abcd{1,", "xyz", true },
		{ "(?i)abcd", "xyz", true },	/* not understood: tried */
		{ "(?!abcd)x", "xyz", true },
		{ "(?=abcd)x", "xyz", true },
		{ "\\Qa|b\\Ecd", "xyz", true },
		{ "\\x41bcd", "xyz", true },
		{ "[[:alpha:]]bcd", "xyz", true },
		{ "(abc)\\1", "xyz", true },
		{ "bo.te pleine", "bo\xc3te pleine", true },
		{ "d\xc3\xa9j\xc3\xa0", "D\xc3\xa9J\xc3\xa0", true },
		{ "d\xc3\xa9j\xc3\xa0", "deja", false },
		{ "a very long pattern that is longer than a piece",
		  "a very long pattern that is longer than a piece", true },
		{ "a very long pattern that is longer than a piece",
		  "that is longer", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (allows(rows[i].pattern, rows[i].text) != rows[i].want)
			fail_msg("%s: %s", rows[i].pattern, rows[i].text);
		/* The rows themselves know PCRE2. */
		if (!rows[i].want && matches(rows[i].pattern, rows[i].text))
			fail_msg("%s matches %s", rows[i].pattern,
			    rows[i].text);
	}
}

/* Behind the next word and the blanks after it. */
static const char *
past_word(const char *p)
{
	p += strcspn(p, " \t");
	return p + strspn(p, " \t");
}

static bool
is_condition(const char *p)
{
	return strncmp(p, "provider=", 9) == 0 ||
	    strncmp(p, "stage=", 6) == 0 || strncmp(p, "scope=", 6) == 0 ||
	    strncmp(p, "who=", 4) == 0;
}

/* The pattern of a line of rules, or NULL. */
static const char *
pattern_in(char *line)
{
	const char *p = line;

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(p, "rule ", 5) != 0 && strncmp(p, "last ", 5) != 0)
		return NULL;
	p = past_word(past_word(p));
	while (is_condition(p))
		p = past_word(p);
	return p;
}

static size_t
read_texts(char *texts[TEXTS_MAX])
{
	FILE *f = fopen(texts_path, "r");
	char line[LINE];
	size_t n = 0;

	assert_non_null(f);
	while (n < TEXTS_MAX && fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		texts[n] = strdup(line);
		assert_non_null(texts[n++]);
	}
	fclose(f);
	return n;
}

/* The same numbers in every run. */
static unsigned
draw(unsigned below)
{
	static uint32_t x = 2463534242U;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % below;
}

/* Spoils some bytes of text: lost, doubled, in the other case, or any. */
static void
mutate(char text[LINE], const char *from)
{
	unsigned every = 2 + draw(60);
	size_t n = 0;

	for (; *from != '\0' && n + 2 < LINE; from++) {
		unsigned how = draw(every) == 0 ? draw(4) : 4;

		if (how == 0)
			continue;
		text[n++] = *from;
		if (how == 1)
			text[n++] = *from;
		else if (how == 2)
			text[n - 1] ^= *from == ' ' ? 0 : 0x20;
		else if (how == 3)
			text[n - 1] = (char)(1 + draw(255));
		n -= text[n - 1] == '\0';
	}
	text[n] = '\0';
}

/* All rules that are shipped with all texts that are known, and spoilt. */
static void
no_match_is_held_back(void **state)
{
	char *texts[TEXTS_MAX];
	size_t n = read_texts(texts);
	FILE *f = fopen(rules_path, "r");
	char line[LINE];
	char text[LINE];
	unsigned tried = 0;
	unsigned rules = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		const char *pattern = pattern_in(line);

		if (pattern == NULL)
			continue;
		rules++;
		for (size_t i = 0; i < n; i++) {
			bool is_tried = allows(pattern, texts[i]);

			tried += is_tried;
			if (!is_tried && matches(pattern, texts[i]))
				fail_msg("%s: %s", pattern, texts[i]);
			mutate(text, texts[i]);
			if (!allows(pattern, text) && matches(pattern, text))
				fail_msg("%s: %s", pattern, text);
		}
	}
	fclose(f);
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	assert_in_range(rules, 100, 1000);
	assert_in_range(n, 150, TEXTS_MAX);
	/* Of use: nine of ten needn't be tried. */
	assert_in_range(tried, rules, rules * n / 10);
}

/* Patterns nobody would write, with texts of few letters, so many match. */
static void
no_drawn_match_is_held_back(void **state)
{
	static const char *const parts[] = { "a", "b", "c", "abc", "cab", "b",
	    "(", "(?:", ")", ")", "|", "?", "*", "+", "{0}", "{1,2}", "{2}",
	    "[ab]", "[^a]", ".", "\\b", "\\w", "^", "$", "??", "++" };
	unsigned held = 0;
	unsigned matched = 0;

	(void)state;
	for (unsigned i = 0; i < 40000; i++) {
		char pattern[LINE] = "";
		char text[LINE] = "";
		unsigned n = 1 + draw(12);
		unsigned len = draw(16);
		int code;
		size_t at;
		pcre2_code *c;

		while (n-- > 0)
			strcat(pattern, parts[draw(COUNT(parts))]);
		for (unsigned k = 0; k < len; k++)
			text[k] = "abcABC"[draw(6)];
		c = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		    PCRE2_CASELESS | PCRE2_DOTALL, &code, &at, NULL);
		if (c == NULL)
			continue;
		pcre2_code_free(c);
		if (matches(pattern, text)) {
			matched++;
			if (!allows(pattern, text))
				fail_msg("%s: %s", pattern, text);
		} else
			held += !allows(pattern, text);
	}
	assert_in_range(matched, 1000, 40000);
	assert_in_range(held, 100, 40000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_piece_is_wanted),
		cmocka_unit_test(no_match_is_held_back),
		cmocka_unit_test(no_drawn_match_is_held_back),
	};

	snprintf(rules_path, sizeof rules_path, "%s",
	    tree_path("conf/replies"));
	snprintf(texts_path, sizeof texts_path, "%s",
	    tree_path("tests/data/replies.tsv"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
