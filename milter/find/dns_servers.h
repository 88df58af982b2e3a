/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_DNS_SERVERS_H
#define WAYBILL_FIND_DNS_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* The servers that the resolver forwards to, and a probe of whether they are
 * alive. */

enum { DNS_SERVERS_MAX = 8 };

/*
 * Appends to out, as "ADDR@PORT", the servers of own ("ADDR" or "ADDR@PORT",
 * IPv4 or IPv6); or, if own is NULL or empty, those of the nameserver lines in
 * the file resolv_conf; or 127.0.0.1 if that file is missing or names none, as
 * the C library does. Entries of resolv.conf that are not addresses are
 * skipped, and so are those beyond DNS_SERVERS_MAX. Returns 0, or -1 with err
 * if own is invalid.
 */
int dns_servers_read(const struct text_list *own, const char *resolv_conf,
    struct text_list *out, struct err *err);

bool dns_servers_equal(const struct text_list *a, const struct text_list *b);

/* Sends one small query to all servers at once, from sockets of its own, to
 * find out whether any of them answers. The content of the answer does not
 * matter. */
struct dns_probe {
	int fd[DNS_SERVERS_MAX];
	size_t n;
	uint16_t id;
};

void dns_probe_send(struct dns_probe *p, const struct text_list *servers);

/* Returns true if one of them has answered. Never blocks. */
bool dns_probe_answered(const struct dns_probe *p);

/* Idempotent; a zeroed probe is closed. */
void dns_probe_close(struct dns_probe *p);

#endif
