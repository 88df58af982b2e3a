/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_RECIPIENT_H
#define WAYBILL_RECORD_RECIPIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "config/config.h"

enum { RECIPIENT_KEY_SIZE = 32 };

struct recipient_rules {
	enum recipient_mode mode;
	unsigned char key[RECIPIENT_KEY_SIZE];	/* of RECIPIENT_HASH */
};

/* Of RECIPIENT_HASH the key is in key_path; it is made (0600) when it isn't
 * there. 0 or -1. */
int recipient_rules_read(enum recipient_mode mode, const char *key_path,
    struct recipient_rules *out, struct err *err);

/* What is kept of an address: "" for RECIPIENT_DOMAIN, 32 hex digits of
 * HMAC-SHA-256 over the address with its domain in lower case, or itself. */
void recipient_shown(const struct recipient_rules *r, const char *address,
    struct text *out);

/* Foreign text as it may be stored: unless addresses are kept in full, each
 * local part in it becomes "*". known are n addresses as the log has them,
 * quoted where they have to be (NULL: none): their local parts are known again
 * in whatever form the text has them, and as words of their own. is_cut: the
 * text lost its end, which may have been in the middle of an address. */
void recipient_redact(const struct recipient_rules *r,
    const char *const *known, size_t n, const char *text, size_t len,
    bool is_cut, struct text *out);

#endif
