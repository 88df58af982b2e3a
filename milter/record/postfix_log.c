/* SPDX-License-Identifier: ISC */
/*
 * One line of Postfix's log to a struct.
 *
 * A line is read from its left end, token by token, as Postfix wrote it: an
 * address up to the ">" outside quotes, ", key=value" up to status=, and what
 * follows is foreign text whatever it holds. Nothing is ever searched for, so
 * neither a reply, nor a quoted local part, nor a Message-ID can forge a
 * field. Three things are read from the right end, where Postfix alone writes:
 * "(in reply to RCPT TO command)", the protocol and HELO name of mail that was
 * rejected here, and "queued as ID".
 *
 * Fields of later Postfix versions (tls= of 3.11) are passed over by their
 * form. A line that Postfix cut at 2,000 bytes keeps what it has, and says so.
 *
 * BUGS: of a recipient whose address takes nearly all of those bytes no result
 * is known; of a rejected one neither sender nor recipient is known then. With
 * info_log_address_format = internal quotes are missing from
 * addresses, and an address with ">, relay=" in it can't be told from fields.
 */
#include "record/postfix_log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of this length a line may have lost its end (MSG_SYSLOG_RECLEN). */
enum { TEXT_MAX = 2000 };

/* What is left of the line. */
struct reader {
	const char *p;
	const char *end;
};

struct phrase {
	const char *text;
	const char *stage;
};

/* What smtp(8) was waiting for, by its own words. */
static const struct phrase commands[] = {
	{ "MAIL FROM command", "mail" },
	{ "RCPT TO command", "rcpt" },
	{ "DATA command", "data" },
	{ "end of DATA command", "eod" },
	{ "EHLO command", "ehlo" },
	{ "HELO command", "ehlo" },
	{ "STARTTLS command", "tls" },
	{ NULL, NULL },
};
static const struct phrase activities[] = {
	{ "receiving the initial server greeting", "banner" },
	{ "performing the initial protocol handshake", "ehlo" },
	{ "performing the EHLO handshake", "ehlo" },
	{ "performing the HELO handshake", "ehlo" },
	{ "performing the STARTTLS handshake", "tls" },
	{ "sending MAIL FROM", "mail" },
	{ "sending RCPT TO", "rcpt" },
	{ "sending DATA command", "data" },
	{ "sending message body", "data" },
	{ "sending end of data", "eod" },
	{ NULL, NULL },
};

/* Empties the struct; clearing all of its bytes would cost more than reading
 * the line does. */
static void
clear(struct postfix_line *out)
{
	char *const fields[] = { out->qid, out->to, out->orig_to, out->from,
		out->relay_host, out->delays, out->tls, out->dsn, out->status,
		out->sasl_username, out->other_id, out->stage };

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		fields[i][0] = '\0';
	out->kind = POSTFIX_OTHER;
	memset(&out->relay_ip, 0, sizeof out->relay_ip);
	out->relay_port = out->nrcpt = 0;
	out->conn_use = 1;
	out->delay_ms = -1;
	out->reply = NULL;
	out->reply_len = 0;
	out->has_envelope = false;
}

/* Takes a literal, or nothing. */
static inline bool
take(struct reader *r, const char *literal)
{
	const size_t n = strlen(literal);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, literal, n) != 0)
		return false;
	r->p += n;
	return true;
}

static void
copy(char *out, size_t size, const char *from, const char *end)
{
	size_t n = (size_t)(end - from);

	if (n >= size)
		n = size - 1;
	memcpy(out, from, n);
	out[n] = '\0';
}

/* Takes bytes up to one of two, which isn't taken. */
static void
take_until(struct reader *r, const char stop[2], char *out, size_t size)
{
	const char *from = r->p;

	/* Of one or two bytes, and no strchr() for each byte of the line. */
	while (r->p < r->end && *r->p != stop[0] && *r->p != stop[1])
		r->p++;
	copy(out, size, from, r->p);
}

