/* SPDX-License-Identifier: ISC */
/*
 * waybill explain --text: the class of a reply, by the rules that the recorder
 * uses.
 *
 * People paste what they have: the reply, or what Postfix made of it ("host
 * X[addr] said: 550 ... (in reply to MAIL FROM command)"). What stands around
 * the reply tells provider and stage; without it the provider is that of the
 * first host or page in the text which the rules know.
 */
#include "tool/explain.h"

#include <ctype.h>
#include <string.h>

#include "base/domain.h"
#include "tool/command.h"
#include "tool/paragraph.h"
#include "tool/print.h"
#include "tool/reader.h"

/* The reply within what was pasted. */
struct pasted {
	char host[DOMAIN_SIZE];
	const char *stage;
	const char *reply;
	size_t len;
};

static void
copy_host(const char *from, size_t len, char out[DOMAIN_SIZE])
{
	out[0] = '\0';
	if (len < DOMAIN_SIZE)
		(void)domain_to_ascii_bytes(from, len, out);
}

/* "(in reply to X command)" at the end. */
static void
find_stage(struct pasted *p)
{
	static const struct {
		const char *words;
		const char *stage;
	} ends[] = {
		{ "(in reply to EHLO command", "ehlo" },
		{ "(in reply to HELO command", "ehlo" },
		{ "(in reply to STARTTLS command", "tls" },
		{ "(in reply to MAIL FROM command", "mail" },
		{ "(in reply to RCPT TO command", "rcpt" },
		{ "(in reply to DATA command", "data" },
		{ "(in reply to end of DATA command", "eod" },
	};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		const char *at = strstr(p->reply, ends[i].words);

		if (at == NULL)
			continue;
		p->stage = ends[i].stage;
		p->len = (size_t)(at - p->reply);
	}
}

static void
read_pasted(const char *text, struct pasted *p)
{
	const char *said = strstr(text, "] said: ");
	const char *banner = strstr(text, "] refused to talk to me: ");
	const char *host = strstr(text, "host ");
	const char *end = said != NULL ? said : banner;

	*p = (struct pasted){ .stage = "", .reply = text };
	if (end != NULL) {
		p->reply = strchr(end, ':') + 2;
		if (said == NULL)
			p->stage = "banner";
		if (host != NULL && host < end)
			copy_host(host + 5, strcspn(host + 5, "["), p->host);
	}
	p->len = strlen(p->reply);
	find_stage(p);
}

static bool
is_host_byte(char c)
{
	return isalnum((unsigned char)c) != 0 || c == '.' || c == '-';
}

/* The provider of the first host in the text that the rules know; "". */
static const char *
provider_in(struct reply_rules *rules, const char *text,
    char host[DOMAIN_SIZE])
{
	for (const char *p = text; *p != '\0';) {
		size_t len = 0;
		const char *provider;

		while (is_host_byte(p[len]))
			len++;
		copy_host(p, len, host);
		p += len == 0 ? 1 : len;
		if (strchr(host, '.') == NULL)
			continue;
		provider = reply_provider(rules, host);
		/* Without a rule it is a part of the name itself. */
		if (provider < host || provider >= host + DOMAIN_SIZE)
			return provider;
	}
	return "";
}

const char *
explain_who(const char *who)
{
	if (strcmp(who, "you") == 0)
		return "you";
	if (strcmp(who, "hoster") == 0)
		return "your hoster";
	if (strcmp(who, "receiver") == 0)
		return "the receiver, on your request";
	return "time: it mends itself";
}

static int
print_json(const struct reply_finding *f, FILE *out)
{
	static const struct print_column columns[] = {
		{ "class", "", false }, { "provider", "", false },
		{ "scope", "", false }, { "who", "", false },
		{ "mend", "", false }, { "link", "", false },
	};
	struct print *p = print_begin(out, PRINT_JSON, columns,
	    sizeof columns / sizeof columns[0]);

	if (p == NULL)
		return EXIT_TEMPORARY;
	print_text(p, f->class->name);
	print_text(p, f->provider[0] == '\0' ? NULL : f->provider);
	print_text(p, f->scope);
	print_text(p, f->who);
	print_text(p, f->class->sentence);
	print_text(p, f->link[0] == '\0' ? NULL : f->link);
	print_row(p);
	return print_end(&p) == 0 ? EXIT_OK : EXIT_TEMPORARY;
}

static void
print_people(const struct reply_finding *f, FILE *out)
{
	char margin[100];
	char rule[40];

	(void)snprintf(margin, sizeof margin, "%s, %s", f->class->name,
	    f->scope);
	paragraph_print(out, 16, "What it means", f->class->sentence, margin);
	paragraph_print(out, 16, "Who can mend", explain_who(f->who), "");
	if (f->provider[0] != '\0')
		paragraph_print(out, 16, "Receiver", f->provider, "");
	if (f->link[0] != '\0')
		paragraph_print(out, 16, "Its page", f->link, "");
	if (f->rule_line == 0)
		paragraph_print(out, 16, "Decided by", "no rule: a text that "
		    "the rules don't know", "");
	else {
		(void)snprintf(rule, sizeof rule, "line %d of the rules",
		    f->rule_line);
		paragraph_print(out, 16, "Decided by", rule, "");
	}
}

int
explain_text(const char *reply, bool json, FILE *out)
{
	struct reply_finding f;
	struct err err = { 0 };
	struct reply_rules *rules = reader_rules(&err);
	char host[DOMAIN_SIZE];
	const char *provider;
	struct pasted p;
	int code = EXIT_OK;

	if (rules == NULL)
		return command_fail(&err);
	read_pasted(reply, &p);
	provider = p.host[0] != '\0' ? reply_provider(rules, p.host) :
	    provider_in(rules, p.reply, host);
	reply_classify(rules, provider, p.stage, "", p.reply, p.len, &f);
	if (json)
		code = print_json(&f, out);
	else
		print_people(&f, out);
	reply_rules_free(&rules);
	return code;
}
