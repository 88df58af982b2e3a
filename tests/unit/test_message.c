/* SPDX-License-Identifier: ISC */
/*
 * What becomes of a message: signed or not and why, which edits, in which
 * order. sign_close() is wrapped at link time, so that it can fail.
 */

#include "lines.h"
#include "message.h"
#include "scratch_state.h"
#include "unit.h"

int __real_sign_close(struct sign *s, struct err *err);
int __wrap_sign_close(struct sign *s, struct err *err);

static struct warn *warn;
static bool is_failing;

int
__wrap_sign_close(struct sign *s, struct err *err)
{
	if (is_failing)
		return err_set(err, EXIT_TEMPORARY, "made to fail");
	return __real_sign_close(s, err);
}

static struct state *
build(const char *lines)
{
	struct state_services services = {
		.config_path = scratch.config, .warn = warn };
	struct err_list errors = { 0 }, warnings = { 0 };
	struct state *s;

	scratch_config(&scratch, lines);
	s = state_new(&services, &errors, &warnings);
	if (s == NULL)
		fail_msg("%s", errors.n > 0 ? errors.v[0].text : "no state");
	err_list_free(&errors);
	err_list_free(&warnings);
	return s;
}

/* Fields as "Name: value\n", folds as "\n ". */
static void
add_headers(struct message *m, const char *text)
{
	char copy[4096];
	char *p = copy;

	assert_true(strlen(text) < sizeof copy);
	strcpy(copy, text);
	while (*p != '\0') {
		char *colon = strchr(p, ':');
		char *end = strchr(p, '\n');

		while (end[1] == ' ' || end[1] == '\t')
			end = strchr(end + 1, '\n');
		*colon = *end = '\0';
		message_add_header(m, p, colon + 1);
		p = end + 1;
	}
}

static struct message *
pass_by(enum origin origin, const char *login, const char *lines,
    const char *mailfrom, const char *headers)
{
	struct message *m = message_new(build(lines), origin, mailfrom, login, "");

	assert_non_null(m);
	message_set_host(m, "mail.example.org", "Postfix 3.7.11");
	message_add_recipient(m, "<b@example.net>", "example.net", "smtp");
	add_headers(m, headers);
	message_end_headers(m, "4jYZvf2g2Rz1bXy9");
	message_add_body(m, "hello\r\n", 7);
	message_end(m);
	return m;
}

static struct message *
pass(const char *lines, const char *mailfrom, const char *headers)
{
	return pass_by(ORIGIN_AUTHENTICATED, NULL, lines, mailfrom, headers);
}

#define OURS "From: a@example.org\nSubject: x\n"
#define FOREIGN "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; " \
	"h=from; bh=eA==; b=eHh4\n"
#define BOGUS "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; " \
	"h=from; bh=; b=\n" "DKIM-Signature: x\n"
#define STAMPS "X-Waybill-Sender: host=evil.example\n" \
	"x-waybill-route: a\nX-Waybill-Other: b\nX-Waybill-Route: c\n"
#define NO_STAMPS "headers { stamp = {} }"
#define STAMPS_GONE "-X-Waybill-Route/2 -X-Waybill-Other/1 " \
	"-x-waybill-route/1 -X-Waybill-Sender/1 "

