/* SPDX-License-Identifier: ISC */
/* Lines of Postfix's log, real forms and forged ones, to fields. */
#include "record/postfix_log.h"

#include "unit.h"

static struct source_line line;
static struct postfix_line got;

static void
parse(const char *tag, const char *text)
{
	memset(&line, 0, sizeof line);
	snprintf(line.tag, sizeof line.tag, "%s", tag);
	line.len = strlen(text);
	assert_true(line.len <= SOURCE_TEXT_MAX);
	memcpy(line.text, text, line.len);
	postfix_log_parse(&line, &got);
}

static void
assert_ip(const char *want)
{
	char text[IP_SIZE];

	assert_string_equal(ip_format(&got.relay_ip, text), want);
}

static void
assert_reply(const char *want)
{
	assert_non_null(got.reply);
	assert_int_equal(got.reply_len, strlen(want));
	assert_memory_equal(got.reply, want, got.reply_len);
}

struct kind_row {
	const char *name;
	const char *tag;
	const char *text;
	enum postfix_line_kind kind;
	const char *qid;
	const char *ip;
	unsigned port;
	const char *stage;
};

static const struct kind_row kinds[] = {
	{ "connect refused", "postfix/smtp",
	  "connect to mx.b6nd.example[2001:db8:3::99]:25: No route to host",
	  POSTFIX_CONNECT_FAILED, "", "2001:db8:3::99", 25, "connect" },
	{ "lmtp over a unix socket", "postfix/lmtp",
	  "connect to mail.example.org[/nosuch/lmtp]: No such file or directory",
	  POSTFIX_CONNECT_FAILED, "", "none", 0, "connect" },
	{ "4xx of a host that wasn't the last", "postfix/smtp",
	  "4jYZzx6jHnz1bZ4c: host mx.g6rcpt.example[2001:db8:3::36] said: 450 "
	  "4.2.0 <bob@g6rcpt.example>: Greylisted (in reply to RCPT TO command)",
	  POSTFIX_HOST_SAID, "4jYZzx6jHnz1bZ4c", "2001:db8:3::36", 0, "rcpt" },
	{ "greeting", "postfix/smtp4/smtp",
	  "4jYZvg4cjrz1bY66: host mx.grey.example[203.0.113.33] refused to talk "
	  "to me: 554 5.7.1 Service refused",
	  POSTFIX_REFUSED_TO_TALK, "4jYZvg4cjrz1bY66", "203.0.113.33", 0,
	  "banner" },
	{ "lost", "postfix/smtp",
	  "D2DEDA721BB: lost connection with mx.g6lost.example[2001:db8:3::3a] "
	  "while receiving the initial server greeting",
	  POSTFIX_LOST, "D2DEDA721BB", "2001:db8:3::3a", 0, "banner" },
	{ "timed out", "postfix/smtp",
	  "4jYZvh71yhz1bZ2T: conversation with mx.b6hang.example[203.0.113.52] "
	  "timed out while sending end of data -- message may be sent more than "
	  "once", POSTFIX_TIMED_OUT, "4jYZvh71yhz1bZ2T", "203.0.113.52", 0,
	  "eod" },
	{ "TLS made", "postfix/smtp",
	  "Untrusted TLS connection established to mx.example[203.0.113.38]:25: "
	  "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
	  POSTFIX_TLS_MADE, "", "203.0.113.38", 25, "" },
	{ "TLS failed", "postfix/smtp",
	  "SSL_connect error to mx.badtls.example[203.0.113.35]:25: -1",
	  POSTFIX_TLS_FAILED, "", "203.0.113.35", 25, "tls" },
	{ "TLS failed, with id", "postfix/smtp",
	  "4jYZvr0RxQz1bZ39: Cannot start TLS: handshake failure",
	  POSTFIX_TLS_FAILED, "4jYZvr0RxQz1bZ39", "none", 0, "tls" },
	{ "bind", "postfix/smtp",
	  "warning: smtp_connect_addr: bind 2001:db8:1::99: Cannot assign "
	  "requested address", POSTFIX_BIND_FAILED, "", "2001:db8:1::99", 0, "" },
	{ "server configuration", "postfix/smtp", "server configuration error",
	  POSTFIX_SERVER_CONFIG, "", "none", 0, "" },
	{ "warning after which the id stands", "postfix/smtp",
	  "warning: 4jYZvr0RxQz1bZ39: connect to x.example[203.0.113.1]:25: y",
	  POSTFIX_CONNECT_FAILED, "4jYZvr0RxQz1bZ39", "203.0.113.1", 25,
	  "connect" },
	{ "removed", "postfix/qmgr", "4jYb2264Qsz1bZ1k: removed",
	  POSTFIX_REMOVED, "4jYb2264Qsz1bZ1k", "none", 0, "" },
	{ "removed and more", "postfix/qmgr", "4jYb2264Qsz1bZ1k: removed x",
	  POSTFIX_OTHER, "4jYb2264Qsz1bZ1k", "none", 0, "" },
	{ "expired", "postfix/qmgr",
	  "4jYb1Z6vF7z1bY6D: from=<a@example.org>, status=expired, returned to "
	  "sender", POSTFIX_EXPIRED, "4jYb1Z6vF7z1bY6D", "none", 0, "" },
	{ "milter", "postfix/smtpd",
	  "NOQUEUE: milter-reject: CONNECT from x[192.0.2.1]: 451 4.7.1 no",
	  POSTFIX_MILTER_REJECT, "", "none", 0, "" },
	{ "rejected", "postfix/smtpd",
	  "NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 5.7.1 no",
	  POSTFIX_REJECT, "", "none", 0, "" },
	{ "only warned of", "postfix/smtpd",
	  "NOQUEUE: reject_warning: RCPT from x[192.0.2.1]: 554 5.7.1 no; "
	  "from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>",
	  POSTFIX_OTHER, "", "none", 0, "" },
	{ "a host name with other bytes", "postfix/smtp",
	  "connect to mx<script>.example[203.0.113.1]:25: Connection refused",
	  POSTFIX_CONNECT_FAILED, "", "203.0.113.1", 25, "connect" },
	{ "renamed", "postfix/postsuper",
	  "Renamed to match inode number: 29 messages", POSTFIX_RENAMED, "",
	  "none", 0, "" },
	{ "fatal", "postfix/smtp", "fatal: config variable inet_interfaces: x",
	  POSTFIX_FATAL, "", "none", 0, "" },
	{ "a copy by tlsproxy is not counted", "postfix/tlsproxy",
	  "Trusted TLS connection established to mx.example[203.0.113.38]:25: "
	  "TLSv1.3 with cipher X", POSTFIX_OTHER, "", "none", 0, "" },
	{ "not Postfix's peer form", "postfix/smtp",
	  "connect to nowhere, really", POSTFIX_OTHER, "", "none", 0, "" },
	{ "empty", "postfix/smtp", "", POSTFIX_OTHER, "", "none", 0, "" },
};

