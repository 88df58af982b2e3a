/* SPDX-License-Identifier: ISC */
/*
 * SPF from zone to finding, by the rows of tests/data/spf-rows (or of the
 * files named as arguments). A section is a zone (see zone.h) and
 * questions to it:
 *	== title
 *	zone lines
 *	? ADDRESS HELO MAILBOX RESULT [LOOKUPS [VOIDS [TERM]]]
 * "-" is an empty HELO or MAILBOX, a number that isn't tested, or no term.
 * "NAME FILL n TEXT" is a TXT record of n times TEXT (":" at its start: the
 * text from there; %u in it counts); "NAME TIMES n TYPE VALUE" is n records,
 * with %u counting. A result is one word; the other four fields of the finding
 * are tested in test_spf's own cases below.
 */
#include "find/spf.h"

#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "fake_unbound.h"
#include "unit.h"

enum { FILE_MAX = 4 << 20, ZONE_MAX = 16 << 20, STRING_MAX = 250 };

/* Time for an evaluation in which one name is silent. */
enum { SILENCE_MS = 4000 };

static const char *const *row_files;

/* A TXT record's text as strings that the zone can hold. */
static void
add_strings(struct text *zone, const char *s, size_t len)
{
	for (size_t i = 0; i < len || i == 0; i += STRING_MAX) {
		size_t n = len - i < STRING_MAX ? len - i : STRING_MAX;

		text_add(zone, " \"");
		text_add_bytes(zone, s + i, n);
		text_add(zone, "\"");
	}
	text_add(zone, "\n");
}

/* Appends text with each %u of it replaced by i. */
static void
add_counted(struct text *t, const char *text, unsigned i)
{
	const char *mark;

	while ((mark = strstr(text, "%u")) != NULL) {
		text_add_bytes(t, text, (size_t)(mark - text));
		text_addf(t, "%u", i);
		text = mark + 2;
	}
	text_add(t, text);
}

/* "NAME FILL n HEAD|BODY|TAIL": HEAD, n times BODY, TAIL in one TXT record. */
static void
add_fill(struct text *zone, const char *name, unsigned n, char *value)
{
	struct text t;
	char *body = strchr(value, '|');
	char *tail = body == NULL ? NULL : strchr(body + 1, '|');

	assert_non_null(tail);
	*body++ = '\0';
	*tail++ = '\0';
	text_init(&t, 70000);
	text_add(&t, value);
	for (unsigned i = 0; i < n; i++)
		add_counted(&t, body, i);
	text_add(&t, tail);
	assert_false(t.cut);
	text_addf(zone, "%s TXT", name);
	add_strings(zone, t.buf, t.len);
	text_free(&t);
}

static void
add_zone_line(struct text *zone, const char *line)
{
	char name[300], word[16], value[4096];
	unsigned n;

	if (sscanf(line, "%299s %15s %u %4095[^\n]", name, word, &n,
	    value) == 4) {
		if (strcmp(word, "FILL") == 0) {
			add_fill(zone, name, n, value);
			return;
		}
		if (strcmp(word, "TIMES") == 0) {
			for (unsigned i = 0; i < n; i++) {
				text_addf(zone, "%s ", name);
				add_counted(zone, value, i);
				text_add(zone, "\n");
			}
			return;
		}
	}
	text_addf(zone, "%s\n", line);
}

static const char *
word_or_empty(const char *s)
{
	return strcmp(s, "-") == 0 ? "" : s;
}

/* Is it one of the results, with "|" between? */
static bool
is_among(const char *result, const char *wanted)
{
	size_t n = strlen(result);

	while (*wanted != '\0') {
		size_t len = strcspn(wanted, "|");

		if (len == n && strncmp(result, wanted, n) == 0)
			return true;
		wanted += len + (wanted[len] == '|');
	}
	return false;
}

/* One "?" line; false when the answer is another. */
static bool
ask_row(struct resolver *r, const char *title, char *line)
{
	char *word[8] = { NULL }, *save = NULL;
	struct spf_query q = { 0 };
	struct spf_finding f;
	const char *at;
	size_t n = 0;
	bool is_right;

	for (char *w = strtok_r(line, "\t", &save); w != NULL && n < 8;
	    w = strtok_r(NULL, "\t", &save))
		word[n++] = w;
	assert_true(n >= 4);
	assert_int_equal(ip_parse(word[0], &q.ip), 0);
	q.helo = word_or_empty(word[1]);
	q.sender = word_or_empty(word[2]);
	at = strrchr(q.sender, '@');
	q.domain = at != NULL ? at + 1 : q.sender[0] != '\0' ? q.sender : q.helo;
	spf_find(r, &q, clock_ms() + PATIENCE_MS, &f);
	is_right = is_among(spf_result_name(f.result), word[3]) &&
	    (n < 5 || word[4][0] == '-' ||
	    f.lookups == strtoul(word[4], NULL, 10)) &&
	    (n < 6 || word[5][0] == '-' ||
	    f.voids == strtoul(word[5], NULL, 10)) &&
	    (n < 7 || strcmp(f.term, word_or_empty(word[6])) == 0);
	if (!is_right)
		print_error("%s: %s %s %s: %s, not %s (%u look-ups, %u void, "
		    "term \"%s\"): %s\n", title, word[0], word[1], word[2],
		    spf_result_name(f.result), word[3], f.lookups, f.voids,
		    f.term, f.why);
	if (f.result != SPF_UNCHECKED)
		assert_true(f.why[0] != '\0');
	return is_right;
}

