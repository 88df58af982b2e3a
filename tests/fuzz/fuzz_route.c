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
#include "fake_unbound.h"
#include "find/family.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { AN_HOUR_MS = 3600 * 1000 };

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
	static struct resolver *r;
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
		if (r == NULL)
			r = fake_unbound_resolver(zone.buf);
		/* what it knows from the zone before is too old */
		fake_unbound_pass(AN_HOUR_MS);
		fake_unbound_zone(zone.buf);
		route_find(r, "x.example", false, on_route, NULL);
	}
	text_free(&zone);
	return 0;
}
