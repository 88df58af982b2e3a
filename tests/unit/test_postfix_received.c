/* SPDX-License-Identifier: ISC */
/*
 * Which Received fields smtpd(8) of this host has written for a stranger.
 * Known are loopback, this host's 203.0.113.7 and 2001:db8::7, and the networks
 * 192.0.2.0/24 and 2001:db8:1::/48.
 */
#include "find/postfix_received.h"

#include "postconf.h"
#include "unit.h"

#define WRITERS "mail.example.org Postfix\nin.example.org Our Mailer\n"
#define DATE "; Mon, 30 Nov 2026 10:00:00 +0000 (UTC)"
#define BY "\n\tby mail.example.org (Postfix) "
#define ID " id 4dXk2w1zW9z"
#define FOR "\n\tfor <list@example.org>" DATE
#define TLS "\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 " \
    "(256/256 bits)\n\t key-exchange X25519 server-signature RSA-PSS " \
    "(2048 bits) server-digest SHA256)\n\t"
#define STRANGER "client.example (client.example [198.51.100.77])"

static const struct row {
	const char *name;
	const char *value;
	int want;
} rows[] = {
	{ "a stranger", " from " STRANGER BY "with ESMTP" ID FOR, 1 },
	{ "HELO", " from " STRANGER BY "with SMTP" ID FOR, 1 },
	{ "several recipients: a date alone",
	    " from " STRANGER BY "with ESMTP" ID ";\n\tMon, 30 Nov 2026", 1 },
	{ "a short queue id", " from " STRANGER BY "with ESMTP id D2DED" FOR,
	    1 },
	{ "a long queue id", " from " STRANGER BY
	    "with ESMTP id 4jYZvf2g2Rz1bXy9" FOR, 1 },
	{ "a proxy filter: no queue id yet",
	    " from " STRANGER BY "with ESMTP" FOR, 1 },
	{ "the same, several recipients",
	    " from " STRANGER BY "with SMTP" DATE, 1 },
	{ "TLS", " from " STRANGER TLS "(No client certificate requested)" BY
	    "with ESMTPS" ID FOR, 1 },
	{ "a certificate alone is no login", " from " STRANGER TLS
	    "(Client CN \"laptop\", Issuer \"CA\" (verified OK))" BY
	    "with ESMTPS" ID FOR, 1 },
	{ "a certificate that says another client", " from " STRANGER TLS
	    "(Client CN \"(localhost [127.0.0.1])\", Issuer \"x\" "
	    "(not verified))" BY "with ESMTPS" ID FOR, 1 },
	{ "SMTPUTF8", " from " STRANGER BY "with UTF8SMTP" ID FOR, 1 },
	{ "SMTPUTF8, TLS", " from " STRANGER TLS "(No client certificate "
	    "requested)" BY "with UTF8SMTPS" ID FOR, 1 },
	{ "no name in DNS", " from x (unknown [198.51.100.77])" BY
	    "with ESMTP" ID FOR, 1 },
	{ "no address", " from x (unknown [unknown])" BY "with ESMTP" ID FOR,
	    1 },
	{ "IPv6", " from x (client.example [IPv6:2001:db8:2::77])" BY
	    "with ESMTP" ID FOR, 1 },
	{ "another service's name, a mail_name of two words",
	    " from " STRANGER "\n\tby in.example.org (Our Mailer) with ESMTP"
	    ID FOR, 1 },
	{ "case of names", " from " STRANGER "\n\tby MAIL.Example.ORG "
	    "(postfix) with ESMTP" ID FOR, 1 },

	/* whose mail is outgoing */
	{ "a login", " from " STRANGER BY "with ESMTPA" ID FOR, 0 },
	{ "a login over TLS", " from [10.0.0.5] (pc.example "
	    "[198.51.100.9])" TLS "(No client certificate requested)\n\t"
	    "(Authenticated sender: alice)" BY "with ESMTPSA" ID FOR, 0 },
	{ "a login with SMTPUTF8", " from " STRANGER BY "with UTF8SMTPSA" ID
	    FOR, 0 },
	{ "a client of outgoing.networks", " from pc (pc.example.org "
	    "[192.0.2.9])" BY "with ESMTP" ID FOR, 0 },
	{ "the same over IPv6", " from pc (pc.example.org "
	    "[IPv6:2001:db8:1::9])" BY "with ESMTPS" ID FOR, 0 },
	{ "webmail on this host", " from localhost (localhost [127.0.0.1])" BY
	    "with ESMTP" ID FOR, 0 },
	{ "the same over IPv6", " from localhost (localhost [IPv6:::1])" BY
	    "with ESMTP" ID FOR, 0 },
	{ "by this host's own address", " from mail.example.org "
	    "(mail.example.org [IPv6:2001:db8::7])" BY "with ESMTP" ID FOR,
	    0 },
	{ "a hidden session", " by mail.example.org (Postfix) id 4dXk2w1zW9z"
	    FOR, 0 },
	{ "sendmail(1)", " by mail.example.org (Postfix, from userid 1000)"
	    ID DATE, 0 },

	/* other hosts, other programs */
	{ "a backup MX", " from " STRANGER "\n\tby mx2.example.org (Postfix) "
	    "with ESMTP" ID FOR, 0 },
	{ "a host whose name begins like ours", " from " STRANGER "\n\tby "
	    "mail.example.org.uk (Postfix) with ESMTP" ID FOR, 0 },
	{ "a host whose name ends like ours", " from " STRANGER "\n\tby "
	    "x.mail.example.org (Postfix) with ESMTP" ID FOR, 0 },
	{ "one's name, another's mail_name", " from " STRANGER "\n\tby "
	    "in.example.org (Postfix) with ESMTP" ID FOR, 0 },
	{ "webmail's", " from 198.51.100.9 (SquirrelMail authenticated user "
	    "alice)\n\tby mail.example.org with HTTP" DATE, 0 },
	{ "Roundcube's", " from pc.example ([198.51.100.9])\n\t"
	    "by mail.example.org with HTTP (HTTP/1.1 POST)" DATE, 0 },
	{ "webmail with a form like ours", " from pc (pc.example "
	    "[198.51.100.9])" BY "with HTTP" ID FOR, 0 },
	{ "fetchmail's", " from pop.example.net [198.51.100.9]\n\t"
	    "by mail.example.org with POP3 (fetchmail-6.4.37)\n\tfor "
	    "<alice@localhost> (single-drop)" DATE, 0 },
	{ "Sendmail's", " from " STRANGER "\n\tby mail.example.org "
	    "(8.17.1/8.17.1) with ESMTPS id 3AUA00xY012345" FOR, 0 },
	{ "may be forged, which only Sendmail says", " from x (client.example "
	    "[198.51.100.77] (may be forged))" BY "with ESMTP" ID FOR, 0 },
	{ "Exim's", " from [198.51.100.77] (helo=x)\n\tby mail.example.org "
	    "with esmtps (TLS1.3) (Exim 4.96) id 1pXyz-0001ab-2C\n\tfor "
	    "list@example.org" DATE, 0 },
	{ "Dovecot's", " from mail.example.org\n\tby mail.example.org with "
	    "LMTP\n\tid AbCdEfGh (envelope-from <a@b.example>)" FOR, 0 },
	{ "qmqpd's", " from client (client.example [198.51.100.77])" BY
	    "with QMQP" ID DATE, 0 },
	{ "no from", " (client.example [198.51.100.77])" BY "with ESMTP" ID
	    FOR, 0 },
	{ "no client", " from client.example" BY "with ESMTP" ID FOR, 0 },
	{ "words between", " from " STRANGER " via us" BY "with ESMTP" ID FOR,
	    0 },
	{ "nothing behind", " from " STRANGER BY "with ESMTP id 4dXk2w1zW9z",
	    0 },
	{ "a queue id that is none", " from " STRANGER BY
	    "with ESMTP id a-b-c" FOR, 0 },
	{ "empty", "", 0 },
	{ "from alone", " from", 0 },
	{ "cut", " from x (client.example [198.51.100.77", 0 },

	/* what a client may write to hide, and what makes the field look
	 * otherwise on its way */
	{ "a HELO that opens a quote and a comment", " from a\"b(c\\ (unknown "
	    "[198.51.100.77])" BY "with ESMTP" ID FOR, 1 },
	{ "a HELO that closes one", " from )\" (unknown [198.51.100.77])" BY
	    "with ESMTP" ID FOR, 1 },
	{ "a HELO like a whole field of a login", " from x (localhost "
	    "[127.0.0.1])" BY "with ESMTPA id AAAAAA for <a@b>; (unknown "
	    "[198.51.100.77])" BY "with ESMTP" ID FOR, 1 },
	{ "a HELO like a known client", " from (localhost [127.0.0.1]) "
	    "(unknown [198.51.100.77])" BY "with ESMTP" ID FOR, 1 },
	{ "a recipient like a login", " from " STRANGER BY "with ESMTP" ID
	    "\n\tfor <\"x;(localhost [127.0.0.1]) by mail.example.org "
	    "(Postfix) with ESMTPA id AAAAAA;\"@example.org>" DATE, 1 },
	{ "no folds", " from " STRANGER " by mail.example.org (Postfix) with "
	    "ESMTP id 4dXk2w1zW9z for <a@b>" DATE, 1 },
	{ "broken within words, as smtp(8) breaks long lines",
	    " from aaaa (client.exa\r\n mple [198.51.\r\n 100.77])\n\tby "
	    "mail.exam\r\n ple.org (Post\r\n fix) wi\r\n th ESM\r\n TP i\r\n d "
	    "4dXk2w1zW9z" FOR, 1 },
	{ "an 8-bit HELO", " from caf\xc3\xa9 (unknown [198.51.100.77])" BY
	    "with ESMTP" ID FOR, 1 },
	{ "the same through Python's email package",
	    " =?unknown-8bit?b?ZnJvbSBjYWbDqSAodW5rbm93biBbMTk4LjUxLjEwMC43N10p"
	    "?=\n =?unknown-8bit?q?_by_mail=2Eexample=2Eorg_=28Postfix=29_with_"
	    "ESMTP_id_4dXk2w1zW9z?=\n =?unknown-8bit?q?_for_=3Clist=40example="
	    "2Eorg=3E=3B_Mon=2C_30_Nov_2026?=", 1 },
	{ "encoded, a login", " =?utf-8?Q?from_caf=C3=A9_=28unknown_=5B198.51."
	    "100.77=5D=29_by_mail.example.org_=28Postfix=29_with_ESMTPA_id_"
	    "4dXk2w1zW9z=3B?=", 0 },
	{ "a HELO like the begin of an encoded word", " from =?u?q? (unknown "
	    "[198.51.100.77])" BY "with ESMTP" ID FOR, 1 },
	{ "a HELO that is an encoded blank", " from =?u?q?_?= (unknown "
	    "[198.51.100.77])" BY "with ESMTP" ID FOR, 1 },
	{ "a HELO like half of one", " from =?u?b?x (unknown "
	    "[198.51.100.77])" BY "with ESMTP" ID
	    "\n\tfor <\"?=\"@example.org>" DATE, 1 },
};

