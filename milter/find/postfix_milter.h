/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_MILTER_H
#define WAYBILL_FIND_POSTFIX_MILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "find/postfix.h"

/* Which milters this Postfix uses, and whether one of them is ours. */

enum { POSTFIX_MILTERS_MAX = 16, POSTFIX_PATH_SIZE = 512 };

/* One milter of smtpd_milters or non_smtpd_milters. */
struct postfix_milter {
	bool is_unix;
	char path[POSTFIX_PATH_SIZE];	/* as seen from outside the chroot */
	char host[POSTFIX_PATH_SIZE];	/* inet: without brackets */
	char port[64];
};

enum postfix_attachment_state {
	POSTFIX_ATTACHED,	/* ours is used, as the last one */
	POSTFIX_NOT_LAST,	/* ours is used, others change mail after it */
	POSTFIX_TWICE,		/* ours is used more than once */
	POSTFIX_DETACHED,	/* main.cf names no milter, or only others */
	/* the service's own -o turns milters off, or names only others */
	POSTFIX_KEPT_FREE,
};
const char *postfix_attachment_name(enum postfix_attachment_state s);

struct postfix_attachment {
	const struct postfix_service *service;	/* an smtpd, or a cleanup */
	enum postfix_attachment_state state;
	size_t n;		/* number of milters */
	bool has_unknown;	/* one of them cannot be parsed */
	struct postfix_milter milter[POSTFIX_MILTERS_MAX];
};

/* Every smtpd(8) and cleanup(8) service, in the order of master.cf. socket is
 * waybill's: "unix:/path", "inet:PORT@HOST", "inet6:PORT@HOST". Malloc'd, the
 * caller frees it; NULL and *n 0 if there are none or without memory. */
struct postfix_attachment *postfix_attachments(const struct postfix *p,
    const char *socket, size_t *n);

/* Returns true if the milter is at that socket: by path (also under another
 * name of the same file), or by address and port. */
bool postfix_milter_is(const struct postfix_milter *m, const char *socket);

#endif
