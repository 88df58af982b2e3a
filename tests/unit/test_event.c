/* SPDX-License-Identifier: ISC */
/* Log lines: the grammar, and that reader and writer are twins. */
#include "base/event.h"

#include "unit.h"

static void
values_are_quoted_where_they_must(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"plain", "plain"}, {"", "\"\""}, {"a b", "\"a b\""},
		{"a\"b", "\"a\\x22b\""}, {"a\\b", "\"a\\x5Cb\""},
		{"a=b", "\"a=b\""}, {"2001:db8::", "\"2001:db8::\""},
		{"2001:db8::7", "2001:db8::7"}, {"a\x7f", "\"a\\x7F\""},
		{"a\nb", "\"a\\x0Ab\""}, {"\xc3\xbc", "\"\\xC3\\xBC\""},
		{"<a@b>,;'", "<a@b>,;'"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct event e;
		char want[100];
		event_begin(&e, NULL, false, "spf");
		event_add(&e, "k", rows[i].in);
		(void)snprintf(want, sizeof want, "spf k=%s", rows[i].want);
		assert_string_equal(event_line(&e), want);
	}
}

static void
a_whole_line(void **state)
{
	struct event e;

	(void)state;
	event_begin(&e, "4dXk2w1zW9z", true, "no-aaaa");
	event_add(&e, "dest", "example.org");
	event_add(&e, "none", NULL);
	event_add_number(&e, "mxs", -3);
	event_add_path(&e, "from", "a b@example.org");
	event_add_path(&e, "to", "");
	event_add_path(&e, "x", "c:");
	event_sentence(&e, "IPv%d \xc3\xbc\n only: yes", 4);
	event_add(&e, "late", "1");
	event_sentence(&e, "twice");
	assert_string_equal(event_line(&e), "4dXk2w1zW9z: warning: no-aaaa "
	    "dest=example.org mxs=-3 from=\"<a b@example.org>\" to=<> x=<c:>: "
	    "IPv4 ??? only: yes");
	assert_string_equal(event_line(&e), e.line);
}

static void
queue_ids(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{NULL, "start"}, {"", "start"}, {"4jYZ", "4jYZ: start"},
		{"D2DEDA721BB", "D2DEDA721BB: start"},
		{"a b", "NOQUEUE: start"}, {"x: y", "NOQUEUE: start"},
		{"start", "NOQUEUE: start"}, {"4\xc3", "NOQUEUE: start"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct event e;
		event_begin(&e, rows[i].in, false, "start");
		assert_string_equal(event_line(&e), rows[i].want);
	}
}