static bool
take_number(struct reader *r, unsigned *out)
{
	unsigned long n = 0;
	const char *from = r->p;

	while (r->p < r->end && isdigit((unsigned char)*r->p) && n < 100000000)
		n = n * 10 + (unsigned long)(*r->p++ - '0');
	if (r->p == from)
		return false;
	*out = (unsigned)n;
	return true;
}

/* "0.01" or "86400" seconds to milliseconds. */
static void
take_seconds(struct reader *r, long *ms)
{
	unsigned whole;
	long scale = 100;

	if (!take_number(r, &whole) || whole > 100000000 / 2)
		return;
	*ms = (long)whole * 1000;
	if (!take(r, "."))
		return;
	for (; r->p < r->end && isdigit((unsigned char)*r->p); r->p++) {
		*ms += (*r->p - '0') * scale;
		scale /= 10;
	}
}

/* Takes the rest of an address behind "<", quotes and backslashes understood,
 * and the ">" outside quotes that ends it. */
static bool
take_address(struct reader *r, char *out, size_t size)
{
	const char *from = r->p;
	bool quoted = false;

	for (; r->p < r->end; r->p++) {
		if (*r->p == '\\' && r->p + 1 < r->end)
			r->p++;
		else if (*r->p == '"')
			quoted = !quoted;
		else if (*r->p == '>' && !quoted) {
			copy(out, size, from, r->p++);
			return true;
		}
	}
	return false;
}

/* A name that holds other bytes than those of host names is none. */
static void
check_host(char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("-_.:", *p) == NULL) {
			name[0] = '\0';
			return;
		}
}

/* Takes "host[addr]" and ":port" where it follows; false leaves r as it was. */
static bool
take_peer(struct reader *r, struct postfix_line *out)
{
	char address[256];
	struct reader at = *r;

	take_until(&at, "[ ", out->relay_host, sizeof out->relay_host);
	if (strchr(out->relay_host, ',') != NULL || !take(&at, "["))
		return false;
	take_until(&at, "] ", address, sizeof address);
	if (!take(&at, "]"))
		return false;
	check_host(out->relay_host);
	(void)ip_parse(address, &out->relay_ip);
	if (take(&at, ":") && !take_number(&at, &out->relay_port))
		at.p--;		/* "host[addr]: text" */
	*r = at;
	return true;
}

static const char *
stage_of(const struct phrase *phrases, const char *p, const char *end)
{
	struct reader r = { p, end };

	for (; phrases->text != NULL; phrases++)
		if (take(&r, phrases->text))
			return phrases->stage;
	return "";
}

static void
set_stage(struct postfix_line *out, const char *stage)
{
	copy(out->stage, sizeof out->stage, stage, stage + strlen(stage));
}

static void
set_reply(struct postfix_line *out, const char *p, const char *end)
{
	out->reply = p;
	out->reply_len = (size_t)(end - p);
}

/* "reply (in reply to RCPT TO command)": the stage from the right end, where
 * no remote host can write, and what is before it is the reply. Where the line
 * was cut, its end is the host's. */
static void
set_said(struct postfix_line *out, const char *p, const char *end)
{
	static const char lead[] = " (in reply to ";
	const char *at = NULL;

	if (!out->cut && end > p && end[-1] == ')') {
		at = end - 1;
		while (at > p && *at != '(')
			at--;
		at = at > p ? at - 1 : NULL;
	}
	if (at == NULL || (size_t)(end - at) < sizeof lead ||
	    memcmp(at, lead, sizeof lead - 1) != 0) {
		set_reply(out, p, end);
		return;
	}
	set_stage(out, stage_of(commands, at + sizeof lead - 1, end));
	set_reply(out, p, at);
}

/* What a failure that smtp(8) tells of begins with; the same words stand on
 * lines of their own and inside the "( )" of a result. */
