/* SPDX-License-Identifier: ISC */
/*
 * What is said of the own addresses, word for word. tests/data/postconf stands
 * in for a Postfix, this file for the kernel; log_event() is wrapped.
 */

#include "base/event.h"
#include "base/log.h"
#include "find/kernel.h"
#include "outbound.h"
#include "postconf.h"
#include "unit.h"

enum { EVERY_MS = 60 * 60 * 1000 };

void __wrap_log_event(struct event *e);

static const char *source4;
static char logged[8000];

bool
kernel_source_global(enum ip_family family, struct ip *out)
{
	return ip_parse(family == IP_4 ? source4 : "2001:db8::11", out) == 0;
}

size_t
kernel_addresses(struct ip *out, size_t max)
{
	static const char *const all[] = { "127.0.0.1", "192.0.2.10",
	    "10.0.0.5", "::1", "2001:db8::11" };
	size_t n = 0;

	for (size_t i = 0; i < COUNT(all) && n < max; i++)
		n += ip_parse(all[i], &out[n]) == 0;
	return n;
}

void
__wrap_log_event(struct event *e)
{
	strcat(logged, event_line(e));
	strcat(logged, "\n");
}

/* With the kernel's IPv4 source, lines of main.cf and master.cf, and the
 * operator's addresses. */
static const char *
say_configured(struct warn *w, const char *kernel4, const char *main,
    const char *overrides, const struct text_list *ipv4,
    const struct text_list *ipv6)
{
	struct sender_options o = { .ipv4 = ipv4, .ipv6 = ipv6 };
	struct postfix *p;
	struct sender *s;

	source4 = kernel4;
	logged[0] = '\0';
	p = postconf_parse(main, overrides, NULL);
	s = sender_new(p, &o);
	assert_non_null(s);
	outbound_say(s, w, EVERY_MS);
	sender_release(&s);
	postfix_release(&p);
	return logged;
}

static const char *
say(struct warn *w, const char *kernel4, const char *main,
    const char *overrides)
{
	return say_configured(w, kernel4, main, overrides, NULL, NULL);
}

#define SMTP(ip4) "outbound host=mail.example.org transport=smtp " \
	"helo=mail.example.org ip4=" ip4 " source4=kernel " \
	"ip6=2001:db8::11 source6=kernel\n"
#define SMTP4 "outbound host=mail.example.org transport=smtp4 " \
	"helo=out.example.org ip4=192.0.2.10 source4=bind ip6=none " \
	"source6=none\n"
#define ENFORCED(ip4) "outbound host=mail.example.org transport=enforced " \
	"helo=mail.example.org ip4=" ip4 " source4=kernel ip6=none " \
	"source6=none\n"
#define NAT "warning: nat transport=smtp ip4=10.0.0.5: receivers see " \
	"another address than this one, so SPF is unchecked; set sender.ipv4 " \
	"to it\n"
#define ABSENT6 "warning: bind transport=enforced ip6=none: " \
	"smtp_bind_address6 is set to an address this host does not have\n"

/* Transports that are like "smtp" aren't said; a warning is given once. */
static void
test_lines(void **state)
{
	struct warn *w = warn_new();

	(void)state;
	assert_string_equal(say(w, "192.0.2.10", NULL, NULL),
	    SMTP("192.0.2.10") SMTP4 ENFORCED("192.0.2.10") ABSENT6);
	assert_string_equal(say(w, "192.0.2.10", NULL, NULL),
	    SMTP("192.0.2.10") SMTP4 ENFORCED("192.0.2.10"));
	assert_string_equal(say(w, "10.0.0.5", NULL, NULL),
	    SMTP("10.0.0.5") NAT SMTP4 ENFORCED("10.0.0.5"));
	assert_string_equal(say(w, "10.0.0.5", NULL, NULL),
	    SMTP("10.0.0.5") SMTP4 ENFORCED("10.0.0.5"));
	warn_free(&w);
}

/* Addresses that are not there are each a subject, though mail may leave from
 * where it leaves anyway. */
