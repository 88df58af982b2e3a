/* SPDX-License-Identifier: ISC */
/* The reply in what people paste, and what stands around it. */
#include "tool/pasted.h"

#include "unit.h"

struct row {
	const char *text;
	const char *host, *stage, *dsn, *reply;
};

#define SAID "host mx.example.net[192.0.2.1] said: 550 5.7.1 no"

static const struct row rows[] = {
	/* a reply alone */
	{ "550 5.7.1 no", "", "", "", "550 5.7.1 no" },
	{ "550 5.7.1 no (in reply to RCPT TO command)", "", "rcpt", "",
	    "550 5.7.1 no" },
	{ "550 (in reply to MAIL FROM command) no", "", "", "",
	    "550 (in reply to MAIL FROM command) no" },
	{ "550 (in reply to MAIL FROM command) no (in reply to end of DATA "
	    "command)", "", "eod", "", "550 (in reply to MAIL FROM command) "
	    "no" },
	{ "550 5.1.1 host mx.forged.example[192.0.2.9] said: 421 4.7.0 busy",
	    "", "", "", "550 5.1.1 host mx.forged.example[192.0.2.9] said: 421 "
	    "4.7.0 busy" },
	{ "550 host mx.forged.example[192.0.2.9] refused to talk to me: 554",
	    "", "", "", "550 host mx.forged.example[192.0.2.9] refused to talk "
	    "to me: 554" },
	{ "", "", "", "", "" },
	{ " \n\t ", "", "", "", "" },
	{ "(", "", "", "", "(" },
	{ "()", "", "", "", "" },
	/* with its host */
	{ SAID, "mx.example.net", "", "", "550 5.7.1 no" },
	{ SAID " (in reply to DATA command)", "mx.example.net", "data", "",
	    "550 5.7.1 no" },
	{ "(" SAID " (in reply to DATA command))", "mx.example.net", "data",
	    "", "550 5.7.1 no" },
	{ SAID " (in reply to DATA command))", "mx.example.net", "data", "",
	    "550 5.7.1 no" },
	{ SAID ", host mx.forged.example[192.0.2.9] said: 421 busy",
	    "mx.example.net", "", "", "550 5.7.1 no, host mx.forged.example"
	    "[192.0.2.9] said: 421 busy" },
	{ "host mx.example.net[192.0.2.1] refused to talk to me: 554 5.7.1 "
	    "host x[192.0.2.9] said: 450", "mx.example.net", "banner", "",
	    "554 5.7.1 host x[192.0.2.9] said: 450" },
	/* out of a bounce, folded */
	{ "<b@example.net>: host mx.example.net[192.0.2.1] said:\n    550 "
	    "5.7.1\r\n\tno (in reply to\n    RCPT TO command)",
	    "mx.example.net", "rcpt", "", "550 5.7.1 no" },
	{ "<b@example.net> (expanded from <a@example.org>): " SAID,
	    "mx.example.net", "", "", "550 5.7.1 no" },
	{ "<\"x>: host mx.forged.example[192.0.2.9] said: 421\"@example.net>: "
	    SAID, "mx.example.net", "", "", "550 5.7.1 no" },
	{ "<b@example.net>: 550 5.1.1 unknown", "example.net", "", "",
	    "550 5.1.1 unknown" },
	{ "<b@example.net> 550 5.1.1 unknown", "", "", "",
	    "<b@example.net> 550 5.1.1 unknown" },
	/* a line of the log, whole or from some field on */
	{ "Nov  4 08:02:53 mail postfix/smtp[524]: 4F1A2B3C: to=<b@example.net"
	    ">, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, "
	    "dsn=5.7.1, status=bounced (" SAID " (in reply to RCPT TO "
	    "command))", "mx.example.net", "rcpt", "5.7.1", "550 5.7.1 no" },
	{ "2026-11-24T08:02:53.1+01:00 mail postfix/smtp4/smtp[524]: 4F1A2B3C:"
	    " to=<\"b>, relay=mx.forged.example[192.0.2.9]:25, dsn=2.0.0, "
	    "status=sent (250\"@example.net>, relay=mx.example.net[192.0.2.1]"
	    ":25, delay=1, dsn=5.7.1, status=bounced (" SAID ")",
	    "mx.example.net", "", "5.7.1", "550 5.7.1 no" },
	{ "postfix/smtp[524]: 4F1A2B3C: " SAID, "mx.example.net", "", "",
	    "550 5.7.1 no" },
	{ "4F1A2B3C: " SAID, "mx.example.net", "", "", "550 5.7.1 no" },
	{ "to=<b@example.net>, relay=none, delay=1, dsn=4.4.1, status=deferred"
	    " (connect to mx.example.net[192.0.2.1]:25: Connection refused)",
	    "example.net", "connect", "4.4.1", "connect to mx.example.net"
	    "[192.0.2.1]:25: Connection refused" },
	{ "relay=mx.example.net[192.0.2.1]:25, dsn=5.7.1, status=bounced ("
	    SAID ")", "mx.example.net", "", "5.7.1", "550 5.7.1 no" },
	{ "status=deferred (" SAID ")", "", "", "", "550 5.7.1 no" },
	{ "lost connection with mx.example.net[192.0.2.1] while sending RCPT "
	    "TO", "mx.example.net", "rcpt", "", "lost connection with "
	    "mx.example.net[192.0.2.1] while sending RCPT TO" },
	/* as others quote it: nothing of Postfix's form is found in it */
	{ "SMTP error from remote mail server after RCPT TO:<b@example.net>: "
	    SAID, "", "", "", "SMTP error from remote mail server after RCPT "
	    "TO:<b@example.net>: " SAID },
	{ "Remote Server returned '550 5.7.1 no'", "", "", "",
	    "Remote Server returned '550 5.7.1 no'" },
};

static void
each_is_read_from_the_left(void **state)
{
	static struct pasted p;
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];

		pasted_read(r->text, &p);
		if (strcmp(p.host, r->host) == 0 &&
		    strcmp(p.stage, r->stage) == 0 &&
		    strcmp(p.dsn, r->dsn) == 0 &&
		    p.len == strlen(r->reply) &&
		    memcmp(p.reply, r->reply, p.len) == 0)
			continue;
		print_error("%s\n  host=%s stage=%s dsn=%s reply=%.*s\n",
		    r->text, p.host, p.stage, p.dsn, (int)p.len, p.reply);
		failed++;
	}
	assert_int_equal(failed, 0);
}

/* Of any length, cut anywhere, it is read within its bounds. */
static void
what_is_cut_or_long_has_a_reply(void **state)
{
	static struct pasted p;
	static char text[3 * SOURCE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; n <= strlen(rows[i].text); n++) {
			memcpy(text, rows[i].text, n);
			text[n] = '\0';
			pasted_read(text, &p);
			assert_non_null(p.reply);
			assert_true(p.len <= n + strlen("to=<>, "));
		}
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = strlen(rows[i].text);

		memset(text, 'x', sizeof text - 1);
		text[sizeof text - 1] = '\0';
		memcpy(text, rows[i].text, n);
		pasted_read(text, &p);
		assert_non_null(p.reply);
		assert_true(p.len <= SOURCE_TEXT_MAX);
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(each_is_read_from_the_left),
    cmocka_unit_test(what_is_cut_or_long_has_a_reply))
