/* SPDX-License-Identifier: ISC */
/* Log lines in, attempts out: who, where to, over which family, and why. */
#include "record/attempt.h"

#include "base/text.h"
#include "unit.h"

static struct reply_rules *rules;
static struct recipient_rules recipients;
static struct attempt_options options;
static struct attempt_joiner *joiner;
static struct text out;
static uint64_t identities[64];
static size_t n_identities;

/* A row as one line: "dest family address status stage class flags". */
static void
note(void *arg, const struct attempt *a)
{
	char ip[IP_SIZE];

	(void)arg;
	if (n_identities < 64)
		identities[n_identities++] = a->identity;
	text_addf(&out, "%s %s %s%s%s%s%s %s%s%s%s", a->dest,
	    ip_format(&a->ip, ip), a->status, a->stage[0] ? " " : "",
	    a->stage, a->class[0] ? " " : "", a->class,
	    a->is_attempt ? "a" : "", a->is_final ? "f" : "",
	    a->is_first ? "1" : "", a->is_message ? "m" : "");
	if (a->predicted[0] != '\0')
		text_addf(&out, " predicted=%s/%s", a->predicted, a->why);
	if (strcmp(a->kind, "own") != 0)
		text_addf(&out, " %s", a->kind);
	if (a->author[0] != '\0')
		text_addf(&out, " author=%s%s", a->author,
		    a->author_is_known ? "" : "?");
	if (a->sender[0] != '\0')
		text_addf(&out, " sender=%s", a->sender);
	if (a->transport[0] != '\0')
		text_addf(&out, " transport=%s", a->transport);
	if (a->tls[0] != '\0')
		text_addf(&out, " tls=%s", a->tls);
	text_add(&out, "\n");
}

/* "tag[pid] text", all of one second. */
static void
feed_at(int64_t second, unsigned stream, const char *line)
{
	static struct source_line l;
	const char *bracket = strchr(line, '[');
	const char *text = strchr(bracket, ' ') + 1;

	memset(&l, 0, sizeof l);
	l.time_us = second * 1000000;
	snprintf(l.tag, sizeof l.tag, "%.*s", (int)(bracket - line), line);
	l.pid = strtol(bracket + 1, NULL, 10);
	l.len = strlen(text);
	memcpy(l.text, text, l.len);
	attempt_joiner_line(joiner, stream, &l);
}

static void
feed(const char *const *lines)
{
	for (; *lines != NULL; lines++)
		feed_at(1795507150, 0, *lines);
}

static int
setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	text_init(&out, 65536);
	n_identities = 0;
	options = (struct attempt_options){ .rules = rules,
		.recipients = &recipients, .fallback = "", .emit = note };
	joiner = attempt_joiner_new(&options, &err);
	return joiner == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	attempt_joiner_free(&joiner);
	text_free(&out);
	return 0;
}

struct row {
	const char *name;
	const char *line[9];
	const char *want;
};

#define SENT(qid, to, relay, before) qid ": to=<" to ">, relay=" relay \
	", delay=1, delays=" before "/0/0, dsn=2.0.0, status=sent (250 ok)"
#define SAID(qid, to, relay, dsn, status, reply, cmd) qid ": to=<" to \
	">, relay=" relay ":25, delay=1, delays=0/0/0/0, dsn=" dsn ", status=" \
	status " (host " relay " said: " reply " (in reply to " cmd " command))"