static const struct row {
	const char *name;
	const char *lines;
	const char *mailfrom;
	const char *headers;
	const char *result;
	const char *why;
	const char *edits;	/* "-NAME/INDEX " and "+NAME " */
	unsigned forged;
} rows[] = {
	{ "ours", "", "<a@example.org>", OURS,
	    "signed", "", "+X-Waybill-Sender +DKIM-Signature ", 0 },
	{ "blank before the colon", "", "<a@example.org>",
	    "From : a@example.org\n", "signed", "", "+X-Waybill-Sender +DKIM-Signature ", 0 },
	{ "two keys", "", "<a@two.example>", "From: a@two.example\n",
	    "signed", "", "+X-Waybill-Sender +DKIM-Signature +DKIM-Signature ", 0 },
	{ "another's MAIL FROM", "", "<a@example.net>", OURS,
	    "signed", "", "+X-Waybill-Sender +DKIM-Signature ", 0 },
	{ "not aligned", "sign { author = aligned }", "<a@example.net>", OURS,
	    "unsigned", "not-aligned",
	    "+X-Waybill-Sender ", 0 },
	{ "aligned", "sign { author = aligned }", "<a@mail.example.org>",
	    OURS, "signed", "", "+X-Waybill-Sender +DKIM-Signature ", 0 },
	{ "aligned: no domain", "sign { author = aligned }", "<a>", OURS,
	    "unsigned", "not-aligned",
	    "+X-Waybill-Sender ", 0 },
	{ "no key", "", "<a@example.org>", "From: a@example.com\n",
	    "unsigned", "no-key",
	    "+X-Waybill-Sender ", 0 },
	{ "subdomain", "", "<a@example.org>", "From: a@sub.example.org\n",
	    "unsigned", "no-key",
	    "+X-Waybill-Sender ", 0 },
	{ "no author", "", "<a@example.org>", "Subject: x\n",
	    "unsigned", "no-author",
	    "+X-Waybill-Sender ", 0 },
	{ "several authors", "", "<a@example.org>",
	    "From: a@example.org\nFrom: a@example.com\n",
	    "unsigned", "several-authors",
	    "+X-Waybill-Sender ", 0 },
	{ "disabled", "sign { enabled = false }", "<a@example.org>", OURS,
	    "unsigned", "disabled",
	    "+X-Waybill-Sender ", 0 },
	{ "forwarded", "", "<a@example.org>",
	    "From: a@example.com\n" FOREIGN STAMPS,
	    "unsigned", "forwarded", "", 0 },
	{ "a field that is no signature", "", "<a@example.org>",
	    "From: a@example.com\n" BOGUS STAMPS, "unsigned", "no-key",
	    STAMPS_GONE "+X-Waybill-Sender ", 4 },
	{ "several authors and a signature", "", "<a@example.org>",
	    "From: a@example.org, b@example.com\n" FOREIGN STAMPS,
	    "unsigned", "several-authors",
	    STAMPS_GONE "+X-Waybill-Sender ", 4 },
	{ "no author and a signature", "", "<a@example.org>",
	    "Subject: x\n" FOREIGN STAMPS, "unsigned", "no-author",
	    STAMPS_GONE "+X-Waybill-Sender ", 4 },
	{ "a foreign signature on ours", "", "<a@example.org>", OURS FOREIGN,
	    "signed", "", "+X-Waybill-Sender +DKIM-Signature ", 0 },
	{ "forged stamps", "", "<a@example.org>", OURS STAMPS,
	    "signed", "",
	    STAMPS_GONE "+X-Waybill-Sender +DKIM-Signature ", 4 },
	{ "forged stamps, no key", "", "<a@example.org>",
	    "From: a@example.com\n" STAMPS,
	    "unsigned", "no-key",
	    STAMPS_GONE "+X-Waybill-Sender ", 4 },
	{ "forged stamps, we set none", "headers { stamp = {} }",
	    "<a@example.org>", "From: a@example.com\n" STAMPS,
	    "unsigned", "no-key", "", 0 },
	{ "a destination that To: names", "", "<a@example.org>",
	    "From: a@example.org\nTo: B <b@example.net>\n", "signed", "",
	    "+X-Waybill-Route +X-Waybill-Sender +DKIM-Signature ", 0 },
	{ "a hidden one of the same domain", "", "<a@example.org>",
	    "From: a@example.org\nTo: c@example.net\nBcc: b@example.net\n",
	    "signed", "", "+X-Waybill-Sender +DKIM-Signature ", 0 },
	{ "Cc, a group, quotes and another case", "", "<a@example.org>",
	    "From: a@example.org\nCc: g: x@y.example, \"b\"@EXAMPLE.net;\n",
	    "signed", "",
	    "+X-Waybill-Route +X-Waybill-Sender +DKIM-Signature ", 0 },
	{ "only the route", "headers { stamp = { \"route\" } }",
	    "<a@example.org>", "From: a@example.org\nTo: b@example.net\n",
	    "signed", "", "+X-Waybill-Route +DKIM-Signature ", 0 },
	{ "another prefix", "headers { prefix = \"X-Ours-\" }",
	    "<a@example.org>", OURS STAMPS "X-Ours-Route: d\n",
	    "signed", "",
	    "-X-Ours-Route/1 +X-Ours-Sender +DKIM-Signature ", 1 },
	{ "blanks before the colon", "", "<a@example.org>",
	    OURS "X-Waybill-Sender : host=evil.example\n",
	    "signed", "",
	    "-X-Waybill-Sender/1 +X-Waybill-Sender +DKIM-Signature ", 1 },
};

