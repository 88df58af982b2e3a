/* SPDX-License-Identifier: ISC */
/* Four lines: recipient, {rcpt_host}, {rcpt_mailer}, relayhost. A destination
 * that is remote has a next hop, and it reads back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "find/destination.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct destination *d)
{
	struct hop hop[DESTINATION_HOPS_MAX], again[DESTINATION_HOPS_MAX];
	size_t n = destination_hops(d->nexthop, hop, NULL);

	if (n == 0 || n > DESTINATION_HOPS_MAX)
		abort();
	if (destination_hops(d->nexthop, again, NULL) != n ||
	    memcmp(&hop[0].ip, &again[0].ip, sizeof hop[0].ip) != 0 ||
	    strcmp(hop[0].host, again[0].host) != 0)
		abort();
	if (d->is_relay && d->is_literal)
		abort();
	for (const char *p = d->nexthop; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~')
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text;
	const char *field[4] = { "", NULL, NULL, NULL };
	struct destination_rules rules = { 0 };
	struct destination d;
	struct address rcpt;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (int i = 0; i < 4 && rest != NULL; i++)
		field[i] = strsep(&rest, "\n");
	rules.relayhost = field[3];
	rules.has_transport_maps = size % 7 == 0;
	(void)address_path(field[0], &rcpt);
	destination_of(&rcpt, field[1], field[2], &rules, &d);
	if (d.kind == DESTINATION_REMOTE)
		check(&d);
	free(text);
	return 0;
}
