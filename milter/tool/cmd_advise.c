/* SPDX-License-Identifier: ISC */
/*
 * waybill advise [DEST...]: what to do about destinations that reject mail or
 * defer it, from the record. Where one family is rejected and the other one
 * good, the lines for Postfix and how to undo them, also as a script; else
 * what to ask whom, a relay, or patience. It changes nothing.
 *
 * What root alone may read (Postfix's tables, an earlier plan's) is read
 * before the record is opened, or by a process that stays root.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/psl.h"
#include "find/postfix_run.h"
#include "find/rdata.h"
#include "find/sender.h"
#include "find/spf_record.h"
#include "tool/advise_text.h"
#include "tool/asker.h"
#include "tool/command.h"
#include "tool/reader.h"
#include "tool/transport_asker.h"
#include "tool/worker.h"

enum { OPTION_RELAY = 256, OPTION_SCRIPT, OPTION_JSON };

enum {
	DAY_S = 86400,
	PERIOD_DAYS = 30,
	PERIOD_LONG_DAYS = 400,
	PATIENCE_MS = 15000,	/* of postconf(1) */
	TABLE_MAX = 1024 * 1024,
	SPF_PATIENCE_MS = 3000,
	DNS_PATIENCE_MS = 20000,	/* of all questions together */
	DNS_SILENT_MAX = 2,	/* questions without an answer, then no more */
};

