/* SPDX-License-Identifier: ISC */
/*
 * Stamps against Authentication-Results, one row a question:
 *
 *	signature	does the receiver say that it holds?
 *	stamps		does one that holds cover them, so that none could be
 *			altered or added?
 *	address		was the mail taken from one of the stamped addresses?
 *	family		was it the foretold one?
 *	spf, dmarc	is the result the one foretold for that family?
 *	other		what others than the receiver say: compared with nothing
 *
 * What the stamps hold counts for as much as the row stamps says.
 */
#include "tool/received.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tool/told.h"

enum { SUBJECT_SIZE = 2 * DOMAIN_SIZE + 16, MEANING_MAX = 2048 };

/* What the stamps are worth, by one signature. */
enum worth { WORTH_NOTHING, WORTH_COVERED, WORTH_VERIFIED, WORTH_SEALED };

struct view {
	struct told told;
	struct received *out;
	enum worth worth;		/* by the best signature so far */
	char signer[DOMAIN_SIZE];	/* whose it is */
};

/* A row to be. NULL strings are empty. */
struct draft {
	const char *what, *subject, *stamped, *told, *by;
	enum ip_family family;
	enum received_verdict verdict;
	const char *meaning;
};

static const char *const verdict_names[] = {
	[RECEIVED_AGREES] = "agrees",
	[RECEIVED_DIFFERS] = "differs",
	[RECEIVED_UNKNOWN] = "unknown",
};

const char *
received_verdict_name(enum received_verdict v)
{
	return verdict_names[v];
}

static char *
copy(struct received *r, const char *s)
{
	char *kept = strdup(s == NULL ? "" : s);

	r->lost |= kept == NULL;
	return kept;
}

static void
add(struct view *v, const struct draft *d)
{
	struct received *r = v->out;

	if (r->n == RECEIVED_ROWS_MAX) {
		r->lost = true;
		return;
	}
	r->v[r->n++] = (struct received_row){ .what = d->what,
		.subject = copy(r, d->subject), .family = d->family,
		.stamped = copy(r, d->stamped), .told = copy(r, d->told),
		.by = copy(r, d->by), .verdict = d->verdict,
		.meaning = copy(r, d->meaning) };
}

static bool
is_pass(const char *result)
{
	return text_equal_fold(result, "pass");
}

static const char *
family_word(enum ip_family f)
{
	return f == IP_4 ? "ipv4" : f == IP_6 ? "ipv6" : "";
}

/* A tag of that family's, "spf4" or "spf6"; "" where the family isn't known. */
static const char *
of_family(const struct told *t, enum ip_family f, const char *tag4,
    const char *tag6)
{
	return f == IP_4 ? told_sender(t, tag4) :
	    f == IP_6 ? told_sender(t, tag6) : "";
}

/* An Ed25519 signature (RFC 8463) that the receiver didn't even try? */
static bool
is_unused(const char *algorithm, const char *result)
{
	return strncmp(algorithm, "ed25519", 7) == 0 &&
	    !text_equal_fold(result, "fail");
}

static const char *
why_not_verified(const char *algorithm, const char *result)
{
	if (text_equal_fold(result, "temperror"))
		return "The receiver couldn't ask DNS for the key; that "
		    "passes.";
	if (is_unused(algorithm, result))
		return "Many receivers don't verify Ed25519; the RSA signature "
		    "beside it is the one that counts there.";
	if (text_equal_fold(result, "permerror") ||
	    text_equal_fold(result, "neutral"))
		return "The receiver couldn't use it; mostly DNS has no key, or "
		    "another one (waybill dns).";
	return "The message was altered behind the sender (a list's footer, a "
	    "gateway), or DNS has another key. The stamps may be altered too.";
}

