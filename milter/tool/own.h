/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_OWN_H
#define WAYBILL_TOOL_OWN_H

#include <stddef.h>

#include "base/domain.h"
#include "base/err.h"
#include "base/ip.h"
#include "config/config.h"

/* How this host looks from outside, for the commands: its own outbound
 * addresses and its name. */

enum { OWN_ADDRESSES_MAX = 32 };

struct own {
	struct ip ips[OWN_ADDRESSES_MAX];	/* IPv4 first */
	size_t n;
	char hostname[DOMAIN_SIZE];		/* "": not known */
};

/* 0, or -1 with err when there is no address at all (own is then empty but
 * for the name, where that is known). */
int own_find(const struct config *c, struct own *own, struct err *err);

#endif
