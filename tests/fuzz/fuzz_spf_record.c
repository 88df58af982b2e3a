/* SPDX-License-Identifier: ISC */
/* An SPF record from a stranger's zone: read, and if it is right, expanded and
 * written again with an address put in, which must read as well. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "find/spf_macro.h"
#include "find/spf_record.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expand(const struct spf_record *r)
{
	struct ip ip = { .family = IP_6, .b = { 0x20, 1, 0xd, 0xb8 } };
	struct spf_macro_values v = {
		.sender = "a.b-c%25@example.org", .local = { "a.b-c%25", 8 },
		.origin = "example.org", .domain = "sub.example.org",
		.helo = "h.example.org", .ip = &ip,
	};
	char name[DOMAIN_SIZE];

	for (size_t i = 0; i < r->n; i++) {
		if (r->terms[i].domain.s == NULL)
			continue;
		(void)spf_macro_wants_validated(r->terms[i].domain);
		if (spf_macro_expand(r->terms[i].domain, &v, name) == 0)
			assert(spf_macro_is_name(name, strlen(name)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ip ip = { .family = IP_4, .b = { 192, 0, 2, 1 } };
	struct spf_record r, again;
	struct spf_fault fault;
	struct text t;

	if (spf_record_parse(&r, (const char *)data, size, &fault) < 0) {
		assert(fault.text[0] != '\0' && fault.offset <= size);
		spf_record_free(&r);
		return 0;
	}
	expand(&r);
	text_init(&t, SPF_RECORD_MAX);
	spf_record_with(&r, &ip, 1, &t);
	if (!t.cut) {
		assert(spf_record_parse(&again, t.buf, t.len, NULL) == 0);
		assert(spf_record_lists(&again, &ip));
		assert(again.n == r.n + !spf_record_lists(&r, &ip));
		spf_record_free(&again);
	}
	text_free(&t);
	spf_record_free(&r);
	return 0;
}