static enum postfix_line_kind
parse_failure(struct reader r, struct postfix_line *out)
{
	if (take(&r, "host ") && take_peer(&r, out)) {
		if (take(&r, " said: ")) {
			set_said(out, r.p, r.end);
			return POSTFIX_HOST_SAID;
		}
		if (take(&r, " refused to talk to me: ")) {
			set_stage(out, "banner");
			set_reply(out, r.p, r.end);
			return POSTFIX_REFUSED_TO_TALK;
		}
	} else if (take(&r, "lost connection with ") && take_peer(&r, out)) {
		if (take(&r, " while "))
			set_stage(out, stage_of(activities, r.p, r.end));
		return POSTFIX_LOST;
	} else if (take(&r, "conversation with ") && take_peer(&r, out)) {
		if (take(&r, " timed out while "))
			set_stage(out, stage_of(activities, r.p, r.end));
		return POSTFIX_TIMED_OUT;
	} else if (take(&r, "connect to ") && take_peer(&r, out)) {
		set_stage(out, "connect");
		return POSTFIX_CONNECT_FAILED;
	} else if (take(&r, "Cannot start TLS: ") ||
	    take(&r, "Server certificate not ") ||
	    take(&r, "TLS is required, but ")) {
		set_stage(out, "tls");
		return POSTFIX_TLS_FAILED;
	}
	return POSTFIX_OTHER;
}

/* The text in the "( )" of a result. What it says of a peer (the last host
 * that failed) must not replace relay=. */
static void
parse_result(struct reader r, struct postfix_line *out)
{
	struct postfix_line said;

	if (r.end > r.p && r.end[-1] == ')')
		r.end--;
	else
		out->cut = true;
	set_reply(out, r.p, r.end);
	if (strcmp(out->status, "sent") == 0)
		return;
	clear(&said);
	said.cut = out->cut;
	(void)take(&r, "delivery temporarily suspended: ");
	if (parse_failure(r, &said) == POSTFIX_OTHER)
		return;
	memcpy(out->stage, said.stage, sizeof out->stage);
	if (said.reply != NULL)
		set_reply(out, said.reply, said.reply + said.reply_len);
}

/* Most words differ in their first letter. */
static bool
is(const char *word, const char *other)
{
	return word[0] == other[0] && strcmp(word, other) == 0;
}

/* One ", key=value" of a result. */
static void
parse_field(struct reader *r, const char *key, struct postfix_line *out)
{
	char skipped[8];

	if (is(key, "orig_to") && take(r, "<"))
		(void)take_address(r, out->orig_to, sizeof out->orig_to);
	else if (is(key, "relay")) {
		if (!take_peer(r, out)) {
			take_until(r, ",", out->relay_host,
			    sizeof out->relay_host);
			if (strcmp(out->relay_host, "none") == 0)
				out->relay_host[0] = '\0';
			check_host(out->relay_host);
		}
	} else if (is(key, "conn_use"))
		(void)take_number(r, &out->conn_use);
	else if (is(key, "delay"))
		take_seconds(r, &out->delay_ms);
	else if (is(key, "delays"))
		take_until(r, ",", out->delays, sizeof out->delays);
	else if (is(key, "tls"))
		take_until(r, ",", out->tls, sizeof out->tls);
	else if (is(key, "dsn"))
		take_until(r, ",", out->dsn, sizeof out->dsn);
	else if (is(key, "status"))
		take_until(r, " ", out->status, sizeof out->status);
	/* A field of a later version, or what was left of one: to the comma. */
	if (out->status[0] == '\0')
		take_until(r, ",", skipped, sizeof skipped);
}

static void
parse_delivery(struct reader r, struct postfix_line *out)
{
	char key[32];

	if (!take_address(&r, out->to, sizeof out->to)) {
		out->cut = true;
		return;
	}
	out->kind = POSTFIX_DELIVERY;
	while (out->status[0] == '\0' && take(&r, ", ")) {
		take_until(&r, "=,", key, sizeof key);
		if (!take(&r, "="))
			break;
		parse_field(&r, key, out);
	}
	if (out->status[0] != '\0' && take(&r, " ("))
		parse_result(r, out);
	else
		out->cut = true;
}

