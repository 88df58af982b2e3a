/* SPDX-License-Identifier: ISC */
/*
 * How mail leaves this host. For each smtp(8) service of master.cf and each
 * family that its inet_protocols has, the local address is, as smtp(8) does:
 *
 *	smtp_bind_address, smtp_bind_address6	if this host has it; if not:
 *						nothing under
 *						smtp_bind_address_enforce, else
 *						as without it
 *	the one address in inet_interfaces	if it is the only one of its
 *						family, and not loopback
 *	what the kernel chooses			else
 *
 * The address that the world sees is then the operator's word (the one among
 * several that is the local one, else any of them), else the local one if it is
 * global, else the one global address in proxy_interfaces, else the local one,
 * marked as not global. Without a Postfix its defaults hold.
 *
 * It doesn't ask anybody on the network what the address looks like from
 * outside: behind NAT the operator sets sender.ipv4.
 */
#include "find/sender.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "find/kernel.h"

enum { SENDER_LOCAL_DOMAINS_MAX = 1000 };

struct sender {
	atomic_uint references;
	char hostname[SENDER_HELO_SIZE];
	struct sender_transport *transport;	/* the first is "smtp" */
	size_t n_transports;
	struct ip *own;		/* SENDER_OWN_MAX for each transport */
	/* by family: IPv4, IPv6 */
	struct ip address[2][SENDER_ADDRESSES_MAX];
	size_t n_addresses[2];
	struct ip interface[SENDER_OWN_MAX];	/* of the kernel */
	size_t n_interfaces;
	struct destination_rules rules;
	struct destination_service *services;
	struct text_list words;	/* the strings of rules */
	struct text_list local;
};

/* Looked up once and used for every transport. */
struct sender_view {
	const struct postfix *p;
	const struct sender_options *o;
	struct ip interface[SENDER_OWN_MAX];	/* of the kernel */
	size_t n_interfaces;
	struct ip kernel[2];
};

const char *
sender_source_name(enum sender_source s)
{
	static const char *const names[] = {
		[SENDER_ABSENT] = "none",
		[SENDER_CONFIGURED] = "configured",
		[SENDER_BIND] = "bind",
		[SENDER_INTERFACE] = "interface",
		[SENDER_PROXY] = "proxy",
		[SENDER_KERNEL] = "kernel",
	};

	return names[s];
}

static bool
sender_has(const struct ip *v, size_t n, const struct ip *ip)
{
	for (size_t i = 0; i < n; i++)
		if (ip_equal(&v[i], ip))
			return true;
	return false;
}

static void
sender_add_ip(struct ip *v, size_t *n, size_t max, const struct ip *ip)
{
	if (*n < max && !sender_has(v, *n, ip))
		v[(*n)++] = *ip;
}

/* The value for a service, "" if there is none. Malloc'd or NULL. */
static char *
sender_value(const struct postfix *p, const struct postfix_service *s,
    const char *name, const char *absent)
{
	char *value = postfix_value(p, s, name);

	return value != NULL ? value : strdup(absent);
}

/* Returns true if the list contains the word, ignoring case. */
static bool
sender_list_has(const char *list, const char *word)
{
	bool has = false;
	char *w;

	while (list != NULL && (w = postfix_next_word(&list)) != NULL) {
		has |= text_equal_fold(w, word);
		free(w);
	}
	return has;
}

/* Appends the addresses in a list of interfaces. */
static void
sender_read_interfaces(const struct sender_view *view, const char *list,
    struct ip *out, size_t *n)
{
	char *w;

	while (list != NULL && (w = postfix_next_word(&list)) != NULL) {
		bool all = text_equal_fold(w, "all");
		bool loopback = text_equal_fold(w, "loopback-only");
		struct ip ip;

		for (size_t i = 0; i < view->n_interfaces; i++)
			if (all || (loopback &&
			    ip_is_loopback(&view->interface[i])))
				sender_add_ip(out, n, SENDER_OWN_MAX,
				    &view->interface[i]);
		if (all || loopback)
			;
		else if (ip_parse(w, &ip) == 0)
			sender_add_ip(out, n, SENDER_OWN_MAX, &ip);
		else
			for (size_t i = 0; postfix_host(view->p, w, i, &ip);
			    i++)
				sender_add_ip(out, n, SENDER_OWN_MAX, &ip);
		free(w);
	}
}

