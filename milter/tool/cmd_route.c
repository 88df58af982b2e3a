/* SPDX-License-Identifier: ISC */
/*
 * waybill route DEST...: where mail to a destination goes first and over which
 * family, by this Postfix's own tables and rules, and how a sender of ours
 * stands there. What it says of a destination is what waybilld would say of a
 * message, but for transport maps: here they are asked by postmap(1).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "find/postfix_run.h"
#include "find/route.h"
#include "tool/asker.h"
#include "tool/command.h"
#include "tool/print.h"
#include "tool/standing.h"
#include "tool/transport.h"

enum { OPTION_FROM = 256, OPTION_PREFERENCE, OPTION_JSON };

static const struct command_option options[] = {
	{ "from", OPTION_FROM, "MAILBOX",
	    "judge SPF and DMARC of this sender" },
	{ "preference", OPTION_PREFERENCE, "ipv6|ipv4|any",
	    "as if smtp_address_preference were this" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object a line" },
	{ NULL, 0, NULL, NULL },
};

/* All that is needed to judge destinations. */
struct tour {
	const struct config *config;
	struct resolver *resolver;
	struct postfix *postfix;
	struct sender *sender;
	struct standing standing;
	bool has_standing;
	struct print *rows, *hosts;	/* hosts: NULL in JSON */
	const char *from;
	bool has_preference;
	enum family_preference preference;
	bool wants_json;
};

/* One destination, found out. */
struct stop {
	struct destination destination;
	struct route *route;
	struct prediction prediction;
	struct standing_words words;
};

static const struct print_column row_columns[] = {
	{ "dest", "DESTINATION", false }, { "transport", "TRANSPORT", false },
	{ "nexthop", "NEXT HOP", false }, { "family", "FAMILY", false },
	{ "why", "WHY", false }, { "p6", "IPV6 %", true },
	{ "mxs", "MX", true }, { "a", "A", true }, { "aaaa", "AAAA", true },
	{ "mx", "FIRST HOST", false }, { "spf", "SPF", false },
	{ "dmarc", "DMARC", false },
};

static const struct print_column host_columns[] = {
	{ "dest", "DESTINATION", false }, { "preference", "PREF", true },
	{ "host", "HOST", false }, { "address", "ADDRESS", false },
};

/* A mailbox, a domain or a literal as a recipient. */
static int
read_destination(const char *word, struct address *out, struct err *err)
{
	char path[ADDRESS_MAX];

	(void)snprintf(path, sizeof path, "%s%s",
	    strchr(word, '@') == NULL ? "postmaster@" : "", word);
	if (address_path(path, out) == 0 && out->domain[0] != '\0')
		return 0;
	return err_set(err, EXIT_DATA, "\"%s\" is no domain and no mailbox: %s",
	    word, domain_fault(word));
}

static void
judge(struct tour *t, const struct address *recipient, struct stop *out)
{
	struct destination *d = &out->destination;
	struct transport_answer answer;
	struct err err = { 0 };
	const struct sender_transport *transport;
	char hops[SENDER_HOPS_SIZE];
	struct family_rules rules;

	if (transport_find(t->postfix, t->config->sender.postfix, NULL,
	    &sender_transport(t->sender, NULL)->rules, t->has_standing ?
	    t->standing.from.text : NULL, recipient, &answer, &err) == 0) {
		destination_of(recipient, answer.host, answer.mailer,
		    sender_destinations(t->sender), d);
	} else {
		(void)command_fail(&err);
		memset(d, 0, sizeof *d);
		d->kind = DESTINATION_UNTOLD;
		memcpy(d->domain, recipient->domain, sizeof d->domain);
	}
	if (d->kind == DESTINATION_HERE)
		return;
	transport = sender_transport(t->sender, d->transport);
	rules = transport->rules;
	if (t->has_preference)
		rules.preference = t->preference;
	if (d->kind == DESTINATION_REMOTE) {
		sender_hops(transport, d->nexthop, hops);
		out->route = asker_route(t->resolver, hops, transport->no_mx);
	}
	family_predict(d, out->route, WHY_TIMEOUT, &rules, &out->prediction);
	if (t->has_standing)
		out->words = standing_judge(t->resolver, &t->standing, transport,
		    out->prediction.family, d->is_relay);
}

static enum print_paint
paint_of(const char *word)
{
	return word == NULL ? PRINT_PLAIN : strcmp(word, "pass") == 0 ?
	    PRINT_GOOD : strcmp(word, "fail") == 0 ? PRINT_BAD : PRINT_PLAIN;
}

static void
print_stop(struct tour *t, const struct stop *s)
{
	const struct destination *d = &s->destination;
	const struct prediction *p = &s->prediction;
	bool here = d->kind == DESTINATION_HERE;

	print_text(t->rows, d->domain);
	print_text(t->rows, d->transport[0] != '\0' ? d->transport : NULL);
	print_text(t->rows, d->nexthop[0] != '\0' ? d->nexthop : NULL);
	print_text(t->rows, here ? NULL : family_name(p->family));
	print_text(t->rows, here ? NULL : family_why_name(p->why));
	if (!here && p->family == FAMILY_EITHER)
		print_number(t->rows, p->p6);
	else
		print_text(t->rows, NULL);
	if (s->route != NULL) {
		print_number(t->rows, s->route->mxs);
		print_number(t->rows, s->route->a);
		print_number(t->rows, s->route->aaaa);
		print_text(t->rows, p->mx[0] != '\0' ? p->mx : NULL);
	} else {
		for (int i = 0; i < 4; i++)
			print_text(t->rows, NULL);
	}
	print_painted(t->rows, paint_of(s->words.spf), s->words.spf);
	print_painted(t->rows, paint_of(s->words.dmarc), s->words.dmarc);
	print_row(t->rows);
}