static void
list_edits(const struct message *m, char *out, size_t size)
{
	const struct message_edit *edits;
	size_t n = message_edits(m, &edits);
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (edits[i].index > 0)
			len += (size_t)snprintf(out + len, size - len,
			    "-%s/%u ", edits[i].name, edits[i].index);
		else
			len += (size_t)snprintf(out + len, size - len,
			    "+%s ", edits[i].name);
	}
}

#define SUB "domain \"example.org\" { subdomains = true }\n"

/* Who may have a message signed: any, aligned, strict. */
static const struct authority {
	const char *name;
	enum origin origin;
	const char *login, *mailfrom, *author;
	const char *any, *aligned, *strict;	/* why=; "": signed */
} authorities[] = {
	{ "own", ORIGIN_AUTHENTICATED, "a@example.org", "<a@example.org>",
	    "example.org", "", "", "" },
	{ "a subdomain", ORIGIN_AUTHENTICATED, "a@example.org",
	    "<a@sub.example.org>", "example.org", "", "", "" },
	{ "an author's subdomain", ORIGIN_AUTHENTICATED, "a@example.org",
	    "<a@example.org>", "sub.example.org", "", "", "" },
	{ "a tenant of the same organization", ORIGIN_AUTHENTICATED,
	    "a@tenant.example.org", "<a@tenant.example.org>", "example.org",
	    "", "", "not-aligned" },
	{ "another tenant's", ORIGIN_AUTHENTICATED, "a@two.example",
	    "<a@two.example>", "example.org", "", "not-aligned",
	    "not-aligned" },
	{ "no domain", ORIGIN_AUTHENTICATED, "a@example.org", "<a>",
	    "example.org", "", "not-aligned", "not-aligned" },
	{ "an address literal", ORIGIN_AUTHENTICATED, "a@example.org",
	    "<a@[192.0.2.1]>", "example.org", "", "not-aligned",
	    "not-aligned" },
	{ "no identity", ORIGIN_AUTHENTICATED, "a@example.org",
	    "<a@example.net>", "example.org", "", "not-aligned",
	    "not-aligned" },
	/* MAIL FROM:<> */
	{ "a read receipt", ORIGIN_AUTHENTICATED, "a@example.org", "<>",
	    "example.org", "", "", "" },
	{ "one in upper case", ORIGIN_AUTHENTICATED, "A@EXAMPLE.ORG", "<>",
	    "example.org", "", "", "" },
	{ "a login of a subdomain", ORIGIN_AUTHENTICATED,
	    "a@sub.example.org", "<>", "example.org", "", "", "" },
	{ "a login of a tenant below", ORIGIN_AUTHENTICATED,
	    "a@tenant.example.org", "<>", "example.org", "", "",
	    "not-aligned" },
	{ "another tenant's login", ORIGIN_AUTHENTICATED, "a@two.example",
	    "<>", "example.org", "", "not-aligned", "not-aligned" },
	{ "a login without domain", ORIGIN_AUTHENTICATED, "a", "<>",
	    "example.org", "", "not-aligned", "not-aligned" },
	{ "a login that is no address", ORIGIN_AUTHENTICATED,
	    "a@[192.0.2.1]", "<>", "example.org", "", "not-aligned",
	    "not-aligned" },
	{ "a login of no name", ORIGIN_AUTHENTICATED, NULL, "<>",
	    "example.org", "", "not-aligned", "not-aligned" },
	{ "a login through a daemon", ORIGIN_DAEMON, "a@example.org", "<>",
	    "example.org", "", "", "" },
	{ "a daemon", ORIGIN_DAEMON, NULL, "<>", "example.org", "",
	    "not-aligned", "not-aligned" },
	{ "a certificate", ORIGIN_CERTIFICATE, NULL, "<>", "example.org", "",
	    "not-aligned", "not-aligned" },
	{ "a network", ORIGIN_NETWORK, NULL, "<>", "example.org", "",
	    "not-aligned", "not-aligned" },
	/* the author is of the domain that smtp(8) will say in EHLO */
	{ "our own name", ORIGIN_NETWORK, NULL, "<>", "mail.example.org", "",
	    "not-aligned", "not-aligned" },
	{ "a bounce", ORIGIN_LOCAL, NULL, "", "example.org", "", "", "" },
	{ "a bounce of another's", ORIGIN_LOCAL, NULL, "", "two.example", "",
	    "", "" },
	{ "sendmail(1)", ORIGIN_LOCAL, NULL, "a@two.example", "example.org",
	    "", "not-aligned", "not-aligned" },
	/* a login doesn't stand in for an address */
	{ "own login, another's address", ORIGIN_AUTHENTICATED,
	    "a@example.org", "<a@two.example>", "example.org", "",
	    "not-aligned", "not-aligned" },
	{ "another's login, an address that was let through",
	    ORIGIN_AUTHENTICATED, "a@two.example", "<a@example.org>",
	    "example.org", "", "", "" },
	/* of which Postfix checks a@two.example for reject_sender_login_mismatch */
	{ "an open comment", ORIGIN_AUTHENTICATED, "a@two.example",
	    "<a@two.example(@example.org>", "example.org", "", "not-aligned",
	    "not-aligned" },
	{ "percent hack", ORIGIN_AUTHENTICATED, "a@two.example",
	    "<a%two.example@example.org>", "example.org", "", "not-aligned",
	    "not-aligned" },
	{ "two at signs", ORIGIN_AUTHENTICATED, "a@two.example",
	    "<a@two.example@example.org>", "example.org", "", "not-aligned",
	    "not-aligned" },
	{ "a quoted at sign", ORIGIN_AUTHENTICATED, "a@two.example",
	    "<\"a@two.example\"@example.org>", "example.org", "",
	    "not-aligned", "not-aligned" },
	{ "a bang path", ORIGIN_AUTHENTICATED, "a@two.example",
	    "<two.example!a@example.org>", "example.org", "", "not-aligned",
	    "not-aligned" },
	{ "a route and a quoted word with a space", ORIGIN_AUTHENTICATED,
	    "a@two.example", "<@two.example:\"a b\"@example.org>",
	    "example.org", "", "", "" },
};

