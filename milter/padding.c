/* SPDX-License-Identifier: ISC */
/*
 * Eight zero bytes behind every piece of memory, for libmilter.
 *
 * smfi_getsymval() walks a list of pointers, names and values by turns, that
 * ends in one NULL. Whoever may connect to the socket and sends an odd number
 * of strings makes it step over that NULL and follow what lies behind the
 * list: a crash (libmilter 8.17; every milter has it). Nothing in its
 * interface tells beforehand. The list is malloc()'s, and a program's own
 * malloc() is found before libc's by the dynamic linker: this one ends each
 * piece with a NULL more, so that the walk ends there.
 *
 * Where it isn't found first (a static build, another libc) all is as ever;
 * under a sanitizer it is left out, whose malloc() comes first.
 */
#include "build_config.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GLIBC__) && !defined(WAYBILL_SANITIZED)

enum { PADDING = 8 };

/* glibc's own, under the name by which it stays reachable. */
extern void *__libc_malloc(size_t size);

__attribute__((visibility("default"))) void *
malloc(size_t size)
{
	char *p;

	if (size > SIZE_MAX - PADDING)
		size = SIZE_MAX - PADDING;
	p = __libc_malloc(size + PADDING);
	if (p != NULL)
		memset(p + size, 0, PADDING);
	return p;
}

#endif