/* Returns the only address of the family, or NULL. */
static const struct ip *
sender_only(const struct ip *v, size_t n, enum ip_family family, bool global)
{
	const struct ip *only = NULL;

	for (size_t i = 0; i < n; i++) {
		if (v[i].family != family || (global && !ip_is_global(&v[i])))
			continue;
		if (only != NULL)
			return NULL;
		only = &v[i];
	}
	return only;
}

/* Finds the local address that mail leaves from. */
static void
sender_find_local(const struct sender_view *view,
    const struct postfix_service *s, enum ip_family family,
    const struct ip *listens, size_t n_listens, struct sender_family *out)
{
	char *bind = sender_value(view->p, s, family == IP_4
	    ? "smtp_bind_address" : "smtp_bind_address6", "");
	const struct ip *only = sender_only(listens, n_listens, family, false);
	struct ip ip = {0};

	if (bind != NULL && ip_parse(bind, &ip) == 0 && ip.family == family) {
		if (sender_has(view->interface, view->n_interfaces, &ip)) {
			out->local = ip;
			out->source = SENDER_BIND;
		} else if (memcmp(ip.b, (struct ip){0}.b, 16) != 0) {
			out->bind_is_absent = true;
		}
	}
	free(bind);
	if (out->source == SENDER_BIND || (out->bind_is_absent &&
	    postfix_is_yes(view->p, s, "smtp_bind_address_enforce")))
		return;
	/* an explicit bind address takes precedence over the interface's */
	if (!out->bind_is_absent && only != NULL && !ip_is_loopback(only) &&
	    sender_has(view->interface, view->n_interfaces, only)) {
		out->local = *only;
		out->source = SENDER_INTERFACE;
		return;
	}
	out->local = view->kernel[family == IP_6];
	if (out->local.family != IP_NONE)
		out->source = SENDER_KERNEL;
}

/* The configured addresses of a family. Returns true if they are not "auto". */
static bool
sender_read_configured(const struct text_list *list, enum ip_family family,
    struct ip *out, size_t *n)
{
	*n = 0;
	if (list == NULL || list->n == 0)
		return false;
	for (size_t i = 0; i < list->n; i++) {
		struct ip ip;
		if (text_equal_fold(list->v[i], "auto"))
			return false;
		if (ip_parse(list->v[i], &ip) == 0 && ip.family == family)
			sender_add_ip(out, n, SENDER_ADDRESSES_MAX, &ip);
	}
	return true;
}

/* Finds the address that other hosts see. */
static void
sender_find_seen(const struct sender_view *view,
    const struct postfix_service *s, enum ip_family family,
    struct sender_family *out)
{
	struct ip given[SENDER_ADDRESSES_MAX], proxy[SENDER_OWN_MAX];
	size_t n = 0, n_proxies = 0;

	if (sender_read_configured(family == IP_4 ? view->o->ipv4
	    : view->o->ipv6, family, given, &n)) {
		bool mine = sender_has(given, n, &out->local);
		out->differs = n > 0 && !mine && ip_is_global(&out->local);
		out->source = n > 0 ? SENDER_CONFIGURED : SENDER_ABSENT;
		out->ip = mine ? out->local : n > 0 ? given[0]
		    : (struct ip){0};
		for (size_t i = 1; !mine && i < n; i++)
			out->other[out->n_others++] = given[i];
	} else {
		out->ip = out->local;
		if (out->local.family != IP_NONE &&
		    !ip_is_global(&out->local)) {
			char *list = sender_value(view->p, s,
			    "proxy_interfaces", "");
			sender_read_interfaces(view, list, proxy, &n_proxies);
			free(list);
			const struct ip *only = sender_only(proxy, n_proxies,
			    family, true);
			if (only != NULL) {
				out->ip = *only;
				out->source = SENDER_PROXY;
			}
		}
	}
	out->is_global = ip_is_global(&out->ip);
}