static void
test_authority(void **state)
{
	static const char *const rule[] = { "any", "aligned", "strict" };

	(void)state;
	for (size_t i = 0; i < COUNT(authorities); i++) {
		const struct authority *a = &authorities[i];
		const char *const want[] = { a->any, a->aligned, a->strict };

		for (int k = 0; k < 3; k++) {
			char lines[200], from[100];
			const struct message_facts *f;
			struct message *m;

			snprintf(lines, sizeof lines,
			    SUB "sign { author = %s }", rule[k]);
			snprintf(from, sizeof from, "From: ceo@%s\n",
			    a->author);
			m = pass_by(a->origin, a->login, lines, a->mailfrom,
			    from);
			f = message_facts(m);
			if (strcmp(message_why_name(f->why), want[k]) != 0 ||
			    (f->result == RESULT_SIGNED) != (*want[k] == '\0'))
				fail_msg("%s, %s: %s, not \"%s\"", a->name,
				    rule[k], message_why_name(f->why),
				    want[k]);
			message_free(&m);
		}
	}
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		struct message *m = pass(r->lines, r->mailfrom, r->headers);
		const struct message_facts *f = message_facts(m);
		char edits[2000];

		list_edits(m, edits, sizeof edits);
		if (strcmp(message_result_name(f->result), r->result) != 0 ||
		    strcmp(message_why_name(f->why), r->why) != 0 ||
		    strcmp(edits, r->edits) != 0 || f->forged != r->forged)
			fail_msg("%s: %s %s, \"%s\", forged %u: %s", r->name,
			    message_result_name(f->result),
			    message_why_name(f->why), edits, f->forged,
			    f->failure.text);
		message_free(&m);
		assert_null(m);
	}
}

