/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_RECEIVED_H
#define WAYBILL_FIND_POSTFIX_RECEIVED_H

#include <stdbool.h>

#include "base/ip.h"
#include "base/text.h"
#include "find/postfix.h"

/*
 * Received fields (RFC 5321 4.4) that an smtpd(8) of this host wrote for a
 * client.
 */

/* Collects the names under which the smtpd(8) services of one instance write:
 * appends a line "MYHOSTNAME MAIL_NAME" for main.cf and for each service that
 * overrides it, unless out already has it. */
void postfix_received_look(const struct postfix *p, struct text *out);

/*
 * Tells whether an smtpd(8) wrote this field for a client that is not known
 * and had not logged in. value: of the field, including folds. writers: lines
 * as above. Only the form with "from" counts, so fields hidden by
 * smtpd_hide_client_session, and those of sendmail(1) and other programs,
 * never do. Returns 1, 0, or -1 without memory.
 */
int postfix_received_is_stranger(const char *value, const char *writers,
    bool (*is_known)(const void *arg, const struct ip *client),
    const void *arg);

#endif
