/* SPDX-License-Identifier: ISC */
/*
 * The lines of a message and its warnings, word for word: they are what the
 * recorder and the operator read. log_event() is wrapped at link time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/event.h"
#include "base/log.h"
#include "lines.h"
#include "message.h"
#include "scratch_state.h"
#include "warn_message.h"

void __wrap_log_event(struct event *e);

static struct scratch scratch;
static struct warn *warn;
static char logged[20000];

void
__wrap_log_event(struct event *e)
{
	strcat(logged, event_line(e));
	strcat(logged, "\n");
}

static struct state *
build(const char *lines)
{
	struct state_services services = { scratch.config, warn, NULL };
	struct err_list errors = { 0 }, warnings = { 0 };
	struct state *s;

	scratch_config(&scratch, lines);
	s = state_new(&services, &errors, &warnings);
	assert_non_null(s);
	err_list_free(&errors);
	err_list_free(&warnings);
	return s;
}

static struct message *
begin(const char *lines, enum origin origin, const char *mailfrom)
{
	logged[0] = '\0';
	return message_new(build(lines), origin, mailfrom);
}

static void
end(struct message *m, const char *body)
{
	message_end_headers(m, "4jYZvf2g2Rz1bXy9");
	message_add_body(m, body, strlen(body));
	message_end(m);
	lines_write(m, "4jYZvf2g2Rz1bXy9", 0);
	warn_about(warn, m, "4jYZvf2g2Rz1bXy9");
	message_free(&m);
}

static void
assert_begins(const char *text, const char *want)
{
	if (strncmp(text, want, strlen(want)) != 0)
		fail_msg("\"%s\" doesn't begin with \"%s\"", text, want);
}

static void
test_signed(void **state)
{
	struct message *m = begin("", ORIGIN_AUTHENTICATED,
	    "<a@example.org>");

	(void)state;
	message_add_recipient(m, "<b@example.net>", "example.net", "smtp");
	message_add_recipient(m, "<c@example.net>", "example.net", "smtp");
	message_add_recipient(m, "<c@example.com>", "example.com", "smtp");
	message_add_header(m, "From", " a@example.org");
	message_add_header(m, "Subject", " one\n two");
	end(m, "hello\r\n");
	/* 5 + 14 + 2, 8 + 9 + 3, 2, 7 bytes */
	assert_begins(logged,
	    "4jYZvf2g2Rz1bXy9: message from=<a@example.org> "
	    "author=example.org origin=authenticated rcpts=3 dests=2 "
	    "size=50 result=signed\n"
	    "4jYZvf2g2Rz1bXy9: sign d=example.org s=one "
	    "a=ed25519-sha256\n"
	    "4jYZvf2g2Rz1bXy9: sender mailfrom=example.org align=strict "
	    "policy=unknown ip4=203.0.113.7 spf4=unchecked dmarc4=unknown "
	    "ip6=none key=unknown\n"
	    "4jYZvf2g2Rz1bXy9: route dest=example.net transport=smtp "
	    "family=unknown why=timeout spf=");
	assert_non_null(strstr(logged, "\n4jYZvf2g2Rz1bXy9: route "
	    "dest=example.com transport=smtp family=unknown why=timeout "));
}

static void
test_unsigned(void **state)
{
	struct message *m = begin("", ORIGIN_LOCAL, "");

	(void)state;
	message_add_recipient(m, "b@example.net", NULL, NULL);
	message_add_header(m, "From", " a@example.com");
	end(m, "");
	assert_begins(logged,
	    "4jYZvf2g2Rz1bXy9: message from=<> author=example.com "
	    "origin=local rcpts=1 dests=1 size=23 result=unsigned "
	    "why=no-key\n"
	    "4jYZvf2g2Rz1bXy9: sender mailfrom=<> helo=");
	assert_non_null(strstr(logged, " key=none\n"));
	assert_non_null(strstr(logged,
	    "4jYZvf2g2Rz1bXy9: warning: unsigned author=example.com: mail of "
	    "this domain leaves without a signature; make a key: waybill "
	    "keygen example.com\n"));
	/* the fact again, the warning not */
	m = begin("", ORIGIN_LOCAL, "");
	message_add_recipient(m, "b@example.net", NULL, NULL);
	message_add_header(m, "From", " a@example.com");
	end(m, "");
	assert_non_null(strstr(logged, "why=no-key"));
	assert_null(strstr(logged, "warning:"));
	/* switched off */
	m = begin("warn { unsigned = false }", ORIGIN_LOCAL, "");
	message_add_header(m, "From", " a@sub.example.com");
	end(m, "");
	assert_non_null(strstr(logged, "why=no-key"));
	assert_null(strstr(logged, "warning:"));
}

static void
test_fragile_and_forged(void **state)
{
	struct message *m = begin("", ORIGIN_NETWORK, "<a@example.org>");

	(void)state;
	message_add_header(m, "From", " a@example.org");
	message_add_header(m, "X-Waybill-Sender", " host=evil.example");
	end(m, "gr\xfc\xdf" "e\r\n");
	assert_non_null(strstr(logged,
	    " result=signed fragile=8bit forged=1\n"));
	assert_non_null(strstr(logged,
	    ": warning: fragile author=example.org fragile=8bit: "));
	assert_non_null(strstr(logged,
	    ": warning: forged from=<a@example.org> count=1: "));
}

/* What a sender writes can't forge a key. */
static void
test_hostile(void **state)
{
	struct message *m = begin("", ORIGIN_NETWORK,
	    "<\"x> result=signed author=evil.example: \"@example.org>");
	struct event_read r;
	const char *end_of_line;

	(void)state;
	message_add_header(m, "From", " a@example.com");
	message_end_headers(m, "x y: z");
	message_end(m);
	lines_write(m, "x y: z", 7);
	message_free(&m);
	end_of_line = strchr(logged, '\n');
	assert_int_equal(event_parse(&r, logged,
	    (size_t)(end_of_line - logged)), 0);
	assert_string_equal(r.qid, "NOQUEUE");
	assert_string_equal(event_value(&r, "author"), "example.com");
	assert_string_equal(event_value(&r, "result"), "unsigned");
	assert_string_equal(event_value(&r, "repeats"), "7");
}

static int
setup(void **state)
{
	(void)state;
	scratch_make(&scratch);
	scratch_key(&scratch, "example.org", "one");
	warn = warn_new();
	return warn == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	warn_free(&warn);
	scratch_remove(&scratch);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_unsigned),
		cmocka_unit_test(test_fragile_and_forged),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
