/* SPDX-License-Identifier: ISC */
/*
 * Received as smtpd(8) writes it; what stands in [ ] may be absent:
 *
 *	from HELO (NAME [ADDR])
 *		[(using TLS...)] [(Client CN...)] [(Authenticated sender: X)]
 *		by MYHOSTNAME (MAIL_NAME) with PROTOCOL[ id QUEUEID]
 *		[for <RECIPIENT>]; DATE
 *
 * PROTOCOL is SMTP, ESMTP or UTF8SMTP, then S under TLS, then A after a login.
 * Before a proxy filter there is no queue id yet. ADDR is an IPv4 address,
 * "IPv6:" and one, or "unknown".
 *
 * The client chooses HELO, the names in its certificate and the recipient. So
 * that nothing in them can hide a field, it is read from the left and counts
 * when there is any way to read it as one of a stranger: each "(NAME [ADDR])"
 * may be Postfix's own, if only "by" or further comments stand between. A
 * client that writes such a thing into its HELO loses its own signature.
 *
 * White space means nothing: smtp(8) breaks lines at 998 bytes, in the middle
 * of a word if need be, and list software folds anew. Encoded words (RFC 2047)
 * are decoded, for Python's email package turns a field with a byte over 127,
 * which HELO may hold, into such words.
 */
#include "find/postfix_received.h"

#include <stdlib.h>
#include <string.h>

enum {
	RECEIVED_NAME_MAX = 255,	/* RFC 1035, as Postfix bounds it */
	RECEIVED_QID_MIN = 5,
};

static void
received_add(const struct postfix *p, const struct postfix_service *s,
    struct text *out)
{
	char *host = postfix_value(p, s, "myhostname");
	char *mailer = postfix_value(p, s, "mail_name");
	struct text line;

	text_init(&line, POSTFIX_VALUE_MAX);
	if (host != NULL && *host != '\0' && strpbrk(host, " \t\n") == NULL &&
	    mailer != NULL && *mailer != '\0') {
		text_addf(&line, "%s %s\n", host, mailer);
		const char *had = strstr(out->buf, line.buf);
		if (had == NULL || (had != out->buf && had[-1] != '\n'))
			text_add(out, line.buf);
	}
	text_free(&line);
	free(host);
	free(mailer);
}

void
postfix_received_look(const struct postfix *p, struct text *out)
{
	size_t n;
	const struct postfix_service *s = postfix_services(p, &n);

	received_add(p, NULL, out);
	for (size_t i = 0; i < n; i++)
		if (strcmp(s[i].command, "smtpd") == 0 &&
		    (postfix_overrides(p, &s[i], "myhostname") ||
		    postfix_overrides(p, &s[i], "mydomain") ||
		    postfix_overrides(p, &s[i], "mail_name")))
			received_add(p, &s[i], out);
}

static bool
received_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int
received_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
received_base64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes the text of an encoded word from s to end, and appends it to *out
 * without blanks. */
static void
received_decode_q(const char *s, const char *end, char **out)
{
	for (; s < end; s++) {
		char c = *s;

		if (c == '=' && end - s > 2 && received_hex(s[1]) >= 0 &&
		    received_hex(s[2]) >= 0) {
			c = (char)(received_hex(s[1]) << 4 |
			    received_hex(s[2]));
			s += 2;
		}
		if (c != '_' && c != '\0' && !received_is_space(c))
			*(*out)++ = c;
	}
}

static void
received_decode_b(const char *s, const char *end, char **out)
{
	unsigned long bits = 0;
	unsigned n = 0;

	for (; s < end && received_base64(*s) >= 0; s++) {
		bits = (bits << 6 | (unsigned long)received_base64(*s)) &
		    0xffff;
		n += 6;
		if (n < 8)
			continue;
		n -= 8;
		char c = (char)(bits >> n & 0xff);
		if (c != '\0' && !received_is_space(c))
			*(*out)++ = c;
	}
}

/* Decodes "=?CHARSET?Q?TEXT?=" at s, and returns what follows it. NULL if
 * there is none. */
static const char *
received_decode(const char *s, char **out)
{
	static const char none[] = "?()<>@,;:\"[] \t\r\n";

	if (s[0] != '=' || s[1] != '?')
		return NULL;
	const char *mark = s + 2 + strcspn(s + 2, none);
	if (mark == s + 2 || mark[0] != '?' || mark[1] == '\0' ||
	    mark[2] != '?')
		return NULL;
	const char *text = mark + 3;
	const char *end = text + strcspn(text, "? \t\r\n");
	if (end[0] != '?' || end[1] != '=')
		return NULL;
	if (mark[1] == 'q' || mark[1] == 'Q')
		received_decode_q(text, end, out);
	else if (mark[1] == 'b' || mark[1] == 'B')
		received_decode_b(text, end, out);
	else
		return NULL;
	return end + 2;
}