/* What a signature makes of the stamps that it covers. */
static void
take_worth(struct view *v, const struct told_signature *s, bool holds)
{
	enum worth worth = s->cover < TOLD_COVERS_ALL ? WORTH_NOTHING :
	    !holds ? WORTH_COVERED : s->cover < TOLD_COVERS_SEALED ?
	    WORTH_VERIFIED : WORTH_SEALED;

	if (worth <= v->worth)
		return;
	v->worth = worth;
	memcpy(v->signer, s->d, sizeof v->signer);
}

static void
judge_signature(struct view *v, const struct told_signature *s)
{
	static const char *const covers[] = {
		[TOLD_COVERS_NONE] = "covers none",
		[TOLD_COVERS_SOME] = "covers some",
		[TOLD_COVERS_ALL] = "covers all",
		[TOLD_COVERS_SEALED] = "covers all, sealed",
	};
	const struct told *t = &v->told;
	const char *selector = taglist_value(&s->l, "s");
	const char *a = taglist_value(&s->l, "a");
	bool is_vague, holds = false;
	const struct auth_result *r = told_of_signature(t, s, &is_vague);
	char subject[SUBJECT_SIZE];
	struct draft d = { .what = "signature", .subject = subject,
		.verdict = RECEIVED_UNKNOWN, .by = t->by };

	(void)snprintf(subject, sizeof subject, "%s %.253s", s->d,
	    selector == NULL ? "" : selector);
	if (t->senders + t->routes > 0)
		d.stamped = covers[s->cover];
	if (r == NULL) {
		d.meaning = t->has_results ?
		    "The receiver says nothing of it." : "";
	} else {
		d.told = r->result;
		holds = is_pass(r->result) && !is_vague;
		if (holds)
			d.verdict = RECEIVED_AGREES;
		else if (is_pass(r->result))
			d.meaning = "That may be about another signature of "
			    "this domain: it doesn't say of which.";
		else
			d.meaning = why_not_verified(a == NULL ? "" : a,
			    r->result);
		if (!is_pass(r->result) && !is_unused(a == NULL ? "" : a,
		    r->result))
			d.verdict = RECEIVED_DIFFERS;
	}
	add(v, &d);
	take_worth(v, s, holds);
}

static void
judge_stamps(struct view *v)
{
	const struct told *t = &v->told;
	const char *who = t->by[0] == '\0' ? "The receiver" : t->by;
	char from[DOMAIN_SIZE], stamped[64];
	struct text m;
	struct draft d = { .what = "stamps", .subject = v->signer,
		.stamped = stamped, .by = t->by, .verdict = RECEIVED_DIFFERS };

	told_domain(told_sender(t, "from"), from);
	(void)snprintf(stamped, sizeof stamped, "%u Sender, %u Route",
	    t->senders, t->routes);
	text_init(&m, MEANING_MAX);
	switch (v->worth) {
	case WORTH_NOTHING:
		if (t->senders + t->routes > 0)
			text_add(&m, "No signature covers them all: anybody on "
			    "the way could have written them. They prove "
			    "nothing.");
		break;
	case WORTH_COVERED:
		text_addf(&m, "A signature of %s covers them, but nobody says "
		    "that it holds. Without that they prove nothing.",
		    v->signer);
		break;
	case WORTH_VERIFIED:
		d.told = "pass";
		text_addf(&m, "%s found the signature of %s over them good, "
		    "but it isn't sealed (h= doesn't have their names once "
		    "more than they are there): more could have been added.",
		    who, v->signer);
		break;
	case WORTH_SEALED:
		d.told = "pass";
		d.verdict = RECEIVED_AGREES;
		text_addf(&m, "%s found the signature of %s over them good: "
		    "they are as %s sent them.", who, v->signer, v->signer);
		break;
	}
	if (v->worth >= WORTH_VERIFIED && from[0] != '\0' &&
	    !domain_is_under(from, v->signer)) {
		d.verdict = RECEIVED_UNKNOWN;
		text_addf(&m, " That is the word of %s, not of the author's "
		    "domain %s.", v->signer, from);
	}
	if (t->senders + t->routes == 0) {
		d.stamped = "none";
		d.verdict = RECEIVED_UNKNOWN;
		text_addf(&m, "No %s or %s: the message wasn't stamped by "
		    "waybilld, or somebody took the stamps out.",
		    t->sender_name, t->route_name);
	}
	d.meaning = m.buf;
	add(v, &d);
	text_free(&m);
}

