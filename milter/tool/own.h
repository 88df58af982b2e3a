/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_OWN_H
#define WAYBILL_TOOL_OWN_H

#include <stddef.h>

#include "base/domain.h"
#include "base/err.h"
#include "base/ip.h"
#include "config/config.h"

/* How this host looks from outside, for the commands: its own outbound
 * addresses and its names. */

enum { OWN_ADDRESSES_MAX = 32 };

struct own {
	struct ip ips[OWN_ADDRESSES_MAX];	/* IPv4 first; not all of them
						 * need be global */
	size_t n;
	char hostname[DOMAIN_SIZE];		/* A-label; "": not known */
	char helo[DOMAIN_SIZE];			/* what smtp(8) says */
};

/* From the configuration, Postfix and the kernel. 0, or -1 with err when
 * Postfix's configuration can't be read. */
int own_find(const struct config *c, struct own *own, struct err *err);

#endif
