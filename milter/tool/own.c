/* SPDX-License-Identifier: ISC */
/*
 * Own addresses and names for a command, as waybilld finds them (find/sender),
 * but read here and now: a command needs no helper process.
 */
#include "tool/own.h"

#include <string.h>

#include "base/clock.h"
#include "find/postfix_run.h"
#include "find/sender.h"

/* How long postconf(1) may take. */
enum { PATIENCE_MS = 15000 };

static void
add_addresses(struct own *own, const struct sender *s, enum ip_family family)
{
	size_t n;
	const struct ip *ips = sender_addresses(s, family, &n);

	for (size_t i = 0; i < n && own->n < OWN_ADDRESSES_MAX; i++)
		own->ips[own->n++] = ips[i];
}

int
own_find(const struct config *c, struct own *own, struct err *err)
{
	struct sender_options o = {
		.ipv4 = &c->sender.ipv4, .ipv6 = &c->sender.ipv6,
		.hostname = c->sender.hostname,
	};
	struct postfix *p = postfix_read(NULL, c->sender.postfix,
	    clock_ms() + PATIENCE_MS, err);
	struct sender *s;

	memset(own, 0, sizeof *own);
	if (p == NULL)
		return -1;
	s = sender_new(p, &o);
	postfix_release(&p);
	if (s == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	(void)domain_to_ascii(sender_hostname(s), own->hostname);
	(void)domain_to_ascii(sender_transport(s, NULL)->helo, own->helo);
	add_addresses(own, s, IP_4);
	add_addresses(own, s, IP_6);
	sender_release(&s);
	return 0;
}