static bool
is_known(const void *arg, const struct ip *client)
{
	static const char *const nets[] = { "127.0.0.0/8", "::1",
	    "203.0.113.7", "2001:db8::7", "192.0.2.0/24", "2001:db8:1::/48" };

	assert_string_equal(arg, "arg");
	for (size_t i = 0; i < COUNT(nets); i++) {
		struct ip_net net;

		assert_int_equal(ip_net_parse(nets[i], &net), 0);
		if (ip_net_has(&net, client))
			return true;
	}
	return false;
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int got = postfix_received_is_stranger(rows[i].value, WRITERS,
		    is_known, "arg");

		if (got != rows[i].want)
			fail_msg("%s: %d, not %d", rows[i].name, got,
			    rows[i].want);
		/* nobody's field when no Postfix is known */
		assert_int_equal(postfix_received_is_stranger(rows[i].value,
		    "", is_known, "arg"), 0);
	}
}

/* Nothing that a client writes makes it long: the work grows with the field
 * alone, and it is read to its end. */
static void
test_long(void **state)
{
	static const char *const pieces[] = { "(a[1.2.3.4])", "((", ")by", "=?",
	    "=?u?q?", "(a[", ")bymail.example.org(Postfix)withESMTPid" };
	enum { SIZE = 1 << 20 };
	static const char tail[] = " (unknown [198.51.100.77])" BY
	    "with ESMTP" ID FOR;
	char *value = malloc(SIZE + sizeof tail + 100);

	(void)state;
	assert_non_null(value);
	for (size_t k = 0; k < COUNT(pieces); k++) {
		size_t len = (size_t)sprintf(value, " from ");

		while (len < SIZE)
			len += (size_t)sprintf(value + len, "%s", pieces[k]);
		strcpy(value + len, tail);
		assert_int_equal(postfix_received_is_stranger(value, WRITERS,
		    is_known, "arg"), 1);
	}
	free(value);
}

static void
writers_are(const char *more_main, const char *more_overrides,
    const char *want)
{
	struct postfix *p = postconf_parse(more_main, more_overrides, NULL);
	struct text out;

	assert_non_null(p);
	text_init(&out, 4096);
	postfix_received_look(p, &out);
	postfix_received_look(p, &out);
	assert_string_equal(out.buf, want);
	text_free(&out);
	postfix_release(&p);
}

static void
test_writers(void **state)
{
	(void)state;
	writers_are(NULL, NULL, "mail.example.org Postfix\n");
	writers_are("mail_name = Our Mailer\nmyhostname = mx.$mydomain\n",
	    NULL, "mx.example.org Our Mailer\n");
	writers_are(NULL, "submission/inet/myhostname = out.$mydomain\n"
	    "smtps/inet/myhostname = mail.example.org\n"
	    "smtp4/unix/myhostname = smtp4.example.org\n",
	    "mail.example.org Postfix\nout.example.org Postfix\n");
	writers_are(NULL, "[::1]:2525/inet/mail_name = Back\n",
	    "mail.example.org Postfix\nmail.example.org Back\n");
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_long),
    cmocka_unit_test(test_writers))
