/* SPDX-License-Identifier: ISC */
/* Findings for people and as JSON. */
#include "tool/finding.h"

#include "unit.h"

static char *
printed(const struct findings *f, enum finding_severity at_least,
    enum print_form form)
{
	char *buf = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&buf, &len);

	assert_non_null(out);
	assert_int_equal(findings_print(f, at_least, out, form), 0);
	assert_int_equal(fclose(out), 0);
	return buf;
}

static void
fill(struct findings *f)
{
	findings_add(f, FINDING_OK, "daemon", NULL, IP_NONE, NULL, "It runs");
	findings_add(f, FINDING_NOTE, "loopback", NULL, IP_NONE, NULL,
	    "a %s", "\x1b[31m");
	findings_add(f, FINDING_FAIL, "spf-ipv6", "example.org", IP_6,
	    "Replace the TXT record of example.org", "Over IPv6 your mail "
	    "fails SPF since its record lists the one IPv4 address alone");
	findings_add(f, FINDING_WARN, "nat", NULL, IP_4, NULL, "x");
	findings_add(f, FINDING_FAIL, "key", NULL, IP_NONE, NULL, "y");
}

static void
for_people(void **state)
{
	struct findings f = { 0 };

	(void)state;
	fill(&f);
	char *s = printed(&f, FINDING_OK, PRINT_TABLE);
	/* the key ends in column 78, each line does at most */
	assert_string_equal(s,
	    "ok    It runs                                                "
	    "           daemon\n"
	    "note  a \\x1B[31m                                             "
	    "         loopback\n"
	    "FAIL  Over IPv6 your mail fails SPF since its record lists the"
	    " one    spf-ipv6\n"
	    "      IPv4 address alone\n"
	    "      Replace the TXT record of example.org\n"
	    "WARN  x                                                      "
	    "              nat\n"
	    "FAIL  y                                                      "
	    "              key\n");
	free(s);
	s = printed(&f, FINDING_WARN, PRINT_TABLE);
	assert_memory_equal(s, "FAIL", 4);
	assert_null(strstr(s, "note"));
	free(s);
	findings_free(&f);
}

static void
long_words_stand_alone(void **state)
{
	struct findings f = { 0 };
	char word[121];

	(void)state;
	memset(word, 'w', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	findings_add(&f, FINDING_OK, "k", NULL, IP_NONE, word, "a %s b", word);
	char *s = printed(&f, FINDING_OK, PRINT_TABLE), want[1000];
	(void)snprintf(want, sizeof want, "ok    a%*s\n      %s\n      b\n"
	    "      %s\n", 71, "k", word, word);
	assert_string_equal(s, want);
	free(s);
	findings_free(&f);
}

static void
as_json(void **state)
{
	struct findings f = { 0 };

	(void)state;
	fill(&f);
	char *s = printed(&f, FINDING_FAIL, PRINT_JSON);
	assert_string_equal(s,
	    "{\"key\":\"spf-ipv6\",\"severity\":\"fail\",\"subject\":"
	    "\"example.org\",\"family\":\"ipv6\",\"fact\":\"Over IPv6 your "
	    "mail fails SPF since its record lists the one IPv4 address "
	    "alone\",\"fix\":\"Replace the TXT record of example.org\"}\n"
	    "{\"key\":\"key\",\"severity\":\"fail\",\"subject\":null,"
	    "\"family\":null,\"fact\":\"y\",\"fix\":null}\n");
	free(s);
	findings_free(&f);
}

static void
worst_first(void **state)
{
	struct findings f = { 0 };

	(void)state;
	assert_int_equal(findings_worst(&f), FINDING_OK);
	assert_null(findings_first(&f, FINDING_OK));
	fill(&f);
	assert_int_equal(findings_worst(&f), FINDING_FAIL);
	findings_sort(&f);
	static const char *const want[] = { "spf-ipv6", "key", "nat",
	    "loopback", "daemon" };
	for (size_t i = 0; i < f.n; i++)
		assert_string_equal(f.v[i].key, want[i]);
	assert_string_equal(findings_first(&f, FINDING_WARN)->key, "spf-ipv6");
	findings_free(&f);
}

/* From a worker, which may be anybody's, to the one that prints. */
static void
handed_over(void **state)
{
#define ROW(text, rc) { text, sizeof text, rc }
	static const struct {
		const char *text;	/* the last NUL counts */
		size_t len;
		int rc;
	} rows[] = {
		ROW("0\0000\0record\0\0\0", 0),
		ROW("3\0002\0record\0\0\0", -1),
		ROW("x", -1),
		ROW("4\0000\0record\0\0\0", -1),
		ROW("-1\0000\0record\0\0\0", -1),
		ROW("0\0009\0record\0\0\0", -1),
		ROW("0\0005\0record\0\0\0", -1),
		ROW("0\0000\0no-such-word\0\0\0", -1),
		ROW("0\0000\0\0\0\0", -1),
	};
#undef ROW
	struct findings f = { 0 };
	struct findings got = { 0 };
	char *data = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&data, &len);

	(void)state;
	findings_add(&f, FINDING_WARN, "record", "a b", IP_6, "fix", "%s",
	    "one\n\x1b[2J \xff");
	findings_add(&f, FINDING_OK, "signed", NULL, IP_NONE, NULL, "two");
	findings_send(&f, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(findings_take(&got, data, len), 0);
	findings_join(&got, &f);
	assert_int_equal(f.n, 0);
	assert_int_equal(got.n, 4);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(got.v[i].severity, got.v[i + 2].severity);
		assert_int_equal(got.v[i].family, got.v[i + 2].family);
		assert_string_equal(got.v[i].key, got.v[i + 2].key);
		assert_string_equal(got.v[i].subject, got.v[i + 2].subject);
		assert_string_equal(got.v[i].fact, got.v[i + 2].fact);
		assert_string_equal(got.v[i].fix, got.v[i + 2].fix);
	}
	findings_free(&got);
	/* what isn't whole */
	int ends = 0;
	for (size_t n = 1; n < len; n++) {
		char *part = malloc(n);

		assert_non_null(part);
		memcpy(part, data, n);
		int rc = findings_take(&got, part, n);
		ends += data[n - 1] == '\0';
		assert_int_equal(rc == 0, data[n - 1] == '\0' && ends == 6);
		findings_free(&got);
		free(part);
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(findings_take(&got, rows[i].text,
		    rows[i].len), rows[i].rc);
		findings_free(&got);
	}
	free(data);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(for_people),
    cmocka_unit_test(long_words_stand_alone),
    cmocka_unit_test(as_json),
    cmocka_unit_test(worst_first),
    cmocka_unit_test(handed_over))
