/* SPDX-License-Identifier: ISC */
/*
 * Fields are put on top of a message on its way, so what stands below our
 * stamps is older than they are, and no receiver's. Of the fields above, the
 * topmost Authentication-Results is taken for the receiver's, with those whose
 * authserv-id is the same, or a name of the same organization (a receiver may
 * have a server for each method). Of several stamps the lowest is taken: the
 * others were added later.
 *
 * h= covers as many fields of a name as it has the name, the lowest first (RFC
 * 6376 5.4.2); having it once more, it lets none be added (sealed).
 *
 * Which address the receiver saw is told by the results themselves
 * (smtp.remote-ip, policy.iprev, what stands in parentheses behind spf=), else
 * by Received-SPF, else by the lowest Received above the stamps that another
 * host than the stamps' wrote.
 */
#include "tool/told.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/psl.h"
#include "base/text.h"

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static unsigned
count(const struct header *h, const char *name)
{
	unsigned n = 0;

	for (size_t at = 0; header_find(h, name, &at) != NULL;)
		n++;
	return n;
}

void
told_domain(const char *s, char out[DOMAIN_SIZE])
{
	const char *at = s == NULL ? NULL : strrchr(s, '@');

	if (s == NULL || domain_to_ascii(at == NULL ? s : at + 1, out) != 0)
		out[0] = '\0';
}

static void
find_stamps(struct told *t, const char *prefix)
{
	const struct header_field *f, *lowest = NULL;

	(void)snprintf(t->sender_name, TOLD_NAME_SIZE, "%sSender", prefix);
	(void)snprintf(t->route_name, TOLD_NAME_SIZE, "%sRoute", prefix);
	t->at = t->h->n;
	t->senders = count(t->h, t->sender_name);
	t->routes = count(t->h, t->route_name);
	for (size_t at = 0; header_find(t->h, t->route_name, &at) != NULL;)
		t->at = at - 1;
	for (size_t at = 0; (f = header_find(t->h, t->sender_name, &at)) != NULL;
	    lowest = f)
		t->at = at - 1;
	if (lowest != NULL && taglist_parse(&t->sender, lowest->value,
	    strlen(lowest->value)) != 0)
		taglist_free(&t->sender);
}

const char *
told_sender(const struct told *t, const char *tag)
{
	const char *s = t->sender.buf == NULL ? NULL :
	    taglist_value(&t->sender, tag);

	return s == NULL ? "" : s;
}

/* Are two authserv-ids one receiver's? */
static bool
is_same_receiver(const char *a, const char *b)
{
	char of_a[DOMAIN_SIZE], of_b[DOMAIN_SIZE];

	if (text_equal_fold(a, b))
		return true;
	return domain_to_ascii(a, of_a) == 0 && domain_to_ascii(b, of_b) == 0 &&
	    domain_equal(psl_registrable(of_a), psl_registrable(of_b));
}

static void
find_results(struct told *t)
{
	const struct header_field *f;

	for (size_t at = 0; (f = header_find(t->h, "Authentication-Results",
	    &at)) != NULL && at <= t->at;) {
		struct auth_results *a = &t->results[t->n_results];

		if (t->n_results == TOLD_RESULTS_MAX) {
			t->is_cut = true;
			return;
		}
		if (auth_results_parse(a, f->value) != 0) {
			auth_results_free(a);
			continue;
		}
		t->is_cut |= a->skipped > 0;
		t->is_his[t->n_results] = t->n_results == 0 ||
		    is_same_receiver(a->by, t->results[0].by);
		t->n_results++;
	}
}

/* The next result of a method that the receiver tells; *i and *k are 0 for the
 * first. */
static const struct auth_result *
next_result(const struct told *t, const char *method, size_t *i, size_t *k)
{
	for (; *i < t->n_results; (*i)++, *k = 0) {
		const struct auth_results *a = &t->results[*i];

		while (t->is_his[*i] && *k < a->n) {
			const struct auth_result *r = &a->v[(*k)++];

			if (text_equal_fold(r->method, method))
				return r;
		}
	}
	return NULL;
}

const struct auth_result *
told_result(const struct told *t, const char *method)
{
	size_t i = 0, k = 0;

	return next_result(t, method, &i, &k);
}

