/* SPDX-License-Identifier: ISC */
/* A reply through the rules. The first byte chooses the stage. */
#include "record/reply.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const stages[] = { "", "connect", "banner", "ehlo",
		"tls", "mail", "rcpt", "data", "eod" };
	static struct reply_rules *rules;
	struct reply_finding f;
	struct err_list errors = { 0 };
	char path[4096];

	if (rules == NULL) {
		snprintf(path, sizeof path, "%s/conf/replies",
		    getenv("srcdir") == NULL ? "." : getenv("srcdir"));
		rules = reply_rules_read(path, NULL, &errors);
		if (rules == NULL)
			abort();
	}
	if (size == 0)
		return 0;
	reply_classify(rules, "gmail.com", stages[data[0] % 9], "5.7.1",
	    (const char *)data + 1, size - 1, &f);
	if (f.class == NULL || reply_class_find(f.class->name) != f.class ||
	    f.scope[0] == '\0' || f.who[0] == '\0')
		abort();
	return 0;
}