/* Received fields: the client, and what the field ends with. */
#define FROM(client, with) "Received: from x (" client ")\n\tby " \
	"mail.example.org (Postfix) with " with " id 4dXk2w1zW9z\n\t" \
	"for <list@example.org>; Mon, 30 Nov 2026 10:00:00 +0000 (UTC)\n"
#define STRANGER FROM("unknown [198.51.100.77]", "ESMTP")
#define LOGIN FROM("pc.example [198.51.100.9]", "ESMTPSA")
#define LAN "outgoing { networks = { \"192.0.2.0/24\" } }"
#define LISTS "outgoing { lists = { \"lists.example.org\", " \
	"\"two.example\" } }"

/* Of mail that was in this host before, what is signed? */
static const struct reinjected_row {
	const char *name;
	enum origin origin;
	const char *lines;
	const char *headers;
	const char *why;	/* "": it is signed */
} reinjected_rows[] = {
	{ "a program behind an alias sends a stranger's mail on",
	    ORIGIN_LOCAL, "", STRANGER OURS, "reinjected" },
	{ "Mailman, by SMTP to loopback", ORIGIN_NETWORK, "", STRANGER OURS,
	    "reinjected" },
	{ "a list that logs in", ORIGIN_AUTHENTICATED, "", STRANGER OURS,
	    "reinjected" },
	{ "a re-entry port with ORIGINATING", ORIGIN_DAEMON, "",
	    STRANGER OURS, "reinjected" },
	{ "a program with a certificate", ORIGIN_CERTIFICATE, "",
	    STRANGER OURS, "reinjected" },
	{ "procmail, that keeps other fields in front", ORIGIN_LOCAL, "",
	    "Return-Path: <a@example.org>\nX-Original-To: u@example.org\n"
	    "Delivered-To: u@example.org\n" STRANGER OURS, "reinjected" },
	{ "a redirect of Sieve, behind Dovecot's own field", ORIGIN_LOCAL, "",
	    "Received: from mail.example.org\n\tby mail.example.org with "
	    "LMTP\n\tid AbCd\n\t(envelope-from <a@b.example>)\n"
	    STRANGER OURS, "reinjected" },
	{ "a second round, behind our own fields", ORIGIN_NETWORK, "",
	    FROM("localhost [127.0.0.1]", "ESMTP") "Received: by "
	    "mail.example.org (Postfix, from userid 38)\n\tid 4dXk2w1zW9z; "
	    "now\n" STRANGER OURS, "reinjected" },
	{ "blank before the colon", ORIGIN_LOCAL, "",
	    "Received : from x (u [198.51.100.77]) by mail.example.org "
	    "(Postfix) with SMTP id 4dXk2w1zW9z; now\n" OURS, "reinjected" },
	{ "another's author", ORIGIN_LOCAL, "",
	    STRANGER "From: a@example.com\n" STAMPS, "reinjected" },
	{ "another's author and signature", ORIGIN_LOCAL, "",
	    STRANGER FOREIGN "From: a@example.com\n", "reinjected" },
	{ "no author", ORIGIN_LOCAL, "", STRANGER STAMPS, "reinjected" },
	{ "a foreign signature on ours", ORIGIN_LOCAL, "",
	    STRANGER OURS FOREIGN, "reinjected" },
	{ "a stranger's field that looks like a login, above and below ours",
	    ORIGIN_LOCAL, "", LOGIN STRANGER LOGIN OURS, "reinjected" },
	{ "a client that networks doesn't hold", ORIGIN_NETWORK, LAN,
	    STRANGER OURS, "reinjected" },
	{ "the wrong list", ORIGIN_NETWORK, LISTS, STRANGER OURS,
	    "reinjected" },
	{ "a domain below a listed one", ORIGIN_NETWORK, LISTS,
	    STRANGER "From: a@x.two.example\n", "reinjected" },
	{ "a list's author and another", ORIGIN_NETWORK, LISTS,
	    STRANGER "From: a@two.example, b@example.org\n", "reinjected" },
	{ "signing is off", ORIGIN_LOCAL, "sign { enabled = false }",
	    STRANGER OURS, "reinjected" },

	{ "a list that rewrites From:", ORIGIN_NETWORK, LISTS,
	    STRANGER "From: Bob via list <list@TWO.example>\n", "" },
	{ "a list's author without a key", ORIGIN_NETWORK, LISTS,
	    STRANGER "From: list@lists.example.org\n", "no-key" },
	{ "a user's post to a list", ORIGIN_NETWORK, "", LOGIN OURS, "" },
	{ "a client of outgoing.networks behind a filter", ORIGIN_DAEMON, LAN,
	    FROM("pc.example.org [192.0.2.9]", "ESMTP") OURS, "" },
	{ "webmail on this host behind a filter", ORIGIN_DAEMON, "",
	    "Received: from 198.51.100.9 (alice)\n\tby mail.example.org "
	    "with HTTP; now\n" FROM("localhost [127.0.0.1]", "ESMTP") OURS,
	    "" },
	{ "a login whose session is hidden", ORIGIN_DAEMON, "",
	    "Received: by mail.example.org (Postfix) id 4dXk2w1zW9z\n\t"
	    "for <b@example.net>; now\n" OURS, "" },
	{ "sendmail(1) behind a filter", ORIGIN_DAEMON, "",
	    "Received: by mail.example.org (Postfix, from userid 0)\n\t"
	    "id 4dXk2w1zW9z; now\n" OURS, "" },
	{ "fetchmail", ORIGIN_NETWORK, "",
	    "Received: from pop.example.net [198.51.100.9]\n\tby localhost "
	    "with POP3 (fetchmail-6.4.37)\n\tfor <u@localhost> "
	    "(single-drop); now\n" OURS, "" },
	{ "a backup MX that networks holds", ORIGIN_NETWORK, LAN,
	    "Received: from x (u [198.51.100.77])\n\tby mx2.example.org "
	    "(Postfix) with ESMTP id 4dXk2w1zW9z; now\n" OURS, "" },
	{ "the words in another field", ORIGIN_LOCAL, "",
	    "X-" STRANGER OURS, "" },
};