static bool
take_client(struct told *t, const struct ip *ip, const char *field)
{
	if (ip->family == IP_NONE)
		return false;
	t->client = *ip;
	t->client_field = field;
	return true;
}

/* An address that one result tells. */
static struct ip
client_of_result(const struct auth_result *r)
{
	static const char *const names[][2] = {
		{ "smtp", "remote-ip" }, { "smtp", "client-ip" },
		{ "policy", "iprev" }, { "policy", "ip" },
	};
	struct ip ip = { .family = IP_NONE };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *s = auth_result_property(r, names[i][0],
		    names[i][1]);

		if (s != NULL && ip_parse(s, &ip) == 0)
			return ip;
	}
	return text_equal_fold(r->method, "spf") ?
	    auth_address_in(r->comment) : ip;
}

static bool
client_of_results(struct told *t)
{
	for (size_t i = 0; i < t->n_results; i++) {
		const struct auth_results *a = &t->results[i];

		for (size_t k = 0; t->is_his[i] && k < a->n; k++) {
			struct ip ip = client_of_result(&a->v[k]);

			if (take_client(t, &ip, "Authentication-Results"))
				return true;
		}
	}
	return false;
}

/* The Received field of whoever took the message from the stamps' host. */
static void
client_of_received(struct told *t)
{
	const char *host = told_sender(t, "host");

	for (size_t i = t->at; i-- > 0;) {
		char server[TOLD_NAME_SIZE];
		struct ip ip;

		if (!text_equal_fold(t->h->v[i].name, "Received"))
			continue;
		received_parse(t->h->v[i].value, &ip, server, sizeof server);
		if (ip.family == IP_NONE || !ip_is_global(&ip) ||
		    text_equal_fold(server, host))
			continue;
		(void)take_client(t, &ip, "Received");
		return;
	}
}

static void
find_client(struct told *t)
{
	size_t at = 0;
	const struct header_field *f = header_find(t->h, "Received-SPF", &at);
	struct ip ip;

	t->has_spf = f != NULL && at <= t->at &&
	    received_spf_parse(f->value, &t->spf) == 0;
	if (!client_of_results(t) && !(t->has_spf &&
	    take_client(t, &t->spf.client, "Received-SPF")))
		client_of_received(t);
	for (int i = 0; i < 2; i++)
		if (ip_parse(told_sender(t, i == 0 ? "ip4" : "ip6"), &ip) == 0 &&
		    ip_equal(&ip, &t->client))
			t->family = ip.family;
}

/* The recipient's domain, where the receiver wrote it down. */
static void
find_recipient(const struct told *t, char out[DOMAIN_SIZE])
{
	static const char *const names[] = {
		"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To",
	};

	out[0] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t at = 0;
		const struct header_field *f = header_find(t->h, names[i], &at);
		struct address a;

		if (f != NULL && address_path(f->value, &a) == 0 &&
		    a.domain[0] != '\0') {
			memcpy(out, a.domain, DOMAIN_SIZE);
			return;
		}
	}
}

bool
told_route(const struct told *t, struct taglist *l)
{
	char to[DOMAIN_SIZE];
	unsigned n = 0;
	const struct header_field *f;

	find_recipient(t, to);
	for (size_t at = 0; n < TOLD_ROUTES_MAX && (f = header_find(t->h,
	    t->route_name, &at)) != NULL; n++) {
		const char *dest;

		if (taglist_parse(l, f->value, strlen(f->value)) == 0) {
			dest = taglist_value(l, "dest");
			if (t->routes == 1 || (dest != NULL && to[0] != '\0' &&
			    text_equal_fold(dest, to)))
				return true;
		}
		taglist_free(l);
	}
	return false;
}

/* How often h= has the name. */
static unsigned
named_in(const char *list, const char *name)
{
	size_t len = strlen(name);
	unsigned n = 0;

	while (*list != '\0') {
		size_t all = strcspn(list, ":"), at = strspn(list, " \t\r\n");
		size_t end = all;

		while (end > at && strchr(" \t\r\n", list[end - 1]) != NULL)
			end--;
		if (end > at && end - at == len) {
			char word[TOLD_NAME_SIZE];

			memcpy(word, list + at, len);
			word[len] = '\0';
			n += text_equal_fold(word, name);
		}
		list += all + (list[all] == ':');
	}
	return n;
}

