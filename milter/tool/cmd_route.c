/* SPDX-License-Identifier: ISC */
/*
 * waybill route DEST...: where mail to a destination goes first and over which
 * family, by this Postfix's own tables and rules, and how a sender of ours
 * stands there. What it says of a destination is what waybilld would say of a
 * message, but for transport maps: here they are asked by postmap(1).
 *
 * With --seen the destinations are those of the record, and with --preference
 * beside it what that would move.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "find/postfix_run.h"
#include "find/route.h"
#include "tool/asker.h"
#include "tool/command.h"
#include "tool/moves.h"
#include "tool/paragraph.h"
#include "tool/print.h"
#include "tool/seen.h"
#include "tool/standing.h"
#include "tool/transport.h"

enum { OPTION_FROM = 256, OPTION_PREFERENCE, OPTION_SEEN, OPTION_JSON };

/* How long all destinations of the record may take, and after how long a
 * terminal is told how far it is. */
enum { SEEN_PATIENCE_MS = 120000, PROGRESS_AFTER_MS = 1000 };

static const struct command_option options[] = {
	{ "from", OPTION_FROM, "MAILBOX",
	    "judge SPF and DMARC of this sender" },
	{ "preference", OPTION_PREFERENCE, "ipv6|ipv4|any",
	    "as if smtp_address_preference were this" },
	{ "seen", OPTION_SEEN, NULL,
	    "the destinations of the record, the most used first" },
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
	struct print *rows, *hosts;	/* hosts: NULL in JSON, with seen */
	const char *from;
	const char *asked;		/* of --preference, or NULL */
	enum family_preference preference;
	bool wants_json;
	struct seen *seen;		/* NULL: without --seen */
	struct moves *moves;		/* with --seen and --preference */
	struct err fault;		/* of Postfix's tables, the last one */
};

/* One destination, found out. */
struct stop {
	struct destination destination;
	struct route *route;
	enum family was;		/* as the preference is in force */
	struct prediction prediction;
	struct standing_words words;
	const struct seen_destination *seen;	/* NULL: not of the record */
};

static const struct print_column row_columns[] = {
	{ "dest", "DESTINATION", false }, { "transport", "TRANSPORT", false },
	{ "nexthop", "NEXT HOP", false }, { "family", "FAMILY", false },
	{ "why", "WHY", false }, { "p6", "IPV6 %", true },
	{ "mxs", "MX", true }, { "a", "A", true }, { "aaaa", "AAAA", true },
	{ "mx", "FIRST HOST", false }, { "spf", "SPF", false },
	{ "dmarc", "DMARC", false },
};

/* The same keys in the same order, fewer columns. */
static const struct print_column seen_columns[] = {
	{ "dest", "DESTINATION", false }, { "transport", NULL, false },
	{ "nexthop", NULL, false }, { "family", "FAMILY", false },
	{ "why", "WHY", false }, { "p6", "IPV6 %", true },
	{ "mxs", NULL, false }, { "a", NULL, false }, { "aaaa", NULL, false },
	{ "mx", NULL, false }, { "spf", "SPF", false },
	{ "dmarc", "DMARC", false }, { "messages", "MSGS", true },
	{ "used", "USED", false }, { "was", "WAS", false },
};
enum { SEEN_COLUMNS = sizeof seen_columns / sizeof *seen_columns };

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

/* The preference that is in force for a transport. */
static enum family_preference
preference_in_force(const struct tour *t, const struct family_rules *rules)
{
	switch (t->config->sender.preference) {
	case PREFERENCE_AUTO:
		break;
	case PREFERENCE_IPV6:
		return FAMILY_PREFER_IPV6;
	case PREFERENCE_IPV4:
		return FAMILY_PREFER_IPV4;
	case PREFERENCE_ANY:
		return FAMILY_PREFER_ANY;
	}
	return rules->preference;
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
		/* one broken table is one line, however many ask it */
		if (strcmp(err.text, t->fault.text) != 0)
			(void)command_fail(&err);
		t->fault = err;
		memset(d, 0, sizeof *d);
		d->kind = DESTINATION_UNTOLD;
		memcpy(d->domain, recipient->domain, sizeof d->domain);
	}
	if (d->kind == DESTINATION_HERE)
		return;
	transport = sender_transport(t->sender, d->transport);
	rules = transport->rules;
	rules.preference = preference_in_force(t, &rules);
	if (d->kind == DESTINATION_REMOTE) {
		sender_hops(transport, d->nexthop, hops);
		out->route = asker_route(t->resolver, hops, transport->no_mx);
	}
	family_predict(d, out->route, WHY_TIMEOUT, &rules, &out->prediction);
	out->was = out->prediction.family;
	if (t->asked != NULL) {
		rules.preference = t->preference;
		family_predict(d, out->route, WHY_TIMEOUT, &rules,
		    &out->prediction);
	}
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
	if (s->seen != NULL) {
		print_number(t->rows, s->seen->messages);
		print_text(t->rows, seen_families(s->seen));
		print_text(t->rows, here || t->asked == NULL ? NULL :
		    family_name(s->was));
	}
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
visit(struct tour *t, const char *word, const struct seen_destination *seen)
{
	struct stop s = { .words = { NULL, NULL }, .seen = seen };
	struct address recipient;
	struct err err = { 0 };
	int code = EXIT_OK;

	if (read_destination(word, &recipient, &err) != 0)
		return command_fail(&err);
	judge(t, &recipient, &s);
	print_stop(t, &s);
	if (t->hosts != NULL && s.route != NULL)
		print_hosts(t, &s);
	if (t->moves != NULL && s.destination.kind != DESTINATION_HERE)
		moves_add(t->moves, s.destination.domain, seen->messages,
		    s.was, s.prediction.family, s.words.dmarc);
	if (s.destination.kind != DESTINATION_HERE &&
	    (s.prediction.family == FAMILY_NONE ||
	    s.prediction.family == FAMILY_UNKNOWN))
		code = EXIT_ATTENTION;
	route_free(&s.route);
	return code;
}