/* "Trusted TLS connection established to X[A]:25: TLSv1.3 with cipher C ..." */
static bool
parse_tls_made(struct reader r, struct postfix_line *out)
{
	char word[32];

	take_until(&r, " ", word, sizeof word);
	if (!take(&r, " TLS connection established to ") &&
	    !take(&r, " TLS connection reused to "))
		return false;
	if (!take_peer(&r, out) || !take(&r, ": "))
		return false;
	take_until(&r, " ", out->tls, sizeof out->tls);
	out->kind = POSTFIX_TLS_MADE;
	return true;
}

static void
parse_smtp(struct reader r, struct postfix_line *out)
{
	if (take(&r, "to=<"))
		parse_delivery(r, out);
	else if (take(&r, "server configuration error"))
		out->kind = POSTFIX_SERVER_CONFIG;
	else if (take(&r, "SSL_connect error to ")) {
		if (take_peer(&r, out)) {
			out->kind = POSTFIX_TLS_FAILED;
			set_stage(out, "tls");
		}
	} else if (take(&r, "smtp_connect_addr: bind ")) {
		char address[IP_SIZE];

		take_until(&r, " ", address, sizeof address);
		if (address[0] != '\0' && address[strlen(address) - 1] == ':')
			address[strlen(address) - 1] = '\0';
		(void)ip_parse(address, &out->relay_ip);
		out->kind = POSTFIX_BIND_FAILED;
	} else if (!parse_tls_made(r, out)) {
		out->kind = parse_failure(r, out);
		if (out->kind == POSTFIX_OTHER)
			return;
		if (out->reply == NULL)
			set_reply(out, r.p, r.end);
	}
}

static void
parse_qmgr(struct reader r, struct postfix_line *out)
{
	char skipped[32];

	if (r.end - r.p == 7 && take(&r, "removed")) {
		out->kind = POSTFIX_REMOVED;
		return;
	}
	if (!take(&r, "from=<") ||
	    !take_address(&r, out->from, sizeof out->from))
		return;
	if (take(&r, ", status=expired") || take(&r, ", status=force-expired"))
		out->kind = POSTFIX_EXPIRED;
	else if (take(&r, ", size=")) {
		take_until(&r, ",", skipped, sizeof skipped);
		if (take(&r, ", nrcpt="))
			(void)take_number(&r, &out->nrcpt);
		out->kind = POSTFIX_ACTIVE;
	}
}

/* A byte of a local part that needs no quotes. */
static bool
is_atom(char c)
{
	return (unsigned char)c >= 0x80 || (c > ' ' && c != 0x7f &&
	    strchr("<>()[]\\,;:\"@", c) == NULL);
}

/* Takes a local part as Postfix writes it: quoted where it has to be. */
static bool
take_local(struct reader *r)
{
	if (!take(r, "\"")) {
		while (r->p < r->end && is_atom(*r->p))
			r->p++;
		return true;
	}
	for (; r->p < r->end && *r->p != '"'; r->p++)
		if (*r->p == '\\' && r->p + 1 < r->end)
			r->p++;
	return take(r, "\"");
}

/* Where the address that begins here ends at the latest: before another "@" or
 * a quote, which no domain has, whatever else a client may write into it. */
static bool
address_limit(struct reader r, const char **domain, const char **limit)
{
	if (!take_local(&r))
		return false;
	*domain = *limit = r.p;
	if (!take(&r, "@"))
		return true;
	while (r.p < r.end && *r.p != '@' && *r.p != '"')
		r.p++;
	*limit = r.p;
	return true;
}

