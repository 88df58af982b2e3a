/* SPDX-License-Identifier: ISC */
/*
 * Transport and next hop of a recipient, as trivial-rewrite(8) finds them:
 *
 *	1 the domain's class: mydestination, virtual_alias_domains,
 *	  virtual_mailbox_domains, relay_domains, or any other; each has its
 *	  transport parameter
 *	2 off this host: the next hop is that of the sender's entry in
 *	  sender_dependent_relayhost_maps, else relayhost, else the domain; one
 *	  in the transport parameter goes before these
 *	3 transport_maps over all of it: the address, with and without its
 *	  extension, the domain, its parents with a dot before them, "*"
 *
 * Tables that match patterns are asked for the whole address only, as Postfix
 * does. A domain literal with an address of this host is local, as in
 * mydestination. Not known here: rewriting of the address (canonical, aliases)
 * that comes first.
 */
#include "tool/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tool/postmap.h"

enum { KEY_SIZE = ADDRESS_MAX + 2 };

/* A question that goes to tables. */
struct view {
	const struct postfix *p;
	const char *folder;
	const char *without;
	const struct family_rules *host;
	struct err *err;
	bool failed;
};

/* A parameter, "" where there is none. Malloc'd; NULL without memory. */
static char *
parameter(const struct view *v, const char *name)
{
	char *value = postfix_value(v->p, NULL, name);

	return value != NULL ? value : strdup("");
}

/* The same, absent where it is empty. */
static char *
transport_parameter(const struct view *v, const char *name, const char *absent)
{
	char *value = parameter(v, name);

	if (value != NULL && *value == '\0') {
		free(value);
		value = strdup(absent);
	}
	return value;
}

static bool
has_patterns(const char *table)
{
	return text_begins_fold(table, "regexp:") ||
	    text_begins_fold(table, "pcre:") ||
	    text_begins_fold(table, "cidr:");
}

/* The first of the maps' tables that has key. Malloc'd, or NULL. */
static char *
maps_find(struct view *v, const char *maps, const char *key, bool partial)
{
	char *table, *value = NULL;

	while (value == NULL && !v->failed &&
	    (table = postfix_next_word(&maps)) != NULL) {
		bool is_asked = v->without == NULL ||
		    strcmp(table, v->without) != 0;

		if (is_asked && (!partial || !has_patterns(table)))
			v->failed = postmap_ask(v->folder, table, key, &value,
			    v->err) == POSTMAP_FAILED;
		free(table);
	}
	return value;
}

/* Does one word of a list of domains match? */
static bool
word_matches(struct view *v, const char *word, const char *domain)
{
	char *value = NULL;

	if (strchr(word, ':') == NULL)
		return text_equal_fold(word, domain);
	value = maps_find(v, word, domain, false);
	free(value);
	return value != NULL;
}

/* Is the domain, or with parents one above it, in the parameter's list? */
static bool
list_has(struct view *v, const char *name, const char *domain, bool parents)
{
	char *list = parameter(v, name), *word;
	bool has = false;

	for (; domain != NULL && !has; domain = domain_parent(domain)) {
		const char *at = list != NULL ? list : "";

		while (!has && !v->failed &&
		    (word = postfix_next_word(&at)) != NULL) {
			has = word_matches(v, word, domain);
			free(word);
		}
		if (!parents)
			break;
	}
	free(list);
	return has;
}

/* The sender's entry in a table: the address, then "@domain". */
static char *
sender_find(struct view *v, const char *name, const char *sender)
{
	char *maps = parameter(v, name), *value = NULL;
	const char *at = sender != NULL ? strrchr(sender, '@') : NULL;

	if (maps != NULL && *maps != '\0' && at != NULL) {
		value = maps_find(v, maps, sender, false);
		if (value == NULL)
			value = maps_find(v, maps, at, true);
	}
	if (value != NULL && text_equal_fold(value, "DUNNO")) {
		free(value);
		value = NULL;
	}
	free(maps);
	return value;
}

/* Takes "transport:nexthop" over what is there; either may be empty. */
static void
take_pair(struct transport_answer *out, const char *pair)
{
	size_t len = strcspn(pair, ":");

	if (len > 0)
		(void)snprintf(out->mailer, sizeof out->mailer, "%.*s", (int)len,
		    pair);
	if (pair[len] == ':' && pair[len + 1] != '\0')
		(void)snprintf(out->host, sizeof out->host, "%s", pair + len + 1);
}

static bool
is_own_literal(const struct view *v, const char *domain)
{
	struct ip ip;

	if (domain[0] != '[' || ip_parse(domain, &ip) != 0)
		return false;
	for (size_t i = 0; i < v->host->n_own; i++) {
		if (ip_equal(&ip, &v->host->own[i]))
			return true;
	}
	return false;
}