static void
reads_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct kind_row *k = &kinds[i];

		parse(k->tag, k->text);
		if (got.kind != k->kind)
			fail_msg("%s: kind %d", k->name, (int)got.kind);
		assert_string_equal(got.qid, k->qid);
		assert_string_equal(got.stage, k->stage);
		assert_ip(k->ip);
		assert_int_equal(got.relay_port, k->port);
	}
}

static void
reads_a_delivery(void **state)
{
	(void)state;
	parse("postfix/smtp", "4jYb2264Qsz1bZ1k: to=<bob@reuse.example>, "
	    "orig_to=<list@example.org>, "
	    "relay=mx1.gmailish.example[2001:db8:3::25]:25, conn_use=2, "
	    "delay=1.25, delays=0/0.2/0/0.01, tls=dane, dsn=2.0.0, "
	    "status=sent (250 2.0.0 Ok: queued as D2AB5A72AEF)");
	assert_int_equal(got.kind, POSTFIX_DELIVERY);
	assert_string_equal(got.program, "smtp");
	assert_string_equal(got.to, "bob@reuse.example");
	assert_string_equal(got.orig_to, "list@example.org");
	assert_string_equal(got.relay_host, "mx1.gmailish.example");
	assert_ip("2001:db8:3::25");
	assert_int_equal(got.relay_port, 25);
	assert_int_equal(got.conn_use, 2);
	assert_int_equal(got.delay_ms, 1250);
	assert_string_equal(got.delays, "0/0.2/0/0.01");
	assert_string_equal(got.tls, "dane");
	assert_string_equal(got.dsn, "2.0.0");
	assert_string_equal(got.status, "sent");
	assert_reply("250 2.0.0 Ok: queued as D2AB5A72AEF");
	assert_false(got.cut);

	char id[POSTFIX_QID_MAX + 1];
	assert_true(postfix_log_queued_as(&got, id));
	assert_string_equal(id, "D2AB5A72AEF");
}