static void
what_does_not_fit_is_said(void **state)
{
	struct event e;
	struct event_read r;
	char value[EVENT_LINE_MAX + 100];

	(void)state;
	memset(value, 'v', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	event_begin(&e, "4A", false, "route");
	event_add(&e, "a", "1");
	event_add(&e, "b", value);
	event_add(&e, "c", "3");
	event_sentence(&e, "and so on");
	assert_string_equal(event_line(&e), "4A: route a=1 cut=yes");
	assert_string_equal(event_line(&e), "4A: route a=1 cut=yes");
	assert_int_equal(event_parse(&r, e.line, e.len), 0);
	assert_true(r.cut);
	assert_int_equal(r.n, 1);
	/* a sentence that is too long */
	event_begin(&e, NULL, false, "stop");
	event_sentence(&e, "%s", value);
	assert_int_equal(strlen(event_line(&e)), EVENT_LINE_MAX);
	assert_string_equal(event_line(&e) + EVENT_LINE_MAX - 4, "v...");
	assert_memory_equal(event_line(&e), "stop: vvv", 9);
	assert_int_equal(event_parse(&r, e.line, e.len), 0);
	assert_false(r.cut);
	/* and one of which nothing is left */
	event_begin(&e, NULL, false, "stop");
	event_add(&e, "k", value + sizeof value - 1 - (EVENT_LINE_MAX - 40));
	event_sentence(&e, "%s", value);
	assert_string_equal(event_line(&e) + e.len - 9, "v cut=yes");
	/* the longest value that fits, and the first that doesn't */
	for (size_t len = EVENT_LINE_MAX - 30; len < EVENT_LINE_MAX; len++) {
		event_begin(&e, NULL, false, "stop");
		event_add(&e, "k", value + sizeof value - 1 - len);
		assert_int_equal(e.cut, 7 + len > EVENT_LINE_MAX - 8);
		assert_true(strlen(event_line(&e)) <= EVENT_LINE_MAX);
	}
	/* more pairs than a reader takes */
	event_begin(&e, NULL, false, "stop");
	for (int i = 0; i <= EVENT_FIELDS_MAX; i++)
		event_add_number(&e, "k", i);
	assert_true(e.cut);
	const char *line = event_line(&e);
	assert_int_equal(event_parse(&r, line, strlen(line)), 0);
	assert_int_equal(r.n, EVENT_FIELDS_MAX);
	assert_true(r.cut);
}

/* s, n times over. */
static char *
times(const char *s, size_t n)
{
	static char many[4 * EVENT_LINE_MAX];
	size_t len = strlen(s);

	many[0] = '\0';
	for (size_t i = 0; i < n; i++)
		memcpy(many + i * len, s, len + 1);
	return many;
}

/* Foreign text takes 256 bytes of a line, whatever it is made of. */
static void
foreign_text_is_bounded(void **state)
{
	static const struct {
		const char *piece;
		size_t n;	/* pieces */
		size_t kept;	/* bytes of a bare value that are read back */
		size_t kept_path;
	} rows[] = {
		/* 254 between quotes, of which the mark takes 12, <> takes 2 */
		{ "x", 10, 10, 10 },
		{ "x", 252, 252, 252 },
		{ "x", 254, 254, 240 },
		{ "x", 255, 242, 240 },
		{ "x", 1000, 242, 240 },
		{ " ", 254, 254, 240 },
		{ "\"", 63, 63, 63 },
		{ "\"", 64, 60, 60 },
		{ "\xff", 1000, 60, 60 },
		{ "\n", 1000, 60, 60 },
		/* no character is cut in two */
		{ "\xc3\xbc", 100, 60, 60 },
		{ "\xe2\x82\xac", 100, 60, 60 },
		{ "\xf0\x9f\x98\x80", 100, 60, 60 },
		{ "a\xe2\x82\xac", 100, 73, 73 },
		{ "a\xf0\x9f\x98\x80", 100, 71, 71 },
	};
	struct event e;
	struct event_read r;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *in = times(rows[i].piece, rows[i].n);
		size_t kept = rows[i].kept, kept_path = rows[i].kept_path;
		const char *got;
		size_t at;

		event_begin(&e, "4A", false, "message");
		at = e.len;
		event_add_bounded(&e, "k", in);
		assert_true(e.len - at <= 3 + EVENT_BOUNDED_MAX);
		at = e.len;
		event_add_path(&e, "p", in);
		assert_true(e.len - at <= 3 + EVENT_BOUNDED_MAX);
		event_add(&e, "last", "1");
		assert_int_equal(event_parse(&r, event_line(&e),
		    strlen(event_line(&e))), 0);
		assert_false(r.cut);
		assert_string_equal(event_value(&r, "last"), "1");
		got = event_value(&r, "k");
		assert_memory_equal(got, in, kept);
		assert_string_equal(got + kept,
		    kept == strlen(in) ? "" : "\xe2\x80\xa6");
		got = event_value(&r, "p");
		assert_int_equal(got[0], '<');
		assert_memory_equal(got + 1, in, kept_path);
		assert_string_equal(got + 1 + kept_path,
		    kept_path == strlen(in) ? ">" : "\xe2\x80\xa6>");
	}
	event_begin(&e, NULL, false, "message");
	event_add_bounded(&e, "k", NULL);
	event_add_bounded(&e, "k", "");
	event_add_bounded(&e, "k", "a:");
	assert_string_equal(event_line(&e), "message k=\"\" k=\"a:\"");
}

