/* SPDX-License-Identifier: ISC */
/*
 * What the operator should know about a finished message, each once per
 * subject and warn.every, with its consequence or its fix.
 *
 * A line about a destination, a key or an outbound address has no queue id:
 * the message only brought it to light. There is no warning about findings for
 * which DNS gave no answer.
 */
#include "warn_message.h"

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/text.h"
#include "find/spf_record.h"

/* Maximum number of warnings of one kind for a message to many destinations;
 * the rest come with later messages. */
enum { OF_A_KIND_MAX = 20 };

static bool
is_due(struct warn *w, const struct message *m, const char *kind,
    const char *subject)
{
	return warn_is_due(w, kind, subject,
	    state_config(message_state(m))->warn.every_ms, clock_ms(), NULL);
}

static void
warn_unsigned(struct warn *w, const struct message *m, const char *qid)
{
	const struct message_facts *f = message_facts(m);
	struct event e;

	if (f->why != WHY_NO_KEY ||
	    !state_config(message_state(m))->warn.unsigned_mail ||
	    !is_due(w, m, "unsigned", f->author))
		return;
	event_begin(&e, qid, true, "unsigned");
	event_add_bounded(&e, "author", f->author);
	event_sentence(&e, "mail from this domain leaves without a signature; "
	    "create a key: waybill keygen %s", f->author);
	log_event(&e);
}

static void
warn_reinjected(struct warn *w, const struct message *m, const char *qid)
{
	const struct message_facts *f = message_facts(m);
	struct event e;

	if (f->why != WHY_REINJECTED || f->identity == NULL ||
	    !is_due(w, m, "reinjected", f->author))
		return;
	event_begin(&e, qid, true, "reinjected");
	event_add(&e, "author", f->author);
	event_sentence(&e, "not signed: a stranger sent this message to this "
	    "host, and a program here sent it on; if one of your mailing lists "
	    "writes %s into From:, add it to outgoing.lists", f->author);
	log_event(&e);
}

static void
warn_fragile(struct warn *w, const struct message *m, const char *qid)
{
	const struct message_facts *f = message_facts(m);
	struct text words, subject;
	struct event e;

	if (f->fragile == 0)
		return;
	text_init(&words, 100);
	sign_fragile_words(f->fragile, &words);
	text_init(&subject, DOMAIN_SIZE + 100);
	text_addf(&subject, "%s %s", f->author, words.buf);
	if (is_due(w, m, "fragile", subject.buf)) {
		event_begin(&e, qid, true, "fragile");
		event_add(&e, "fragile", words.buf);
		event_add_bounded(&e, "author", f->author);
		event_sentence(&e, "the signature may break in transit; let "
		    "the program that wrote the message encode it "
		    "(quoted-printable or base64)");
		log_event(&e);
	}
	text_free(&words);
	text_free(&subject);
}

static void
warn_forged(struct warn *w, const struct message *m, const char *qid)
{
	const struct message_facts *f = message_facts(m);
	const char *prefix = state_config(message_state(m))->headers.prefix;
	bool rejected = f->result == RESULT_REJECTED;
	struct event e;

	if (f->forged == 0 || !is_due(w, m, "forged", f->mailfrom.text))
		return;
	event_begin(&e, qid, true, "forged");
	event_add_number(&e, "count", f->forged);
	event_add_path(&e, "from", f->mailfrom.text);
	if (rejected)
		event_sentence(&e, "the message came with more %s fields "
		    "than are removed and was rejected", prefix);
	else if (f->result == RESULT_TEMPFAIL)
		event_sentence(&e, "the message came with %s fields, which "
		    "only this host may set", prefix);
	else
		event_sentence(&e, "the message came with %s fields, which "
		    "only this host may set; they were removed", prefix);
	log_event(&e);
}

static bool
is_spf_fault(enum spf_result r)
{
	switch (r) {
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_PERMERROR:
		return true;
	case SPF_PASS:
	case SPF_TEMPERROR:
	case SPF_UNCHECKED:
		break;
	}
	return false;
}