static void
run_file(const char *path, unsigned *asked, unsigned *wrong)
{
	struct err err = { 0 };
	size_t len;
	char *text = file_read(path, FILE_MAX, &len, &err);
	char *rest = text, *line;
	const char *title = "";
	struct resolver *r = NULL;
	struct text zone;

	if (text == NULL)
		fail_msg("%s", err.text);
	text_init(&zone, ZONE_MAX);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "== ", 3) == 0) {
			resolver_free(&r);
			text_clear(&zone);
			title = line + 3;
		} else if (line[0] == '?' && line[1] == '\t') {
			if (r == NULL)
				r = fake_unbound_resolver(zone.buf);
			(*asked)++;
			*wrong += !ask_row(r, title, line + 2);
		} else if (line[0] != '\0' && line[0] != ';') {
			add_zone_line(&zone, line);
			assert_false(zone.cut);
		}
	}
	resolver_free(&r);
	text_free(&zone);
	free(text);
}

static void
rows(void **state)
{
	unsigned asked = 0, wrong = 0;

	(void)state;
	if (row_files[0] != NULL) {
		for (size_t i = 0; row_files[i] != NULL; i++)
			run_file(row_files[i], &asked, &wrong);
	} else {
		run_file(tree_path("tests/data/spf-rows"), &asked, &wrong);
	}
	print_message("%u questions, %u answered wrongly\n", asked, wrong);
	assert_int_equal(wrong, 0);
	assert_true(asked >= 40);
}

static struct spf_finding
find(const char *zone, struct spf_query q, int64_t patience_ms)
{
	struct resolver *r = fake_unbound_resolver(zone);
	struct spf_finding f;

	spf_find(r, &q, clock_ms() + patience_ms, &f);
	resolver_free(&r);
	return f;
}

