/* SPDX-License-Identifier: ISC */
/* Addresses, networks, global or not. */
#include "base/ip.h"

#include <netinet/in.h>

#include "unit.h"

static void
addresses_are_read(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1"}, {"[192.0.2.1]", "192.0.2.1"},
		{"2001:DB8:0:0:0:0:0:7", "2001:db8::7"},
		{"IPv6:2001:db8::7", "2001:db8::7"},
		{"[IPv6:2001:db8::7]", "2001:db8::7"},
		{"ipv6:::ffff:192.0.2.1", "192.0.2.1"},
		{"::ffff:192.0.2.1", "192.0.2.1"}, {"::", "::"},
		{"", "none"}, {"192.0.2", "none"}, {"192.0.2.256", "none"},
		{"192.0.2.01", "none"}, {"[192.0.2.1", "none"},
		{"IPv6:192.0.2.1", "none"}, {"fe80::1%eth0", "none"},
		{"192.0.2.1 ", "none"}, {"2001:db8:::1", "none"},
		{"example.org", "none"}, {"[]", "none"}, {"IPv6:", "none"},
		{"2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:1", "none"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ip ip;
		char out[IP_SIZE];
		assert_int_equal(ip_parse(rows[i].in, &ip),
		    strcmp(rows[i].want, "none") == 0 ? -1 : 0);
		assert_string_equal(ip_format(&ip, out), rows[i].want);
	}
}

static void
global_or_not(void **state)
{
	static const struct {
		const char *in;
		bool want;
	} rows[] = {
		{"203.0.113.7", true}, {"192.0.2.1", true}, {"8.8.8.8", true},
		{"2001:db8::7", true}, {"2a00::1", true},
		{"64:ff9b::203.0.113.7", true}, {"64:ff9b::10.0.0.1", false},
		{"64:ff9b:1::1", false}, {"0.0.0.0", false},
		{"10.1.2.3", false}, {"100.63.255.255", true},
		{"100.64.0.0", false}, {"100.127.255.255", false},
		{"100.128.0.0", true}, {"127.1.1.1", false},
		{"169.254.1.1", false}, {"172.15.255.255", true},
		{"172.16.0.1", false}, {"172.31.255.255", false},
		{"172.32.0.0", true}, {"192.168.1.1", false},
		{"224.0.0.1", false}, {"255.255.255.255", false},
		{"::", false}, {"::1", false}, {"::2", true},
		{"fe80::1", false}, {"febf::1", false}, {"fc00::1", false},
		{"fdff::1", false}, {"ff02::1", false},
		{"::ffff:10.0.0.1", false}, {"::ffff:203.0.113.7", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ip ip;
		assert_int_equal(ip_parse(rows[i].in, &ip), 0);
		if (ip_is_global(&ip) != rows[i].want)
			fail_msg("%s", rows[i].in);
	}
	assert_false(ip_is_global(&(struct ip){0}));
}

static void
networks(void **state)
{
	static const struct {
		const char *net, *ip;
		int want;		/* -1: no network */
	} rows[] = {
		{"192.0.2.0/24", "192.0.2.255", 1},
		{"192.0.2.0/24", "192.0.3.0", 0},
		{"192.0.2.77/25", "192.0.2.1", 1},
		{"192.0.2.77/25", "192.0.2.128", 0},
		{"192.0.2.1", "192.0.2.1", 1}, {"192.0.2.1", "192.0.2.2", 0},
		{"0.0.0.0/0", "203.0.113.7", 1}, {"0.0.0.0/0", "::1", 0},
		{"::/0", "203.0.113.7", 0}, {"::/0", "2001:db8::1", 1},
		{"2001:db8::/33", "2001:db8:7fff::1", 1},
		{"2001:db8::/33", "2001:db8:8000::1", 0},
		{"[::1]/128", "::1", 1}, {"[fe80::]/64", "fe80::9", 1},
		{"::ffff:10.0.0.0/104", "10.9.9.9", 1},
		{"::ffff:10.0.0.0/95", "10.9.9.9", -1},
		{"[192.0.2.0]/24", "192.0.2.9", 1},
		{"192.0.2.0/33", "", -1}, {"2001:db8::/129", "", -1},
		{"192.0.2.0/", "", -1}, {"192.0.2.0/-1", "", -1},
		{"192.0.2.0/ 8", "", -1}, {"/8", "", -1}, {"", "", -1},
		{"192.0.2.0/24/24", "", -1}, {"IPv6:::1", "", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ip_net net;
		struct ip ip;
		int got = ip_net_parse(rows[i].net, &net);
		if (got == 0) {
			assert_int_equal(ip_parse(rows[i].ip, &ip), 0);
			got = ip_net_has(&net, &ip);
		}
		if (got != rows[i].want)
			fail_msg("%s %s", rows[i].net, rows[i].ip);
	}
}

static void
socket_addresses(void **state)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr un = {.sa_family = AF_UNIX};
	struct ip a, b;

	(void)state;
	in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
	in6.sin6_addr.s6_addr[12] = 127;
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&in6, &a), 0);
	in.sin_addr.s_addr = htonl(0x7f000000);
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&in, &b), 0);
	assert_true(ip_equal(&a, &b));
	assert_true(ip_is_loopback(&a));
	assert_int_equal(ip_from_sockaddr(&un, &a), -1);
	assert_int_equal(a.family, IP_NONE);
	assert_false(ip_equal(&a, &b));
	assert_int_equal(ip_parse("::1", &a), 0);
	assert_true(ip_is_loopback(&a));
	assert_int_equal(ip_parse("126.0.0.1", &a), 0);
	assert_false(ip_is_loopback(&a));
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(addresses_are_read),
    cmocka_unit_test(global_or_not),
    cmocka_unit_test(networks),
    cmocka_unit_test(socket_addresses))
