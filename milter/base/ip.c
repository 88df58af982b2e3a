/* SPDX-License-Identifier: ISC */
/*
 * Internet addresses and networks. An IPv4 address in its mapped IPv6 form
 * (::ffff:192.0.2.1) is treated as that IPv4 address everywhere in waybill, so
 * a comparison never depends on how it arrived. Whether an address is
 * reachable from the internet is decided by the ranges of RFC 6890 that a mail
 * host may have; documentation prefixes count as global, because tests use
 * them.
 */
#include "base/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Also not global, in addition to the list in ip.h: 0/8 ("this network"), the
 * local NAT64 prefix of RFC 8215 and the deprecated site-local prefix of RFC
 * 3879. */
static const char *const ip_not_global[] = {
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
	"169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4",
	"240.0.0.0/4",
	"::/128", "::1/128", "64:ff9b:1::/48", "fc00::/7", "fe80::/10",
	"fec0::/10", "ff00::/8",
};

/* The well-known NAT64 prefix, RFC 6052 2.1. */
static const uint8_t ip_nat64[12] = {0x00, 0x64, 0xff, 0x9b};

static void
ip_from_6(const uint8_t *b, struct ip *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	*out = (struct ip){.family = IP_6};
	if (memcmp(b, mapped, sizeof mapped) == 0) {
		out->family = IP_4;
		memcpy(out->b, b + sizeof mapped, 4);
	} else {
		memcpy(out->b, b, 16);
	}
}

/* Reads the address in the len bytes at s, without brackets. */
static int
ip_parse_bytes(const char *s, size_t len, struct ip *out)
{
	char buf[IP_SIZE];
	uint8_t b[16];

	*out = (struct ip){.family = IP_NONE};
	if (len >= sizeof buf || memchr(s, '\0', len) != NULL)
		return -1;
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (inet_pton(AF_INET, buf, b) == 1) {
		out->family = IP_4;
		memcpy(out->b, b, 4);
	} else if (inet_pton(AF_INET6, buf, b) == 1) {
		ip_from_6(b, out);
	} else {
		return -1;
	}
	return 0;
}

int
ip_parse(const char *s, struct ip *out)
{
	size_t len = strlen(s);

	if (len >= 2 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
	}
	if (text_begins_fold(s, "ipv6:")) {
		s += 5;
		len -= 5;
		/* "IPv6:192.0.2.1" is not an IPv6 address */
		if (memchr(s, ':', len) == NULL) {
			out->family = IP_NONE;
			return -1;
		}
	}
	return ip_parse_bytes(s, len, out);
}

int
ip_from_sockaddr(const struct sockaddr *sa, struct ip *out)
{
	*out = (struct ip){.family = IP_NONE};
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof in);
		out->family = IP_4;
		memcpy(out->b, &in.sin_addr, 4);
		return 0;
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof in6);
		ip_from_6(in6.sin6_addr.s6_addr, out);
		return 0;
	}
	return -1;
}

const char *
ip_format(const struct ip *ip, char *out)
{
	if (ip->family == IP_NONE || inet_ntop(ip->family == IP_4 ? AF_INET
	    : AF_INET6, ip->b, out, IP_SIZE) == NULL)
		(void)snprintf(out, IP_SIZE, "none");
	return out;
}

bool
ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family &&
	    memcmp(a->b, b->b, a->family == IP_4 ? 4 : 16) == 0;
}

bool
ip_is_global(const struct ip *ip)
{
	struct ip_net net;

	if (ip->family == IP_NONE)
		return false;
	if (ip->family == IP_6 && memcmp(ip->b, ip_nat64, 12) == 0) {
		struct ip inner = {.family = IP_4};
		memcpy(inner.b, ip->b + 12, 4);
		return ip_is_global(&inner);
	}
	for (size_t i = 0; i < sizeof ip_not_global / sizeof *ip_not_global;
	    i++)
		if (ip_net_parse(ip_not_global[i], &net) == 0 &&
		    ip_net_has(&net, ip))
			return false;
	return true;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const uint8_t one[16] = {[15] = 1};

	if (ip->family == IP_4)
		return ip->b[0] == 127;
	return ip->family == IP_6 && memcmp(ip->b, one, 16) == 0;
}

/* Clears the bits after the prefix. */
static void
ip_net_mask(struct ip_net *net)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = net->bits <= 8 * i ? 0
		    : net->bits - 8 * i >= 8 ? 8 : net->bits - 8 * i;
		net->ip.b[i] &= (uint8_t)(0xff00 >> kept);
	}
}

int
ip_net_parse(const char *s, struct ip_net *out)
{
	const char *slash = strchr(s, '/');
	size_t len = slash == NULL ? strlen(s) : (size_t)(slash - s);
	long long bits;

	out->bits = 0;
	if (len >= 2 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
	}
	if (ip_parse_bytes(s, len, &out->ip) != 0)
		return -1;
	bool written_6 = memchr(s, ':', len) != NULL;
	bits = written_6 ? 128 : 32;
	if (slash != NULL && text_number(slash + 1, 0, bits, &bits) != 0)
		return -1;
	/* a mapped network wider than the mapped prefix is not IPv4 */
	if (written_6 && out->ip.family == IP_4) {
		bits -= 96;
		if (bits < 0)
			return -1;
	}
	out->bits = (unsigned)bits;
	ip_net_mask(out);
	return 0;
}

bool
ip_net_has(const struct ip_net *net, const struct ip *ip)
{
	if (net->ip.family != ip->family || ip->family == IP_NONE)
		return false;
	struct ip_net other = {.ip = *ip, .bits = net->bits};
	ip_net_mask(&other);
	return ip_equal(&net->ip, &other.ip);
}