static enum told_cover
cover_of(const struct told *t, const char *h)
{
	unsigned senders = named_in(h, t->sender_name);
	unsigned routes = named_in(h, t->route_name);

	if (senders + routes == 0 || t->senders + t->routes == 0)
		return TOLD_COVERS_NONE;
	if (senders < t->senders || routes < t->routes)
		return TOLD_COVERS_SOME;
	return senders > t->senders && routes > t->routes ? TOLD_COVERS_SEALED :
	    TOLD_COVERS_ALL;
}

static void
find_signatures(struct told *t)
{
	const struct header_field *f;

	for (size_t at = 0; (f = header_find(t->h, "DKIM-Signature", &at)) !=
	    NULL;) {
		struct told_signature *s = &t->signature[t->n_signatures];

		if (t->n_signatures == TOLD_SIGNATURES_MAX) {
			t->is_cut = true;
			return;
		}
		if (taglist_parse(&s->l, f->value, strlen(f->value)) != 0) {
			taglist_free(&s->l);
			continue;
		}
		told_domain(taglist_value(&s->l, "d"), s->d);
		s->cover = cover_of(t, or_empty(taglist_value(&s->l, "h")));
		t->n_signatures++;
	}
}

/* Does b=, with blanks in it, begin with part (RFC 6008)? */
static bool
begins_signature(const char *b, const char *part)
{
	while (*part != '\0') {
		b += strspn(b, " \t\r\n");
		if (*b++ != *part++)
			return false;
	}
	return true;
}

static bool
is_about(const struct auth_result *r, const struct told_signature *s)
{
	const char *header_d = auth_result_property(r, "header", "d");
	const char *header_i = auth_result_property(r, "header", "i");
	const char *header_s = auth_result_property(r, "header", "s");
	const char *header_b = auth_result_property(r, "header", "b");
	char domain[DOMAIN_SIZE];

	told_domain(header_d != NULL ? header_d : header_i, domain);
	if (domain[0] == '\0' || s->d[0] == '\0' || (header_d != NULL ?
	    !domain_equal(domain, s->d) : !domain_is_under(domain, s->d)))
		return false;
	if (header_s != NULL && !text_equal_fold(header_s,
	    or_empty(taglist_value(&s->l, "s"))))
		return false;
	return header_b == NULL || begins_signature(or_empty(taglist_value(
	    &s->l, "b")), header_b);
}

static bool
is_pass(const struct auth_result *r)
{
	return text_equal_fold(r->result, "pass");
}

const struct auth_result *
told_of_signature(const struct told *t, const struct told_signature *s, bool *is_vague)
{
	const struct auth_result *r, *best = NULL;
	size_t i = 0, k = 0;

	*is_vague = false;
	while ((r = next_result(t, "dkim", &i, &k)) != NULL) {
		bool vague = false;

		if (!is_about(r, s))
			continue;
		for (size_t o = 0; o < t->n_signatures; o++)
			vague |= t->signature[o].cover < s->cover &&
			    is_about(r, &t->signature[o]);
		if (best == NULL || (*is_vague && !vague) ||
		    (*is_vague == vague && is_pass(r) &&
		    !is_pass(best))) {
			best = r;
			*is_vague = vague;
		}
	}
	return best;
}

void
told_read(const struct header *h, const char *prefix, struct told *t)
{
	memset(t, 0, sizeof *t);
	t->h = h;
	t->is_cut = h->cut;
	t->client_field = "";
	find_stamps(t, prefix);
	find_results(t);
	t->has_results = t->n_results > 0;
	t->by = t->has_results ? t->results[0].by : "";
	find_client(t);
	find_signatures(t);
}

void
told_free(struct told *t)
{
	for (size_t i = 0; i < t->n_results; i++)
		auth_results_free(&t->results[i]);
	for (size_t i = 0; i < t->n_signatures; i++)
		taglist_free(&t->signature[i].l);
	taglist_free(&t->sender);
}