static void
test_reinjected(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reinjected_rows); i++) {
		const struct reinjected_row *r = &reinjected_rows[i];
		struct message *m = pass_by(r->origin, NULL, r->lines,
		    "<a@example.net>", r->headers);
		const struct message_facts *f = message_facts(m);
		const struct message_edit *edits;
		size_t n = message_edits(m, &edits);

		if (strcmp(message_why_name(f->why), r->why) != 0 ||
		    (f->result == RESULT_SIGNED) != (r->why[0] == '\0') ||
		    (f->why == WHY_REINJECTED && (n != 0 || f->forged != 0)))
			fail_msg("%s: %s %s, %zu edits", r->name,
			    message_result_name(f->result),
			    message_why_name(f->why), n);
		message_free(&m);
	}
}

/* An attached message is no header, and Postfix that doesn't say its name has
 * written no field. */
static void
test_not_reinjected(void **state)
{
	struct message *m = message_new(build(""), ORIGIN_AUTHENTICATED, "",
	    NULL, "");

	(void)state;
	message_set_host(m, "mail.example.org", "Postfix 3.7.11");
	add_headers(m, OURS "Content-Type: message/rfc822\n");
	message_end_headers(m, "4jYZvf2g2Rz1bXy9");
	message_add_body(m, STRANGER OURS, sizeof STRANGER OURS - 1);
	message_end(m);
	assert_int_equal(message_facts(m)->result, RESULT_SIGNED);
	message_free(&m);
	for (int i = 0; i < 3; i++) {
		m = message_new(build(""), ORIGIN_LOCAL, "", NULL, "");
		if (i > 0)
			message_set_host(m, i == 1 ? "mail.example.org" : NULL,
			    i == 1 ? "Postfix" : "Postfix 3.7.11");
		add_headers(m, STRANGER OURS);
		message_end_headers(m, "4jYZvf2g2Rz1bXy9");
		message_end(m);
		assert_int_equal(message_facts(m)->result, RESULT_SIGNED);
		message_free(&m);
	}
}

/* What was signed here and comes again is left alone, even if somebody's
 * stamps came with it; broken, it is signed anew. */