static void
reads_rejects(void **state)
{
	(void)state;
	parse("postfix/smtp", "4jYb0C11cTz1bY0m: to=<u@outlookish.example>, "
	    "relay=mx.example[203.0.113.30]:25, delay=0, delays=0/0/0/0, "
	    "dsn=5.1.1, status=bounced (host mx.example[203.0.113.30] said: "
	    "550 5.1.1 <u>: User (really) unknown (in reply to RCPT TO command))");
	assert_string_equal(got.stage, "rcpt");
	assert_reply("550 5.1.1 <u>: User (really) unknown");

	parse("postfix/smtp", "4jYZvj2grRz1bZ2Q: to=<b@alldead.example>, "
	    "relay=none, delay=0.01, delays=0.01/0/0.01/0, dsn=4.4.1, "
	    "status=deferred (connect to mx.alldead.example[203.0.113.51]:25: "
	    "Connection refused)");
	assert_string_equal(got.stage, "connect");
	assert_string_equal(got.relay_host, "");
	assert_ip("none");
	assert_reply("connect to mx.alldead.example[203.0.113.51]:25: "
	    "Connection refused");

	parse("postfix/smtp", "4jYb402h45z1bXx4: to=<b@x.example>, "
	    "relay=mx.example[203.0.113.30]:25, delay=0, delays=0/0/0/0, "
	    "dsn=4.7.4, status=deferred (TLS is required, but was not offered "
	    "by host mx.example[203.0.113.30])");
	assert_string_equal(got.stage, "tls");
}

/* What a remote host, a recipient or a sender writes changes text alone. */
static void
forged_fields_stay_text(void **state)
{
	(void)state;
	parse("postfix/smtp", "4jYb230lrzz1bZ1n: to=<\"a>, relay=fake.example"
	    "[192.0.2.66]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent "
	    "(250 fake\"@gmailish.example>, relay=mx1.gmailish.example"
	    "[203.0.113.25]:25, delay=2, delays=0/0/0/2, dsn=5.0.0, "
	    "status=bounced (host mx1.gmailish.example[203.0.113.25] said: "
	    "550 no (in reply to end of DATA command))");
	assert_int_equal(got.kind, POSTFIX_DELIVERY);
	assert_ip("203.0.113.25");
	assert_string_equal(got.status, "bounced");
	assert_string_equal(got.stage, "eod");
	assert_reply("550 no");

	parse("postfix/smtp", "4jYb230lrzz1bZ1n: to=<v@x.example>, "
	    "relay=mx.example[203.0.113.60]:25, delay=0, delays=0/0/0/0, "
	    "dsn=4.7.1, status=deferred (host mx.example[203.0.113.60] said: "
	    "450 x) 4jYb230lrzz1bZ1m: to=<w@y.example>, relay=fake.example"
	    "[192.0.2.66]:25, status=sent (250 ok (in reply to MAIL FROM "
	    "command) (in reply to RCPT TO command))");
	assert_string_equal(got.to, "v@x.example");
	assert_string_equal(got.status, "deferred");
	assert_string_equal(got.stage, "rcpt");
	assert_ip("203.0.113.60");

	parse("postfix/qmgr", "4jYb230lrzz1bZ1n: from=<\"x>, size=1, nrcpt=9 "
	    "(queue active)\"@example.org>, size=418, nrcpt=4 (queue active)");
	assert_int_equal(got.kind, POSTFIX_ACTIVE);
	assert_int_equal(got.nrcpt, 4);

	parse("postfix/cleanup", "4jYb230lrzz1bZ1n: message-id=<a@b> "
	    "4jYb230lrzz1bZ1n: to=<v@x.example>, relay=none, status=sent (x");
	assert_int_equal(got.kind, POSTFIX_MESSAGE_ID);

	parse("postfix/smtpd", "4jYb5k2534z1bY0J: client=c.example"
	    "[198.51.100.77], sasl_method=PLAIN, sasl_username=a, orig_id=b");
	assert_int_equal(got.kind, POSTFIX_CLIENT);
	assert_string_equal(got.sasl_username, "a, orig_id=b");
}

