/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_FILTER_H
#define WAYBILL_FIND_POSTFIX_FILTER_H

#include "base/text.h"
#include "find/postfix.h"

/*
 * Looks for anything that could bring strangers' mail back from loopback: a
 * content filter or proxy filter of an smtpd, qmqpd or pickup service, or a
 * FILTER action in the lists of restrictions and checks or in the table files
 * that they name, which are read. Appends a phrase for the first one found.
 */
void postfix_filter_look(const struct postfix *p, struct text *out);

#endif