static const struct row rows[] = {
	{ "predicted and sent", {
	  "waybilld[9] 4jYb2264Qsz1bZ1k: message from=<a@example.org> "
	  "author=example.org origin=local rcpts=1 dests=1 size=9 "
	  "result=signed",
	  "waybilld[9] 4jYb2264Qsz1bZ1k: route dest=dst.example "
	  "transport=smtp4 family=ipv4 why=prefer-ipv4",
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, size=9, "
	  "nrcpt=1 (queue active)",
	  "postfix/smtp4/smtp[5] Trusted TLS connection established to "
	  "mx.dst.example[203.0.113.9]:25: TLSv1.3 with cipher X",
	  "postfix/smtp4/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@dst.example",
	  "mx.dst.example[203.0.113.9]:25", "0/0"), NULL },
	  "dst.example 203.0.113.9 sent af1m predicted=ipv4/prefer-ipv4 "
	  "author=example.org sender=a@example.org transport=smtp4 "
	  "tls=TLSv1.3\n" },
	{ "keys in any order, and a sender who was cut", {
	  "waybilld[9] 4jYb2264Qsz1bZ1k: message result=signed "
	  "author=example.org origin=local rcpts=1 dests=1 size=9 "
	  "from=\"<a: result=unsigned \\xE2\\x80\\xA6>\"",
	  "waybilld[9] 4jYb2264Qsz1bZ1k: route why=prefer-ipv4 spf=pass "
	  "family=ipv4 mx=mx.dst.example transport=smtp4 dest=dst.example",
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, size=9, "
	  "nrcpt=1 (queue active)",
	  "postfix/smtp4/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@dst.example",
	  "mx.dst.example[203.0.113.9]:25", "0/0"), NULL },
	  "dst.example 203.0.113.9 sent af1m predicted=ipv4/prefer-ipv4 "
	  "author=example.org sender=a@example.org transport=smtp4\n" },
	{ "a line of old, on which nothing had room", {
	  "waybilld[9] 4jYb2264Qsz1bZ1k: message cut=yes",
	  "waybilld[9] 4jYb2264Qsz1bZ1k: sign d=example.org s=a a=rsa-sha256",
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, size=9, "
	  "nrcpt=1 (queue active)",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@dst.example",
	  "mx.dst.example[203.0.113.9]:25", "0/0"), NULL },
	  "dst.example 203.0.113.9 sent af1m author=example.org?\n" },
	{ "IPv6 refused, IPv4 taken", {
	  "postfix/smtp[5] connect to mx.x.example[2001:db8::9]:25: Connection "
	  "refused",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 2001:db8::9 deferred connect network a1m\n"
	  "x.example 203.0.113.9 sent af\n" },
	{ "address literals", {
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@[2001:db8::7]>, size=9, "
	  "nrcpt=1 (queue active)",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@[203.0.113.9]",
	  "203.0.113.9[203.0.113.9]:25", "0/0"), NULL },
	  "[203.0.113.9] 203.0.113.9 sent af1m author=[2001:db8::7]?\n" },
	{ "host names of other bytes are not kept", {
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@[<script>]>, size=9, "
	  "nrcpt=1 (queue active)",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@[x'y]",
	  "mx.x.example[203.0.113.9]:25", "0/0"),
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x;y.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  " 203.0.113.9 sent af1m\n 203.0.113.9 sent af\n" },
	{ "everything dead", {
	  "postfix/smtp[5] connect to mx.x.example[203.0.113.9]:25: No route to "
	  "host",
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: to=<b@x.example>, relay=none, "
	  "delay=1, delays=0/0/0/0, dsn=4.4.1, status=deferred (connect to "
	  "mx.x.example[203.0.113.9]:25: No route to host)", NULL },
	  "x.example 203.0.113.9 deferred connect network a1m\n"
	  "x.example none deferred connect network f\n" },
	{ "a 4xx of one host, another takes it; not the last one's own", {
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: host mx.x.example[2001:db8::9] "
	  "said: 450 4.2.0 Greylisted (in reply to RCPT TO command)",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 2001:db8::9 deferred rcpt greylist a1m\n"
	  "x.example 203.0.113.9 sent af\n" },
	{ "the same process, a second request of the same id", {
	  "postfix/smtp[5] connect to mx.one.example[2001:db8::9]:25: x",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@one.example",
	  "mx.one.example[203.0.113.9]:25", "0/0.03"),
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "c@two.example",
	  "mx.two.example[203.0.113.8]:25", "0/0.08"), NULL },
	  "one.example 2001:db8::9 deferred connect network a1m\n"
	  "one.example 203.0.113.9 sent af\n"
	  "two.example 203.0.113.8 sent af1m\n" },
	{ "a second request of the same id and times", {
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@one.example",
	  "mx.one.example[203.0.113.9]:25", "0.01/1.2"),
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "c@two.example",
	  "mx.two.example[203.0.113.8]:25", "0.01/1.2"),
	  "postfix/smtp[5] connect to mx.three.example[2001:db8::9]:25: x",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "c@three.example",
	  "mx.three.example[203.0.113.8]:25", "0.01/1.2"), NULL },
	  "one.example 203.0.113.9 sent af1m\n"
	  "two.example 203.0.113.8 sent af1m\n"
	  "three.example 2001:db8::9 deferred connect network a1m\n"
	  "three.example 203.0.113.8 sent af\n" },
	{ "recipients of two domains behind one relay", {
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@one.example",
	  "relay.example[203.0.113.9]:587", "0.01/1.2"),
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "c@two.example",
	  "relay.example[203.0.113.9]:587", "0.01/1.2"), NULL },
	  "one.example 203.0.113.9 sent af1m\n"
	  "two.example 203.0.113.9 sent afm\n" },
	{ "one of two recipients goes on to further hosts", {
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: host mx.x.example[2001:db8::9] "
	  "said: 450 4.2.0 Greylisted (in reply to RCPT TO command)",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[2001:db8::9]:25", "0/0"),
	  "postfix/smtp[5] connect to mx.x.example[2001:db8::8]:25: x",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "c@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 2001:db8::9 deferred rcpt greylist a1m\n"
	  "x.example 2001:db8::9 sent af\n"
	  "x.example 2001:db8::8 deferred connect network a\n"
	  "x.example 203.0.113.9 sent af\n" },
	{ "TLS once, and not the next time", {
	  "postfix/smtp[5] Trusted TLS connection established to "
	  "mx.x.example[203.0.113.9]:25: TLSv1.3 with cipher X",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"),
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "c@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"),
	  "postfix/smtp[5] " SENT("D2DEDA721BB", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 203.0.113.9 sent af1m tls=TLSv1.3\n"
	  "x.example 203.0.113.9 sent af tls=TLSv1.3\n"
	  "x.example 203.0.113.9 sent af1m\n" },
	{ "two recipients of one request", {
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@one.example",
	  "mx.one.example[203.0.113.9]:25", "0/0"),
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "c@one.example",
	  "mx.one.example[203.0.113.9]:25", "0/0"), NULL },
	  "one.example 203.0.113.9 sent af1m\n"
	  "one.example 203.0.113.9 sent af\n" },
	{ "TLS fails at the last host: three lines, one attempt", {
	  "postfix/smtp[5] SSL_connect error to mx.x.example[203.0.113.9]:25: "
	  "-1",
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: Cannot start TLS: handshake "
	  "failure",
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: to=<b@x.example>, "
	  "relay=mx.x.example[203.0.113.9]:25, delay=1, delays=0/0/0/0, "
	  "dsn=4.7.5, status=deferred (Cannot start TLS: handshake failure)",
	  NULL },
	  "x.example 203.0.113.9 deferred tls tls af1m\n" },
	{ "TLS fails, and the same host is tried again without it", {
	  "postfix/smtp[5] SSL_connect error to mx.x.example[203.0.113.9]:25: "
	  "-1",
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: Cannot start TLS: handshake "
	  "failure",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 203.0.113.9 deferred tls tls a1m\n"
	  "x.example 203.0.113.9 sent af\n" },
	{ "a host says 421 and goes: two lines, one attempt", {
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: host mx.x.example[2001:db8::9] "
	  "said: 421 4.7.0 Closing (in reply to MAIL FROM command)",
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: lost connection with "
	  "mx.x.example[2001:db8::9] while sending RCPT TO",
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: lost connection with "
	  "mx.x.example[2001:db8::8] while sending RCPT TO",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 2001:db8::9 deferred mail busy a1m\n"
	  "x.example 2001:db8::8 deferred rcpt network a\n"
	  "x.example 203.0.113.9 sent af\n" },
	{ "refused for good", {
	  "postfix/smtp[5] " SAID("4jYb2264Qsz1bZ1k", "b@outlook.com",
	  "outlook-com.olc.protection.outlook.com[203.0.113.30]", "5.7.1",
	  "bounced", "550 5.7.1 Unfortunately, messages from [192.0.2.1] "
	  "weren't sent. part of their network is on our block list (S3140)",
	  "MAIL FROM"), NULL },
	  "outlook.com 203.0.113.30 bounced mail ip-reputation af1m\n" },
	{ "another process's failure is not ours", {
	  "postfix/smtp[6] connect to mx.x.example[2001:db8::9]:25: x",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@y.example",
	  "mx.y.example[203.0.113.9]:25", "0/0"), NULL },
	  "y.example 203.0.113.9 sent af1m\n" },
	{ "what error(8) puts off is no attempt, but it waits and expires", {
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, size=9, "
	  "nrcpt=1 (queue active)",
	  "postfix/error[5] 4jYb2264Qsz1bZ1k: to=<b@x.example>, relay=none, "
	  "delay=1, delays=0/0/0/0, dsn=4.4.1, status=deferred (delivery "
	  "temporarily suspended: connect to mx.x.example[203.0.113.9]:25: "
	  "Connection refused)",
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, "
	  "status=expired, returned to sender", NULL },
	  "x.example none deferred connect network fm author=example.org?\n"
	  "x.example none expired connect network f author=example.org?\n" },
	{ "local, lmtp and what error(8) bounces are no attempts", {
	  "postfix/error[5] 4jYb2264Qsz1bZ1k: to=<b@x.example>, relay=none, "
	  "delay=1, delays=0/0/0/0, dsn=5.1.2, status=bounced (x)",
	  "postfix/local[5] 4jYb2264Qsz1bZ1k: to=<b@x.example>, relay=local, "
	  "delay=1, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered)",
	  "postfix/lmtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "203.0.113.9[203.0.113.9]:24", "0/0"), NULL }, "" },
	{ "over a content filter", {
	  "waybilld[9] 4jYb2264Qsz1bZ1k: message from=<a@example.org> "
	  "author=example.org result=signed",
	  "waybilld[9] 4jYb2264Qsz1bZ1k: route dest=x.example family=ipv6 "
	  "why=prefer-ipv6",
	  "postfix/smtp[5] 4jYb2264Qsz1bZ1k: to=<b@x.example>, "
	  "relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/0, "
	  "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as D2DEDA721BB)",
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: removed",
	  "postfix/smtp[5] " SENT("D2DEDA721BB", "b@x.example",
	  "mx.x.example[2001:db8::9]:25", "0/0"), NULL },
	  "x.example 2001:db8::9 sent af1m predicted=ipv6/prefer-ipv6 "
	  "author=example.org\n" },
	{ "requeued: still the same message", {
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, size=9, "
	  "nrcpt=1 (queue active)",
	  "postfix/smtp[5] " SAID("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]", "4.2.0", "deferred",
	  "450 4.2.0 Greylisted", "RCPT TO"),
	  "postfix/pickup[2] D2DEDA721BB: uid=102 from=<a@example.org> "
	  "orig_id=4jYb2264Qsz1bZ1k",
	  "postfix/smtp[5] " SENT("D2DEDA721BB", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 203.0.113.9 deferred rcpt greylist af1m "
	  "author=example.org?\n"
	  "x.example 203.0.113.9 sent af1 author=example.org?\n" },
	{ "forwarded for others, and a bounce", {
	  "postfix/smtpd[2] 4jYb2264Qsz1bZ1k: client=mx.o.example[192.0.2.77]",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"),
	  "postfix/qmgr[2] D2DEDA721BB: from=<>, size=1, nrcpt=1 (queue "
	  "active)",
	  "postfix/smtp[5] " SENT("D2DEDA721BB", "b@y.example",
	  "mx.y.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 203.0.113.9 sent af1m forwarded\n"
	  "y.example 203.0.113.9 sent af1m bounce\n" },
	{ "others' mail as waybilld tells it, though a login brings it", {
	  "postfix/smtpd[2] 4jYb2264Qsz1bZ1k: client=localhost[127.0.0.1]",
	  "waybilld[9] 4jYb2264Qsz1bZ1k: message result=unsigned "
	  "why=forwarded author=o.example",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"),
	  "postfix/smtpd[2] D2DEDA721BB: client=localhost[127.0.0.1], "
	  "sasl_method=PLAIN, sasl_username=list",
	  "waybilld[9] D2DEDA721BB: message result=unsigned why=reinjected "
	  "author=example.org",
	  "postfix/smtp[5] " SENT("D2DEDA721BB", "b@y.example",
	  "mx.y.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 203.0.113.9 sent af1m forwarded author=o.example\n"
	  "y.example 203.0.113.9 sent af1m forwarded author=example.org\n" },
	{ "another reason doesn't make it others'", {
	  "postfix/smtpd[2] 4jYb3374Qsz1bZ1k: client=localhost[127.0.0.1]",
	  "waybilld[9] 4jYb3374Qsz1bZ1k: message result=unsigned why=no-key "
	  "author=o.example",
	  "postfix/smtp[5] " SENT("4jYb3374Qsz1bZ1k", "b@z.example",
	  "mx.z.example[203.0.113.9]:25", "0/0"), NULL },
	  "z.example 203.0.113.9 sent af1m author=o.example\n" },
	{ "a bind address that isn't here, not enforced and enforced", {
	  "postfix/smtp[5] warning: smtp_connect_addr: bind 2001:db8::99: "
	  "Cannot assign requested address",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[2001:db8::9]:25", "0/0"),
	  "postfix/smtp[5] warning: smtp_connect_addr: bind 2001:db8::99: "
	  "Cannot assign requested address",
	  "postfix/smtp[5] server configuration error",
	  "postfix/smtp[5] " SENT("D2DEDA721BB", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 2001:db8::9 sent af1m\n"
	  "x.example 2001:db8::99 deferred other a1m\n"
	  "x.example 203.0.113.9 sent af\n" },
	{ "a family that isn't here, as predicted: the other is the first", {
	  "waybilld[9] 4jYb2264Qsz1bZ1k: route dest=x.example family=ipv4 "
	  "why=no-ipv6-here",
	  "postfix/smtp[5] connect to mx.x.example[2001:db8::9]:25: Network is "
	  "unreachable",
	  "postfix/smtp[5] connect to mx2.x.example[2001:db8::8]:25: Network "
	  "is unreachable",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 2001:db8::9 deferred connect network am "
	  "predicted=ipv4/no-ipv6-here\n"
	  "x.example 2001:db8::8 deferred connect network a "
	  "predicted=ipv4/no-ipv6-here\n"
	  "x.example 203.0.113.9 sent af1 predicted=ipv4/no-ipv6-here\n" },
	{ "and the reverse", {
	  "waybilld[9] 4jYb2264Qsz1bZ1k: route dest=x.example family=ipv6 "
	  "why=no-ipv4-here",
	  "postfix/smtp[5] connect to mx.x.example[203.0.113.9]:25: Network is "
	  "unreachable",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[2001:db8::9]:25", "0/0"), NULL },
	  "x.example 203.0.113.9 deferred connect network am "
	  "predicted=ipv6/no-ipv4-here\n"
	  "x.example 2001:db8::9 sent af1 predicted=ipv6/no-ipv4-here\n" },
	{ "a family that was there after all is a wrong prediction", {
	  "waybilld[9] 4jYb2264Qsz1bZ1k: route dest=x.example family=ipv4 "
	  "why=no-ipv6-here",
	  "postfix/smtp[5] connect to mx.x.example[2001:db8::9]:25: Connection "
	  "refused",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 2001:db8::9 deferred connect network a1m "
	  "predicted=ipv4/no-ipv6-here\n"
	  "x.example 203.0.113.9 sent af predicted=ipv4/no-ipv6-here\n" },
	{ "unreachable, where the family was expected, is a first attempt", {
	  "waybilld[9] 4jYb2264Qsz1bZ1k: route dest=x.example family=ipv4 "
	  "why=prefer-ipv4",
	  "postfix/smtp[5] connect to mx.x.example[2001:db8::9]:25: Network is "
	  "unreachable",
	  "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]:25", "0/0"), NULL },
	  "x.example 2001:db8::9 deferred connect network a1m "
	  "predicted=ipv4/prefer-ipv4\n"
	  "x.example 203.0.113.9 sent af predicted=ipv4/prefer-ipv4\n" },
	{ "too long in the queue: a result of each recipient that waits", {
	  "waybilld[9] 4jYb2264Qsz1bZ1k: message from=<a@example.org> "
	  "author=example.org result=signed",
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, size=9, "
	  "nrcpt=3 (queue active)",
	  "postfix/smtp[5] " SAID("4jYb2264Qsz1bZ1k", "b@x.example",
	  "mx.x.example[203.0.113.9]", "4.2.0", "deferred",
	  "450 4.2.0 <b@x.example> Greylisted", "RCPT TO"),
	  "postfix/smtp[5] " SAID("4jYb2264Qsz1bZ1k", "c@x.example",
	  "mx.x.example[203.0.113.9]", "4.2.0", "deferred",
	  "450 4.2.0 <c@x.example> Greylisted", "RCPT TO"),
	  "postfix/smtp[6] " SENT("4jYb2264Qsz1bZ1k", "d@y.example",
	  "mx.y.example[203.0.113.8]:25", "0/0"),
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, "
	  "status=expired, returned to sender",
	  "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, "
	  "status=expired, returned to sender", NULL },
	  "x.example 203.0.113.9 deferred rcpt greylist af1m "
	  "author=example.org sender=a@example.org\n"
	  "x.example 203.0.113.9 deferred rcpt greylist af "
	  "author=example.org sender=a@example.org\n"
	  "y.example 203.0.113.8 sent af1m author=example.org "
	  "sender=a@example.org\n"
	  "x.example 203.0.113.9 expired rcpt greylist f author=example.org "
	  "sender=a@example.org\n"
	  "x.example 203.0.113.9 expired rcpt greylist f author=example.org "
	  "sender=a@example.org\n" },
};

static void
joins_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(setup(NULL), 0);
		feed(rows[i].line);
		if (strcmp(out.buf, rows[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", rows[i].name, out.buf,
			    rows[i].want);
		teardown(NULL);
	}
}

static void
equal_lines_count_by_their_ordinal(void **state)
{
	static const char line[] = "postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k",
	    "b@x.example", "mx.x.example[203.0.113.9]:25", "0/0");

	(void)state;
	feed_at(1795507150, 0, line);
	feed_at(1795507150, 0, line);
	feed_at(1795507151, 0, line);
	feed_at(1795507150, 1, line);	/* the same two in another source */
	feed_at(1795507150, 1, line);
	assert_int_equal(n_identities, 5);
	assert_true(identities[0] != identities[1]);
	assert_true(identities[0] != identities[2]);
	assert_true(identities[0] == identities[3]);
	assert_true(identities[1] == identities[4]);
}

static void
keep(void *arg, const char *qid, const char *text)
{
	(void)qid;
	snprintf(arg, 1000, "%s", text);
}

static void
count_message(void *arg, int64_t time_us, uint64_t identity,
    const char *author, const char *result, const char *why)
{
	(void)arg;
	(void)time_us;
	assert_true(identity != 0);
	text_addf(&out, "%s %s%s%s\n", author, result, *why == '\0' ? "" : " ",
	    why);
}

static void
messages_are_told_with_their_reason(void **state)
{
	static const char *const lines[] = {
		"waybilld[9] 4jYb2264Qsz1bZ1k: message result=signed "
		"author=example.org",
		"waybilld[9] D2DEDA721BB: message result=unsigned "
		"why=reinjected author=example.org",
		"waybilld[9] 4jYb3374Qsz1bZ1k: message result=unsigned "
		"why=no-key author=example.net", NULL };

	(void)state;
	options.message = count_message;
	feed(lines);
	assert_string_equal(out.buf, "example.org signed\n"
	    " unsigned reinjected\n unsigned no-key\n");
}

static void
expired_recipients_are_told_apart(void **state)
{
	static const char *const lines[] = {
		"waybilld[9] 4jYb2264Qsz1bZ1k: message from=<a@example.org> "
		"author=example.org result=signed",
		"postfix/smtp[5] 4jYb2264Qsz1bZ1k: to=<b@x.example>, relay=none,"
		" delay=1, delays=0/0/0/0, dsn=4.4.1, status=deferred (x)",
		"postfix/smtp[5] 4jYb2264Qsz1bZ1k: to=<c@x.example>, relay=none,"
		" delay=1, delays=0/0/0/0, dsn=4.4.1, status=deferred (x)",
		"postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<a@example.org>, "
		"status=force-expired, returned to sender",
		"postfix/qmgr[3] D2DEDA721BB: from=<a@example.org>, "
		"status=expired, returned to sender", NULL };

	(void)state;
	options.message = count_message;
	feed(lines);
	assert_string_equal(out.buf, "example.org signed\n"
	    "x.example none deferred network fm author=example.org\n"
	    "x.example none deferred network f author=example.org\n"
	    "x.example none expired network f author=example.org\n"
	    "x.example none expired network f author=example.org\n"
	    "example.org expired\n");
	assert_int_equal(n_identities, 4);
	assert_true(identities[2] != identities[3]);
	assert_true(identities[1] != identities[2]);
}

static void
what_is_queued_survives_a_restart(void **state)
{
	static const char *const before[] = {
		"waybilld[9] 4jYb2264Qsz1bZ1k: message "
		"from=\"<\\x22a b\\x22@example.org>\" author=example.org "
		"result=signed",
		"waybilld[9] 4jYb2264Qsz1bZ1k: route dest=x.example "
		"family=ipv6 why=prefer-ipv6",
		"postfix/qmgr[3] 4jYb2264Qsz1bZ1k: from=<\"a b\"@example.org>, "
		"size=9, nrcpt=1 (queue active)", NULL };
	static const char *const after[] = {
		"postfix/smtp[5] " SENT("4jYb2264Qsz1bZ1k", "b@x.example",
		"mx.x.example[2001:db8::9]:25", "0/0"), NULL };
	char text[1000] = "";

	feed(before);
	attempt_joiner_save(joiner, keep, text);
	assert_string_not_equal(text, "");
	teardown(state);
	assert_int_equal(setup(state), 0);
	attempt_joiner_restore(joiner, "4jYb2264Qsz1bZ1k", text);
	feed(after);
	assert_string_equal(out.buf, "x.example 2001:db8::9 sent af1m "
	    "predicted=ipv6/prefer-ipv6 author=example.org "
	    "sender=\"a b\"@example.org\n");
	feed_at(1795507150, 0, "postfix/qmgr[3] 4jYb2264Qsz1bZ1k: removed");
	attempt_joiner_save(joiner, keep, text);
	assert_string_equal(text, "");
}

static void
count_kept(void *arg, const char *qid, const char *text)
{
	(void)qid;
	*(int *)arg += text[0] != '\0';
}

/* Which one is said to have left. */
static void
keep_first(void *arg, const char *qid, const char *text)
{
	if (text[0] == '\0')
		snprintf(arg, 100, "%s", qid);
}

/* Nothing stays behind of what left the queue, whoever took it out. */
static void
what_left_is_forgotten(void **state)
{
#define ACTIVE(qid, from) "postfix/qmgr[3] " qid ": from=<" from ">, " \
	"size=9, nrcpt=1 (queue active)"
#define CLIENT(qid) "postfix/smtpd[3] " qid ": client=x[192.0.2.9]"
	static const struct {
		const char *name;
		const char *line[6];
		int want;
	} left[] = {
		{ "sent", { ACTIVE("AAAAAA1", "a@example.org"),
		  "postfix/qmgr[3] AAAAAA1: removed", NULL }, 0 },
		{ "deleted", { ACTIVE("AAAAAA1", "a@example.org"),
		  "postfix/postsuper[3] AAAAAA1: removed", NULL }, 0 },
		{ "a bounce that was faster", { ACTIVE("AAAAAA1", ""),
		  "postfix/qmgr[3] AAAAAA1: removed", "postfix/bounce[3] "
		  "AAAAAA2: sender non-delivery notification: AAAAAA1",
		  NULL }, 0 },
		{ "requeued", { ACTIVE("AAAAAA1", "a@example.org"),
		  "postfix/postsuper[3] AAAAAA1: requeued",
		  "postfix/pickup[3] AAAAAA2: uid=1 from=<a@example.org> "
		  "orig_id=AAAAAA1", NULL }, 1 },
		{ "refused at its end", { CLIENT("AAAAAA1"),
		  "postfix/cleanup[3] AAAAAA1: milter-reject: END-OF-MESSAGE "
		  "from x[192.0.2.9]: 5.7.1 spam", NULL }, 0 },
		{ "a recipient refused", { CLIENT("AAAAAA1"),
		  "postfix/smtpd[3] AAAAAA1: milter-reject: RCPT from "
		  "x[192.0.2.9]: 5.7.1 no", NULL }, 1 },
		{ "held", { CLIENT("AAAAAA1"),
		  "postfix/cleanup[3] AAAAAA1: milter-hold: END-OF-MESSAGE "
		  "from x[192.0.2.9]: milter triggers HOLD action", NULL }, 1 },
		{ "coming", { CLIENT("AAAAAA1"), NULL }, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(left); i++) {
		int got = 0;

		assert_int_equal(setup(NULL), 0);
		feed(left[i].line);
		attempt_joiner_save(joiner, count_kept, &got);
		if (got != left[i].want)
			fail_msg("%s: %d, not %d", left[i].name, got,
			    left[i].want);
		teardown(NULL);
	}
}

/* A client that goes away in the middle leaves no other line. */
static void
what_never_came_is_forgotten(void **state)
{
	static const char *const lines[] = { CLIENT("AAAAAA1"),
		CLIENT("AAAAAA2"), ACTIVE("AAAAAA2", "a@example.org"),
		CLIENT("AAAAAA3"), "waybilld[9] AAAAAA3: message "
		"from=<a@example.org> author=example.org result=signed",
		NULL };
	char text[1000];
	int got = 0;

	(void)state;
	feed(lines);
	attempt_joiner_save(joiner, count_kept, &got);
	assert_int_equal(got, 3);
	feed_at(1795507150 + 3 * 3600, 0, CLIENT("AAAAAA4"));
	snprintf(text, sizeof text, "x");
	attempt_joiner_save(joiner, keep_first, text);
	assert_string_equal(text, "AAAAAA1");
	got = 0;
	attempt_joiner_save(joiner, count_kept, &got);
	assert_int_equal(got, 0);
}

static void
what_is_held_says_where_to_read_again(void **state)
{
	(void)state;
	assert_true(attempt_joiner_oldest(joiner) == INT64_MAX);
	feed_at(1000, 0, "postfix/smtp[5] connect to x[192.0.2.1]:25: y");
	feed_at(1010, 0, "postfix/smtp[6] connect to x[192.0.2.1]:25: y");
	assert_true(attempt_joiner_oldest(joiner) == 1000000000);
	/* Nobody waits for a process that died. */
	feed_at(9000, 0, "postfix/qmgr[1] 4jYb2264Qsz1bZ1k: removed");
	assert_true(attempt_joiner_oldest(joiner) == INT64_MAX);
}

static void
memory_is_bounded(void **state)
{
	char line[200];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		snprintf(line, sizeof line, "postfix/smtp[%d] connect to "
		    "x[192.0.2.1]:25: y", i);
		feed_at(1795507150 + i / 100, 0, line);
		snprintf(line, sizeof line, "postfix/qmgr[1] %08X: "
		    "from=<a@example.org>, size=1, nrcpt=1 (queue active)", i);
		feed_at(1795507150 + i / 100, 0, line);
	}
	assert_string_equal(out.buf, "");
}

/* -- restarts ----------------------------------------------------------------
 *
 * A log of processes that serve requests side by side: some find the first
 * host dead, some use TLS, some have several recipients, whose results come
 * seconds apart. However often the recorder is killed, and wherever it had
 * committed, the store has the rows of one pass.
 */
enum {
	LOG_LINES = 400, LOG_PROCESSES = 4, LOG_RESTARTS = 12,
	LOG_SEEDS = 40, STORE_ROWS = 400, STORE_WORDS = 400,
};

struct log_line {
	int64_t second;
	char text[240];
};

/* What the recorder has committed, and what it would. */
struct kept {
	struct { uint64_t identity; char text[240]; } row[STORE_ROWS];
	size_t n;
	struct { char qid[20]; char text[600]; } word[STORE_WORDS];
	size_t n_words;
	char *requests;		/* owned */
	size_t position;	/* a line of the log */
};

static struct log_line mail_log[LOG_LINES];
static uint32_t chance;

static unsigned
chosen(unsigned n)
{
	chance = chance * 1664525 + 1013904223;
	return (chance >> 16) % n;
}

/* The next line of a process, or of the queue manager after its request; step
 * counts what has been said. */
struct agent {
	unsigned qid, step, last, dest, before;
	bool is_dead, is_tls;
};

static void
say_next(struct agent *a, unsigned pid, unsigned *qids, char *said, size_t size)
{
	if (a->step > a->last || (a->step == a->last && chosen(3) > 0)) {
		*a = (struct agent){ .qid = chosen(8) == 0 ? a->qid :
		    ++*qids, .dest = chosen(3), .before = chosen(2),
		    .is_dead = chosen(3) == 0, .is_tls = chosen(2) == 0 };
		a->last = a->is_dead + a->is_tls + 1 + chosen(3);
	}
	if (a->step == a->last)
		snprintf(said, size, "postfix/qmgr[9] %08XA: removed", a->qid);
	else if (a->is_dead && a->step == 0)
		snprintf(said, size, "postfix/smtp[%u] connect to "
		    "mx1.d%u.example[192.0.2.%u]:25: Connection refused",
		    pid, a->dest, a->dest + 1);
	else if (a->is_tls && a->step == a->is_dead)
		snprintf(said, size, "postfix/smtp[%u] Trusted TLS connection "
		    "established to mx2.d%u.example[203.0.113.%u]:25: TLSv1.3 "
		    "with cipher X", pid, a->dest, a->dest + 1);
	else
		snprintf(said, size, "postfix/smtp[%u] %08XA: to=<r%u@d%u"
		    ".example>, relay=mx2.d%u.example[203.0.113.%u]:25, "
		    "delay=1, delays=0.%u/0/0/0, dsn=2.0.0, status=sent "
		    "(250 ok)", pid, a->qid, a->step, a->dest, a->dest,
		    a->dest + 1, a->before);
	a->step++;
}

static void
write_log(uint32_t seed)
{
	struct agent agent[LOG_PROCESSES] = { 0 };
	unsigned qids = 0;
	int64_t second = 1795507150;

	chance = seed;
	for (size_t i = 0; i < LOG_LINES; i++) {
		unsigned k = chosen(LOG_PROCESSES);

		second += chosen(4) == 0;
		mail_log[i].second = second;
		say_next(&agent[k], 100 + k, &qids, mail_log[i].text,
		    sizeof mail_log[i].text);
	}
}

static struct kept *kept_now;

static void
keep_row(void *arg, const struct attempt *a)
{
	struct kept *k = kept_now;

	(void)arg;
	for (size_t i = 0; i < k->n; i++)
		if (k->row[i].identity == a->identity)
			return;
	assert_true(k->n < STORE_ROWS);
	k->row[k->n].identity = a->identity;
	snprintf(k->row[k->n++].text, sizeof k->row[0].text,
	    "%s %s %s %s tls=%s%s%s", a->qid, a->recipient, a->dest,
	    a->status, a->tls, a->is_first ? " first" : "",
	    a->is_message ? " message" : "");
}

static void
keep_word(void *arg, const char *qid, const char *text)
{
	struct kept *k = kept_now;
	size_t i = 0;

	(void)arg;
	while (i < k->n_words && strcmp(k->word[i].qid, qid) != 0)
		i++;
	assert_true(i < STORE_WORDS);
	k->n_words += i == k->n_words;
	snprintf(k->word[i].qid, sizeof k->word[i].qid, "%s", qid);
	snprintf(k->word[i].text, sizeof k->word[i].text, "%s", text);
}

/* As the recorder does: from before the second before what is needed. */
static size_t
position_for(size_t read)
{
	int64_t needed = attempt_joiner_oldest(joiner) / 1000000;
	size_t i = 0;

	if (mail_log[read - 1].second < needed)
		needed = mail_log[read - 1].second;
	while (mail_log[i].second < needed - 1)
		i++;
	return i;
}

static void
begin_reading(struct kept *k)
{
	struct err err = { 0 };

	kept_now = k;
	attempt_joiner_free(&joiner);
	joiner = attempt_joiner_new(&options, &err);
	assert_non_null(joiner);
	for (size_t i = 0; i < k->n_words; i++)
		if (k->word[i].text[0] != '\0')
			attempt_joiner_restore(joiner, k->word[i].qid,
			    k->word[i].text);
	if (k->requests != NULL)
		attempt_joiner_resume(joiner, k->requests);
}

static void
read_lines(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		feed_at(mail_log[i].second, 0, mail_log[i].text);
}

static void
commit(struct kept *k, size_t read)
{
	struct text requests;

	attempt_joiner_save(joiner, keep_word, NULL);
	attempt_joiner_requests(joiner, &requests);
	free(k->requests);
	k->requests = text_take(&requests);
	k->position = position_for(read);
}

/* Reads the log with restarts into k. */
static void
read_killed(struct kept *k)
{
	static struct kept committed;
	size_t at = 0;

	for (int i = 0; i < LOG_RESTARTS; i++) {
		size_t read = at + 1 + chosen(LOG_LINES - (unsigned)at);

		begin_reading(k);
		read_lines(k->position, read > k->position ? read :
		    k->position + 1);
		if (read <= k->position)
			read = k->position + 1;
		commit(k, read);
		committed = *k;
		/* What it reads after that is lost with it. */
		read_lines(read, read + chosen(LOG_LINES - (unsigned)read + 1));
		*k = committed;
		at = k->position;
	}
	begin_reading(k);
	read_lines(k->position, LOG_LINES);
}

static void
a_restart_anywhere_changes_no_row(void **state)
{
	static struct kept once, killed;

	(void)state;
	options.emit = keep_row;
	for (uint32_t seed = 0; seed < LOG_SEEDS; seed++) {
		memset(&once, 0, sizeof once);
		memset(&killed, 0, sizeof killed);
		write_log(seed);
		begin_reading(&once);
		read_lines(0, LOG_LINES);
		read_killed(&killed);
		free(killed.requests);
		assert_int_equal(once.n, killed.n);
		for (size_t i = 0; i < once.n; i++) {
			size_t j = 0;

			while (killed.row[j].identity != once.row[i].identity)
				assert_true(++j < killed.n);
			if (strcmp(killed.row[j].text, once.row[i].text) != 0)
				print_error("seed %u\n", seed);
			assert_string_equal(killed.row[j].text,
			    once.row[i].text);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_lines),
		cmocka_unit_test_setup_teardown(
		    equal_lines_count_by_their_ordinal, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    messages_are_told_with_their_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    expired_recipients_are_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_queued_survives_a_restart, setup, teardown),
		cmocka_unit_test(what_left_is_forgotten),
		cmocka_unit_test_setup_teardown(what_never_came_is_forgotten,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_held_says_where_to_read_again, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_is_bounded, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_restart_anywhere_changes_no_row, setup, teardown),
	};
	struct err_list errors = { 0 };
	int failed;

	rules = reply_rules_read(tree_path("conf/replies"), NULL, &errors);
	if (rules == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	reply_rules_free(&rules);
	return failed;
}
