/* SPDX-License-Identifier: ISC */
/*
 * The own addresses and the name, as waybilld finds them: the operator's
 * words, else this Postfix's, else the kernel's. An address that isn't global
 * is none that others see, and is left out.
 */
#include "tool/own.h"

#include <string.h>

#include "find/postfix_run.h"
#include "find/sender.h"

static void
add_global(struct own *own, const struct sender *s, enum ip_family family)
{
	size_t n;
	const struct ip *ip = sender_addresses(s, family, &n);

	for (size_t i = 0; i < n && own->n < OWN_ADDRESSES_MAX; i++)
		if (ip_is_global(&ip[i]))
			own->ips[own->n++] = ip[i];
}

int
own_find(const struct config *c, struct own *own, struct err *err)
{
	memset(own, 0, sizeof *own);
	struct postfix *p = postfix_read(NULL, c->sender.postfix, 0, err);
	if (p == NULL)
		return -1;
	struct sender *s = sender_new(p, &(struct sender_options){
	    .ipv4 = &c->sender.ipv4, .ipv6 = &c->sender.ipv6,
	    .hostname = c->sender.hostname });
	postfix_release(&p);
	if (s == NULL)
		return err_set(err, EXIT_TEMPORARY,
		    "no memory for the own addresses");
	(void)domain_to_ascii(sender_hostname(s), own->hostname);
	add_global(own, s, IP_4);
	add_global(own, s, IP_6);
	sender_release(&s);
	if (own->n > 0)
		return 0;
	return err_set(err, EXIT_ATTENTION, "no own address that others can "
	    "see is known; name one (--ip ADDR), or set sender.ipv4 and "
	    "sender.ipv6");
}