static void
test_already_signed(void **state)
{
	const struct message_edit *edits;
	struct message *m = pass(NO_STAMPS, "<a@example.org>", OURS);
	char headers[4000];

	(void)state;
	assert_int_equal(message_edits(m, &edits), 1);
	snprintf(headers, sizeof headers, "DKIM-Signature:%s\n%s",
	    edits[0].value, OURS);
	message_free(&m);
	m = pass(NO_STAMPS, "<a@example.org>", headers);
	assert_int_equal(message_facts(m)->why, WHY_ALREADY_SIGNED);
	assert_int_equal(message_edits(m, &edits), 0);
	message_free(&m);
	/* also if it was away and comes back by a stranger */
	memmove(headers + strlen(STRANGER), headers, strlen(headers) + 1);
	memcpy(headers, STRANGER, strlen(STRANGER));
	m = pass(NO_STAMPS, "<a@example.org>", headers);
	assert_int_equal(message_facts(m)->why, WHY_ALREADY_SIGNED);
	message_free(&m);
	strcat(headers, "Subject: another\n");
	m = pass("", "<a@example.org>", headers);
	assert_int_equal(message_facts(m)->why, WHY_REINJECTED);
	message_free(&m);
	snprintf(headers, sizeof headers, "%s",
	    strstr(headers, "DKIM-Signature:"));
	*strstr(headers, "Subject: another\n") = '\0';
	strcat(headers, "Subject: another\n");
	m = pass("", "<a@example.org>", headers);
	assert_int_equal(message_facts(m)->result, RESULT_SIGNED);
	message_free(&m);
}

/* What is signed is the message as it leaves: without forged stamps, and
 * nobody can add one later. */
static void
test_signed_without_forged(void **state)
{
	const struct message_edit *edits;
	struct message *m = pass("", "<a@example.org>", STAMPS OURS);
	char headers[4000];

	(void)state;
	assert_int_equal(message_edits(m, &edits), 6);
	assert_string_equal(edits[4].name, "X-Waybill-Sender");
	snprintf(headers, sizeof headers,
	    "DKIM-Signature:%s\nX-Waybill-Sender:%s\n%s", edits[5].value,
	    edits[4].value, OURS);
	message_free(&m);
	m = pass("", "<a@example.org>", headers);
	assert_int_equal(message_facts(m)->why, WHY_ALREADY_SIGNED);
	message_free(&m);
	strcat(headers, "X-Waybill-Sender: host=evil.example\n");
	m = pass("", "<a@example.org>", headers);
	assert_int_equal(message_facts(m)->result, RESULT_SIGNED);
	assert_int_equal(message_facts(m)->forged, 2);
	message_free(&m);
}

static void
test_failure(void **state)
{
	const struct message_edit *edits;
	struct message *m;
	char list[2000];

	(void)state;
	is_failing = true;
	m = pass("", "<a@example.org>", OURS STAMPS);
	assert_int_equal(message_facts(m)->result, RESULT_TEMPFAIL);
	assert_string_equal(message_facts(m)->failure.text, "made to fail");
	assert_int_equal(message_edits(m, &edits), 0);
	assert_int_equal(message_signatures(m), 0);
	message_free(&m);
	m = pass("on_error = accept", "<a@example.org>", OURS STAMPS);
	assert_int_equal(message_facts(m)->result, RESULT_ACCEPTED);
	list_edits(m, list, sizeof list);
	assert_string_equal(list, STAMPS_GONE);
	message_edits(m, &edits);
	message_edit_failed(m, &edits[0]);
	assert_int_equal(message_facts(m)->result, RESULT_TEMPFAIL);
	message_free(&m);
	is_failing = false;
}

static void
test_too_many_forged(void **state)
{
	struct message *m;

	(void)state;
	for (unsigned n = MESSAGE_FORGED_MAX; n <= MESSAGE_FORGED_MAX + 1;
	    n++) {
		const struct message_edit *edits;

		m = message_new(build(""), ORIGIN_LOCAL, "a@example.org",
		    NULL, "");
		add_headers(m, OURS);
		for (unsigned i = 0; i < n; i++)
			message_add_header(m, "X-Waybill-Route", " x");
		message_end_headers(m, "NOQUEUE");
		message_end(m);
		if (n == MESSAGE_FORGED_MAX) {
			assert_int_equal(message_facts(m)->result,
			    RESULT_SIGNED);
			assert_int_equal(message_edits(m, &edits), n + 2);
			assert_int_equal(edits[0].index, n);
		} else {
			assert_int_equal(message_facts(m)->result,
			    RESULT_REJECTED);
			assert_int_equal(message_edits(m, &edits), 0);
		}
		message_free(&m);
	}
}

