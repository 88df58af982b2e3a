/* SPDX-License-Identifier: ISC */
/*
 * Maps a recipient to a destination as Postfix's resolver (trivial-rewrite(8))
 * and queue manager would, in order of precedence:
 *
 *	content_filter		all mail goes there; but a filter on this host
 *				returns the mail: then the route is determined
 *				as if there were no filter
 *	{rcpt_mailer}		given by Postfix: transport and next hop
 *	transport_maps, ...	not given, and a table could decide: UNTOLD
 *	default_transport	"transport:nexthop" takes precedence over
 *				relayhost
 *	relayhost
 *	the domain itself
 *
 * Mail not delivered by smtp(8) (local, virtual, lmtp, pipe, error, discard,
 * retry) is HERE. master.cf says which program a transport is.
 *
 * BUGS: relay_domains with a relay_transport of its own is not recognized for
 * mail without {rcpt_mailer}; FILTER actions in tables never are.
 */
#include "find/destination.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { SEPARATED_MAX = DESTINATION_NEXTHOP_SIZE };

/* Programs of Postfix that are not SMTP clients, and the pipe(8) services of
 * Debian's master.cf, for when master.cf cannot be read. */
static const char *const not_smtp[] = {
	"local", "virtual", "lmtp", "pipe", "error", "discard", "retry",
	"maildrop", "uucp", "ifmail", "bsmtp", "scalemail-backend", "mailman",
	"cyrus", "dovecot",
};

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static bool
is_smtp(const char *transport, const struct destination_rules *rules)
{
	const char *program = transport;

	for (size_t i = 0; i < rules->n_services; i++) {
		if (strcmp(rules->service[i].name, transport) == 0)
			program = rules->service[i].command;
	}
	if (strrchr(program, '/') != NULL)
		program = strrchr(program, '/') + 1;
	for (size_t i = 0; i < sizeof not_smtp / sizeof *not_smtp; i++) {
		if (strcmp(program, not_smtp[i]) == 0)
			return false;
	}
	/* known to master.cf: decided by its program; unknown: most likely
	 * smtp */
	return program == transport || strcmp(program, "smtp") == 0;
}

/* A number or the name of a service: letters, digits, "-". */
static bool
port_is_sound(const char *port)
{
	for (; *port != '\0'; port++) {
		if (!(*port >= '0' && *port <= '9') && *port != '-' &&
		    !(*port >= 'a' && *port <= 'z') &&
		    !(*port >= 'A' && *port <= 'Z'))
			return false;
	}
	return true;
}

static bool
port_is_smtp(const char *port)
{
	return *port == '\0' || strcmp(port, "25") == 0 ||
	    text_equal_fold(port, "smtp") || text_equal_fold(port, "mail");
}

/* Returns the port of "host:port" or "]:port"; writes NUL over the colon. */
static const char *
port_split(char *at)
{
	char *colon = strrchr(at, ':');

	if (colon == NULL)
		return "";
	*colon = '\0';
	return colon + 1;
}

/*
 * One word of the list, split in place:
 *	[address], [address]:port	no MX, the address
 *	[host], [host]:port		no MX
 *	address, host, host:port	MX; an address is its own MX
 */
static int
hop_parse(char *word, struct hop *out, const char **port)
{
	char *host = word;

	memset(out, 0, sizeof *out);
	if (text_begins_fold(host, "inet:"))
		host += strlen("inet:");
	if (*host == '[') {
		char *end = strchr(++host, ']');

		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return -1;
		*end = '\0';
		*port = end[1] == ':' ? end + 2 : "";
		out->no_mx = true;
	} else {
		*port = port_split(host);
	}
	if (!port_is_sound(*port))
		return -1;
	out->is_port_smtp = port_is_smtp(*port);
	if (ip_parse(host, &out->ip) == 0) {
		ip_format(&out->ip, out->host);
		out->no_mx = true;
		return 0;
	}
	return domain_to_ascii(host, out->host);
}