/* Is "A" + between + "B" all that is left, A and B being addresses? */
static bool
take_envelope(struct reader r, const char *between, struct postfix_line *out)
{
	const char *from = r.p;
	const char *domain;
	const char *limit;
	const char *to_domain;
	const char *to_limit;
	size_t len = strlen(between);

	if (!address_limit(r, &domain, &limit))
		return false;
	for (const char *p = domain; p <= limit &&
	    (size_t)(r.end - p) >= len; p++) {
		const struct reader to = { p + len, r.end };

		if (memcmp(p, between, len) == 0 &&
		    address_limit(to, &to_domain, &to_limit) &&
		    to_limit == r.end) {
			copy(out->from, sizeof out->from, from, p);
			copy(out->to, sizeof out->to, to.p, to.end);
			return true;
		}
		if (*domain != '@')
			break;
	}
	return false;
}

/* Drops " proto=P helo=<H>" behind the ">" of the last address. A client can
 * write no ">" into either. */
static bool
drop_session(struct reader *r, const char *mark, const char *helo)
{
	const char *p = r->end;
	const char *from = r->p;
	size_t n = strlen(mark);

	if (p > from && p[-1] == '>') {
		for (p--; p > from && p[-1] != '<' && p[-1] != '>'; )
			p--;
		n = strlen(helo);
		if ((size_t)(p - from) < n || memcmp(p - n, helo, n) != 0)
			return false;
		p -= n;
		n = strlen(mark);
	}
	while (p > from && isupper((unsigned char)p[-1]))
		p--;
	if ((size_t)(p - from) < n || memcmp(p - n, mark, n) != 0)
		return false;
	r->end = p - n;
	return true;
}

/*
 * "TEXT; from=<A> to=<B> proto=P helo=<H>". TEXT is foreign, and may hold all
 * of that: Postfix repeats the recipient in it without quotes. So the end is
 * taken off first, and of what is left the first place counts from which all
 * the rest are two addresses. What imitates them in TEXT has the true ones
 * behind it, and what does in an address stands in quotes.
 */
static void
parse_envelope(struct reader r, bool is_postscreen, struct postfix_line *out)
{
	const char *const comma = is_postscreen ? "," : "";
	struct reader text = r;
	char mark[16];
	char helo[16];
	char between[16];

	snprintf(mark, sizeof mark, ">%s proto=", comma);
	snprintf(helo, sizeof helo, "%s helo=<", comma);
	snprintf(between, sizeof between, ">%s to=<", comma);
	set_reply(out, r.p, r.end);
	if (out->cut || !drop_session(&r, mark, helo))
		return;
	for (; r.p < r.end; r.p++) {
		const char *end = r.p;

		if (!take(&r, "; from=<"))
			continue;
		if (take_envelope(r, between, out)) {
			out->has_envelope = true;
			set_reply(out, text.p, end);
			return;
		}
		r.p = end;
	}
}

/* Mail that isn't taken: "reject: RCPT from X[A]: TEXT; from=<A> ...". */
static bool
parse_reject(struct reader r, struct postfix_line *out)
{
	if (!take(&r, "reject: ") && !take(&r, "proxy-reject: "))
		return false;
	out->kind = POSTFIX_REJECT;
	parse_envelope(r, false, out);
	return true;
}

static bool
parse_milter(struct reader r, struct postfix_line *out)
{
	const char *word = r.p + strlen("milter-");

	if (!take(&r, "milter-reject: ") && !take(&r, "milter-hold: ") &&
	    !take(&r, "milter-discard: "))
		return false;
	out->kind = POSTFIX_MILTER_REJECT;
	copy(out->status, sizeof out->status, word, r.p - strlen(": "));
	parse_envelope(r, false, out);
	return true;
}

static void
parse_postscreen(struct reader r, struct postfix_line *out)
{
	if (!take(&r, "reject: RCPT from "))
		return;
	r.p -= strlen("RCPT from ");
	out->kind = POSTFIX_REJECT;
	parse_envelope(r, true, out);
}

static void
parse_smtpd(struct reader r, struct postfix_line *out)
{
	char key[32];

	if (parse_milter(r, out) || parse_reject(r, out) ||
	    !take(&r, "client=") || !take_peer(&r, out))
		return;
	out->kind = POSTFIX_CLIENT;
	while (take(&r, ", ")) {
		take_until(&r, "=,", key, sizeof key);
		if (!take(&r, "="))
			return;
		if (strcmp(key, "sasl_username") == 0) {
			/* The last field, and the client's own words. */
			copy(out->sasl_username, sizeof out->sasl_username,
			    r.p, r.end);
			return;
		}
		take_until(&r, ",", key, sizeof key);
	}
}

