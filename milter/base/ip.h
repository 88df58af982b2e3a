/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_IP_H
#define WAYBILL_BASE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum ip_family { IP_NONE = 0, IP_4 = 4, IP_6 = 6 };

/* Size of an address as text with its NUL: INET6_ADDRSTRLEN. */
enum { IP_SIZE = 46 };

struct ip {
	enum ip_family family;
	uint8_t b[16];		/* network order; 4 used for IP_4, the rest 0 */
};

struct ip_net {
	struct ip ip;		/* bits after the prefix are 0 */
	unsigned bits;
};

/* Parses dotted IPv4 or IPv6, also in "[ ]" and with "IPv6:" in front, without
 * a zone. IPv4-mapped IPv6 becomes IPv4. Returns 0, or -1 (out->family is then
 * IP_NONE). */
int ip_parse(const char *s, struct ip *out);

/*
 * Converts a socket address; -1 for other families. Mapped IPv4 becomes IPv4.
 */
int ip_from_sockaddr(const struct sockaddr *sa, struct ip *out);

/* Writes the canonical text (RFC 5952) to out, which has IP_SIZE bytes; "none"
 * for IP_NONE. Returns out. */
const char *ip_format(const struct ip *ip, char *out);

bool ip_equal(const struct ip *a, const struct ip *b);

/* Returns true if the address can be reached from the internet: not
 * unspecified, loopback, RFC 1918, 100.64/10, link-local, fc00::/7, multicast,
 * 240/4, nor a NAT64 or mapped form of these; documentation prefixes count as
 * global. */
bool ip_is_global(const struct ip *ip);

bool ip_is_loopback(const struct ip *ip);

/* Parses "ADDR" or "ADDR/BITS", BITS 0 to 32 or 128; IPv6 also as
 * "[ADDR]/BITS", as Postfix writes mynetworks. Host bits are cleared. Returns
 * 0 or -1. */
int ip_net_parse(const char *s, struct ip_net *out);

bool ip_net_has(const struct ip_net *net, const struct ip *ip);

#endif
