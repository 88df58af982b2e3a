/* SPDX-License-Identifier: ISC */
/*
 * What postconf(1) printed for a made-up configuration, parsed, so that no
 * Postfix is needed.
 */
#include "postconf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

static char *
part(const char *name, const char *more)
{
	const char *top = getenv("srcdir");
	char path[4096], *whole = NULL;
	struct err err;
	size_t len = 0;

	(void)snprintf(path, sizeof path, "%s/tests/data/postconf/%s",
	    top == NULL ? "." : top, name);
	char *s = file_read(path, 1000000, &len, &err);
	if (s == NULL || asprintf(&whole, "%s%s", s,
	    more == NULL ? "" : more) < 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	free(s);
	return whole;
}

struct postfix *
postconf_parse(const char *more_main, const char *more_overrides,
    const char *hosts)
{
	struct postfix_text t = {.found = POSTFIX_FOUND};

	t.part[POSTFIX_MAIN] = part("main", more_main);
	t.part[POSTFIX_MASTER] = part("master", NULL);
	t.part[POSTFIX_OVERRIDES] = part("overrides", more_overrides);
	t.part[POSTFIX_HOSTS] = hosts == NULL ? NULL : strdup(hosts);
	return postfix_parse(&t);
}
