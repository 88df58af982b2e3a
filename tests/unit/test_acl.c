/* SPDX-License-Identifier: ISC */
/* Lists of rights by their bytes: who else may write. */
#include "base/acl.h"

#include "unit.h"

/* Entries as the kernel has them: tag, rights, id (1000: "\xe8\x03"). */
#define HEAD "\x02\0\0\0"
#define OWNER "\x01\0\x07\0\xff\xff\xff\xff"
#define USER(rights) "\x02\0" rights "\0\xe8\x03\0\0"
#define USER_ROOT "\x02\0\x07\0\0\0\0\0"
#define OWNING(rights) "\x04\0" rights "\0\xff\xff\xff\xff"
#define GROUP(rights) "\x08\0" rights "\0\xe8\x03\0\0"
#define MASK(rights) "\x10\0" rights "\0\xff\xff\xff\xff"
#define OTHER(rights) "\x20\0" rights "\0\xff\xff\xff\xff"
#define R "\x05"
#define W "\x07"
#define LIST(text) text, sizeof(text) - 1

static const struct {
	const char *list;
	size_t len;
	gid_t group;
	bool want;
} rows[] = {
	/* the three that every file has */
	{ LIST(HEAD OWNER OWNING(R) OTHER(R)), 5, false },
	{ LIST(HEAD OWNER OWNING(W) OTHER(R)), 0, false },
	{ LIST(HEAD OWNER OWNING(W) OTHER(R)), 5, true },
	{ LIST(HEAD OWNER OWNING(R) OTHER(W)), 0, true },
	/* others by name, under the mask */
	{ LIST(HEAD OWNER USER(W) OWNING(R) MASK(W) OTHER(R)), 0, true },
	{ LIST(HEAD OWNER USER(W) OWNING(R) MASK(R) OTHER(R)), 0, false },
	{ LIST(HEAD OWNER USER(R) OWNING(W) MASK(W) OTHER(R)), 0, false },
	{ LIST(HEAD OWNER USER(R) OWNING(W) MASK(W) OTHER(R)), 5, true },
	{ LIST(HEAD OWNER USER(R) OWNING(W) MASK(R) OTHER(R)), 5, false },
	{ LIST(HEAD OWNER USER_ROOT OWNING(R) MASK(W) OTHER(R)), 0, false },
	{ LIST(HEAD OWNER OWNING(R) GROUP(W) MASK(W) OTHER(R)), 0, true },
	{ LIST(HEAD OWNER OWNING(R) GROUP(W) MASK(R) OTHER(R)), 0, false },
	{ LIST(HEAD OWNER OWNING(R) GROUP(R) MASK(W) OTHER(R)), 0, false },
	/* a mask isn't a bound of all others */
	{ LIST(HEAD OWNER OWNING(R) MASK(R) OTHER(W)), 0, true },
	/* nothing that is known */
	{ LIST(""), 0, true },
	{ LIST("\x01\0\0\0" OWNER), 0, true },
	{ LIST("\x02\0\0\x01" OWNER), 0, true },
	{ LIST(HEAD OWNER "\x04\0"), 0, true },
	{ LIST(HEAD "\x40\0\0\0\0\0\0\0"), 0, true },
	{ LIST(HEAD "\x01\x01\0\0\0\0\0\0"), 0, true },
};

static void
who_else_may_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (acl_lets_others_write((const unsigned char *)rows[i].list,
		    rows[i].len, rows[i].group) != rows[i].want)
			fail_msg("row %zu", i);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(who_else_may_write))