/* Takes another message's queue id; what is none is left out. */
static bool
take_other_id(struct reader *r, struct postfix_line *out)
{
	take_until(r, " ", out->other_id, sizeof out->other_id);
	if (postfix_log_is_qid(out->other_id, strlen(out->other_id)))
		return true;
	out->other_id[0] = '\0';
	return false;
}

static void
parse_pickup(struct reader r, struct postfix_line *out)
{
	unsigned uid;

	if (!take(&r, "uid=") || !take_number(&r, &uid) ||
	    !take(&r, " from=<") ||
	    !take_address(&r, out->from, sizeof out->from))
		return;
	out->kind = POSTFIX_PICKUP;
	if (take(&r, " orig_id="))
		(void)take_other_id(&r, out);
}

static void
parse_cleanup(struct reader r, struct postfix_line *out)
{
	if (take(&r, "to=<"))
		parse_delivery(r, out);
	else if (take(&r, "message-id=")) {
		out->kind = POSTFIX_MESSAGE_ID;
		set_reply(out, r.p, r.end);
	} else
		(void)parse_milter(r, out);
}

static void
parse_bounce(struct reader r, struct postfix_line *out)
{
	if (!take(&r, "sender non-delivery notification: ") &&
	    !take(&r, "sender delivery status notification: ") &&
	    !take(&r, "sender delay notification: "))
		return;
	if (take_other_id(&r, out))
		out->kind = POSTFIX_BOUNCE;
}

static void
parse_postsuper(struct reader r, struct postfix_line *out)
{
	if (take(&r, "Renamed to match inode number"))
		out->kind = POSTFIX_RENAMED;
	else if (r.end - r.p == 7 && take(&r, "removed"))
		out->kind = POSTFIX_REMOVED;
}

static void
parse_local(struct reader r, struct postfix_line *out)
{
	if (take(&r, "to=<"))
		parse_delivery(r, out);
}

static const struct {
	const char *program;
	void (*parse)(struct reader r, struct postfix_line *out);
} programs[] = {
	{ "smtp", parse_smtp },
	{ "lmtp", parse_smtp },
	{ "qmgr", parse_qmgr },
	{ "nqmgr", parse_qmgr },
	{ "smtpd", parse_smtpd },
	{ "postscreen", parse_postscreen },
	{ "pickup", parse_pickup },
	{ "cleanup", parse_cleanup },
	{ "bounce", parse_bounce },
	{ "postsuper", parse_postsuper },
	{ "error", parse_local },
	{ "discard", parse_local },
	{ "local", parse_local },
	{ "virtual", parse_local },
	{ "pipe", parse_local },
};

/* Takes "QID: " or "NOQUEUE: ". */
static void
take_qid(struct reader *r, struct postfix_line *out)
{
	const char *p = r->p;

	if (take(r, "NOQUEUE: "))
		return;
	while (p < r->end && isalnum((unsigned char)*p))
		p++;
	if (r->end - p < 2 || p[0] != ':' || p[1] != ' ' ||
	    !postfix_log_is_qid(r->p, (size_t)(p - r->p)))
		return;
	copy(out->qid, sizeof out->qid, r->p, p);
	r->p = p + 2;
}

void
postfix_log_parse(const struct source_line *line, struct postfix_line *out)
{
	struct reader r = { line->text, line->text + line->len };
	const char *program = strrchr(line->tag, '/');

	clear(out);
	out->cut = line->cut || line->len >= TEXT_MAX;
	program = program == NULL ? line->tag : program + 1;
	copy(out->program, sizeof out->program, program,
	    program + strlen(program));
	if (take(&r, "fatal: ") || take(&r, "panic: ")) {
		out->kind = POSTFIX_FATAL;
		return;
	}
	(void)(take(&r, "warning: ") || take(&r, "error: "));
	take_qid(&r, out);
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		if (is(program, programs[i].program)) {
			programs[i].parse(r, out);
			break;
		}
}

