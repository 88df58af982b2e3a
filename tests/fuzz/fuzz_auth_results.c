/* SPDX-License-Identifier: ISC */
/* Authentication-Results, Received-SPF and Received, each of one value. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tool/auth_results.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = strndup((const char *)data, size);
	struct auth_results a;
	struct received_spf spf;
	struct ip client;
	char by[64];
	size_t len = 0;

	if (s == NULL)
		return 0;
	if (auth_results_parse(&a, s) == 0) {
		assert(a.n <= AUTH_RESULTS_MAX);
		for (size_t i = 0; i < a.n; i++) {
			const struct auth_result *r = &a.v[i];

			assert(r->n <= AUTH_PROPERTIES_MAX);
			len += strlen(r->method) + strlen(r->result) +
			    strlen(r->reason) + strlen(r->comment);
			for (size_t k = 0; k < r->n; k++)
				len += strlen(r->property[k].ptype) +
				    strlen(r->property[k].name) +
				    strlen(r->property[k].value);
		}
		assert(len + strlen(a.by) <= strlen(s));
	}
	auth_results_free(&a);
	if (received_spf_parse(s, &spf) == 0)
		assert(spf.result[0] != '\0');
	received_parse(s, &client, by, sizeof by);
	assert(strlen(by) < sizeof by);
	free(s);
	return 0;
}
