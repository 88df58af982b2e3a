/* SPDX-License-Identifier: ISC */
/*
 * A hostile zone: records of length byte and raw data, for names and types in
 * turn. Whatever it says, the route keeps its bounds and a prediction can be
 * made of it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fake_resolver.h"
#include "find/family.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const owner[] = {
	"x.example MX", "x.example A", "a.example A", "a.example AAAA",
	"x.example AAAA", "b.example A", "x.example MX", "x.example MX",
};

static void
on_route(void *arg, struct route *route)
{
	struct destination d = { .kind = DESTINATION_REMOTE,
		.domain = "x.example" };
	struct family_rules rules = { .ipv4 = true, .ipv6 = true,
		.can_ipv4 = true, .can_ipv6 = true, .randomize = true };
	struct prediction p;

	(void)arg;
	if (route == NULL)
		return;
	for (size_t i = 0; i < route->n_hops; i++) {
		if (route->hop[i].n_hosts > ROUTE_HOSTS_MAX)
			abort();
	}
	family_predict(&d, route, WHY_TIMEOUT, &rules, &p);
	if (p.p6 > 100 || (p.family == FAMILY_EITHER) != (p.why == WHY_ANY))
		abort();
	route_free(&route);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct resolver *r;
	struct text zone;

	text_init(&zone, 1 << 18);
	for (size_t at = 0, i = 0; at < size; i++) {
		size_t len = data[at++];

		if (len > size - at)
			len = size - at;
		text_addf(&zone, "%s \\# ", owner[i % (sizeof owner /
		    sizeof *owner)]);
		for (size_t k = 0; k < len; k++)
			text_addf(&zone, "%02x", data[at + k]);
		text_add(&zone, "\n");
		at += len;
	}
	if (!zone.cut) {
		r = fake_resolver_new(zone.buf);
		route_find(r, "x.example", false, on_route, NULL);
		resolver_free(&r);
	}
	text_free(&zone);
	return 0;
}