static const struct command_option options[] = {
	{ "relay", OPTION_RELAY, "HOST:PORT",
	    "relay for mail that nothing else helps" },
	{ "script", OPTION_SCRIPT, NULL,
	    "print the Postfix settings as a script with an undo" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object per line" },
	{ NULL, 0, NULL, NULL },
};

/* One run. */
struct run {
	struct config *config;
	struct text_list only;
	bool wants_script, wants_json;
	struct postfix *postfix;
	struct sender *sender;
	struct transport_asker *asker;
	struct transport_plan *plan;
	char *old_table;	/* of an earlier plan, or NULL */
	char no_plan[300];
	struct reply_rules *rules;
	struct resolver *resolver;
	int64_t dns_until_ms;	/* no further question begins */
	int silent;		/* questions to DNS without an answer */
	struct advise a;
	struct advise_way **way;
	char hostname[DOMAIN_SIZE];
	struct advise_world world;
	struct advise_view view;
};

static int
read_relay(struct call *call, struct advise_relay *relay)
{
	const char *colon = strrchr(call->value, ':');
	char host[DOMAIN_SIZE];
	long long port;

	if (colon == NULL || text_number(colon + 1, 1, 65535, &port) != 0 ||
	    (size_t)(colon - call->value) >= sizeof host)
		return command_usage(call, "--relay: invalid value \"%s\"; use "
		    "HOST:PORT, as in smtp.relay.example:587", call->value);
	memcpy(host, call->value, (size_t)(colon - call->value));
	host[colon - call->value] = '\0';
	if (domain_to_ascii(host, relay->host) != 0 ||
	    !escape_is_plain_name(relay->host)) {
		relay->host[0] = '\0';
		return command_usage(call, "--relay: \"%s\" is not a host "
		    "name; use the name in the relay's certificate",
		    call->value);
	}
	relay->port = (int)port;
	return 0;
}

/* A domain, a mailbox, or what a provider is called. */
static int
add_dest(struct run *r, const char *word)
{
	const char *at = strrchr(word, '@');
	const char *domain = at == NULL ? word : at + 1;
	char ascii[DOMAIN_SIZE];
	struct err err;

	if (domain_to_ascii(domain, ascii) != 0) {
		(void)err_set(&err, EXIT_DATA, "\"%s\" is not a valid domain "
		    "or address: %s", word, domain_fault(domain));
		return command_fail(&err);
	}
	if (text_list_add(&r->only, ascii) != 0) {
		(void)err_set(&err, EXIT_TEMPORARY, "out of memory");
		return command_fail(&err);
	}
	return 0;
}

static int
read_options(struct call *call, struct run *r)
{
	int code = EXIT_OK, id;

	while ((id = command_next(call, &code)) > 0) {
		switch (id) {
		case OPTION_RELAY:
			code = read_relay(call, &r->view.relay);
			if (code != 0)
				return code;
			break;
		case OPTION_SCRIPT:
			r->wants_script = true;
			break;
		case OPTION_JSON:
			r->wants_json = true;
			break;
		}
	}
	if (id < 0)
		return code == EXIT_OK ? -1 : code;
	if (r->wants_script && r->wants_json)
		return command_usage(call, "--script and --json cannot be "
		    "combined");
	for (int i = 0; i < call->argc && code == 0; i++)
		code = add_dest(r, call->argv[i]);
	return code;
}

/* Postfix, our addresses, and a plan to fill; without a Postfix there is none,
 * which is no error. 0, or -1 with err. */
static int
read_postfix(struct run *r, struct err *err)
{
	const struct config *c = r->config;
	struct err why = { 0 };

	r->postfix = postfix_read(NULL, c->sender.postfix,
	    clock_ms() + PATIENCE_MS, err);
	if (r->postfix == NULL)
		return -1;
	r->sender = sender_new(r->postfix, &(struct sender_options){
	    .ipv4 = &c->sender.ipv4, .ipv6 = &c->sender.ipv6,
	    .hostname = c->sender.hostname });
	if (r->sender == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	if (postfix_found(r->postfix) != POSTFIX_FOUND) {
		(void)snprintf(r->no_plan, sizeof r->no_plan, "%.250s",
		    postfix_why(r->postfix));
		return 0;
	}
	r->plan = transport_plan_new(r->postfix, c->sender.postfix, &why);
	if (r->plan == NULL) {
		(void)snprintf(r->no_plan, sizeof r->no_plan, "%.250s",
		    why.text);
		return 0;
	}
	if (r->plan->is_mapped) {
		size_t len;

		r->old_table = file_read(r->plan->table, TABLE_MAX, &len,
		    &why);
	}
	r->asker = transport_asker_start(r->postfix, c->sender.postfix,
	    r->plan->map, &sender_transport(r->sender, NULL)->rules, err);
	return r->asker == NULL ? -1 : 0;
}

/* Has the way to a destination addresses of that family? */
static enum advise_reach
reach(void *arg, const char *dest, enum ip_family family)
{
	struct run *r = arg;
	struct transport_answer way;
	struct err err;
	struct route *route;
	enum advise_reach found = ADVISE_REACH_UNKNOWN;

	if (clock_ms() > r->dns_until_ms)
		return found;
	(void)snprintf(way.host, sizeof way.host, "%s", dest);
	if (r->asker != NULL &&
	    transport_asker_ask(r->asker, dest, &way, &err) != 0)
		return found;
	if (r->resolver == NULL && r->silent == 0)
		r->resolver = asker_resolver(r->config, &err);
	if (r->resolver == NULL || r->silent >= DNS_SILENT_MAX) {
		r->silent = DNS_SILENT_MAX;
		return found;
	}
	route = asker_route(r->resolver, way.host, false);
	if (route != NULL && (family == IP_4 ? route->a : route->aaaa) > 0)
		found = ADVISE_REACH_YES;
	else if (route != NULL && !route->failed && route->a + route->aaaa > 0)
		found = ADVISE_REACH_NO;
	else
		r->silent += route == NULL || route->failed;
	route_free(&route);
	return found;
}

static enum ip_family
earlier_family(const struct run *r, const char *domain)
{
	enum transport_earlier way = transport_plan_earlier(r->plan, domain);

	return way == TRANSPORT_EARLIER_IPV4 ? IP_4 :
	    way == TRANSPORT_EARLIER_IPV6 ? IP_6 : IP_NONE;
}

/* Is the plan in force a way round the trouble already, or the way by which
 * all is fine? Then it stays. */
static bool
is_done(const struct run *r, const struct advise_dest *d)
{
	switch (transport_plan_earlier(r->plan, d->name)) {
	case TRANSPORT_EARLIER_NONE:
		break;
	case TRANSPORT_EARLIER_IPV4:
	case TRANSPORT_EARLIER_IPV6:
		return d->verdict == ADVISE_FINE ||
		    d->keep == earlier_family(r, d->name);
	case TRANSPORT_EARLIER_RELAY:
		return d->verdict != ADVISE_ASK ||
		    r->view.relay.host[0] == '\0';
	}
	return false;
}

static int
keep_one(struct run *r, struct advise_dest *d, struct advise_way *w)
{
	const struct transport_plan_entry *e;

	if (transport_plan_keep(r->plan, d->name) != 0)
		return -1;
	e = transport_plan_entry(r->plan, d->name);
	if (e != NULL)
		(void)snprintf(w->value, sizeof w->value, "%s", e->value);
	w->is_planned = true;
	w->planned = TRANSPORT_PLANNED;
	d->verdict = ADVISE_DONE;
	d->keep = earlier_family(r, d->name);
	return 0;
}

/* Puts one destination into the plan. 0, or -1 without memory. */
static int
plan_one(struct run *r, struct advise_dest *d, struct advise_way *w)
{
	struct transport_answer way;
	struct err err = { 0 };
	const struct sender_transport *t;

	if (is_done(r, d))
		return keep_one(r, d, w);
	if (r->plan->n_entries == TRANSPORT_PLAN_ENTRIES) {
		w->is_planned = true;
		w->planned = TRANSPORT_FULL;
		return 0;
	}
	if (transport_asker_ask(r->asker, d->name, &way, &err) != 0) {
		(void)snprintf(w->why, sizeof w->why, "%.190s", err.text);
		return 0;
	}
	w->is_planned = true;
	if (d->verdict == ADVISE_ASK) {
		w->planned = transport_plan_relay(r->plan, d->name, &way,
		    r->view.relay.host, r->view.relay.port, w->value);
		return 0;
	}
	t = sender_transport(r->sender, way.mailer);
	w->planned = transport_plan_family(r->plan, d->name, &way, d->keep,
	    d->keep == IP_4 ? &t->ip4.local : &t->ip6.local, w->value);
	if (w->planned == TRANSPORT_BOUND)
		d->verdict = ADVISE_DONE;
	return 0;
}

/* Does the record say that the way of the plan in force is rejected? */
static bool
is_rejected_now(const struct run *r, const char *domain)
{
	enum transport_earlier way = transport_plan_earlier(r->plan, domain);
	int side = way == TRANSPORT_EARLIER_IPV4 ? ADVISE_IPV4 : ADVISE_IPV6;

	if (way == TRANSPORT_EARLIER_RELAY)
		return false;
	for (size_t i = 0; i < r->a.n; i++)
		if (strcmp(r->a.dest[i].name, domain) == 0)
			return r->a.dest[i].side[side].state ==
			    ADVISE_REJECTED;
	return false;
}

/* What the plan in force has for others stays. 0, or -1. */
static int
keep_others(struct run *r)
{
	for (size_t i = 0; i < r->plan->n_earlier; i++) {
		const char *domain = r->plan->earlier[i].domain;

		if (!is_rejected_now(r, domain) &&
		    transport_plan_keep(r->plan, domain) != 0)
			return -1;
	}
	return 0;
}

/* 0, or -1 without memory. */
static int
plan_all(struct run *r)
{
	r->way = calloc(r->a.n + 1, sizeof *r->way);
	if (r->way == NULL)
		return -1;
	if (r->plan == NULL)
		return 0;
	if (r->old_table != NULL &&
	    transport_plan_read(r->plan, r->old_table) != 0)
		return -1;
	for (size_t i = 0; i < r->a.n; i++) {
		struct advise_dest *d = &r->a.dest[i];
		bool wants = d->verdict == ADVISE_SWITCH ||
		    (d->verdict == ADVISE_ASK &&
		    (r->view.relay.host[0] != '\0' || is_done(r, d))) ||
		    (d->verdict == ADVISE_FINE && is_done(r, d));

		if (!wants || !d->is_wanted)
			continue;
		r->way[i] = calloc(1, sizeof *r->way[i]);
		if (r->way[i] == NULL || plan_one(r, d, r->way[i]) != 0)
			return -1;
		r->view.has_news |= d->verdict != ADVISE_DONE &&
		    r->way[i]->value[0] != '\0';
	}
	return keep_others(r);
}

static bool
has_spf(struct resolver *r, const char *name)
{
	struct question *q = resolver_ask(r, name, DNS_TXT);
	const struct answer *a = q == NULL ? NULL : resolver_wait(q,
	    clock_ms() + SPF_PATIENCE_MS);
	bool has = false;

	for (size_t i = 0; a != NULL && a->status == ANSWER_DATA && !has &&
	    i < a->n; i++) {
		size_t len;
		char *txt = rdata_txt(&a->rdata[i], &len);

		has = txt != NULL && spf_record_is(txt, len);
		free(txt);
	}
	resolver_done(&q);
	return has;
}

static bool
needs_relay(const struct run *r)
{
	for (size_t i = 0; i < r->a.n; i++)
		if (r->a.dest[i].verdict == ADVISE_ASK)
			return true;
	return false;
}

/* The first name, of those under which relays publish SPF, that has it. */
static void
find_include(struct run *r)
{
	struct advise_relay *relay = &r->view.relay;
	const char *domain = psl_registrable(relay->host);
	static const char *const before[] = { "_spf.", "spf.", "" };
	struct err err;

	if (relay->host[0] == '\0' || !needs_relay(r))
		return;
	if (r->resolver == NULL)
		r->resolver = asker_resolver(r->config, &err);
	for (size_t i = 0; r->resolver != NULL && relay->include[0] == '\0' &&
	    i < sizeof before / sizeof before[0]; i++) {
		char name[DOMAIN_SIZE + 8];

		(void)snprintf(name, sizeof name, "%s%s", before[i], domain);
		if (has_spf(r->resolver, name))
			(void)snprintf(relay->include, sizeof relay->include,
			    "%.253s", name);
	}
}

/* What a script leaves to its reader, on standard error. */
static void
tell_left_out(const struct run *r)
{
	for (size_t i = 0; i < r->a.n; i++) {
		const struct advise_way *w = r->way[i];
		struct err err = { .code = EXIT_ATTENTION };

		if (w == NULL || (w->is_planned &&
		    (w->planned == TRANSPORT_PLANNED ||
		    w->planned == TRANSPORT_BOUND)))
			continue;
		if (w->planned == TRANSPORT_MAPPED)
			(void)err_set(&err, EXIT_ATTENTION, "not in the "
			    "script: %s has an entry in your transport_maps; "
			    "change it to: %s %s", r->a.dest[i].name,
			    r->a.dest[i].name, w->value);
		else
			(void)err_set(&err, EXIT_ATTENTION, "not in the "
			    "script: %s (for the reason, run waybill advise)",
			    r->a.dest[i].name);
		(void)command_fail(&err);
	}
}

static int
print_script(const struct run *r, struct err *err)
{
	char about[600], when[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (r->plan == NULL)
		return err_set(err, EXIT_UNAVAILABLE, "cannot generate the "
		    "script: %s", r->no_plan);
	if (localtime_r(&now, &tm) != NULL)
		(void)strftime(when, sizeof when, "%Y-%m-%d", &tm);
	(void)snprintf(about, sizeof about, "waybill advise%s%s, %s: routes "
	    "for %zu destination%s", escape_is_plain_name(r->hostname) ?
	    " on " : "", escape_is_plain_name(r->hostname) ? r->hostname : "",
	    when, r->plan->n_entries, r->plan->n_entries == 1 ? "" : "s");
	transport_plan_script(r->plan, about, stdout);
	tell_left_out(r);
	return 0;
}

static int
print(struct run *r, struct err *err)
{
	const struct sender_transport *t = sender_transport(r->sender, NULL);
	int rc;

	r->view.a = &r->a;
	r->view.way = r->way;
	r->view.plan = r->plan;
	r->view.no_plan = r->no_plan;
	r->view.address[ADVISE_IPV4] = t->ip4.ip;
	r->view.address[ADVISE_IPV6] = t->ip6.ip;
	r->view.hostname = r->hostname;
	r->view.only = &r->only;
	r->view.has_check = command_by_name("check") != NULL;
	if (r->wants_script)
		return print_script(r, err);
	rc = r->wants_json ? advise_json(&r->view, stdout) :
	    advise_text(&r->view, stdout);
	return rc == 0 ? 0 : err_set(err, EXIT_TEMPORARY, "out of memory");
}

/* Is something asked for that these days say nothing of? */
static bool
lacks_some(const struct advise *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct advise_dest *d = &a->dest[i];
		int64_t sent = 0;

		for (int k = 0; k < ADVISE_SIDES; k++)
			sent += d->side[k].sent;
		if (d->is_wanted && d->n_causes == 0 && sent == 0)
			return true;
	}
	return false;
}

/* The record of the last days, or of all that matters where they say nothing
 * of what was asked for. 0, or -1 with err. */
static int
gather(struct run *r, struct store *s, struct err *err)
{
	static const int days[] = { PERIOD_DAYS, PERIOD_LONG_DAYS };
	char host[256] = "";
	int rc = 0;

	if (strncmp(r->config->record.store, "postgresql:",
	    strlen("postgresql:")) == 0)
		(void)reader_host(r->config, host, sizeof host);
	for (int i = 0; i < 2 && rc == 0; i++) {
		advise_free(&r->a);
		r->a.to = time(NULL) / DAY_S * DAY_S + DAY_S;
		r->a.from = r->a.to - (int64_t)days[i] * DAY_S;
		rc = advise_gather(s, host[0] == '\0' ? NULL : host, &r->only,
		    r->rules, &r->a, err);
		if (rc == 0 && !lacks_some(&r->a))
			break;
	}
	return rc;
}

/* What this process has to read before it reads the record. */
static int
prepare(struct run *r, struct err *err)
{
	const struct sender_transport *t;

	if (read_postfix(r, err) != 0)
		return -1;
	t = sender_transport(r->sender, NULL);
	r->world = (struct advise_world){ .reach = reach, .arg = r };
	r->world.has[ADVISE_IPV4] = r->plan == NULL || t->rules.can_ipv4;
	r->world.has[ADVISE_IPV6] = r->plan == NULL || t->rules.can_ipv6;
	(void)domain_to_ascii(sender_hostname(r->sender), r->hostname);
	return 0;
}

static int
advise(struct run *r, struct err *err)
{
	struct store *s = reader_open(r->config, err);
	int rc;

	if (s == NULL)
		return -1;
	/* Without the rules a class still has its sentence. */
	r->rules = reader_rules(err);
	rc = gather(r, s, err);
	store_close(&s);
	if (rc != 0)
		return -1;
	r->dns_until_ms = clock_ms() + DNS_PATIENCE_MS;
	rc = advise_judge(&r->a, &r->world);
	find_include(r);
	if (rc != 0 || plan_all(r) != 0)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	return print(r, err);
}

static int
attention(const struct run *r)
{
	for (size_t i = 0; i < r->a.n; i++)
		if (r->a.dest[i].is_wanted &&
		    r->a.dest[i].verdict >= ADVISE_FIX)
			return EXIT_ATTENTION;
	return EXIT_OK;
}

/* In the worker. */
static int
work(void *arg, FILE *out)
{
	struct run *r = arg;
	struct err err = { 0 };

	(void)out;
	return advise(r, &err) != 0 ? command_fail(&err) : attention(r);
}

static void
run_free(struct run *r)
{
	for (size_t i = 0; r->way != NULL && i < r->a.n; i++)
		free(r->way[i]);
	free(r->way);
	advise_free(&r->a);
	transport_asker_stop(&r->asker);
	transport_plan_free(&r->plan);
	free(r->old_table);
	reply_rules_free(&r->rules);
	resolver_free(&r->resolver);
	sender_release(&r->sender);
	postfix_release(&r->postfix);
	text_list_free(&r->only);
	config_free(&r->config);
}

static int
run(struct call *call)
{
	struct run r = { .silent = 0 };
	struct err err = { 0 };
	int code = read_options(call, &r);

	if (code != 0) {
		run_free(&r);
		return code < 0 ? EXIT_OK : code;
	}
	r.config = command_read_config(call, &code);
	if (r.config != NULL)
		code = prepare(&r, &err) != 0 ? command_fail(&err) :
		    worker_run(&(struct worker){ .make = work, .arg = &r,
		    .programs = CONFINE_NO_PROGRAMS, .config = r.config,
		    .reads = WORKER_READS_STORE | WORKER_ASKS_DNS });
	run_free(&r);
	return code;
}

const struct command command_advise = {
	"advise", run, "[DEST...]",
	"Show what to do about rejected mail", options,
};
