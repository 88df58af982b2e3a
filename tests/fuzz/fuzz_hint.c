/* SPDX-License-Identifier: ISC */
/* A pattern, a line break, a text: what PCRE2 matches no hint holds back. */
#include "record/hint.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
compare(const char *pattern, const char *text, size_t len)
{
	int code;
	size_t at;
	pcre2_code *c = pcre2_compile((PCRE2_SPTR)pattern,
	    PCRE2_ZERO_TERMINATED, PCRE2_CASELESS | PCRE2_DOTALL, &code, &at,
	    NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	struct hint *h = hint_new(pattern);
	struct hint_view view;

	hint_look(&view, text, len);
	if (c != NULL && data != NULL && limits != NULL) {
		pcre2_set_match_limit(limits, 20000);
		pcre2_set_depth_limit(limits, 200);
		if (pcre2_match(c, (PCRE2_SPTR)text, len, 0, 0, data,
		    limits) >= 0 && !hint_allows(h, &view))
			abort();
	}
	hint_free(&h);
	pcre2_match_context_free(limits);
	pcre2_match_data_free(data);
	pcre2_code_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);
	char *end;

	if (copy == NULL || size > 2000) {
		free(copy);
		return 0;
	}
	memcpy(copy, data, size);
	copy[size] = '\0';
	end = memchr(copy, '\n', size);
	if (end != NULL) {
		*end++ = '\0';
		compare(copy, end, size - (size_t)(end - copy));
	}
	free(copy);
	return 0;
}
