/* SPDX-License-Identifier: ISC */
/*
 * The own addresses of the operator's configuration.
 */
#include "tool/own.h"

#include <stdio.h>
#include <string.h>

static void
add_configured(struct own *own, const struct text_list *list)
{
	for (size_t i = 0; i < list->n && own->n < OWN_ADDRESSES_MAX; i++) {
		struct ip ip;

		if (ip_parse(list->v[i], &ip) == 0)
			own->ips[own->n++] = ip;
	}
}

int
own_find(const struct config *c, struct own *own, struct err *err)
{
	memset(own, 0, sizeof *own);
	if (strcmp(c->sender.hostname, "auto") != 0)
		(void)domain_to_ascii(c->sender.hostname, own->hostname);
	add_configured(own, &c->sender.ipv4);
	add_configured(own, &c->sender.ipv6);
	if (own->n > 0)
		return 0;
	return err_set(err, EXIT_ATTENTION, "no own address is known; name "
	    "one (--ip ADDR), or set sender.ipv4 and sender.ipv6");
}