/*
 * The field without white space, with encoded words decoded. Malloc'd or NULL.
 */
static char *
received_pack(const char *value)
{
	char *packed = malloc(strlen(value) + 1), *out = packed;

	if (packed == NULL)
		return NULL;
	while (*value != '\0') {
		const char *after = received_decode(value, &out);

		if (after != NULL) {
			value = after;
			continue;
		}
		if (!received_is_space(*value))
			*out++ = *value;
		value++;
	}
	*out = '\0';
	return packed;
}

/* Skips word, ignoring ASCII case; NULL if it is not there. blanks: ignore the
 * blanks in word. */
static const char *
received_pass(const char *s, const char *word, size_t len)
{
	for (; len > 0; word++, len--) {
		if (received_is_space(*word))
			continue;
		char a = *s++, b = *word;
		if (a >= 'A' && a <= 'Z')
			a = (char)(a - 'A' + 'a');
		if (b >= 'A' && b <= 'Z')
			b = (char)(b - 'A' + 'a');
		if (a != b)
			return NULL;
	}
	return s;
}

/* "withESMTPSid4dXk...": a protocol without login. */
static bool
received_is_without_login(const char *s)
{
	static const char *const protocols[] = {
		"withESMTP", "withSMTP", "withUTF8SMTP",
	};

	for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
		size_t len = strlen(protocols[i]), qid;

		if (strncmp(s, protocols[i], len) != 0)
			continue;
		s += len;
		if (*s == 'S')
			s++;
		if (*s == ';' || strncmp(s, "for<", 4) == 0)
			return true;
		if (strncmp(s, "id", 2) != 0)
			return false;
		qid = strspn(s + 2, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz");
		return qid >= RECEIVED_QID_MIN &&
		    (s[2 + qid] == ';' || s[2 + qid] == '<');
	}
	return false;
}

/*
 * "bymail.example.org(Postfix)with...": by one of the writers, without login.
 */
static bool
received_is_by(const char *s, const char *writers)
{
	if (strncmp(s, "by", 2) != 0)
		return false;
	s += 2;
	for (const char *line = writers; *line != '\0'; ) {
		const char *end = strchrnul(line, '\n');
		const char *blank = memchr(line, ' ', (size_t)(end - line));
		const char *at = blank == NULL ? NULL
		    : received_pass(s, line, (size_t)(blank - line));

		if (at != NULL && *at == '(')
			at = received_pass(at + 1, blank,
			    (size_t)(end - blank));
		else
			at = NULL;
		if (at != NULL && *at == ')' &&
		    received_is_without_login(at + 1))
			return true;
		line = *end == '\0' ? end : end + 1;
	}
	return false;
}

/* "(NAME[ADDR])" at s, with a client that is not known. Sets *after. */
static bool
received_is_client(const char *s,
    bool (*is_known)(const void *arg, const struct ip *client),
    const void *arg, const char **after)
{
	const char *name = s + 1, *end = name + strcspn(name, "()[]");
	struct ip ip;
	char address[IP_SIZE + sizeof "IPv6:"];

	if (end == name || end - name > RECEIVED_NAME_MAX || *end != '[')
		return false;
	const char *begin = end + 1;
	size_t len = strcspn(begin, "()[]");
	if (len == 0 || begin[len] != ']' || begin[len + 1] != ')' ||
	    len >= sizeof address)
		return false;
	memcpy(address, begin, len);
	address[len] = '\0';
	*after = begin + len + 2;
	return ip_parse(address, &ip) != 0 || !is_known(arg, &ip);
}

int
postfix_received_is_stranger(const char *value, const char *writers,
    bool (*is_known)(const void *arg, const struct ip *client),
    const void *arg)
{
	char *packed = received_pack(value);
	bool has_client = false, found = false;

	if (packed == NULL)
		return -1;
	if (strncmp(packed, "from", 4) == 0) {
		for (const char *p = packed + 4; *p != '\0' && !found; p++) {
			const char *after;

			if (*p == ')' && has_client)
				found = received_is_by(p + 1, writers);
			else if (*p == '(' &&
			    received_is_client(p, is_known, arg, &after)) {
				has_client |= *after == '(';
				found = received_is_by(after, writers);
			}
		}
	}
	free(packed);
	return found;
}