static void
sender_find_rules(const struct sender_view *view,
    const struct postfix_service *s, struct sender_transport *t)
{
	char *preference = sender_value(view->p, s, "smtp_address_preference",
	    "any");
	char *filter = sender_value(view->p, s, "smtp_dns_reply_filter", "");
	char *randomize = sender_value(view->p, s, "smtp_randomize_addresses",
	    "yes");
	char *support = sender_value(view->p, s, "smtp_dns_support_level", "");

	t->rules.can_ipv4 = t->rules.ipv4 && t->ip4.local.family != IP_NONE;
	t->rules.can_ipv6 = t->rules.ipv6 && t->ip6.local.family != IP_NONE;
	t->rules.preference = FAMILY_PREFER_ANY;
	if (preference != NULL)
		(void)family_preference_parse(preference,
		    &t->rules.preference);
	if (view->o->has_preference)
		t->rules.preference = view->o->preference;
	t->rules.has_reply_filter = filter != NULL && *filter != '\0';
	t->rules.randomize = randomize == NULL ||
	    !text_equal_fold(randomize, "no");
	t->no_mx = (support != NULL && text_equal_fold(support, "disabled")) ||
	    ((support == NULL || *support == '\0') &&
	    postfix_is_yes(view->p, s, "disable_dns_lookups"));
	free(preference);
	free(filter);
	free(randomize);
	free(support);
}

/* The kernel's host name, of one label or more. */
static void
sender_kernel_name(char *out)
{
	char name[SENDER_HELO_SIZE] = "";

	if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
		strcpy(name, "localhost");
	strcpy(out, name);
}

/* Fills one transport; own is its part of the table of outbound addresses. */
static void
sender_find_transport(const struct sender_view *view,
    const struct postfix_service *s, struct ip *own,
    struct sender_transport *t)
{
	size_t n_listens = 0;
	char *listens = sender_value(view->p, s, "inet_interfaces", "all");
	char *protocols = sender_value(view->p, s, "inet_protocols", "all");
	char *proxies = sender_value(view->p, s, "proxy_interfaces", "");
	char *helo = sender_value(view->p, s, "smtp_helo_name", "");
	char *fallback = sender_value(view->p, s, "smtp_fallback_relay", "");

	(void)snprintf(t->name, sizeof t->name, "%s", s == NULL ? "smtp"
	    : s->name);
	bool all = sender_list_has(protocols, "all");
	t->rules.ipv4 = all || sender_list_has(protocols, "ipv4");
	t->rules.ipv6 = all || sender_list_has(protocols, "ipv6");
	sender_read_interfaces(view, listens, own, &n_listens);
	if (t->rules.ipv4) {
		sender_find_local(view, s, IP_4, own, n_listens, &t->ip4);
		sender_find_seen(view, s, IP_4, &t->ip4);
	}
	if (t->rules.ipv6) {
		sender_find_local(view, s, IP_6, own, n_listens, &t->ip6);
		sender_find_seen(view, s, IP_6, &t->ip6);
	}
	sender_read_interfaces(view, proxies, own, &n_listens);
	t->rules.own = own;
	t->rules.n_own = n_listens;
	if (helo != NULL && *helo != '\0')
		(void)snprintf(t->helo, sizeof t->helo, "%s", helo);
	else
		sender_kernel_name(t->helo);
	if (fallback != NULL && strlen(fallback) < sizeof t->fallback)
		memcpy(t->fallback, fallback, strlen(fallback) + 1);
	sender_find_rules(view, s, t);
	free(listens);
	free(protocols);
	free(proxies);
	free(helo);
	free(fallback);
}

