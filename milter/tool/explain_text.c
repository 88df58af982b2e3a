/* SPDX-License-Identifier: ISC */
/*
 * waybill explain --text: the class of a reply, by the rules that the recorder
 * uses.
 *
 * What stands around the reply (tool/pasted.h) tells provider and stage; without
 * it the provider is that of the first host or page in the text which the rules
 * know.
 */
#include "tool/explain.h"

#include <ctype.h>
#include <string.h>

#include "base/domain.h"
#include "tool/command.h"
#include "tool/paragraph.h"
#include "tool/pasted.h"
#include "tool/print.h"
#include "tool/reader.h"

static void
copy_host(const char *from, size_t len, char out[DOMAIN_SIZE])
{
	out[0] = '\0';
	if (len < DOMAIN_SIZE)
		(void)domain_to_ascii_bytes(from, len, out);
}

static bool
is_host_byte(char c)
{
	return isalnum((unsigned char)c) != 0 || c == '.' || c == '-';
}

/* The provider of the first host in the text that the rules know; "". */
static const char *
provider_in(struct reply_rules *rules, const char *text, size_t text_len,
    char host[DOMAIN_SIZE])
{
	const char *end = text + text_len;

	for (const char *p = text; p < end;) {
		size_t len = 0;
		const char *provider;

		while (p + len < end && is_host_byte(p[len]))
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
	if (strcmp(who, "hosting") == 0)
		return "your hosting provider";
	if (strcmp(who, "receiver") == 0)
		return "the receiver, at your request";
	return "nobody: it resolves by itself";
}

static int
print_json(const struct reply_finding *f, FILE *out)
{
	static const struct print_column columns[] = {
		{ "class", "", false }, { "provider", "", false },
		{ "scope", "", false }, { "who", "", false },
		{ "fix", "", false }, { "link", "", false },
	};
	struct print *p = print_begin(out, PRINT_JSON, columns,
	    sizeof columns / sizeof columns[0]);

	if (p == NULL)
		return err_no_memory("waybill");
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
	paragraph_print(out, 16, "Who can fix it", explain_who(f->who), "");
	if (f->provider[0] != '\0')
		paragraph_print(out, 16, "Receiver", f->provider, "");
	if (f->link[0] != '\0')
		paragraph_print(out, 16, "Its page", f->link, "");
	if (f->rule_line == 0)
		paragraph_print(out, 16, "Decided by", "no rule matches this "
		    "reply", "");
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
	pasted_read(reply, &p);
	copy_host(p.host, strlen(p.host), host);
	provider = host[0] != '\0' ? reply_provider(rules, host) :
	    provider_in(rules, p.reply, p.len, host);
	reply_classify(rules, provider, p.stage, p.dsn, p.reply, p.len, &f);
	if (json)
		code = print_json(&f, out);
	else
		print_people(&f, out);
	reply_rules_free(&rules);
	return code;
}