static void
cut_lines_keep_what_they_have(void **state)
{
	(void)state;
	parse("postfix/smtp", "4jYb230lrzz1bZ1n: to=<v@x.example>, "
	    "relay=mx.example[203.0.113.60]:25, delay=0, delays=0/0/0/0, "
	    "dsn=5.7.1, status=bounced (host mx.example[203.0.113.60] said: "
	    "550 5.7.1 xxxxxxxx");
	assert_true(got.cut);
	assert_string_equal(got.status, "bounced");
	assert_reply("550 5.7.1 xxxxxxxx");

	parse("postfix/smtp", "4jYb230lrzz1bZ1n: to=<v@x.example>, relay=mx.ex");
	assert_int_equal(got.kind, POSTFIX_DELIVERY);
	assert_true(got.cut);
	assert_string_equal(got.status, "");

	parse("postfix/smtp", "4jYb230lrzz1bZ1n: to=<\"v@x.example");
	assert_int_equal(got.kind, POSTFIX_OTHER);
	assert_true(got.cut);
}

/* What stands at the end of a line that Postfix cut is a server's own words,
 * though they be those of Postfix. */
static void
a_cut_line_has_no_right_end(void **state)
{
	static const char said[] = "4jYb230lrzz1bZ1n: host mx.example"
	    "[203.0.113.60] said: 450 4.2.0 ";
	static const char end[] = " (in reply to end of DATA command)";
	char text[2001];
	size_t room = sizeof text - sizeof said - sizeof end + 1;

	(void)state;
	snprintf(text, sizeof text, "%s%*s%s", said, (int)room, "x", end);
	assert_int_equal(strlen(text), 2000);
	parse("postfix/smtp", text);
	assert_int_equal(got.kind, POSTFIX_HOST_SAID);
	assert_true(got.cut);
	assert_string_equal(got.stage, "");

	snprintf(text, sizeof text, "%s%*s%s", said, (int)room - 1, "x", end);
	parse("postfix/smtp", text);
	assert_false(got.cut);
	assert_string_equal(got.stage, "eod");
}

#define REJECTED "NOQUEUE: reject: RCPT from c.example[198.51.100.77]: "
#define SESSION " proto=ESMTP helo=<h.example>"

struct rejected_row {
	const char *name;
	const char *tag;
	const char *text;
	const char *from;	/* NULL: neither address is known */
	const char *to;
	const char *reply;
};

/* Lines of Postfix 3.7, most of them what smtpd(8) made of a client's attempt
 * to forge: the text has the recipient without quotes, from= and to= have it
 * quoted, and helo= holds none of <>();"@\\ and no space. */
