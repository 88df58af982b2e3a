/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TESTS_POSTCONF_H
#define WAYBILL_TESTS_POSTCONF_H

#include "find/postfix.h"

/* The configuration in tests/data/postconf, with lines of its own: more_main
 * and more_overrides ("name = value\n", "service/type/name = value\n") win
 * over those that are there; hosts as POSTFIX_HOSTS. Each may be NULL. */
struct postfix *postconf_parse(const char *more_main,
    const char *more_overrides, const char *hosts);

#endif