/* Is the stamped address of that family one that nobody sees (NAT)? */
static bool
is_behind_nat(const struct told *t, enum ip_family family)
{
	struct ip ip;

	return ip_parse(of_family(t, family, "ip4", "ip6"), &ip) == 0 &&
	    !ip_is_global(&ip);
}

/* Does the stamp of this copy's route foretell a relay? */
static bool
is_relayed(const struct told *t)
{
	struct taglist l = { .buf = NULL };
	const char *why;
	bool relayed;

	if (!told_route(t, &l))
		return false;
	why = taglist_value(&l, "why");
	relayed = why != NULL && strcmp(why, "relay") == 0;
	taglist_free(&l);
	return relayed;
}

static void
judge_address(struct view *v)
{
	const struct told *t = &v->told;
	const char *ip4 = told_sender(t, "ip4"), *ip6 = told_sender(t, "ip6");
	enum ip_family f = t->client.family;
	char told[IP_SIZE], both[2 * IP_SIZE + 8];
	struct text m;
	struct draft d = { .what = "address", .stamped = both, .family = f,
		.told = told, .by = t->client_field,
		.verdict = RECEIVED_DIFFERS };

	(void)ip_format(&t->client, told);
	(void)snprintf(both, sizeof both, "%.45s%s%.45s", ip4,
	    *ip4 != '\0' && *ip6 != '\0' ? ", " : "", ip6);
	text_init(&m, MEANING_MAX);
	if (f == IP_NONE) {
		d.told = NULL;
		d.verdict = RECEIVED_UNKNOWN;
		text_add(&m, "No field tells which address the receiver saw, "
		    "so nothing tells the family.");
	} else if (t->family != IP_NONE) {
		d.stamped = told;
		d.verdict = RECEIVED_AGREES;
	} else if (is_relayed(t)) {
		d.verdict = RECEIVED_UNKNOWN;
		text_addf(&m, "The mail came from %s, which should be the "
		    "relay (why=relay); SPF was judged for that address.",
		    told);
	} else if (is_behind_nat(t, f)) {
		text_addf(&m, "The stamped address isn't one that the internet "
		    "sees (NAT). If %s is yours, set sender.%s to it.", told,
		    family_word(f));
	} else {
		text_addf(&m, "The receiver took the mail from %s, which isn't "
		    "among the stamped addresses: a relay, a forwarder or a "
		    "list stands between, and SPF was judged for that "
		    "address.", told);
	}
	d.meaning = m.buf;
	add(v, &d);
	text_free(&m);
}

static void
judge_family(struct view *v)
{
	const struct told *t = &v->told;
	struct taglist l = { .buf = NULL };
	const char *family;
	struct draft d = { .what = "family", .by = t->client_field,
		.told = family_word(t->family), .verdict = RECEIVED_UNKNOWN };

	if (!told_route(t, &l)) {
		d.meaning = "Several destinations are stamped, and nothing "
		    "(Delivered-To) tells which of them this copy is of.";
		if (t->routes > 0)
			add(v, &d);
		return;
	}
	family = taglist_value(&l, "family");
	d.stamped = family == NULL ? "" : family;
	d.subject = taglist_value(&l, "dest");
	if (is_relayed(t)) {
		d.meaning = "A relay delivered (why=relay): the stamp is about "
		    "the way to the relay.";
	} else if (t->family == IP_NONE) {
		d.meaning = "";
	} else if (strcmp(d.stamped, d.told) == 0 ||
	    strcmp(d.stamped, "either") == 0) {
		d.verdict = RECEIVED_AGREES;
	} else if (strcmp(d.stamped, "unknown") == 0) {
		d.meaning = "It wasn't known yet when the message was stamped.";
	} else {
		d.verdict = RECEIVED_DIFFERS;
		d.meaning = "The stamp foretells the first attempt. It may "
		    "have failed, and a later one took the other family: on "
		    "the sending host waybill explain QID tells.";
	}
	add(v, &d);
	taglist_free(&l);
}