static const struct rejected_row rejected[] = {
	{ "plain", "postfix/smtpd", REJECTED "554 5.7.1 <b@d.example>: Relay "
	  "access denied; from=<a@c.example> to=<b@d.example>" SESSION,
	  "a@c.example", "b@d.example", "RCPT from c.example[198.51.100.77]: "
	  "554 5.7.1 <b@d.example>: Relay access denied" },
	{ "a recipient that holds fields", "postfix/smtpd",
	  REJECTED "554 5.7.1 <x; from=<boss@example.com> to=<rival@c.test> "
	  "y@v.test>: Relay access denied; from=<real@s.test> to=<\"x; "
	  "from=<boss@example.com> to=<rival@c.test> y\"@v.test>" SESSION,
	  "real@s.test", "\"x; from=<boss@example.com> to=<rival@c.test> y\""
	  "@v.test", "RCPT from c.example[198.51.100.77]: 554 5.7.1 <x; "
	  "from=<boss@example.com> to=<rival@c.test> y@v.test>: Relay access "
	  "denied" },
	{ "a recipient that holds a whole end", "postfix/smtpd",
	  REJECTED "554 5.7.1 <x; from=<boss@e.test> to=<r@c.test>" SESSION
	  "@v.test>: Relay access denied; from=<> to=<\"x; from=<boss@e.test>"
	  " to=<r@c.test>" SESSION "\"@v.test>" SESSION, "", "\"x; from=<boss"
	  "@e.test> to=<r@c.test>" SESSION "\"@v.test", NULL },
	{ "one that is cut out of the domain", "postfix/smtpd",
	  REJECTED "554 5.7.1 <a@x; from=<boss@e.test> to=<rival@c.test>: "
	  "Relay access denied; from=<real@s.test> to=<\"a@x; from=<boss@e."
	  "test> to=<rival\"@c.test>" SESSION, "real@s.test",
	  "\"a@x; from=<boss@e.test> to=<rival\"@c.test", NULL },
	{ "one that opens quotes", "postfix/smtpd",
	  REJECTED "554 5.7.1 <x; from=<boss@e.test> to=<\"r@v.test>: Relay "
	  "access denied; from=<real@s.test> to=<\"x; from=<boss@e.test> "
	  "to=<\\\"r\"@v.test>" SESSION, "real@s.test", "\"x; from=<boss@e.test"
	  "> to=<\\\"r\"@v.test", NULL },
	{ "one that goes on behind the quote", "postfix/smtpd",
	  REJECTED "554 5.7.1 <@c.test> to=<r@c.test; from=<\"@v.test>: Relay "
	  "access denied; from=<real@s.test> to=<\"@c.test> to=<r@c.test; "
	  "from=<\\\"\"@v.test>" SESSION, "real@s.test",
	  "\"@c.test> to=<r@c.test; from=<\\\"\"@v.test", NULL },
	{ "a sender that holds fields", "postfix/smtpd",
	  REJECTED "554 5.7.1 <b@v.test>: Relay access denied; from=<\"x; "
	  "from=<boss@e.test> to=<r@c.test>" SESSION "\"@s.test> to=<b@v.test>"
	  SESSION, "\"x; from=<boss@e.test> to=<r@c.test>" SESSION "\"@s.test",
	  "b@v.test", NULL },
	{ "a text of a milter or a policy server", "postfix/smtpd",
	  "NOQUEUE: milter-reject: RCPT from c.example[198.51.100.77]: 550 "
	  "5.7.1 x; from=<boss@e.test> to=<r@c.test>" SESSION "; from=<a@s.test>"
	  " to=<b@v.test>" SESSION, "a@s.test", "b@v.test", NULL },
	{ "at the end of a message", "postfix/cleanup",
	  "4jYZyX1FFYz1bZ1q: milter-reject: END-OF-MESSAGE from c.example"
	  "[198.51.100.77]: 5.7.1 Command rejected; from=<a@s.test> "
	  "to=<b@v.test>" SESSION, "a@s.test", "b@v.test", NULL },
	{ "by a proxy", "postfix/smtpd", "NOQUEUE: proxy-reject: END-OF-MESSAGE:"
	  " 550 5.7.0 no; from=<a@s.test> to=<b@v.test>" SESSION, "a@s.test",
	  "b@v.test", "END-OF-MESSAGE: 550 5.7.0 no" },
	{ "postscreen", "postfix/postscreen", "NOQUEUE: reject: RCPT from "
	  "[198.51.100.77]:37617: 450 4.3.2 Service currently unavailable; "
	  "from=<real@s.test>, to=<a@x; from=<b> to=<c>, proto=ESMTP, helo=<h;>",
	  "real@s.test", "a@x; from=<b> to=<c", "RCPT from [198.51.100.77]:37617"
	  ": 450 4.3.2 Service currently unavailable" },
	{ "postscreen, a sender's domain", "postfix/postscreen", "NOQUEUE: "
	  "reject: RCPT from [198.51.100.77]:37617: 450 4.3.2 Service currently "
	  "unavailable; from=<a@x; from=<b>, to=<c>, to=<d@v.test>, proto=SMTP, "
	  "helo=<h>", "a@x; from=<b>, to=<c", "d@v.test", NULL },
	{ "bare names, no HELO", "postfix/smtpd", REJECTED "450 4.7.1 no; "
	  "from=<root> to=<postmaster> proto=SMTP", "root", "postmaster", NULL },
	{ "a HELO name alone", "postfix/smtpd", REJECTED "503 5.5.1 no; "
	  "from=<a@s.test> to=<b@v.test> proto=SMTP helo=<>", "a@s.test",
	  "b@v.test", NULL },
	{ "no recipient yet", "postfix/smtpd", "NOQUEUE: reject: MAIL from "
	  "c.example[198.51.100.77]: 553 5.7.1 <x; from=<boss@e.test> to=<r"
	  "@c.test>: Sender address rejected: no; from=<\"x; from=<boss@e.test>"
	  " to=<r\"@c.test>" SESSION, NULL, NULL, NULL },
	{ "no session's end", "postfix/smtpd", REJECTED "554 5.7.1 no; "
	  "from=<a@s.test> to=<b@v.test> prot", NULL, NULL, NULL },
	{ "more behind it", "postfix/smtpd", REJECTED "554 5.7.1 no; "
	  "from=<a@s.test> to=<b@v.test>" SESSION " x", NULL, NULL, NULL },
	{ "a quote that doesn't end", "postfix/smtpd", REJECTED "554 5.7.1 no; "
	  "from=<a@s.test> to=<\"b@v.test>" SESSION, NULL, NULL, NULL },
};

