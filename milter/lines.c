/* SPDX-License-Identifier: ISC */
/*
 * The log lines of one message, waybill-log(7). The log is the only record
 * that waybilld leaves: whoever reads it later must find every fact on the
 * message's own lines, in the same order each time.
 */
#include "lines.h"

#include <string.h>

#include "base/event.h"
#include "base/log.h"

static void
write_message(const struct message *m, const char *qid, unsigned repeats)
{
	const struct message_facts *f = message_facts(m);
	struct text fragile;
	struct event e;

	event_begin(&e, qid, false, "message");
	event_add_path(&e, "from", f->mailfrom.text);
	if (f->author[0] != '\0')
		event_add(&e, "author", f->author);
	event_add(&e, "origin", origin_name(f->origin));
	event_add_number(&e, "rcpts", (long long)f->rcpts);
	event_add_number(&e, "dests", (long long)f->dests);
	event_add_number(&e, "size", (long long)f->size);
	event_add(&e, "result", message_result_name(f->result));
	if (f->why != WHY_NOTHING)
		event_add(&e, "why", message_why_name(f->why));
	if (f->fragile != 0) {
		text_init(&fragile, 100);
		sign_fragile_words(f->fragile, &fragile);
		event_add(&e, "fragile", fragile.buf);
		text_free(&fragile);
	}
	if (f->forged > 0)
		event_add_number(&e, "forged", f->forged);
	if (repeats > 0)
		event_add_number(&e, "repeats", repeats);
	if (f->failure.text[0] != '\0')
		event_sentence(&e, "%s", f->failure.text);
	log_event(&e);
}

static void
write_signature(const struct message *m, const char *qid, const struct key *key)
{
	struct event e;

	event_begin(&e, qid, false, "sign");
	event_add(&e, "d", message_facts(m)->identity->domain);
	event_add(&e, "s", key->selector);
	event_add(&e, "a", key_signature_algorithm(key->algorithm));
	log_event(&e);
}

static void
add_family(struct event *e, const struct survey_family *f, const char *ip,
    const char *spf, const char *dmarc)
{
	char address[IP_SIZE];

	event_add(e, ip, ip_format(&f->ip, address));
	if (f->ip.family == IP_NONE)
		return;
	event_add(e, spf, spf_result_name(f->spf));
	event_add(e, dmarc, dmarc_verdict_name(f->dmarc));
}

static void
write_sender(const struct survey_sender *s, const char *qid)
{
	struct event e;

	event_begin(&e, qid, false, "sender");
	event_add(&e, "mailfrom", s->mailfrom);
	event_add(&e, "helo", s->helo);
	event_add(&e, "align", align_name(s->align));
	event_add(&e, "policy", dmarc_policy_name(s->policy));
	add_family(&e, &s->ip4, "ip4", "spf4", "dmarc4");
	add_family(&e, &s->ip6, "ip6", "spf6", "dmarc6");
	event_add(&e, "key", s->is_signed ? published_state_name(s->key) :
	    "none");
	log_event(&e);
}

/* Brackets and a port may stand round the destination itself. */
static bool
goes_elsewhere(const struct destination *d)
{
	return d->nexthop[0] != '\0' && strcmp(d->nexthop, d->domain) != 0;
}

static void
write_route(const struct survey_route *r, const char *qid)
{
	const struct destination *d = &r->destination;
	const struct prediction *p = &r->prediction;
	struct event e;

	event_begin(&e, qid, false, "route");
	event_add(&e, "dest", d->domain);
	event_add(&e, "transport", d->transport[0] == '\0' ? NULL :
	    d->transport);
	event_add(&e, "nexthop", goes_elsewhere(d) ? d->nexthop : NULL);
	event_add(&e, "family", family_name(p->family));
	event_add(&e, "why", family_why_name(p->why));
	if (p->family == FAMILY_EITHER)
		event_add_number(&e, "p6", p->p6);
	if (r->route != NULL) {
		event_add_number(&e, "mxs", r->route->mxs);
		event_add_number(&e, "a", r->route->a);
		event_add_number(&e, "aaaa", r->route->aaaa);
	}
	event_add(&e, "mx", p->mx[0] == '\0' ? NULL : p->mx);
	if (p->family != FAMILY_NONE) {
		event_add(&e, "spf", align_spf_name(&r->outcome));
		event_add(&e, "dmarc", dmarc_verdict_name(r->outcome.dmarc));
	}
	log_event(&e);
}

void
lines_write(const struct message *m, const char *qid, unsigned repeats)
{
	const struct survey *survey = message_survey(m);
	const struct survey_route *route;
	size_t n;

	write_message(m, qid, repeats);
	for (size_t i = 0; i < message_signatures(m); i++)
		write_signature(m, qid, message_signature_key(m, i));
	if (survey == NULL)
		return;
	write_sender(survey_sender(survey), qid);
	route = survey_routes(survey, &n);
	for (size_t i = 0; i < n; i++)
		write_route(&route[i], qid);
}