/* The smtp(8) services, beginning with "smtp", which is always present. */
static int
sender_find_transports(struct sender *out, const struct sender_view *view)
{
	size_t n, count = 1;
	const struct postfix_service *s = postfix_services(view->p, &n);
	const struct postfix_service *first =
	    postfix_service(view->p, "smtp", "unix");

	for (size_t i = 0; i < n; i++)
		if (strcmp(s[i].command, "smtp") == 0 && &s[i] != first)
			count++;
	out->transport = calloc(count, sizeof *out->transport);
	out->own = calloc(count * SENDER_OWN_MAX, sizeof *out->own);
	if (out->transport == NULL || out->own == NULL)
		return -1;
	sender_find_transport(view, first, out->own, &out->transport[0]);
	for (size_t i = 0, k = 1; i < n; i++)
		if (strcmp(s[i].command, "smtp") == 0 && &s[i] != first) {
			sender_find_transport(view, &s[i],
			    out->own + k * SENDER_OWN_MAX, &out->transport[k]);
			k++;
		}
	out->n_transports = count;
	return 0;
}

/* The outbound addresses: first all that the operator lists, then those of
 * each transport. */
static void
sender_collect(struct sender *out, const struct sender_options *o)
{
	const struct text_list *list[2] = {o->ipv4, o->ipv6};

	for (int f = 0; f < 2; f++) {
		for (size_t i = 0; i < out->n_transports; i++) {
			const struct sender_transport *t = &out->transport[i];
			const struct ip *ip = f == 0 ? &t->ip4.ip : &t->ip6.ip;
			if (ip->family != IP_NONE)
				sender_add_ip(out->address[f],
				    &out->n_addresses[f],
				    SENDER_ADDRESSES_MAX, ip);
		}
		struct ip given[SENDER_ADDRESSES_MAX];
		size_t n;
		if (!sender_read_configured(list[f], f == 0 ? IP_4 : IP_6,
		    given, &n))
			continue;
		for (size_t i = 0; i < n; i++)
			sender_add_ip(out->address[f], &out->n_addresses[f],
			    SENDER_ADDRESSES_MAX, &given[i]);
	}
}

/* Keeps a value of main.cf for rules; NULL if it is empty or unknown. */
static const char *
sender_keep(struct sender *out, const struct postfix *p, const char *name)
{
	char *value = postfix_value(p, NULL, name);
	const char *kept = NULL;

	if (value != NULL && *value != '\0' &&
	    text_list_add(&out->words, value) == 0)
		kept = out->words.v[out->words.n - 1];
	free(value);
	return kept;
}

/* The names in a list that are domains; tables ("hash:/x") cannot be known. */
static void
sender_keep_domains(struct sender *out, const struct postfix *p,
    const char *name)
{
	char *value = postfix_value(p, NULL, name), *w;
	const char *at = value == NULL ? "" : value;

	while ((w = postfix_next_word(&at)) != NULL) {
		char ascii[DOMAIN_SIZE];
		if (out->local.n < SENDER_LOCAL_DOMAINS_MAX &&
		    strchr(w, ':') == NULL && *w != '/' && *w != '!' &&
		    domain_to_ascii(w, ascii) == 0)
			(void)text_list_add(&out->local, ascii);
		free(w);
	}
	free(value);
}

static bool
sender_is_set(const struct postfix *p, const char *name)
{
	char *value = postfix_value(p, NULL, name);
	bool set = value != NULL && *value != '\0';

	free(value);
	return set;
}

