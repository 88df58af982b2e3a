/* SPDX-License-Identifier: ISC */
/*
 * Eight zero bytes after every block of memory, for libmilter.
 *
 * smfi_getsymval() walks through a list of alternating pointers to names and
 * values that ends with one NULL. Anyone who can connect to the socket and
 * sends an odd number of strings makes it step over that NULL and follow what
 * is behind the list: a crash (libmilter 8.17; it affects every milter). Its
 * interface offers no way to detect this beforehand. The list is allocated
 * with malloc(), and the dynamic linker finds a malloc() in the program before
 * that of libc: this one ends each block with one more NULL, so that the walk
 * ends there.
 *
 * Where it is not found first (a static build, another libc), nothing changes.
 * In a sanitized build, the sanitizer's malloc() is called under its
 * alternative name; reads of up to eight bytes too far then go undetected, in
 * this program only.
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
