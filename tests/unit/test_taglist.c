/* SPDX-License-Identifier: ISC */
/* Tag-lists written, folded and read back. */
#include "base/taglist.h"

#include "unit.h"

static void
a_stamp_is_folded(void **state)
{
	struct taglist_writer w;
	struct text t;

	(void)state;
	text_init(&t, 1000);
	taglist_begin(&w, &t, strlen("X-Waybill-Sender: "));
	taglist_add(&w, "host", "mail.example.org");
	taglist_add(&w, "mailfrom", "example.org");
	taglist_add(&w, "from", "example.org");
	taglist_add(&w, "align", "strict");
	taglist_add_number(&w, "mxs", -12);
	taglist_add(&w, "x", "a;b\xc3\n");
	assert_string_equal(t.buf, "host=mail.example.org; "
	    "mailfrom=example.org;\n from=example.org; align=strict; mxs=-12; "
	    "x=a?b??");
	text_free(&t);
}

static void
no_line_is_over_78(void **state)
{
	struct taglist_writer w;
	struct text t;
	char value[80];

	(void)state;
	for (size_t len = 1; len < 70; len++) {
		text_init(&t, 100000);
		taglist_begin(&w, &t, 17);
		memset(value, 'v', len);
		value[len] = '\0';
		for (int i = 0; i < 50; i++)
			taglist_add(&w, "t", value + (i * 7) % len);
		size_t column = 17;
		for (const char *p = t.buf; *p != '\0'; p++) {
			column = *p == '\n' ? 0 : column + 1;
			/* the first tag stands where it was begun */
			if (p >= t.buf + len + 3)
				assert_true(column <= TAGLIST_COLUMNS);
		}
		text_free(&t);
	}
}

static void
lists_are_read(void **state)
{
	static const struct {
		const char *in;
		int n;			/* -1: refused */
		const char *a, *b;	/* values of these tags */
	} rows[] = {
		{"a=1; b=2", 2, "1", "2"}, {"a=1;b=2;", 2, "1", "2"},
		{" a = 1 ;\r\n\tb =\r\n 2 3 \r\n;  ", 2, "1", "2 3"},
		{"a=; b==x=", 2, "", "=x="}, {"A=1; a=2; b=3", 3, "2", "3"},
		{"a=\xff", 1, "\xff", NULL}, {"a_1=x; a=y", 2, "y", NULL},
		{"", -1, NULL, NULL}, {"  ", -1, NULL, NULL},
		{";", -1, NULL, NULL}, {"a=1;;b=2", -1, NULL, NULL},
		{"a=1;;", -1, NULL, NULL}, {"a", -1, NULL, NULL},
		{"=1", -1, NULL, NULL}, {"a=1; a=2", -1, NULL, NULL},
		{"1a=1", -1, NULL, NULL}, {"a-b=1", -1, NULL, NULL},
		{"a b=1", -1, NULL, NULL}, {"_a=1", -1, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct taglist l;
		int ret = taglist_parse(&l, rows[i].in, strlen(rows[i].in));
		if (ret != (rows[i].n < 0 ? -1 : 0))
			fail_msg("%s", rows[i].in);
		if (ret == 0) {
			assert_int_equal(l.n, rows[i].n);
			const char *a = taglist_value(&l, "a");
			const char *b = taglist_value(&l, "b");
			assert_string_equal(a, rows[i].a);
			if (rows[i].b == NULL)
				assert_null(b);
			else
				assert_string_equal(b, rows[i].b);
		}
		taglist_free(&l);
	}
}

static void
bounds(void **state)
{
	struct taglist l;
	char many[1000] = "";

	(void)state;
	assert_int_equal(taglist_parse(&l, "a=1\0", 4), -1);
	taglist_free(&l);
	for (int i = 0; i < TAGLIST_TAGS_MAX; i++)
		(void)snprintf(many + strlen(many), sizeof many - strlen(many),
		    "t%d=%d;", i, i);
	assert_int_equal(taglist_parse(&l, many, strlen(many)), 0);
	assert_string_equal(taglist_value(&l, "t39"), "39");
	taglist_free(&l);
	strcat(many, "z=1");
	assert_int_equal(taglist_parse(&l, many, strlen(many)), -1);
	taglist_free(&l);
	taglist_free(&l);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(a_stamp_is_folded),
    cmocka_unit_test(no_line_is_over_78),
    cmocka_unit_test(lists_are_read),
    cmocka_unit_test(bounds))