static void
print_host(struct tour *t, const char *dest, const struct route_host *h,
    const char *address)
{
	print_text(t->hosts, dest);
	print_number(t->hosts, h->preference);
	print_text(t->hosts, h->name);
	print_text(t->hosts, address);
	print_row(t->hosts);
}

static void
print_addresses(struct tour *t, const char *dest, const struct route_host *h)
{
	char text[IP_SIZE];

	for (size_t i = 0; i < h->n_aaaa; i++)
		print_host(t, dest, h, ip_format(&h->aaaa[i], text));
	for (size_t i = 0; i < h->n_a; i++)
		print_host(t, dest, h, ip_format(&h->a[i], text));
	if (h->n_a + h->n_aaaa == 0)
		print_host(t, dest, h, NULL);
}

static void
print_hosts(struct tour *t, const struct stop *s)
{
	for (size_t i = 0; i < s->route->n_hops; i++) {
		const struct route_hop *hop = &s->route->hop[i];

		for (size_t k = 0; k < hop->n_hosts; k++)
			print_addresses(t, s->destination.domain, &hop->host[k]);
	}
}

static int
visit(struct tour *t, const char *word)
{
	struct stop s = { .words = { NULL, NULL } };
	struct address recipient;
	struct err err = { 0 };
	int code = EXIT_OK;

	if (read_destination(word, &recipient, &err) != 0)
		return command_fail(&err);
	judge(t, &recipient, &s);
	print_stop(t, &s);
	if (t->hosts != NULL && s.route != NULL)
		print_hosts(t, &s);
	if (s.destination.kind != DESTINATION_HERE &&
	    (s.prediction.family == FAMILY_NONE ||
	    s.prediction.family == FAMILY_UNKNOWN))
		code = EXIT_ATTENTION;
	route_free(&s.route);
	return code;
}

/* Goes round, and returns the worst exit code. */
static int
visit_all(struct tour *t, int argc, char **argv)
{
	int worst = EXIT_OK;

	t->rows = print_begin(stdout, t->wants_json ? PRINT_JSON : PRINT_TABLE,
	    row_columns, sizeof row_columns / sizeof *row_columns);
	if (!t->wants_json)
		t->hosts = print_begin(stdout, PRINT_TABLE, host_columns,
		    sizeof host_columns / sizeof *host_columns);
	if (t->rows == NULL || (t->hosts == NULL && !t->wants_json))
		return EXIT_TEMPORARY;
	for (int i = 0; i < argc; i++) {
		int code = visit(t, argv[i]);

		worst = code > worst ? code : worst;
	}
	if (print_end(&t->rows) != 0)
		worst = EXIT_TEMPORARY;
	if (t->hosts != NULL) {
		(void)puts("");
		if (print_end(&t->hosts) != 0)
			worst = EXIT_TEMPORARY;
	}
	return worst;
}

/* Postfix and the own addresses. 0, or -1 with err. */
static int
tour_begin(struct tour *t, const struct config *c, struct err *err)
{
	t->config = c;
	t->resolver = asker_resolver(c, err);
	if (t->resolver == NULL)
		return -1;
	t->postfix = postfix_read(NULL, c->sender.postfix, 0, err);
	if (t->postfix == NULL)
		return -1;
	t->sender = sender_new(t->postfix, &(struct sender_options){
	    .ipv4 = &c->sender.ipv4, .ipv6 = &c->sender.ipv6,
	    .hostname = c->sender.hostname });
	if (t->sender == NULL)
		return err_set(err, EXIT_TEMPORARY,
		    "no memory for the own addresses");
	if (!t->has_preference && c->sender.preference != PREFERENCE_AUTO) {
		t->has_preference = true;
		t->preference = c->sender.preference == PREFERENCE_IPV6 ?
		    FAMILY_PREFER_IPV6 : c->sender.preference ==
		    PREFERENCE_IPV4 ? FAMILY_PREFER_IPV4 : FAMILY_PREFER_ANY;
	}
	t->has_standing = standing_find(t->resolver, c, t->from, &t->standing,
	    err) == 0;
	return t->has_standing || t->from == NULL ? 0 : -1;
}

static int
read_options(struct call *call, struct tour *t)
{
	int code = EXIT_OK, id;

	while ((id = command_next(call, &code)) > 0) {
		switch (id) {
		case OPTION_FROM:
			t->from = call->value;
			break;
		case OPTION_PREFERENCE:
			if (family_preference_parse(call->value,
			    &t->preference) != 0)
				return command_usage(call,
				    "--preference is ipv6, ipv4 or any");
			t->has_preference = true;
			break;
		case OPTION_JSON:
			t->wants_json = true;
			break;
		}
	}
	if (id < 0)
		return code == EXIT_OK ? -1 : code;
	if (call->argc == 0)
		return command_usage(call, "a destination is missing");
	return 0;
}

static int
run(struct call *call)
{
	struct tour t = { .from = NULL };
	struct err err = { 0 };
	struct config *c;
	int code = read_options(call, &t);

	if (code != 0)
		return code < 0 ? EXIT_OK : code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	if (tour_begin(&t, c, &err) != 0)
		code = command_fail(&err);
	else
		code = visit_all(&t, call->argc, call->argv);
	sender_release(&t.sender);
	postfix_release(&t.postfix);
	resolver_free(&t.resolver);
	config_free(&c);
	return code;
}

const struct command command_route = {
	"route", run, "DEST...",
	"Say over which family mail to a destination goes, and why", options,
};
