/* SPDX-License-Identifier: ISC */
/*
 * The format of linux/posix_acl_xattr.h: a version (2), then entries of tag,
 * permissions and id, all little-endian. The mask limits every entry except
 * the owner's and the one for all others.
 */
#include "base/acl.h"

#include <stdint.h>

enum { HEAD = 4, ENTRY = 8, VERSION = 2, WRITE = 2 };

enum {
	TAG_OWNER = 0x01,
	TAG_USER = 0x02,
	TAG_OWNING_GROUP = 0x04,
	TAG_GROUP = 0x08,
	TAG_MASK = 0x10,
	TAG_OTHER = 0x20,
};

static uint32_t
number(const unsigned char *p, size_t bytes)
{
	uint32_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | p[bytes];
	return n;
}

bool
acl_lets_others_write(const unsigned char *list, size_t len, gid_t group)
{
	bool bounded = false;	/* limited by the mask */
	bool mask = true;

	if (len < HEAD || (len - HEAD) % ENTRY != 0 ||
	    number(list, HEAD) != VERSION)
		return true;
	for (size_t at = HEAD; at < len; at += ENTRY) {
		bool writes = (number(list + at + 2, 2) & WRITE) != 0;
		uint32_t id = number(list + at + 4, 4);

		switch (number(list + at, 2)) {
		case TAG_OWNER:
			break;
		case TAG_OWNING_GROUP:
			bounded = bounded || (writes && group != 0);
			break;
		case TAG_USER:
		case TAG_GROUP:
			bounded = bounded || (writes && id != 0);
			break;
		case TAG_MASK:
			mask = writes;
			break;
		case TAG_OTHER:
			if (writes)
				return true;
			break;
		default:
			return true;
		}
	}
	return bounded && mask;
}
