/* SPDX-License-Identifier: ISC */
/*
 * Re-injected mail: a stranger sent it, this host took it in, and now a program
 * here sends it on, from loopback, by sendmail(1) or under a login. By its
 * origin alone it would be signed, with whatever the stranger wrote into From:.
 *
 *	the Received field of			counts
 *	a client elsewhere, without login	yes
 *	a login (ESMTPA, ESMTPSA)		no: its mail is outgoing
 *	a client in outgoing.networks		no: likewise
 *	this host (webmail, filters)		no
 *	sendmail(1), hidden sessions		no: they name no client
 *	other hosts, other programs		no
 *
 * A field that a stranger forges costs him a signature that he couldn't have
 * anyway; he can't take away the one that Postfix wrote for him. A user of ours
 * who forges one goes unsigned.
 *
 * BUGS: where header_checks or a list removes Received fields there is nothing
 * to be seen (waybilld(8)).
 */
#include "reinjected.h"

#include <string.h>

#include "base/domain.h"
#include "find/postfix_received.h"

enum { WRITER_MAX = 1024 };

void
reinjected_writer(const char *host, const char *version, struct text *out)
{
	const char *blank = version == NULL ? NULL : strrchr(version, ' ');

	text_init(out, WRITER_MAX);
	if (host != NULL && *host != '\0' && strpbrk(host, " \t\n") == NULL &&
	    blank != NULL && strchr(version, '\n') == NULL)
		text_addf(out, "%s %.*s\n", host, (int)(blank - version),
		    version);
}

static bool
is_known(const void *arg, const struct ip *client)
{
	const struct state *s = arg;

	return sender_is_own(state_sender(s), client) ||
	    origin_network_is_listed(state_origin_rules(s), client);
}

int
reinjected_by(const struct state *s, const char *writer, const char *received)
{
	int by = postfix_received_is_stranger(received,
	    postfix_writers(state_postfix(s)), is_known, s);

	return by != 0 ? by :
	    postfix_received_is_stranger(received, writer, is_known, s);
}

bool
reinjected_is_listed(const struct state *s, const char *author)
{
	const struct text_list *lists = &state_config(s)->outgoing.lists;

	for (size_t i = 0; i < lists->n; i++)
		if (domain_equal(lists->v[i], author))
			return true;
	return false;
}