static void
warn_spf(struct warn *w, const struct message *m,
    const struct survey_family *f)
{
	bool is_6 = f->ip.family == IP_6;
	char ip[IP_SIZE];
	struct text subject, term;
	struct event e;

	if (!is_spf_fault(f->spf))
		return;
	text_init(&subject, DOMAIN_SIZE + IP_SIZE + 2);
	text_addf(&subject, "%s %s", f->domain, ip_format(&f->ip, ip));
	text_init(&term, IP_SIZE + 10);
	spf_record_term(&f->ip, &term);
	if (is_due(w, m, "spf", subject.buf)) {
		event_begin(&e, NULL, true, "spf");
		event_add(&e, is_6 ? "ip6" : "ip4", ip);
		event_add(&e, is_6 ? "spf6" : "spf4",
		    spf_result_name(f->spf));
		event_add_bounded(&e, "mailfrom", f->domain);
		if (f->spf == SPF_PERMERROR && f->finding != NULL)
			event_sentence(&e, "the SPF record is invalid: %s; fix "
			    "it, and add %s", f->finding->why,
			    term.buf);
		else if (f->spf == SPF_NONE)
			event_sentence(&e, "there is no SPF record; publish "
			    "one with %s (waybill dns)", term.buf);
		else
			event_sentence(&e, "add %s to the SPF record of %s",
			    term.buf, f->domain);
		log_event(&e);
	}
	text_free(&subject);
	text_free(&term);
}

static void
warn_align(struct warn *w, const struct message *m, const char *qid)
{
	const struct survey_sender *s = survey_sender(message_survey(m));
	struct text subject;
	struct event e;

	if (s->align != ALIGN_NONE || message_facts(m)->identity == NULL ||
	    s->helo != NULL || s->spf_domain[0] == '\0')
		return;
	text_init(&subject, 2 * DOMAIN_SIZE);
	text_addf(&subject, "%s %s", s->mailfrom, s->author);
	if (is_due(w, m, "align", subject.buf)) {
		event_begin(&e, qid, true, "align");
		event_add_bounded(&e, "mailfrom", s->mailfrom);
		event_add_bounded(&e, "author", s->author);
		event_sentence(&e, "SPF cannot make DMARC pass, only the "
		    "signature can; send with an envelope address of %s",
		    s->author);
		log_event(&e);
	}
	text_free(&subject);
}

static void
warn_keys(struct warn *w, const struct message *m)
{
	size_t n;
	const struct gate_key *k = survey_keys(message_survey(m), &n);

	for (size_t i = 0; i < n; i++) {
		struct text subject;
		struct event e;

		if (!k[i].signs || (k[i].state != PUBLISHED_MISSING &&
		    k[i].state != PUBLISHED_DIFFERS))
			continue;
		text_init(&subject, 2 * DOMAIN_SIZE);
		text_addf(&subject, "%s %s", k[i].key->selector,
		    k[i].key->domain);
		if (is_due(w, m, "key", subject.buf)) {
			event_begin(&e, NULL, true, "key");
			event_add(&e, "d", k[i].key->domain);
			event_add(&e, "s", k[i].key->selector);
			event_add(&e, "key", published_state_name(k[i].state));
			event_sentence(&e, "nobody can verify this signature; "
			    "publish what this prints: waybill dns %s",
			    k[i].key->domain);
			log_event(&e);
		}
		text_free(&subject);
	}
}