/* Takes "<A>: " or "<A> (expanded from <B>): ", or nothing. */
static void
take_recipient(struct reader *r, struct postfix_line *out)
{
	struct reader at = *r;

	if (!take(&at, "<") || !take_address(&at, out->to, sizeof out->to))
		return;
	if (take(&at, " (expanded from <") && (!take_address(&at, out->orig_to,
	    sizeof out->orig_to) || !take(&at, ")")))
		return;
	if (take(&at, ": "))
		*r = at;
}

void
postfix_log_parse_notice(const char *text, size_t len,
    struct postfix_line *out)
{
	struct reader r = { text, text + len };

	clear(out);
	out->cut = false;
	strcpy(out->program, "smtp");
	take_recipient(&r, out);
	if (r.p == text)
		out->to[0] = out->orig_to[0] = '\0';
	out->kind = parse_failure(r, out);
	if (out->kind == POSTFIX_OTHER)
		set_said(out, r.p, r.end);
	else if (out->reply == NULL)
		set_reply(out, r.p, r.end);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters and digits but vowels. */
static bool
is_long_id_byte(char c)
{
	char letter = (char)(c | 0x20);

	if (letter < 'a' || letter > 'z')
		return is_digit(c);
	return letter != 'a' && letter != 'e' && letter != 'i' &&
	    letter != 'o' && letter != 'u';
}

bool
postfix_log_is_qid(const char *s, size_t len)
{
	size_t i = 0;
	size_t z = 0;

	if (len < 6 || len > POSTFIX_QID_MAX)
		return false;
	while (i < len && (is_digit(s[i]) || (s[i] >= 'A' && s[i] <= 'F')))
		i++;
	if (i == len)
		return true;
	/* Seconds and microseconds in base 52, "z", the inode in base 51 (cut
	 * off in what people quote). */
	for (i = 0; i < len; i++) {
		if (!is_long_id_byte(s[i]))
			return false;
		if (s[i] == 'z')
			z = i;
	}
	return z >= 10;
}

int64_t
postfix_log_qid_second(const char *qid)
{
	static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZ"
	    "bcdfghjklmnpqrstvwxyz";
	enum { BASE = sizeof digits - 1, MICROSECONDS = 4, SECONDS_MAX = 8 };
	const char *z = strrchr(qid, 'z');
	int64_t second = 0;

	if (z == NULL || !postfix_log_is_qid(qid, strlen(qid)) ||
	    z - qid > SECONDS_MAX + MICROSECONDS)
		return 0;
	for (const char *p = qid; p < z - MICROSECONDS; p++)
		second = second * BASE + (strchr(digits, *p) - digits);
	return second;
}

bool
postfix_log_queued_as(const struct postfix_line *l, char *out)
{
	static const char words[] = "queued as ";
	const size_t len = sizeof words - 1;
	struct reader r;
	const char *from;
	size_t at;

	if (l->reply == NULL || l->reply_len <= len ||
	    strcmp(l->status, "sent") != 0)
		return false;
	/* Postfix's own answer: "250 2.0.0 Ok: queued as ID". The last words
	 * count: a filter may repeat others' before its own. */
	at = l->reply_len - len;
	while (at > 0 && memcmp(l->reply + at, words, len) != 0)
		at--;
	r.p = l->reply + at;
	r.end = l->reply + l->reply_len;
	if (!take(&r, words))
		return false;
	from = r.p;
	while (r.p < r.end && isalnum((unsigned char)*r.p))
		r.p++;
	if (!postfix_log_is_qid(from, (size_t)(r.p - from)))
		return false;
	copy(out, POSTFIX_QID_MAX + 1, from, r.p);
	return true;
}