/* The bound is a failure, not a silent cut, and its memory is given back. */
static void
test_header_bound(void **state)
{
	enum { VALUE = 1 << 20 };
	char *value = malloc(VALUE + 1);
	struct message *m;

	(void)state;
	memset(value, 'x', VALUE);
	value[0] = ' ';
	value[VALUE] = '\0';
	for (int round = 0; round < 10; round++) {
		m = message_new(build(""), ORIGIN_LOCAL, "a@example.org",
		    NULL, "");
		add_headers(m, OURS);
		for (int i = 0; i < (round % 2 == 0 ? 31 : 33); i++)
			message_add_header(m, "X-Long", value);
		if (round < 8) {
			message_free(&m);
			continue;
		}
		message_end_headers(m, "NOQUEUE");
		message_end(m);
		assert_int_equal(message_facts(m)->result, round % 2 == 0 ?
		    RESULT_SIGNED : RESULT_TEMPFAIL);
		message_free(&m);
	}
	free(value);
}

/* Destinations are told apart by domain, next hop and transport; what Postfix
 * doesn't say of one is what it would do. */
static void
test_destinations(void **state)
{
	struct message *m = message_new(build(""), ORIGIN_LOCAL, "", NULL, "");

	(void)state;
	message_add_recipient(m, "b@example.net", NULL, NULL);
	message_add_recipient(m, "<c@EXAMPLE.net>", NULL, NULL);
	message_add_recipient(m, "<c@example.net>", "example.net", "smtp");
	message_add_recipient(m, "<d@example.net>", "example.net", "smtp");
	message_add_recipient(m, "<d@example.net>", "example.net", "smtp4");
	message_add_recipient(m, "<d@example.com>", "example.net", "smtp");
	assert_int_equal(message_facts(m)->rcpts, 6);
	assert_int_equal(message_facts(m)->dests, 3);
	for (int i = 0; i < 2 * SURVEY_DESTINATIONS_MAX; i++) {
		char rcpt[40];

		snprintf(rcpt, sizeof rcpt, "a@d%d.example", i);
		message_add_recipient(m, rcpt, NULL, NULL);
	}
	assert_int_equal(message_facts(m)->rcpts,
	    6 + 2 * SURVEY_DESTINATIONS_MAX);
	assert_int_equal(message_facts(m)->dests,
	    SURVEY_DESTINATIONS_MAX + 1);
	message_free(&m);
}

/* Callbacks may come in any order from a hostile peer. */
static void
test_wrong_order(void **state)
{
	struct message *m = message_new(build(""), ORIGIN_LOCAL, "", NULL, "");

	(void)state;
	message_end(m);
	assert_int_equal(message_facts(m)->result, RESULT_UNSIGNED);
	message_free(&m);
	m = message_new(build(""), ORIGIN_LOCAL, "", NULL, "");
	message_add_body(m, "x", 1);
	add_headers(m, OURS);
	message_end_headers(m, "NOQUEUE");
	add_headers(m, OURS STAMPS);
	message_end_headers(m, "NOQUEUE");
	message_end(m);
	message_free(&m);
	message_free(&m);
}

static int
setup(void **state)
{
	(void)state;
	scratch_make(&scratch);
	scratch_key(&scratch, "example.org", "one");
	scratch_key(&scratch, "tenant.example.org", "one");
	scratch_key(&scratch, "two.example", "one");
	scratch_key(&scratch, "two.example", "two");
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

UNIT_MAIN(setup, teardown,
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_reinjected),
    cmocka_unit_test(test_not_reinjected),
    cmocka_unit_test(test_authority),
    cmocka_unit_test(test_already_signed),
    cmocka_unit_test(test_signed_without_forged),
    cmocka_unit_test(test_failure),
    cmocka_unit_test(test_too_many_forged),
    cmocka_unit_test(test_header_bound),
    cmocka_unit_test(test_destinations),
    cmocka_unit_test(test_wrong_order))
