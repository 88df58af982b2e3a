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
 * Where it isn't found first (a static build, another libc) all is as ever. A
 * sanitizer's malloc() is asked under the name by which it stays reachable; it
 * then overlooks reading up to eight bytes too far, in this program alone.
 */
#include "build_config.h"
#include <stdint.h>
#include <stdlib.h>

#ifdef __GLIBC__

enum { PADDING = 8 };

extern void *__libc_malloc(size_t size);
extern void *__interceptor_malloc(size_t size) __attribute__((weak));

/* It is called before a sanitizer is ready. */
#ifdef __clang__
__attribute__((disable_sanitizer_instrumentation))
#endif
__attribute__((no_sanitize("address", "thread", "undefined")))
__attribute__((visibility("default"))) void *
malloc(size_t size)
{
	volatile char *end;
	void *p;

	if (size > SIZE_MAX - PADDING)
		size = SIZE_MAX - PADDING;
	p = __interceptor_malloc != NULL ? __interceptor_malloc(size + PADDING)
	    : __libc_malloc(size + PADDING);
	if (p == NULL)
		return NULL;
	end = (char *)p + size;
	for (int i = 0; i < PADDING; i++)
		end[i] = 0;
	return p;
}

#endif
