/* SPDX-License-Identifier: ISC */
/*
 * Outgoing or incoming, and why.
 *
 *	authenticated	{auth_type}, at MAIL and not earlier; {auth_authen}
 *			proves nothing, milter_macro_defaults may set it
 *	daemon		{daemon_name} is listed
 *	certificate	subject and issuer are a listed pair. Postfix gives
 *			both macros only for a certificate that it trusts, and
 *			no {verify}; where an MTA gives one, it must be OK
 *	local		didn't come by SMTP: sendmail(1), qmqpd, a bounce
 *	network		the client's address is listed
 *
 * Mail that didn't come by SMTP is told by three signs together: no port, a
 * queue id at MAIL already (smtpd has none before DATA), and an address
 * without angle brackets. It claims to come from 127.0.0.1, which is no
 * client's address: the rule of networks isn't for it, so that "local = false"
 * means what it says.
 */
#include "origin.h"

#include <stdlib.h>
#include <string.h>

struct origin_rules {
	bool authenticated;
	bool local;
	bool loopback;
	struct text_list daemons;
	struct text_list certificates;
	struct ip_net *networks;
	size_t nnetworks;
};

static const char *const names[] = {
	[ORIGIN_INCOMING] = "incoming",
	[ORIGIN_AUTHENTICATED] = "authenticated",
	[ORIGIN_DAEMON] = "daemon",
	[ORIGIN_CERTIFICATE] = "certificate",
	[ORIGIN_LOCAL] = "local",
	[ORIGIN_NETWORK] = "network",
};

const char *
origin_name(enum origin o)
{
	return names[o];
}

static int
copy_list(struct text_list *to, const struct text_list *from)
{
	for (size_t i = 0; i < from->n; i++) {
		if (text_list_add(to, from->v[i]) != 0)
			return -1;
	}
	return 0;
}

static int
read_networks(struct origin_rules *r, const struct text_list *list,
    bool loopback, struct err *err)
{
	r->networks = calloc(list->n + 1, sizeof *r->networks);
	if (r->networks == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], "auto") == 0) {
			r->loopback = loopback;
			continue;
		}
		if (ip_net_parse(list->v[i], &r->networks[r->nnetworks]) != 0)
			return err_set(err, EXIT_CONFIG,
			    "outgoing.networks: \"%s\" is not a valid network; "
			    "use ADDRESS or ADDRESS/BITS", list->v[i]);
		r->nnetworks++;
	}
	return 0;
}

struct origin_rules *
origin_rules_new(const struct config *c, bool loopback, struct err *err)
{
	struct origin_rules *r = calloc(1, sizeof *r);

	if (r == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return NULL;
	}
	r->authenticated = c->outgoing.authenticated;
	r->local = c->outgoing.local;
	if (copy_list(&r->daemons, &c->outgoing.daemons) != 0 ||
	    copy_list(&r->certificates, &c->outgoing.certificates) != 0) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		origin_rules_free(&r);
		return NULL;
	}
	if (read_networks(r, &c->outgoing.networks, loopback, err) != 0)
		origin_rules_free(&r);
	return r;
}

void
origin_rules_free(struct origin_rules **rules)
{
	struct origin_rules *r = *rules;

	if (r == NULL)
		return;
	text_list_free(&r->daemons);
	text_list_free(&r->certificates);
	free(r->networks);
	free(r);
	*rules = NULL;
}

static bool
is_set(const char *s)
{
	return s != NULL && s[0] != '\0';
}

static bool
has_exactly(const struct text_list *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], s) == 0)
			return true;
	}
	return false;
}

/* Returns true if "SUBJECT|ISSUER" is in the list. The two halves are compared
 * separately, because either of them may contain a "|". */
static bool
certificate_is_listed(const struct origin_rules *r,
    const struct origin_facts *f)
{
	size_t len;

	if (!is_set(f->cert_subject) || !is_set(f->cert_issuer))
		return false;
	if (f->verify != NULL && strcmp(f->verify, "OK") != 0)
		return false;
	len = strlen(f->cert_subject);
	for (size_t i = 0; i < r->certificates.n; i++) {
		const char *pair = r->certificates.v[i];

		if (strncmp(pair, f->cert_subject, len) == 0 &&
		    pair[len] == '|' &&
		    strcmp(pair + len + 1, f->cert_issuer) == 0)
			return true;
	}
	return false;
}

static bool
is_no_smtp(const struct origin_facts *f)
{
	return f->port == 0 && is_set(f->queue_id) && f->mail_arg != NULL &&
	    f->mail_arg[0] != '<';
}

bool
origin_network_is_listed(const struct origin_rules *r,
    const struct ip *client)
{
	if (client->family == IP_NONE)
		return false;
	if (r->loopback && ip_is_loopback(client))
		return true;
	for (size_t i = 0; i < r->nnetworks; i++) {
		if (ip_net_has(&r->networks[i], client))
			return true;
	}
	return false;
}

enum origin
origin_of(const struct origin_rules *r, const struct origin_facts *f)
{
	if (r->authenticated && is_set(f->auth_type))
		return ORIGIN_AUTHENTICATED;
	if (is_set(f->daemon_name) && has_exactly(&r->daemons, f->daemon_name))
		return ORIGIN_DAEMON;
	if (certificate_is_listed(r, f))
		return ORIGIN_CERTIFICATE;
	if (is_no_smtp(f))
		return r->local ? ORIGIN_LOCAL : ORIGIN_INCOMING;
	if (origin_network_is_listed(r, &f->client))
		return ORIGIN_NETWORK;
	return ORIGIN_INCOMING;
}