/* Why two SPF results differ that are of one address and one domain. */
static const char *
why_spf_differs(const char *stamped, const char *told)
{
	if (text_equal_fold(told, "temperror") ||
	    text_equal_fold(told, "error"))
		return "The receiver's DNS failed for a moment; that passes.";
	if (strcmp(stamped, "temperror") == 0)
		return "The sender's DNS had failed for a moment.";
	if (is_pass(told))
		return "The record has been fixed since, or the receiver's "
		    "DNS has another one.";
	if (is_pass(stamped))
		return "The receiver's DNS has another record: it was changed "
		    "since, or isn't out everywhere (waybill spf).";
	return "Neither passes; receivers differ in the word (waybill spf, "
	    "waybill dns).";
}

/* Verdict and meaning of a draft of one domain and family. */
static void
compare_spf(struct draft *d)
{
	if (d->stamped[0] == '\0' || strcmp(d->stamped, "unchecked") == 0)
		return;
	if (text_equal_fold(d->stamped, d->told) ||
	    (strcmp(d->stamped, "fail") == 0 &&
	    text_equal_fold(d->told, "hardfail"))) {
		d->verdict = RECEIVED_AGREES;
		if (!is_pass(d->told))
			d->meaning = "As foretold, SPF doesn't pass over this "
			    "family: waybill dns has the term to add.";
		return;
	}
	d->verdict = RECEIVED_DIFFERS;
	d->meaning = why_spf_differs(d->stamped, d->told);
}

static void
judge_spf_of(struct view *v, const char *told, const char *mailfrom,
    const char *who)
{
	const struct told *t = &v->told;
	const char *domain = told_sender(t, "mailfrom");
	char judged[DOMAIN_SIZE], ours[DOMAIN_SIZE];
	struct text m;
	struct draft d = { .what = "spf", .subject = ours, .told = told,
		.family = t->client.family, .by = who,
		.stamped = of_family(t, t->family, "spf4", "spf6"),
		.verdict = RECEIVED_UNKNOWN };

	text_init(&m, MEANING_MAX);
	told_domain(strcmp(domain, "<>") == 0 ? told_sender(t, "helo") :
	    domain, ours);
	told_domain(mailfrom, judged);
	if (judged[0] != '\0' && ours[0] != '\0' &&
	    !domain_equal(judged, ours)) {
		d.subject = judged;
		d.verdict = RECEIVED_DIFFERS;
		text_addf(&m, "The receiver judged the envelope sender %s, not "
		    "%s: somebody on the way sent it on under another name.",
		    judged, ours);
		d.meaning = m.buf;
	} else if (t->family == IP_NONE) {
		d.meaning = "It isn't known to be about one of the stamped "
		    "addresses.";
	} else {
		compare_spf(&d);
	}
	add(v, &d);
	text_free(&m);
}

static void
judge_spf(struct view *v)
{
	const struct told *t = &v->told;
	const struct auth_result *r = told_result(t, "spf");

	if (r != NULL) {
		const char *from = auth_result_property(r, "smtp", "mailfrom");

		if (from == NULL || from[0] == '\0')
			from = auth_result_property(r, "smtp", "helo");
		judge_spf_of(v, r->result, from, t->by);
	} else if (t->has_spf) {
		judge_spf_of(v, t->spf.result, t->spf.envelope_from,
		    t->spf.receiver[0] != '\0' ? t->spf.receiver :
		    "Received-SPF");
	} else if (t->has_results) {
		add(v, &(struct draft){ .what = "spf", .by = t->by,
		    .verdict = RECEIVED_UNKNOWN,
		    .meaning = "The receiver doesn't tell." });
	}
}