static bool
is_separator(char c)
{
	return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Copies the next word of *list; false at the end. A word that is too long is
 * cut, and is then not a host. */
static bool
next_word(const char **list, char *word, size_t size)
{
	const char *p = *list;
	size_t n = 0;

	while (is_separator(*p))
		p++;
	for (; *p != '\0' && !is_separator(*p); p++) {
		if (n + 1 < size)
			word[n++] = *p;
	}
	word[n] = '\0';
	*list = p;
	return n > 0;
}

size_t
destination_hops(const char *nexthop, struct hop *out, bool *cut)
{
	char word[SEPARATED_MAX];
	const char *port;
	size_t n = 0;

	while (next_word(&nexthop, word, sizeof word)) {
		struct hop hop;

		if (hop_parse(word, &hop, &port) != 0)
			continue;
		if (n == DESTINATION_HOPS_MAX) {
			if (cut != NULL)
				*cut = true;
			break;
		}
		out[n++] = hop;
	}
	return n;
}

/* Rewrites the list with names as A-labels and without invalid hosts. Returns
 * -1 if it does not fit or nothing is left. */
static int
nexthop_normal(const char *list, char *out)
{
	char word[SEPARATED_MAX];
	const char *port;
	size_t len = 0;

	out[0] = '\0';
	while (next_word(&list, word, sizeof word)) {
		struct hop hop;
		int n;

		if (hop_parse(word, &hop, &port) != 0)
			continue;
		n = snprintf(out + len, DESTINATION_NEXTHOP_SIZE - len,
		    "%s%s%s%s%s%s", len > 0 ? "," : "", hop.no_mx ? "[" : "",
		    hop.host, hop.no_mx ? "]" : "", *port != '\0' ? ":" : "",
		    port);
		if (n < 0 || (size_t)n >= DESTINATION_NEXTHOP_SIZE - len)
			return -1;
		len += (size_t)n;
	}
	return len > 0 ? 0 : -1;
}

/* Checks whether the first hop differs from the domain, and whether the domain
 * is a literal. */
static void
judge_hop(struct destination *d)
{
	struct hop hop[DESTINATION_HOPS_MAX];
	struct ip ip;

	if (destination_hops(d->nexthop, hop, NULL) == 0) {
		d->kind = DESTINATION_BAD;
	} else if (ip_parse(d->domain, &ip) == 0) {
		d->is_literal = ip_equal(&ip, &hop[0].ip);
		d->is_relay = !d->is_literal;
	} else {
		d->is_relay = !domain_equal(d->domain, hop[0].host);
	}
}

static void
settle(struct destination *d, const char *transport, size_t transport_len,
    const char *nexthop, const struct destination_rules *rules)
{
	if (transport_len == 0 || transport_len >= sizeof d->transport) {
		d->kind = DESTINATION_BAD;
		return;
	}
	memcpy(d->transport, transport, transport_len);
	d->transport[transport_len] = '\0';
	if (!is_smtp(d->transport, rules)) {
		d->kind = DESTINATION_HERE;
		return;
	}
	d->kind = DESTINATION_REMOTE;
	if (nexthop_normal(*nexthop != '\0' ? nexthop : d->domain,
	    d->nexthop) != 0) {
		d->kind = DESTINATION_BAD;
		d->nexthop[0] = '\0';
		return;
	}
	judge_hop(d);
}

/* "transport:nexthop", nexthop may be empty or absent. */
static void
settle_pair(struct destination *d, const char *pair, const char *nexthop,
    const struct destination_rules *rules)
{
	size_t len = strcspn(pair, ":");

	if (pair[len] == ':' && pair[len + 1] != '\0')
		nexthop = pair + len + 1;
	settle(d, pair, len, nexthop, rules);
}

/* Returns true for a filter on another host, which sends the mail on itself. */
static bool
filter_is_elsewhere(const char *filter, const struct destination_rules *rules)
{
	struct destination d = { .domain = "filter.invalid" };
	struct hop hop[DESTINATION_HOPS_MAX];

	if (*filter == '\0')
		return false;
	settle_pair(&d, filter, "", rules);
	if (d.kind != DESTINATION_REMOTE || destination_hops(d.nexthop, hop,
	    NULL) == 0)
		return false;
	return !ip_is_loopback(&hop[0].ip) &&
	    !domain_equal(hop[0].host, "localhost");
}

static bool
is_local(const char *domain, const struct destination_rules *rules)
{
	for (size_t i = 0; i < rules->n_local; i++) {
		if (text_equal_fold(rules->local[i], domain))
			return true;
	}
	return false;
}

void
destination_of(const struct address *recipient, const char *rcpt_host,
    const char *rcpt_mailer, const struct destination_rules *rules,
    struct destination *out)
{
	const char *filter = or_empty(rules->content_filter);

	memset(out, 0, sizeof *out);
	out->kind = DESTINATION_BAD;
	memcpy(out->domain, recipient->domain, sizeof out->domain);
	if (rcpt_mailer != NULL && *rcpt_mailer != '\0' &&
	    !is_smtp(rcpt_mailer, rules)) {
		settle(out, rcpt_mailer, strlen(rcpt_mailer), "", rules);
	} else if (out->domain[0] == '\0') {
		return;
	} else if (filter_is_elsewhere(filter, rules)) {
		settle_pair(out, filter, "", rules);
	} else if (rcpt_mailer != NULL && *rcpt_mailer != '\0') {
		settle(out, rcpt_mailer, strlen(rcpt_mailer),
		    or_empty(rcpt_host), rules);
	} else if (is_local(out->domain, rules)) {
		out->kind = DESTINATION_HERE;
	} else if (rules->has_transport_maps || rules->has_sender_maps) {
		out->kind = DESTINATION_UNTOLD;
	} else {
		const char *transport = or_empty(rules->default_transport);

		settle_pair(out, *transport != '\0' ? transport : "smtp",
		    or_empty(rules->relayhost), rules);
	}
}

bool
destination_equal(const struct destination *a, const struct destination *b)
{
	return a->kind == b->kind && strcmp(a->domain, b->domain) == 0 &&
	    strcmp(a->transport, b->transport) == 0 &&
	    strcmp(a->nexthop, b->nexthop) == 0;
}