/* The transport parameter of the domain's class; *leaves: off this host. */
static char *
class_transport(struct view *v, const char *domain, const char *sender,
    bool *leaves)
{
	char *value;

	*leaves = false;
	if (is_own_literal(v, domain) ||
	    list_has(v, "mydestination", domain, false))
		return transport_parameter(v, "local_transport", "local");
	if (list_has(v, "virtual_alias_domains", domain, false))
		return strdup("error");
	if (list_has(v, "virtual_mailbox_domains", domain, false))
		return transport_parameter(v, "virtual_transport", "virtual");
	*leaves = true;
	if (list_has(v, "relay_domains", domain, true))
		return transport_parameter(v, "relay_transport", "relay");
	value = sender_find(v, "sender_dependent_default_transport_maps", sender);
	return value != NULL ? value :
	    transport_parameter(v, "default_transport", "smtp");
}

static void
find_by_class(struct view *v, const char *domain, const char *sender,
    struct transport_answer *out)
{
	bool leaves;
	char *transport = class_transport(v, domain, sender, &leaves);
	char *relay = NULL;

	(void)snprintf(out->mailer, sizeof out->mailer, "smtp");
	(void)snprintf(out->host, sizeof out->host, "%s", domain);
	if (leaves) {
		relay = sender_find(v, "sender_dependent_relayhost_maps", sender);
		if (relay == NULL)
			relay = parameter(v, "relayhost");
		if (relay != NULL && *relay != '\0')
			(void)snprintf(out->host, sizeof out->host, "%s", relay);
	}
	if (transport != NULL)
		take_pair(out, transport);
	free(relay);
	free(transport);
}

/* The address without its extension into key; false when it has none. */
static bool
without_extension(struct view *v, const char *address, char *key)
{
	char *delimiters = parameter(v, "recipient_delimiter");
	const char *at = strrchr(address, '@');
	size_t len = delimiters != NULL ? strcspn(address, delimiters) : 0;
	bool has = delimiters != NULL && *delimiters != '\0' && len > 0 &&
	    at != NULL && len < (size_t)(at - address);

	if (has)
		(void)snprintf(key, KEY_SIZE, "%.*s%s", (int)len, address, at);
	free(delimiters);
	return has;
}

/* The recipient's entry in transport_maps. Malloc'd, or NULL. */
static char *
find_entry(struct view *v, const char *maps, const char *address,
    const char *domain)
{
	char key[KEY_SIZE];
	char *value = maps_find(v, maps, address, false);

	if (value == NULL && without_extension(v, address, key))
		value = maps_find(v, maps, key, false);
	if (value == NULL)
		value = maps_find(v, maps, domain, true);
	for (const char *parent = domain_parent(domain);
	    value == NULL && parent != NULL && domain[0] != '[';
	    parent = domain_parent(parent)) {
		(void)snprintf(key, sizeof key, ".%s", parent);
		value = maps_find(v, maps, key, true);
	}
	if (value == NULL)
		value = maps_find(v, maps, "*", true);
	return value;
}

/*
 *	":" ................ nothing changes
 *	":nexthop" ......... the next hop
 *	"transport:" ....... the transport; the next hop is the domain again
 *	"transport:nexthop"  both
 */
static void
take_entry(const char *entry, const char *domain, struct transport_answer *out)
{
	if (entry[0] != ':' && entry[0] != '\0')
		(void)snprintf(out->host, sizeof out->host, "%s", domain);
	take_pair(out, entry);
}

int
transport_find(const struct postfix *p, const char *folder,
    const char *without, const struct family_rules *host, const char *sender,
    const struct address *recipient, struct transport_answer *out,
    struct err *err)
{
	struct view v = { .p = p, .folder = folder, .without = without,
		.host = host, .err = err };
	char address[KEY_SIZE];
	char *maps = parameter(&v, "transport_maps"), *entry = NULL;

	find_by_class(&v, recipient->domain, sender, out);
	(void)snprintf(address, sizeof address, "%s", recipient->text);
	if (strrchr(address, '@') != NULL)
		(void)snprintf(strrchr(address, '@') + 1,
		    sizeof address - (size_t)(strrchr(address, '@') + 1 -
		    address), "%s", recipient->domain);
	if (maps != NULL && *maps != '\0' && !v.failed)
		entry = find_entry(&v, maps, address, recipient->domain);
	out->is_mapped = entry != NULL;
	if (entry != NULL)
		take_entry(entry, recipient->domain, out);
	free(entry);
	free(maps);
	return v.failed ? -1 : 0;
}
