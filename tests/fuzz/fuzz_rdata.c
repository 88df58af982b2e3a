/* SPDX-License-Identifier: ISC */
/* Record data: the first byte says as what the rest is read. What is accepted
 * must keep the promises of rdata.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "find/rdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_name(const char *name)
{
	if (strlen(name) >= DOMAIN_SIZE)
		abort();
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") !=
	    strlen(name))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rdata r;
	struct rdata_mx mx;
	struct ip ip;
	char name[DOMAIN_SIZE], *txt;
	size_t len;

	if (size == 0)
		return 0;
	r = (struct rdata){ data + 1, size - 1 };
	switch (data[0] % 5) {
	case 0:
		if (rdata_name(r.data, r.len, name, &len) == 0 && len > r.len)
			abort();
		check_name(name);
		break;
	case 1:
		(void)rdata_mx(&r, &mx);
		check_name(mx.host);
		break;
	case 2:
		txt = rdata_txt(&r, &len);
		if (txt != NULL && (len >= r.len || txt[len] != '\0'))
			abort();
		free(txt);
		break;
	case 3:
		(void)rdata_ip(&r, size % 2 == 0 ? DNS_A : DNS_AAAA, &ip);
		break;
	default:
		(void)rdata_ptr(&r, name);
		check_name(name);
	}
	return 0;
}