/* The stamped DMARC result of a family; where that isn't known the one that
 * both have. */
static const char *
stamped_dmarc(const struct told *t)
{
	const char *d4 = told_sender(t, "dmarc4");
	const char *d6 = told_sender(t, "dmarc6");

	if (t->family != IP_NONE)
		return t->family == IP_4 ? d4 : d6;
	if (strcmp(d4, d6) == 0 || *d6 == '\0')
		return d4;
	return *d4 == '\0' ? d6 : "";
}

static void
judge_dmarc(struct view *v)
{
	const struct told *t = &v->told;
	const struct auth_result *r = told_result(t, "dmarc");
	struct draft d = { .what = "dmarc", .subject = told_sender(t, "from"),
		.family = t->family, .stamped = stamped_dmarc(t), .by = t->by,
		.verdict = RECEIVED_UNKNOWN };

	if (r == NULL) {
		d.meaning = "The receiver doesn't tell.";
		if (t->has_results)
			add(v, &d);
		return;
	}
	d.told = r->result;
	if (d.stamped[0] == '\0' || strcmp(d.stamped, "unknown") == 0) {
		d.meaning = "";
	} else if (text_equal_fold(d.stamped, d.told)) {
		d.verdict = RECEIVED_AGREES;
		if (text_equal_fold(d.told, "fail"))
			d.meaning = "As foretold, neither SPF nor DKIM passes "
			    "for the author's domain: waybill dns.";
	} else if (strcmp(d.stamped, "none") == 0 &&
	    text_equal_fold(d.told, "bestguesspass")) {
		d.verdict = RECEIVED_AGREES;
		d.meaning = "There is no policy; had there been one, it would "
		    "have passed.";
	} else {
		d.verdict = RECEIVED_DIFFERS;
		d.meaning = is_pass(d.stamped) ? "What was to pass for the "
		    "author's domain didn't: the rows signature and spf tell "
		    "why." : "The records have changed since it was stamped, "
		    "or the receiver's DNS has others.";
	}
	add(v, &d);
}

static void
add_others(struct view *v)
{
	const struct told *t = &v->told;

	for (size_t i = 0; i < t->n_results; i++) {
		const struct auth_results *a = &t->results[i];
		struct text said, m;

		if (t->is_his[i])
			continue;
		text_init(&said, MEANING_MAX);
		text_init(&m, MEANING_MAX);
		for (size_t k = 0; k < a->n; k++)
			text_addf(&said, "%s%s=%s", k > 0 ? " " : "",
			    a->v[k].method, a->v[k].result);
		text_addf(&m, "%s: a server on the way says this, or whoever "
		    "wrote the field.", a->by[0] == '\0' ? "Without a name" :
		    a->by);
		add(v, &(struct draft){ .what = "other", .by = a->by,
		    .told = said.buf, .verdict = RECEIVED_UNKNOWN,
		    .meaning = m.buf });
		text_free(&said);
		text_free(&m);
	}
}

void
received_judge(const struct header *h, const char *prefix,
    struct received *out)
{
	struct view *v = calloc(1, sizeof *v);

	*out = (struct received){ .lost = v == NULL };
	if (v == NULL)
		return;
	v->out = out;
	told_read(h, prefix, &v->told);
	out->has_results = v->told.has_results;
	out->is_cut = v->told.is_cut;
	out->by = copy(out, v->told.by);
	for (size_t i = 0; i < v->told.n_signatures; i++)
		judge_signature(v, &v->told.signature[i]);
	judge_stamps(v);
	if (v->told.sender.buf != NULL) {
		judge_address(v);
		judge_family(v);
	}
	judge_spf(v);
	judge_dmarc(v);
	add_others(v);
	told_free(&v->told);
	free(v);
}

void
received_free(struct received *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].subject);
		free(r->v[i].stamped);
		free(r->v[i].told);
		free(r->v[i].by);
		free(r->v[i].meaning);
	}
	free(r->by);
	*r = (struct received){ .n = 0 };
}