static void
reasons(void **state)
{
	static const struct {
		const char *name, *zone, *ip;
		enum spf_result result;
		const char *why;
	} row[] = {
		{ "no record", "", "192.0.2.1", SPF_NONE,
		    "example.org has no SPF record" },
		{ "match", "example.org TXT \"v=spf1 ip4:192.0.2.0/24 -all\"",
		    "192.0.2.1", SPF_PASS,
		    "\"ip4:192.0.2.0/24\" of example.org matches" },
		{ "no match", "example.org TXT \"v=spf1 ip4:192.0.2.2\"",
		    "192.0.2.1", SPF_NEUTRAL, "no term of example.org matches" },
		{ "wrong", "example.org TXT \"v=spf1 ip4:192.0.2 -all\"",
		    "192.0.2.1", SPF_PERMERROR, "the record of example.org is "
		    "invalid: term \"ip4:192.0.2\": not an IPv4 address" },
		{ "dead", "example.org SERVFAIL", "192.0.2.1", SPF_TEMPERROR,
		    "no DNS answer for example.org (servfail)" },
		{ "inside an include",
		    "example.org TXT \"v=spf1 include:i.example.org -all\"\n"
		    "i.example.org TXT \"v=spf1 ip4:192.0.2.1 ?all\"",
		    "192.0.2.1", SPF_PASS,
		    "\"ip4:192.0.2.1\" of i.example.org matches" },
		{ "include of nothing",
		    "example.org TXT \"v=spf1 include:i.example.org -all\"",
		    "192.0.2.1", SPF_PERMERROR, "\"include:i.example.org\" "
		    "names a domain without an SPF record" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct spf_finding f = find(row[i].zone, (struct spf_query){
		    .domain = "example.org", .ip = ip_of(row[i].ip) },
		    PATIENCE_MS);

		print_message("%s\n", row[i].name);
		assert_int_equal(f.result, row[i].result);
		assert_string_equal(f.why, row[i].why);
	}
}

/* Answers that hold for 5 minutes make a finding that does. */
static void
ttl(void **state)
{
	struct spf_finding f = find(
	    "example.org 200 TXT \"v=spf1 a:a.example.org -all\"\n"
	    "a.example.org 77 A 192.0.2.1\n", (struct spf_query){
	    .domain = "example.org", .ip = ip_of("192.0.2.1") }, PATIENCE_MS);

	(void)state;
	assert_int_equal(f.result, SPF_PASS);
	assert_int_equal(f.ttl_s, 77);
}

static void
no_address(void **state)
{
	struct spf_finding f = find("", (struct spf_query){
	    .domain = "example.org" }, PATIENCE_MS);

	(void)state;
	assert_int_equal(f.result, SPF_UNCHECKED);
}

/* A mapped address that nobody has unmapped. */
static void
mapped(void **state)
{
	struct ip ip = { .family = IP_6, .b = { [10] = 0xff, [11] = 0xff, 192,
	    0, 2, 1 } };
	struct spf_finding f = find(
	    "example.org TXT \"v=spf1 exists:%{i}.%{v}.example.org -all\"\n"
	    "192.0.2.1.in-addr.example.org A 127.0.0.2\n",
	    (struct spf_query){ .domain = "example.org", .ip = ip },
	    PATIENCE_MS);

	(void)state;
	assert_int_equal(f.result, SPF_PASS);
}

/* Past the deadline nothing is asked any more. */
static void
deadline(void **state)
{
	struct resolver *r = fake_unbound_resolver(
	    "example.org TXT \"v=spf1 mx a ptr exists:x.example.org -all\"\n");
	struct spf_query q = { .domain = "example.org",
	    .ip = ip_of("192.0.2.1") };
	struct spf_finding f;

	(void)state;
	spf_find(r, &q, clock_ms() - 1, &f);
	assert_int_equal(f.result, SPF_TEMPERROR);
	assert_int_equal(fake_unbound_count(NULL, 0), 0);
	fake_unbound_hold(true);
	spf_find(r, &q, clock_ms() + 50, &f);
	assert_int_equal(f.result, SPF_TEMPERROR);
	assert_int_equal(f.ttl_s, 0);
	assert_int_equal(fake_unbound_count(NULL, 0), 1);
	resolver_free(&r);
}

/* A PTR name, or PTR records, that DNS is silent about: the others decide, long
 * before the deadline (RFC 7208, 5.5). */
static void
silent_ptr(void **state)
{
	static const struct {
		const char *silent, *record;
		enum spf_result want;
	} row[] = {
		{ "dead.example.org", "v=spf1 ptr -all", SPF_PASS },
		{ "1.2.0.192.in-addr.arpa", "v=spf1 ptr -all", SPF_FAIL },
		{ "good.example.org", "v=spf1 ptr -all", SPF_PASS },
		{ "dead.example.org", "v=spf1 exists:%{p}.x.example.org -all",
		    SPF_PASS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char zone[512];
		struct resolver *r;
		struct spf_query q = { .domain = "example.org",
		    .ip = ip_of("192.0.2.1") };
		struct spf_finding f;

		print_message("%s: %s\n", row[i].silent, row[i].record);
		snprintf(zone, sizeof zone, "example.org TXT \"%s\"\n"
		    "1.2.0.192.in-addr.arpa PTR dead.example.org\n"
		    "1.2.0.192.in-addr.arpa PTR good.example.org\n"
		    "dead.example.org A 192.0.2.1\n"
		    "good.example.org A 192.0.2.1\n"
		    "good.example.org.x.example.org A 127.0.0.2\n",
		    row[i].record);
		r = fake_unbound_resolver(zone);
		fake_unbound_silence(row[i].silent);
		spf_find(r, &q, clock_ms() + SILENCE_MS, &f);
		assert_int_equal(f.result, row[i].want);
		resolver_free(&r);
	}
}

/* exp= is never followed, whatever it holds. */
static void
explanations(void **state)
{
	struct resolver *r = fake_unbound_resolver(
	    "example.org TXT \"v=spf1 exp=exp.example.org -all\"\n"
	    "exp.example.org TXT \"%{s}%{s}%{s} %{c}\"\n");
	struct spf_query q = { .domain = "example.org",
	    .ip = ip_of("192.0.2.1") };
	struct spf_finding f;

	(void)state;
	spf_find(r, &q, clock_ms() + PATIENCE_MS, &f);
	assert_int_equal(f.result, SPF_FAIL);
	assert_int_equal(fake_unbound_count(NULL, 0), 1);
	resolver_free(&r);
}

/* No include is walked into twice for nothing: the most questions that one
 * evaluation can ask. */
static void
questions_bounded(void **state)
{
	struct text zone;
	struct resolver *r;
	struct spf_query q = { .domain = "example.org",
	    .ip = ip_of("192.0.2.1") };
	struct spf_finding f;

	(void)state;
	text_init(&zone, 1 << 20);
	text_add(&zone, "*.example.org TXT \"v=spf1 include:a%{d} "
	    "include:b%{d} include:c%{d} include:d%{d} include:e%{d} -all\"\n"
	    "example.org TXT \"v=spf1 include:x.example.org "
	    "include:y.example.org mx -all\"\n");
	r = fake_unbound_resolver(zone.buf);
	spf_find(r, &q, clock_ms() + PATIENCE_MS, &f);
	assert_int_equal(f.result, SPF_PERMERROR);
	assert_int_equal(fake_unbound_count(NULL, 0), 11);
	resolver_free(&r);
	text_free(&zone);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(reasons),
		cmocka_unit_test(ttl),
		cmocka_unit_test(no_address),
		cmocka_unit_test(mapped),
		cmocka_unit_test(deadline),
		cmocka_unit_test(silent_ptr),
		cmocka_unit_test(explanations),
		cmocka_unit_test(questions_bounded),
	};

	(void)argc;
	row_files = (const char *const *)argv + 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
