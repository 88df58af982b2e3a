/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_DNS_SERVERS_H
#define WAYBILL_FIND_DNS_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* The servers that the resolver forwards to, and a sign of life from them. */

enum { DNS_SERVERS_MAX = 8 };

/*
 * Appends to out, as "ADDR@PORT", the servers of own ("ADDR" or "ADDR@PORT",
 * IPv4 or IPv6), or, when own is NULL or empty, the nameserver lines of the
 * file resolv_conf; 127.0.0.1 when that file is absent or names none, as the
 * C library does. What resolv.conf has that is no address is passed over,
 * more than DNS_SERVERS_MAX of it too. 0, or -1 with err for a bad own.
 */
int dns_servers_read(const struct text_list *own, const char *resolv_conf,
    struct text_list *out, struct err *err);

bool dns_servers_equal(const struct text_list *a, const struct text_list *b);

/* One small question to each server at once, from sockets of its own: does
 * anybody answer? What the answer says doesn't matter. */
struct dns_probe {
	int fd[DNS_SERVERS_MAX];
	size_t n;
	uint16_t id;
};

void dns_probe_send(struct dns_probe *p, const struct text_list *servers);

/* Has one of them answered? Never blocks. */
bool dns_probe_answered(const struct dns_probe *p);

/* Idempotent; a zeroed probe is closed. */
void dns_probe_close(struct dns_probe *p);

#endif
