/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_VALUE_H
#define WAYBILL_CONFIG_VALUE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"

/*
 * Checks of single values, as named by the table of options. Each appends the
 * value to store to kept and returns 0; or returns -1 with err, which says
 * what is wrong with it (the table says what is allowed).
 */
int value_socket(const char *s, struct text *kept, struct err *err);
int value_account(const char *s, struct text *kept, struct err *err);
int value_path(const char *s, struct text *kept, struct err *err);
int value_path_or_none(const char *s, struct text *kept, struct err *err);
int value_certificate(const char *s, struct text *kept, struct err *err);
int value_daemon(const char *s, struct text *kept, struct err *err);
int value_network(const char *s, struct text *kept, struct err *err);
int value_ipv4(const char *s, struct text *kept, struct err *err);
int value_ipv6(const char *s, struct text *kept, struct err *err);
int value_hostname(const char *s, struct text *kept, struct err *err);
int value_signed_field(const char *s, struct text *kept, struct err *err);
int value_oversigned_field(const char *s, struct text *kept, struct err *err);
int value_prefix(const char *s, struct text *kept, struct err *err);
int value_server(const char *s, struct text *kept, struct err *err);

/* A domain as a title: U-label or A-label; the A-label is stored. */
int value_domain(const char *s, struct text *kept, struct err *err);

/* Returns true if a socket (as passed by value_socket()) listens beyond
 * loopback. */
bool value_socket_is_public(const char *s);

/* record.source: auto, journal, an absolute path. */
int value_source(const char *s, struct text *kept, struct err *err);

/* record.store. */
int value_store(const char *s, struct text *kept, struct err *err);

#endif
