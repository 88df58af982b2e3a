/* SPDX-License-Identifier: ISC */
/*
 * The kernel's choice of a source address is found by connecting a datagram
 * socket, which looks up the route and sends nothing. For a host "somewhere on
 * the internet", the addresses of two root name servers are used, which are
 * not in the network of any mail host.
 */
#include "find/kernel.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KERNEL_PORT = 25 };

static socklen_t
kernel_sockaddr(const struct ip *ip, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof *out);
	if (ip->family == IP_4) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;
		in->sin_family = AF_INET;
		in->sin_port = htons(KERNEL_PORT);
		memcpy(&in->sin_addr, ip->b, 4);
		return sizeof *in;
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(KERNEL_PORT);
	memcpy(&in6->sin6_addr, ip->b, 16);
	return sizeof *in6;
}

bool
kernel_source(const struct ip *dest, struct ip *out)
{
	struct sockaddr_storage ss;
	bool found = false;

	*out = (struct ip){.family = IP_NONE};
	if (dest->family == IP_NONE)
		return false;
	socklen_t len = kernel_sockaddr(dest, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	if (connect(fd, (struct sockaddr *)&ss, len) == 0) {
		len = sizeof ss;
		found = getsockname(fd, (struct sockaddr *)&ss, &len) == 0 &&
		    ip_from_sockaddr((struct sockaddr *)&ss, out) == 0;
	}
	(void)close(fd);
	return found;
}

bool
kernel_source_global(enum ip_family family, struct ip *out)
{
	static const char *const v4[] = {"198.41.0.4", "199.7.91.13"};
	static const char *const v6[] = {"2001:503:ba3e::2:30",
	    "2001:500:2d::d"};

	for (size_t i = 0; i < 2; i++) {
		struct ip dest;
		if (ip_parse(family == IP_4 ? v4[i] : v6[i], &dest) == 0 &&
		    kernel_source(&dest, out))
			return true;
	}
	return false;
}

size_t
kernel_addresses(struct ip *out, size_t max)
{
	struct ifaddrs *list = NULL;
	size_t n = 0;

	if (getifaddrs(&list) != 0)
		return 0;
	for (const struct ifaddrs *a = list; a != NULL && n < max;
	    a = a->ifa_next)
		if (a->ifa_addr != NULL &&
		    ip_from_sockaddr(a->ifa_addr, &out[n]) == 0)
			n++;
	freeifaddrs(list);
	return n;
}
