/* SPDX-License-Identifier: ISC */
/* Records to publish, for a web form and for a zone file. */
#include "tool/publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void
a_key_is_a_txt_record(void **state)
{
	struct err err;
	struct key *key = key_generate(KEY_RSA, 2048, "example.org", "2026r",
	    &err);
	struct publish_record r;
	struct text zone;

	(void)state;
	assert_non_null(key);
	publish_dkim(key, &r);
	assert_string_equal(r.type, "TXT");
	assert_string_equal(r.name, "2026r._domainkey.example.org");
	assert_int_equal(strncmp(r.value.buf, "v=DKIM1; k=rsa; p=MII", 21), 0);
	assert_null(strchr(r.value.buf, '\n'));
	assert_null(strchr(r.value.buf, '"'));

	/* Strings of at most 255 bytes, and together they are the value. */
	text_init(&zone, 2000);
	publish_zone(&r, &zone);
	const char *p = zone.buf;
	static const char head[] = "2026r._domainkey.example.org. IN TXT";
	assert_int_equal(strncmp(p, head, strlen(head)), 0);
	p += strlen(head);
	const char *value = r.value.buf;
	int strings = 0;
	while (strncmp(p, " \"", 2) == 0) {
		size_t len = strcspn(p + 2, "\"");
		assert_true(len <= 255);
		assert_int_equal(strncmp(value, p + 2, len), 0);
		value += len;
		p += 2 + len + 1;
		strings++;
	}
	assert_int_equal(strings, 2);
	assert_string_equal(value, "");
	assert_string_equal(p, "\n");
	text_free(&zone);
	publish_free(&r);
	key_free(&key);
}

static void
quotes_are_escaped(void **state)
{
	struct publish_record r = { .type = "TXT", .name = "example.org" };
	struct text zone;

	(void)state;
	text_init(&r.value, 100);
	text_add(&r.value, "a\"b\\c;d");
	text_init(&zone, 100);
	publish_zone(&r, &zone);
	assert_string_equal(zone.buf,
	    "example.org. IN TXT \"a\\\"b\\\\c;d\"\n");
	text_clear(&zone);
	text_clear(&r.value);
	publish_zone(&r, &zone);
	assert_string_equal(zone.buf, "example.org. IN TXT \"\"\n");
	text_free(&zone);
	publish_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_a_txt_record),
		cmocka_unit_test(quotes_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