static void
lines_are_read(void **state)
{
	static const struct {
		const char *in, *qid, *name;	/* name NULL: refused */
		bool warning;
		int n;
		const char *k, *sentence;
	} rows[] = {
		{"stop", "", "stop", false, 0, NULL, ""},
		{"stop: bye", "", "stop", false, 0, NULL, "bye"},
		{"warning: spf k=1: x y=2", "", "spf", true, 1, "1", "x y=2"},
		{"4A: spf k=a:b", "4A", "spf", false, 1, "a:b", ""},
		{"4A: warning: spf k=\"a: b\": c", "4A", "spf", true, 1, "a: b",
		    "c"},
		{"spf k=\"\\xc3\\x22\"", "", "spf", false, 1, "\xc3\"", ""},
		{"spf k=\"needless\" cut=yes", "", "spf", false, 1, "needless",
		    ""},
		{"spf cut=yes", "", "spf", false, 0, NULL, ""},
		{"spf k=1:", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=1: ", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=: x", NULL, NULL, false, 0, NULL, NULL},
		{"spf k", NULL, NULL, false, 0, NULL, NULL},
		{"spf =1", NULL, NULL, false, 0, NULL, NULL},
		{"spf  k=1", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=1 ", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=a=b", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=a\"b", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=\"a", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=\"a\"b", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=\"\\n\"", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=\"\\x4\"", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=\"\\x00\"", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=\"\\x", NULL, NULL, false, 0, NULL, NULL},
		{"spf k=\xc3", NULL, NULL, false, 0, NULL, NULL},
		{"spf K=1", NULL, NULL, false, 0, NULL, NULL},
		{"Spf k=1", NULL, NULL, false, 0, NULL, NULL},
		{"4A: ", NULL, NULL, false, 0, NULL, NULL},
		{"4A: 4B: spf", NULL, NULL, false, 0, NULL, NULL},
		{"", NULL, NULL, false, 0, NULL, NULL},
		{" spf", NULL, NULL, false, 0, NULL, NULL},
		{"spf:x", NULL, NULL, false, 0, NULL, NULL},
		{"spf: a\nb", NULL, NULL, false, 0, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct event_read r;
		int ret = event_parse(&r, rows[i].in, strlen(rows[i].in));
		if ((ret == 0) != (rows[i].name != NULL))
			fail_msg("row %zu: %s", i, rows[i].in);
		if (ret != 0)
			continue;
		assert_string_equal(r.qid, rows[i].qid);
		assert_string_equal(r.name, rows[i].name);
		assert_int_equal(r.warning, rows[i].warning);
		assert_int_equal(r.n, rows[i].n);
		assert_string_equal(r.sentence, rows[i].sentence);
		if (rows[i].k == NULL)
			assert_null(event_value(&r, "k"));
		else
			assert_string_equal(event_value(&r, "k"), rows[i].k);
	}
}

/* The same numbers at every run, so that a failure can be seen again. */
static unsigned
next(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void
what_is_written_is_read_back(void **state)
{
	static const char nasty[] = "ab= :\"\\x0\n\t\x7f\x80\xff<>";
	static struct event_read r;
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char values[8][200];
		struct event e;
		size_t n = next(&seed) % 9;

		event_begin(&e, next(&seed) % 2 ? "4jYZvf2g2Rz1bXy9" : "",
		    next(&seed) % 2, "family-spf");
		for (size_t i = 0; i < n; i++) {
			size_t len = next(&seed) % (round % 10 == 0 ? 199 : 9);
			for (size_t k = 0; k < len; k++)
				values[i][k] = next(&seed) % 3 ? nasty[
				    next(&seed) % (sizeof nasty - 1)]
				    : (char)(1 + next(&seed) % 255);
			values[i][len] = '\0';
			event_add(&e, "k0", values[i]);
		}
		bool said = next(&seed) % 2;
		if (said)
			event_sentence(&e, "a: b=\"c\" \\x");
		const char *line = event_line(&e);
		assert_true(strlen(line) <= EVENT_LINE_MAX);
		for (const char *p = line; *p != '\0'; p++)
			assert_true(*p >= ' ' && *p <= '~');
		if (event_parse(&r, line, strlen(line)) != 0)
			fail_msg("%s", line);
		assert_int_equal(r.n, e.n);
		assert_int_equal(r.cut, e.cut);
		assert_int_equal(r.warning, e.warning);
		assert_true(r.cut || r.n == n);
		for (size_t i = 0; i < r.n; i++)
			assert_string_equal(r.field[i].value, values[i]);
		assert_string_equal(r.sentence,
		    said && !r.cut ? "a: b=\"c\" \\x" : "");
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(values_are_quoted_where_they_must),
    cmocka_unit_test(a_whole_line),
    cmocka_unit_test(queue_ids),
    cmocka_unit_test(what_does_not_fit_is_said),
    cmocka_unit_test(foreign_text_is_bounded),
    cmocka_unit_test(lines_are_read),
    cmocka_unit_test(what_is_written_is_read_back))