/* Returns whether it was logged, as warn_no_aaaa(). */
static bool
warn_family_spf(struct warn *w, const struct message *m,
    const struct survey_route *r, const char *qid)
{
	const struct survey_sender *s = survey_sender(message_survey(m));
	bool is_said;
	struct text subject;
	struct event e;

	if (!r->outcome.is_spf_known || !is_spf_fault(r->outcome.spf) ||
	    !r->other.is_spf_known || r->other.spf != SPF_PASS)
		return false;
	text_init(&subject, DOMAIN_SIZE + 10);
	text_addf(&subject, "%s %s", s->spf_domain,
	    family_name(r->prediction.family));
	is_said = is_due(w, m, "family-spf", subject.buf);
	if (is_said) {
		event_begin(&e, qid, true, "family-spf");
		event_add(&e, "family", family_name(r->prediction.family));
		event_add(&e, "spf", spf_result_name(r->outcome.spf));
		event_add_bounded(&e, "mailfrom", s->spf_domain);
		event_add_bounded(&e, "dest", r->destination.domain);
		event_sentence(&e, "the other family would pass; add this "
		    "one's address to the SPF record of %s", s->spf_domain);
		log_event(&e);
	}
	text_free(&subject);
	return is_said;
}

/* Returns true if its MX hosts certainly have no AAAA record. */
static bool
surely_lacks_aaaa(const struct survey_route *r)
{
	const struct route_hop *hop;

	if (r->destination.kind != DESTINATION_REMOTE ||
	    r->destination.is_relay || r->destination.is_literal ||
	    r->route == NULL || r->route->n_hops == 0 || r->route->cut ||
	    r->route->a == 0 || r->route->aaaa > 0)
		return false;
	hop = &r->route->hop[0];
	for (size_t i = 0; i < hop->n_hosts; i++) {
		enum answer_status s = hop->host[i].aaaa_status;

		if (s != ANSWER_DATA && s != ANSWER_NODATA &&
		    s != ANSWER_NXDOMAIN)
			return false;
	}
	return true;
}

static bool
warn_no_aaaa(struct warn *w, const struct message *m,
    const struct survey_route *r)
{
	const struct sender_family *from = &r->transport->ip4;
	char ip[IP_SIZE];
	struct event e;

	if (!surely_lacks_aaaa(r) ||
	    !is_due(w, m, "no-aaaa", r->destination.domain))
		return false;
	event_begin(&e, NULL, true, "no-aaaa");
	event_add_bounded(&e, "dest", r->destination.domain);
	event_add_bounded(&e, "mx", r->prediction.mx[0] == '\0' ? NULL :
	    r->prediction.mx);
	if (from->ip.family == IP_NONE || !r->transport->rules.can_ipv4)
		event_sentence(&e, "IPv4 only, and no mail can leave from here "
		    "over IPv4");
	else
		event_sentence(&e, "IPv4 only, mail leaves from %s",
		    ip_format(&from->ip, ip));
	log_event(&e);
	return true;
}

static void
warn_of_findings(struct warn *w, const struct message *m, const char *qid)
{
	const struct config *c = state_config(message_state(m));
	size_t n, naddresses, no_aaaa = 0, family_spf = 0;
	const struct survey_route *r = survey_routes(message_survey(m), &n);
	const struct survey_family *f = survey_addresses(message_survey(m),
	    &naddresses);

	if (message_signatures(m) > 0)
		warn_keys(w, m);
	for (size_t i = 0; i < naddresses && c->warn.spf; i++)
		warn_spf(w, m, &f[i]);
	if (c->warn.align)
		warn_align(w, m, qid);
	for (size_t i = 0; i < n; i++) {
		if (c->warn.spf && family_spf < OF_A_KIND_MAX)
			family_spf += warn_family_spf(w, m, &r[i], qid);
		if (c->warn.no_aaaa && no_aaaa < OF_A_KIND_MAX)
			no_aaaa += warn_no_aaaa(w, m, &r[i]);
	}
}

void
warn_about(struct warn *w, const struct message *m, const char *qid)
{
	warn_unsigned(w, m, qid);
	warn_reinjected(w, m, qid);
	warn_fragile(w, m, qid);
	warn_forged(w, m, qid);
	if (message_survey(m) != NULL)
		warn_of_findings(w, m, qid);
}
