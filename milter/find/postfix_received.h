/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_RECEIVED_H
#define WAYBILL_FIND_POSTFIX_RECEIVED_H

#include <stdbool.h>

#include "base/ip.h"
#include "base/text.h"
#include "find/postfix.h"

/*
 * Received fields (RFC 5321 4.4) that an smtpd(8) of this host has written for
 * a client.
 */

/* The names under which the smtpd(8) services of one instance write: appends a
 * line "MYHOSTNAME MAIL_NAME" for main.cf and for each service that says
 * otherwise, unless out has it. */
void postfix_received_look(const struct postfix *p, struct text *out);

/*
 * Did an smtpd(8) write this field for a client that isn't known and hadn't
 * logged in? value: of the field, folds included. writers: lines as above. Only
 * the form with "from" counts, so what smtpd_hide_client_session hides, and
 * what sendmail(1) and other programs write, never does. 1, 0, or -1 without
 * memory.
 */
int postfix_received_is_stranger(const char *value, const char *writers,
    bool (*is_known)(const void *arg, const struct ip *client),
    const void *arg);

#endif