static void
reads_rejected_mail(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rejected); i++) {
		const struct rejected_row *r = &rejected[i];

		parse(r->tag, r->text);
		if (got.has_envelope != (r->from != NULL) ||
		    strcmp(got.from, r->from == NULL ? "" : r->from) != 0 ||
		    strcmp(got.to, r->to == NULL ? "" : r->to) != 0)
			fail_msg("%s: from %s to %s", r->name, got.from, got.to);
		if (r->reply != NULL)
			assert_reply(r->reply);
	}
}

/* Its end may be a client's: 2,000 bytes. */
static void
a_cut_rejection_names_nobody(void **state)
{
	static const char end[] = "; from=<boss@e.test> to=<r@c.test>" SESSION;
	char text[2001];

	(void)state;
	for (size_t cut = 0; cut < 2; cut++) {
		snprintf(text, sizeof text - cut, REJECTED "%*s%s",
		    (int)(sizeof text - cut - sizeof REJECTED - sizeof end + 1),
		    "x", end);
		assert_int_equal(strlen(text), 2000 - cut);
		parse("postfix/smtpd", text);
		assert_int_equal(got.kind, POSTFIX_REJECT);
		assert_int_equal(got.has_envelope, cut == 1);
	}
}

static void
the_last_words_name_the_next_id(void **state)
{
	char id[POSTFIX_QID_MAX + 1];

	(void)state;
	parse("postfix/smtp", "4jYb2264Qsz1bZ1k: to=<b@d.example>, relay=127.0.0"
	    ".1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent"
	    " (250 2.0.0 Subject: queued as 4jYb2264Qsz1bZ1m, from MTA: 250 Ok: "
	    "queued as D2AB5A72AEF)");
	assert_true(postfix_log_queued_as(&got, id));
	assert_string_equal(id, "D2AB5A72AEF");
	parse("postfix/smtp", "4jYb2264Qsz1bZ1k: to=<b@d.example>, relay=127.0.0"
	    ".1[127.0.0.1]:10024, dsn=2.0.0, status=sent (queued as )");
	assert_false(postfix_log_queued_as(&got, id));
	parse("postfix/smtp", "4jYb2264Qsz1bZ1k: to=<b@d.example>, relay=127.0.0"
	    ".1[127.0.0.1]:10024, dsn=2.0.0, status=sent (ok)");
	assert_false(postfix_log_queued_as(&got, id));
}

