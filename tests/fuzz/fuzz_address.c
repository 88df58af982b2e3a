/* SPDX-License-Identifier: ISC */
/* From:, To: and Cc: of anybody, and the arguments of MAIL and RCPT. */
#include "base/address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct address *a)
{
	char again[DOMAIN_SIZE];

	if (memchr(a->text, '\0', sizeof a->text) == NULL ||
	    memchr(a->domain, '\0', sizeof a->domain) == NULL)
		abort();
	/* a domain is in the one form that domains are compared in */
	if (a->domain[0] != '\0' && !a->is_literal &&
	    (domain_to_ascii(a->domain, again) != 0 ||
	    strcmp(a->domain, again) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address_list l;
	struct address a;
	unsigned n = 0;

	address_list_begin(&l, (const char *)data, size);
	while (address_list_next(&l, &a)) {
		check(&a);
		n++;
	}
	if (n != l.seen || n > ADDRESS_LIST_MAX)
		abort();
	char *arg = malloc(size + 1);
	if (arg == NULL)
		return 0;
	memcpy(arg, data, size);
	arg[size] = '\0';
	(void)address_path(arg, &a);
	check(&a);
	free(arg);
	return 0;
}
