/* SPDX-License-Identifier: ISC */
/*
 * The registrable domain according to the public suffix list of the system
 * (Debian's package publicsuffix, which is updated; libpsl's built-in copy
 * otherwise). It groups destinations for people. SPF, DMARC and alignment
 * never use it: RFC 9989 walks the DNS tree instead.
 */
#include "base/psl.h"

#include <pthread.h>
#include <stddef.h>
#include <libpsl.h>

static pthread_once_t psl_once = PTHREAD_ONCE_INIT;
static const psl_ctx_t *psl_list;	/* written once, under psl_once */

static void
psl_load(void)
{
	psl_list = psl_latest(NULL);
	if (psl_list == NULL)
		psl_list = psl_builtin();
}

const char *
psl_registrable(const char *name)
{
	const char *found = NULL;

	(void)pthread_once(&psl_once, psl_load);
	if (psl_list != NULL)
		found = psl_registrable_domain(psl_list, name);
	return found == NULL ? name : found;
}