static void
keeps_host_names_alone(void **state)
{
	static const struct { const char *relay, *host; } rows[] = {
		{ "mx-1_a.example.net", "mx-1_a.example.net" },
		{ "2001:db8::25", "2001:db8::25" },
		{ "MX.example.", "MX.example." },
		{ "mx<b>.example", "" }, { "mx'.example", "" },
		{ "mx\x1b.example", "" }, { "m\xc3\xbc.example", "" },
		{ "mx/..", "" }, { "%6d", "" }, { "mx;x", "" },
	};
	char text[400];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof text, "4jYb2264Qsz1bZ1k: to=<b@d.example>"
		    ", relay=%s[203.0.113.60]:25, delay=0, delays=0/0/0/0, "
		    "dsn=2.0.0, status=sent (ok)", rows[i].relay);
		parse("postfix/smtp", text);
		assert_ip("203.0.113.60");
		assert_string_equal(got.relay_host, rows[i].host);
		snprintf(text, sizeof text, "4jYb2264Qsz1bZ1k: to=<b@d.example>"
		    ", relay=%s, delay=0, delays=0/0/0/0, dsn=2.0.0, "
		    "status=sent (ok)", rows[i].relay);
		parse("postfix/smtp", text);
		assert_string_equal(got.status, "sent");
		assert_string_equal(got.relay_host, rows[i].host);
	}
}

static void
knows_queue_ids(void **state)
{
	static const struct { const char *id; bool is; } rows[] = {
		{ "D2DEDA721BB", true }, { "4jYZvf2g2Rz1bXy9", true },
		{ "ABCDEF", true }, { "ABCDE", false }, { "abcdef", false },
		{ "4jYZvf2g2R1bXy9", false }, { "4jYZvf2g2Rz", true },
		{ "4jYZvf2gz", false }, { "4jAZvf2g2Rz1bXy9", false },
		{ "4jYZvf2g2Rz1b-y9", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (postfix_log_is_qid(rows[i].id, strlen(rows[i].id)) !=
		    rows[i].is)
			fail_msg("%s", rows[i].id);
}

static void
a_long_id_tells_its_second(void **state)
{
	static const struct { const char *id; int64_t second; } rows[] = {
		{ "4jYZvf2g2Rz1bXy9", 1795507150 }, { "4jYZvf2g2Rz", 1795507150 },
		{ "D2DEDA721BB", 0 }, { "", 0 }, { "4jAZvf2g2Rz1bXy9", 0 },
		{ "4jYZvf4jYZvf4jYZvfz1b", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (postfix_log_qid_second(rows[i].id) != rows[i].second)
			fail_msg("%s", rows[i].id);
}

static void
reads_pickup_and_bounce(void **state)
{
	(void)state;
	parse("postfix/pickup",
	    "4jYb1V3NbJz1bY1p: uid=102 from=<a@example.org> "
	    "orig_id=4jYb1P01Y8z1bXyC");
	assert_int_equal(got.kind, POSTFIX_PICKUP);
	assert_string_equal(got.from, "a@example.org");
	assert_string_equal(got.other_id, "4jYb1P01Y8z1bXyC");
	parse("postfix/bounce", "4jYb0C11cTz1bY0m: sender non-delivery "
	    "notification: 4jYb0C1TGDz1bY1x");
	assert_int_equal(got.kind, POSTFIX_BOUNCE);
	assert_string_equal(got.other_id, "4jYb0C1TGDz1bY1x");
	parse("postfix/bounce", "4jYb0C11cTz1bY0m: sender non-delivery "
	    "notification: ");
	assert_int_equal(got.kind, POSTFIX_OTHER);
	parse("postfix/pickup",
	    "4jYb1V3NbJz1bY1p: uid=102 from=<a@example.org> orig_id=x y");
	assert_int_equal(got.kind, POSTFIX_PICKUP);
	assert_string_equal(got.other_id, "");
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(reads_kinds),
    cmocka_unit_test(reads_a_delivery),
    cmocka_unit_test(reads_rejects),
    cmocka_unit_test(forged_fields_stay_text),
    cmocka_unit_test(cut_lines_keep_what_they_have),
    cmocka_unit_test(a_cut_line_has_no_right_end),
    cmocka_unit_test(reads_rejected_mail),
    cmocka_unit_test(a_cut_rejection_names_nobody),
    cmocka_unit_test(the_last_words_name_the_next_id),
    cmocka_unit_test(keeps_host_names_alone),
    cmocka_unit_test(knows_queue_ids),
    cmocka_unit_test(a_long_id_tells_its_second),
    cmocka_unit_test(reads_pickup_and_bounce))