static void
test_absent(void **state)
{
	struct warn *w = warn_new();

	(void)state;
	assert_string_equal(say(w, "192.0.2.10", NULL,
	    "relay/unix/smtp_bind_address = 192.0.2.77\n"
	    "one/unix/smtp_bind_address = 192.0.2.78\n"),
	    SMTP("192.0.2.10") SMTP4 ENFORCED("192.0.2.10") ABSENT6
	    "outbound host=mail.example.org transport=one helo=out.example.org "
	    "ip4=192.0.2.10 source4=kernel ip6=2001:db8::11 "
	    "source6=interface\nwarning: bind transport=one ip4=192.0.2.10: "
	    "smtp_bind_address is set to an address this host does not "
	    "have\noutbound host=mail.example.org transport=relay "
	    "helo=out.example.org ip4=192.0.2.10 source4=kernel "
	    "ip6=2001:db8::11 source6=kernel\nwarning: bind transport=relay "
	    "ip4=192.0.2.10: smtp_bind_address is set to an address this "
	    "host does not have\n");
	/* the name doesn't follow: mail leaves from the same addresses */
	assert_string_equal(say(w, "192.0.2.10", NULL,
	    "one/unix/smtp_bind_address6 = 2001:db8::98\n"
	    "one/unix/smtp_helo_name = $myhostname\n"),
	    SMTP("192.0.2.10") SMTP4 ENFORCED("192.0.2.10")
	    "outbound host=mail.example.org transport=one "
	    "helo=mail.example.org ip4=192.0.2.10 source4=kernel "
	    "ip6=2001:db8::11 source6=kernel\nwarning: bind transport=one "
	    "ip6=2001:db8::11: smtp_bind_address6 is set to an address this "
	    "host does not have\n");
	warn_free(&w);
}

/* Behind NAT any of those that the operator names may be seen. */
static void
test_several(void **state)
{
	char first[] = "203.0.113.7", second[] = "203.0.113.8";
	char *v[] = { first, second };
	const struct text_list list = { v, 2 };
	struct warn *w = warn_new();

	(void)state;
	assert_non_null(strstr(say_configured(w, "10.0.0.5", NULL, NULL,
	    &list, NULL), "transport=smtp helo=mail.example.org "
	    "ip4=203.0.113.7,203.0.113.8 source4=configured ip6="));
	assert_null(strstr(logged, "nat"));
	warn_free(&w);
}

/* As many addresses as there may be, at their longest: none is missing, and no
 * line is cut. */
static void
test_many(void **state)
{
	char ip4[SENDER_ADDRESSES_MAX][IP_SIZE];
	char ip6[SENDER_ADDRESSES_MAX][IP_SIZE];
	char *v4[SENDER_ADDRESSES_MAX], *v6[SENDER_ADDRESSES_MAX];
	struct text_list list4 = { v4, SENDER_ADDRESSES_MAX };
	struct text_list list6 = { v6, SENDER_ADDRESSES_MAX };
	struct warn *w = warn_new();

	(void)state;
	for (size_t i = 0; i < SENDER_ADDRESSES_MAX; i++) {
		v4[i] = ip4[i];
		v6[i] = ip6[i];
		snprintf(ip4[i], IP_SIZE, "203.0.113.%zu", 100 + i);
		snprintf(ip6[i], IP_SIZE, "2001:db8:1111:2222:3333:4444:"
		    "5555:%zu", 6600 + i);
	}
	/* two lists of some, on one line; two long ones, on a line each */
	for (size_t n = 3; n <= SENDER_ADDRESSES_MAX; n++) {
		list4.n = list6.n = n;
		say_configured(w, "10.0.0.5", NULL, NULL, &list4, &list6);
		for (size_t i = 0; i < n; i++) {
			assert_non_null(strstr(logged, v4[i]));
			assert_non_null(strstr(logged, v6[i]));
		}
		assert_non_null(strstr(logged, " source6=configured\n"));
		assert_null(strstr(logged, "cut=yes"));
		assert_int_equal(strstr(logged, "\noutbound transport=smtp "
		    "ip6=2001:db8:1111:2222:3333:4444:5555:6600,") != NULL,
		    n > 3);
	}
	warn_free(&w);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_lines),
    cmocka_unit_test(test_absent),
    cmocka_unit_test(test_several),
    cmocka_unit_test(test_many))
