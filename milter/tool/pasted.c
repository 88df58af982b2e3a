/* SPDX-License-Identifier: ISC */
#include "tool/pasted.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A bounce folds what it quotes, a terminal what is copied from it. */
static size_t
flatten(const char *text, char out[SOURCE_TEXT_MAX + 1])
{
	size_t n = 0;

	for (; *text != '\0' && n < SOURCE_TEXT_MAX; text++)
		if (!is_blank(*text))
			out[n++] = *text;
		else if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
	if (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return n;
}

static void
set_source(struct source_line *line, const char *tag, size_t tag_len,
    const char *lead, const char *text)
{
	size_t n = strlen(lead);

	memcpy(line->tag, tag, tag_len);
	line->tag[tag_len] = '\0';
	memcpy(line->text, lead, n);
	line->len = strlen(text);
	line->cut = line->len > SOURCE_TEXT_MAX - n;
	if (line->cut)
		line->len = SOURCE_TEXT_MAX - n;
	memcpy(line->text + n, text, line->len);
	line->len += n;
	line->text[line->len] = '\0';
}

/* "postfix/smtp[524]: TEXT", what is left without time and host. */
static bool
read_tag(const char *flat, struct source_line *line)
{
	size_t tag = strcspn(flat, "[: <=(");
	const char *p = flat + tag;

	if (tag >= SOURCE_NAME_MAX || memchr(flat, '/', tag) == NULL)
		return false;
	if (*p == '[') {
		p += 1 + strspn(p + 1, "0123456789");
		if (*p++ != ']')
			return false;
	}
	if (p[0] != ':' || p[1] != ' ')
		return false;
	set_source(line, flat, tag, "", p + 2);
	return true;
}

/* What begins with a field of a result is the end of such a line. */
static const char *
lead_of(const char *flat)
{
	static const char *const keys[] = { "orig_to=", "relay=", "conn_use=",
		"delay=", "delays=", "tls=", "dsn=", "status=" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strncmp(flat, keys[i], strlen(keys[i])) == 0)
			return "to=<>, ";
	return "";
}

/* Who replied. Where nobody did, the rules go by the recipient's domain, as
 * they do in the record. */
static const char *
host_of(const struct postfix_line *line)
{
	const char *at = strrchr(line->to, '@');

	if (line->relay_host[0] != '\0')
		return line->relay_host;
	return at == NULL ? "" : at + 1;
}

void
pasted_read(const char *text, struct pasted *p)
{
	struct source_minute minute = { .len = 0 };
	char flat[SOURCE_TEXT_MAX + 1];
	size_t len = flatten(text, flat);

	memset(&p->source, 0, sizeof p->source);
	if ((source_parse(flat, len, (int64_t)time(NULL) * 1000000, &minute,
	    &p->source) != 0 || strchr(p->source.tag, '/') == NULL) &&
	    !read_tag(flat, &p->source)) {
		/* "(host X[addr] said: ...)", out of a result */
		bool is_inner = flat[0] == '(' && flat[len - 1] == ')';

		flat[len - is_inner] = '\0';
		set_source(&p->source, "postfix/smtp", strlen("postfix/smtp"),
		    lead_of(flat), flat + is_inner);
	}
	postfix_log_parse(&p->source, &p->line);
	if (p->line.kind == POSTFIX_OTHER || p->line.reply == NULL)
		postfix_log_parse_notice(p->source.text, p->source.len,
		    &p->line);
	p->host = host_of(&p->line);
	p->stage = p->line.stage;
	p->dsn = p->line.dsn;
	p->reply = p->line.reply;
	p->len = p->line.reply_len;
}