static int
sender_find_destinations(struct sender *out, const struct postfix *p)
{
	struct destination_rules *r = &out->rules;
	size_t n, count = 0;
	const struct postfix_service *s = postfix_services(p, &n);

	r->relayhost = sender_keep(out, p, "relayhost");
	r->default_transport = sender_keep(out, p, "default_transport");
	r->content_filter = sender_keep(out, p, "content_filter");
	r->has_transport_maps = sender_is_set(p, "transport_maps");
	r->has_sender_maps = sender_is_set(p,
	    "sender_dependent_relayhost_maps") || sender_is_set(p,
	    "sender_dependent_default_transport_maps");
	sender_keep_domains(out, p, "mydestination");
	sender_keep_domains(out, p, "virtual_mailbox_domains");
	sender_keep_domains(out, p, "virtual_alias_domains");
	r->local = (const char *const *)out->local.v;
	r->n_local = out->local.n;
	out->services = calloc(n + 1, sizeof *out->services);
	if (out->services == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(s[i].type, "unix") != 0 ||
		    text_list_add(&out->words, s[i].name) != 0 ||
		    text_list_add(&out->words, s[i].command) != 0)
			continue;
		out->services[count].name = out->words.v[out->words.n - 2];
		out->services[count++].command =
		    out->words.v[out->words.n - 1];
	}
	r->service = out->services;
	r->n_services = count;
	return 0;
}

static void
sender_find_hostname(struct sender *out, const struct postfix *p,
    const struct sender_options *o)
{
	if (o->hostname != NULL && *o->hostname != '\0' &&
	    !text_equal_fold(o->hostname, "auto")) {
		(void)snprintf(out->hostname, sizeof out->hostname, "%s",
		    o->hostname);
		return;
	}
	char *name = postfix_value(p, NULL, "myhostname");
	if (name != NULL && *name != '\0')
		(void)snprintf(out->hostname, sizeof out->hostname, "%s",
		    name);
	else
		sender_kernel_name(out->hostname);
	free(name);
}

struct sender *
sender_new(const struct postfix *p, const struct sender_options *o)
{
	struct sender *out = calloc(1, sizeof *out);
	struct sender_view *view = calloc(1, sizeof *view);

	if (out == NULL || view == NULL)
		goto out;
	atomic_init(&out->references, 1);
	view->p = p;
	view->o = o;
	view->n_interfaces = kernel_addresses(view->interface, SENDER_OWN_MAX);
	memcpy(out->interface, view->interface, sizeof out->interface);
	out->n_interfaces = view->n_interfaces;
	(void)kernel_source_global(IP_4, &view->kernel[0]);
	(void)kernel_source_global(IP_6, &view->kernel[1]);
	sender_find_hostname(out, p, o);
	if (sender_find_transports(out, view) != 0 ||
	    sender_find_destinations(out, p) != 0) {
		sender_release(&out);
		goto out;
	}
	sender_collect(out, o);
	free(view);
	return out;
out:
	free(view);
	free(out);
	return NULL;
}

struct sender *
sender_hold(struct sender *s)
{
	atomic_fetch_add(&s->references, 1);
	return s;
}

void
sender_release(struct sender **s)
{
	if (*s != NULL && atomic_fetch_sub(&(*s)->references, 1) == 1) {
		free((*s)->transport);
		free((*s)->own);
		free((*s)->services);
		text_list_free(&(*s)->words);
		text_list_free(&(*s)->local);
		free(*s);
	}
	*s = NULL;
}

static bool
sender_family_equal(const struct sender_family *a,
    const struct sender_family *b)
{
	if (a->n_others != b->n_others)
		return false;
	for (size_t i = 0; i < a->n_others; i++)
		if (!ip_equal(&a->other[i], &b->other[i]))
			return false;
	return ip_equal(&a->ip, &b->ip) && ip_equal(&a->local, &b->local) &&
	    a->source == b->source && a->bind_is_absent == b->bind_is_absent &&
	    a->differs == b->differs;
}

/* Returns true if each of the n addresses is among the others, of which there
 * are as many. */
static bool
sender_all_in(const struct ip *a, const struct ip *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!sender_has(b, n, &a[i]))
			return false;
	return true;
}