static void
show_progress(int64_t began_ms, size_t i, size_t n)
{
	if (clock_ms() - began_ms < PROGRESS_AFTER_MS ||
	    !isatty(STDERR_FILENO))
		return;
	if (i == n)
		(void)fprintf(stderr, "\r%40s\r", "");
	else
		(void)fprintf(stderr, "\rlooking at %zu of %zu   ", i + 1, n);
}

/* All of the record, as far as there is time. Returns the worst exit code. */
static int
visit_seen(struct tour *t)
{
	int64_t began_ms = clock_ms();
	struct seen *s = t->seen;
	size_t n = s->n;
	int worst = EXIT_OK;

	for (size_t i = 0; i < s->n; i++) {
		int code;

		if (clock_ms() - began_ms >= SEEN_PATIENCE_MS) {
			s->others++;
			s->other_messages += s->v[i].messages;
			n = n < i ? n : i;
			continue;
		}
		show_progress(began_ms, i, s->n);
		code = visit(t, s->v[i].name, &s->v[i]);
		worst = code > worst ? code : worst;
	}
	show_progress(began_ms, s->n, s->n);
	s->n = n;
	return worst;
}

/* What the rows don't say. */
static void
print_sum(const struct tour *t)
{
	struct text left;

	if (t->seen->n == 0) {
		(void)puts("The record has no mail of yours yet.");
		return;
	}
	if (t->seen->others > 0) {
		text_init(&left, 256);
		text_addf(&left, "Not looked at: %" PRId64 " more destinations "
		    "with %" PRId64 " messages.", t->seen->others,
		    t->seen->other_messages);
		paragraph_print(stdout, 0, "", left.buf, "");
		text_free(&left);
	}
	if (t->moves != NULL)
		moves_print(t->moves, t->asked, stdout);
}

/* Goes round, and returns the worst exit code. */
static int
visit_all(struct tour *t, int argc, char **argv)
{
	struct print_column of_seen[SEEN_COLUMNS];
	bool has_hosts = !t->wants_json && t->seen == NULL;
	int worst = EXIT_OK;

	memcpy(of_seen, seen_columns, sizeof of_seen);
	if (t->asked == NULL)
		of_seen[SEEN_COLUMNS - 1].title = NULL;
	t->rows = print_begin(stdout, t->wants_json ? PRINT_JSON : PRINT_TABLE,
	    t->seen != NULL ? of_seen : row_columns, t->seen != NULL ?
	    (size_t)SEEN_COLUMNS : sizeof row_columns / sizeof *row_columns);
	if (has_hosts)
		t->hosts = print_begin(stdout, PRINT_TABLE, host_columns,
		    sizeof host_columns / sizeof *host_columns);
	if (t->rows == NULL || (t->hosts == NULL && has_hosts))
		return err_no_memory("waybill");
	if (t->seen != NULL)
		worst = visit_seen(t);
	for (int i = 0; i < argc; i++) {
		int code = visit(t, argv[i], NULL);

		worst = code > worst ? code : worst;
	}
	if (print_end(&t->rows) != 0)
		worst = EXIT_TEMPORARY;
	if (t->hosts != NULL) {
		(void)puts("");
		if (print_end(&t->hosts) != 0)
			worst = EXIT_TEMPORARY;
	}
	if (t->seen != NULL && !t->wants_json) {
		if (t->seen->n > 0)
			(void)puts("");
		print_sum(t);
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
	t->has_standing = standing_find(t->resolver, c, t->from, &t->standing,
	    err) == 0;
	return t->has_standing || t->from == NULL ? 0 : -1;
}

static int
read_options(struct call *call, struct tour *t, bool *is_seen)
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
			t->asked = call->value;
			break;
		case OPTION_SEEN:
			*is_seen = true;
			break;
		case OPTION_JSON:
			t->wants_json = true;
			break;
		}
	}
	if (id < 0)
		return code == EXIT_OK ? -1 : code;
	if (*is_seen && call->argc > 0)
		return command_usage(call, "--seen takes the destinations of "
		    "the record: name none");
	if (!*is_seen && call->argc == 0)
		return command_usage(call, "a destination is missing (or "
		    "--seen)");
	return 0;
}

static int
run(struct call *call)
{
	static struct seen seen;
	static struct moves moves;
	struct tour t = { .from = NULL };
	struct err err = { 0 };
	struct config *c;
	bool is_seen = false;
	int code = read_options(call, &t, &is_seen);

	if (code != 0)
		return code < 0 ? EXIT_OK : code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	moves_init(&moves);
	if (is_seen) {
		t.seen = &seen;
		t.moves = t.asked != NULL ? &moves : NULL;
		code = seen_read(c, &seen);
	}
	if (code == EXIT_OK && tour_begin(&t, c, &err) != 0)
		code = command_fail(&err);
	else if (code == EXIT_OK)
		code = visit_all(&t, call->argc, call->argv);
	moves_free(&moves);
	sender_release(&t.sender);
	postfix_release(&t.postfix);
	resolver_free(&t.resolver);
	config_free(&c);
	return code;
}

const struct command command_route = {
	"route", run, "[DEST...]",
	"Say over which family mail to a destination goes, and why", options,
};
