/* SPDX-License-Identifier: ISC */
/*
 * Logs the outbound addresses when a state takes effect and when Postfix or
 * the kernel changes them.
 */
#include "outbound.h"

#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/text.h"

/* Number of transports that are reported; further ones are left out. */
enum { TRANSPORTS_SAID_MAX = 20 };

/* If there are more addresses than this in addition to the first of each
 * family, each family gets its own line: both lists would not fit on one. */
enum { TOGETHER_MAX = 4 };

static bool
is_family_alike(const struct sender_family *a, const struct sender_family *b)
{
	return ip_equal(&a->ip, &b->ip) && a->differs == b->differs &&
	    a->bind_is_absent == b->bind_is_absent;
}

static bool
is_alike(const struct sender_transport *a, const struct sender_transport *b)
{
	return is_family_alike(&a->ip4, &b->ip4) &&
	    is_family_alike(&a->ip6, &b->ip6) && strcmp(a->helo, b->helo) == 0;
}

/* The address, or all of those that others may see. */
static void
add_addresses(struct event *e, const char *key, const struct sender_family *f)
{
	char ip[IP_SIZE];
	struct text list;

	text_init(&list, SENDER_ADDRESSES_MAX * IP_SIZE);
	text_add(&list, ip_format(&f->ip, ip));
	for (size_t i = 0; i < f->n_others; i++)
		text_addf(&list, ",%s", ip_format(&f->other[i], ip));
	event_add(e, key, list.buf);
	text_free(&list);
}

static void
say_transport(const struct sender *s, const struct sender_transport *t)
{
	struct event e;

	event_begin(&e, NULL, false, "outbound");
	event_add_bounded(&e, "host", sender_hostname(s));
	event_add(&e, "transport", t->name);
	event_add_bounded(&e, "helo", t->helo);
	add_addresses(&e, "ip4", &t->ip4);
	event_add(&e, "source4", sender_source_name(t->ip4.source));
	if (t->ip4.n_others + t->ip6.n_others > TOGETHER_MAX) {
		log_event(&e);
		event_begin(&e, NULL, false, "outbound");
		event_add(&e, "transport", t->name);
	}
	add_addresses(&e, "ip6", &t->ip6);
	event_add(&e, "source6", sender_source_name(t->ip6.source));
	log_event(&e);
}

/* The option that sets the address of a family. */
static const char *
option_of(enum ip_family family)
{
	return family == IP_6 ? "sender.ipv6" : "sender.ipv4";
}

static void
begin_warning(struct event *e, const char *name,
    const struct sender_transport *t, enum ip_family family)
{
	const struct sender_family *f = family == IP_6 ? &t->ip6 : &t->ip4;
	char ip[IP_SIZE];

	event_begin(e, NULL, true, name);
	event_add(e, "transport", t->name);
	event_add(e, family == IP_6 ? "ip6" : "ip4", ip_format(&f->ip, ip));
}

/* Its subject is the address. */
static void
warn_nat(const struct sender_transport *t, enum ip_family family,
    struct warn *w, int64_t every_ms)
{
	const struct sender_family *f = family == IP_6 ? &t->ip6 : &t->ip4;
	char ip[IP_SIZE];
	struct event e;

	if (f->ip.family == IP_NONE || f->is_global ||
	    !warn_is_due(w, "nat", ip_format(&f->ip, ip), every_ms,
	    clock_ms(), NULL))
		return;
	begin_warning(&e, "nat", t, family);
	event_sentence(&e, "receivers see another address than this one, so "
	    "SPF is unchecked; set %s to it", option_of(family));
	log_event(&e);
}

/* Its subject includes the transport: each may have a missing address of its
 * own. */
static void
warn_bind(const struct sender_transport *t, enum ip_family family,
    struct warn *w, int64_t every_ms)
{
	const struct sender_family *f = family == IP_6 ? &t->ip6 : &t->ip4;
	const char *digit = family == IP_6 ? "6" : "";
	char local[IP_SIZE], ip[IP_SIZE];
	struct text subject;
	struct event e;

	if (!f->differs && !f->bind_is_absent)
		return;
	text_init(&subject, SENDER_TRANSPORT_SIZE + IP_SIZE + 2);
	text_addf(&subject, "%s %s%s", t->name, ip_format(&f->ip, ip), digit);
	if (warn_is_due(w, "bind", subject.buf, every_ms, clock_ms(), NULL)) {
		begin_warning(&e, "bind", t, family);
		if (f->bind_is_absent)
			event_sentence(&e, "smtp_bind_address%s is set to an "
			    "address this host does not have", digit);
		else
			event_sentence(&e, "mail leaves from %s; fix %s, or "
			    "smtp_bind_address%s in Postfix",
			    ip_format(&f->local, local), option_of(family),
			    digit);
		log_event(&e);
	}
	text_free(&subject);
}

static void
warn_of_address(const struct sender_transport *t, enum ip_family family,
    struct warn *w, int64_t every_ms)
{
	warn_nat(t, family, w, every_ms);
	warn_bind(t, family, w, every_ms);
}

void
outbound_say(const struct sender *s, struct warn *w, int64_t every_ms)
{
	size_t n, said = 0;
	const struct sender_transport *t = sender_transports(s, &n);

	for (size_t i = 0; i < n && said < TRANSPORTS_SAID_MAX; i++) {
		if (i > 0 && is_alike(&t[i], &t[0]))
			continue;
		say_transport(s, &t[i]);
		warn_of_address(&t[i], IP_4, w, every_ms);
		warn_of_address(&t[i], IP_6, w, every_ms);
		said++;
	}
}
