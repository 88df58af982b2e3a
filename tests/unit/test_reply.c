/* SPDX-License-Identifier: ISC */
/* Refusal texts to classes: the rules that are shipped, and rules of a site. */
#include "record/reply.h"

#include <unistd.h>

#include "unit.h"

static char shipped[4096];
static char rows_path[4096];

static struct reply_rules *
read_rules(const char *site)
{
	struct err_list errors = { 0 };
	struct reply_rules *rules = reply_rules_read(shipped, site,
	    &errors);

	if (rules == NULL)
		fail_msg("%s", errors.v[0].text);
	return rules;
}

/* Every row of the table, one by one. */
static void
classes_of_known_texts(void **state)
{
	struct reply_rules *rules = read_rules(NULL);
	FILE *f = fopen(rows_path, "r");
	char line[4096];
	int rows = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		char *provider;
		char *text;
		struct reply_finding found;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		provider = strchr(line, '\t');
		assert_non_null(provider);
		*provider++ = '\0';
		text = strchr(provider, '\t');
		assert_non_null(text);
		*text++ = '\0';
		reply_classify(rules, provider, "", "", text, strlen(text),
		    &found);
		if (strcmp(found.class->name, line) != 0)
			fail_msg("%s: got %s (line %d), want %s", text,
			    found.class->name, found.rule_line, line);
		rows++;
	}
	fclose(f);
	assert_true(rows > 150);
	reply_rules_free(&rules);
}

static void
multi_line_replies_are_one_text(void **state)
{
	static const char text[] = "550-5.7.1 your address has\r\n"
	    "550-5.7.1   no  reverse\n550 5.7.1 dns entry";
	struct reply_rules *rules = read_rules(NULL);
	struct reply_finding found;

	(void)state;
	reply_classify(rules, "", "", "", text, sizeof text - 1, &found);
	assert_string_equal(found.class->name, "no-ptr");
	reply_rules_free(&rules);
}

static void
stage_scope_and_page_travel_with_the_finding(void **state)
{
	static const char text[] = "550 5.7.1 Unfortunately, messages from "
	    "[192.0.2.1] weren't sent. Please contact your Internet service "
	    "provider since part of their network is on our block list (S3140)";
	struct reply_rules *rules = read_rules(NULL);
	struct reply_finding found;

	(void)state;
	reply_classify(rules, "outlook.com", "mail", "5.7.1", text,
	    sizeof text - 1, &found);
	assert_string_equal(found.class->name, "ip-reputation");
	assert_string_equal(found.scope, "network");
	assert_string_equal(found.who, "hosting");
	assert_true(strncmp(found.link, "https://", 8) == 0);
	reply_classify(rules, "", "tls", "4.7.5", "odd", 3, &found);
	assert_string_equal(found.class->name, "tls");
	reply_classify(rules, "", "rcpt", "5.2.2", "", 0, &found);
	assert_string_equal(found.class->name, "mailbox-full");
	assert_string_equal(reply_provider(rules,
	    "example-org.mail.protection.outlook.com"), "microsoft365");
	assert_string_equal(reply_provider(rules,
	    "outlook-com.olc.protection.outlook.com"), "outlook.com");
	assert_string_equal(reply_provider(rules, "mx1.mail.example.org"),
	    "example.org");
	reply_rules_free(&rules);
}

static void
write_site(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
a_site_is_asked_first(void **state)
{
	char path[] = "/tmp/test_reply.XXXXXX";
	struct reply_rules *rules;
	struct reply_finding found;

	(void)state;
	write_site(path, "# ours\nrule rate who=you slow (?:down|up)\n");
	rules = read_rules(path);
	reply_classify(rules, "", "", "", "550 mailbox full, slow down", 27,
	    &found);
	assert_string_equal(found.class->name, "rate");
	assert_string_equal(found.who, "you");
	assert_int_equal(found.rule_line, 2);
	reply_rules_free(&rules);
	unlink(path);
}

static void
faults_have_a_line(void **state)
{
	static const struct { const char *text, *want; } rows[] = {
		{ "\nrule nonsense x\n", ":2: unknown class nonsense" },
		{ "rule rate (\n", ":1: pattern, at byte 1" },
		{ "rule rate\n", ":1: missing pattern" },
		{ "rule rate who=me x\n", ":1: unknown stage" },
		{ "provider x\n", ":1: expected: provider NAME SUFFIX" },
		{ "page rate x\n", ":1: expected: page CLASS NAME URL" },
		{ "code 550\n", ":1: unknown class (none)" },
		{ "what rate x\n", ":1: unknown keyword \"what\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char path[] = "/tmp/test_reply.XXXXXX";
		struct err_list errors = { 0 };

		write_site(path, rows[i].text);
		assert_null(reply_rules_read(shipped, path, &errors));
		assert_int_equal(errors.n, 1);
		if (strstr(errors.v[0].text, rows[i].want) == NULL)
			fail_msg("%s", errors.v[0].text);
		err_list_free(&errors);
		unlink(path);
	}
}

/* A pattern that explodes is bounded by steps, and then doesn't match. */
static void
exploding_patterns_are_bounded(void **state)
{
	char path[] = "/tmp/test_reply.XXXXXX";
	char text[900];
	struct reply_rules *rules;
	struct reply_finding found;

	(void)state;
	write_site(path, "rule helo (a+)+(b+)+(a+)+$\n");
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = '!';
	rules = read_rules(path);
	reply_classify(rules, "", "", "", text, sizeof text, &found);
	assert_string_equal(found.class->name, "other");
	reply_rules_free(&rules);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_of_known_texts),
		cmocka_unit_test(multi_line_replies_are_one_text),
		cmocka_unit_test(stage_scope_and_page_travel_with_the_finding),
		cmocka_unit_test(a_site_is_asked_first),
		cmocka_unit_test(faults_have_a_line),
		cmocka_unit_test(exploding_patterns_are_bounded),
	};

	snprintf(shipped, sizeof shipped, "%s", tree_path("conf/replies"));
	snprintf(rows_path, sizeof rows_path, "%s",
	    tree_path("tests/data/replies.tsv"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