static bool
sender_rules_equal(const struct family_rules *a, const struct family_rules *b)
{
	if (a->ipv4 != b->ipv4 || a->ipv6 != b->ipv6 ||
	    a->can_ipv4 != b->can_ipv4 || a->can_ipv6 != b->can_ipv6 ||
	    a->preference != b->preference || a->randomize != b->randomize ||
	    a->has_reply_filter != b->has_reply_filter ||
	    a->n_own != b->n_own)
		return false;
	return sender_all_in(a->own, b->own, a->n_own);
}

static bool
sender_text_equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
sender_destinations_equal(const struct destination_rules *a,
    const struct destination_rules *b)
{
	if (!sender_text_equal(a->relayhost, b->relayhost) ||
	    !sender_text_equal(a->default_transport, b->default_transport) ||
	    !sender_text_equal(a->content_filter, b->content_filter) ||
	    a->has_transport_maps != b->has_transport_maps ||
	    a->has_sender_maps != b->has_sender_maps ||
	    a->n_services != b->n_services || a->n_local != b->n_local)
		return false;
	for (size_t i = 0; i < a->n_services; i++)
		if (strcmp(a->service[i].name, b->service[i].name) != 0 ||
		    strcmp(a->service[i].command, b->service[i].command) != 0)
			return false;
	for (size_t i = 0; i < a->n_local; i++)
		if (strcmp(a->local[i], b->local[i]) != 0)
			return false;
	return true;
}

bool
sender_equal(const struct sender *a, const struct sender *b)
{
	if (strcmp(a->hostname, b->hostname) != 0 ||
	    a->n_transports != b->n_transports ||
	    a->n_interfaces != b->n_interfaces ||
	    !sender_all_in(a->interface, b->interface, a->n_interfaces) ||
	    !sender_destinations_equal(&a->rules, &b->rules))
		return false;
	for (size_t i = 0; i < a->n_transports; i++) {
		const struct sender_transport *x = &a->transport[i];
		const struct sender_transport *y = &b->transport[i];
		if (strcmp(x->name, y->name) != 0 ||
		    strcmp(x->helo, y->helo) != 0 || x->no_mx != y->no_mx ||
		    strcmp(x->fallback, y->fallback) != 0 ||
		    !sender_family_equal(&x->ip4, &y->ip4) ||
		    !sender_family_equal(&x->ip6, &y->ip6) ||
		    !sender_rules_equal(&x->rules, &y->rules))
			return false;
	}
	return true;
}

const char *
sender_hostname(const struct sender *s)
{
	return s->hostname;
}

const struct sender_transport *
sender_transport(const struct sender *s, const char *name)
{
	for (size_t i = 0; name != NULL && i < s->n_transports; i++)
		if (strcmp(s->transport[i].name, name) == 0)
			return &s->transport[i];
	return &s->transport[0];
}

void
sender_hops(const struct sender_transport *t, const char *nexthop, char *out)
{
	(void)snprintf(out, SENDER_HOPS_SIZE, "%.*s %s",
	    DESTINATION_NEXTHOP_SIZE - 1, nexthop, t->fallback);
	if (t->fallback[0] == '\0')
		out[strlen(out) - 1] = '\0';
}

const struct sender_transport *
sender_transports(const struct sender *s, size_t *n)
{
	*n = s->n_transports;
	return s->transport;
}

const struct destination_rules *
sender_destinations(const struct sender *s)
{
	return &s->rules;
}

bool
sender_is_own(const struct sender *s, const struct ip *ip)
{
	if (ip_is_loopback(ip) ||
	    sender_has(s->interface, s->n_interfaces, ip))
		return true;
	for (size_t f = 0; f < 2; f++)
		if (sender_has(s->address[f], s->n_addresses[f], ip))
			return true;
	for (size_t i = 0; i < s->n_transports; i++)
		if (sender_has(s->transport[i].rules.own,
		    s->transport[i].rules.n_own, ip))
			return true;
	return false;
}

const struct ip *
sender_addresses(const struct sender *s, enum ip_family family, size_t *n)
{
	*n = s->n_addresses[family == IP_6];
	return s->address[family == IP_6];
}
