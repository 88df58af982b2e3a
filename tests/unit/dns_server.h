/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TESTS_DNS_SERVER_H
#define WAYBILL_TESTS_DNS_SERVER_H

#include <stdbool.h>

/*
 * A DNS server on a UDP port of 127.0.0.1, in a thread of the test. The first
 * label of the name asked for says what it does:
 *	aN	A 192.0.2.N (other types: no data)	cn	CNAME a1.(rest)
 *	many	60 A records		nx	NXDOMAIN	sf	SERVFAIL
 *	ref	REFUSED			silent	no answer	mute	no data
 *	liar	an answer to another question
 * Anything else is an A record 192.0.2.99.
 */
struct dns_server;

struct dns_server *dns_server_new(void);
void dns_server_free(struct dns_server **s);

/* "127.0.0.1@PORT"; belongs to s. */
const char *dns_server_address(const struct dns_server *s);

/* Answers nothing at all from now on, or again. */
void dns_server_sleep(struct dns_server *s, bool asleep);

/* Questions whose name is, label by label, these bytes ("\3a.b\3org"), case
 * folded; NULL: all. */
unsigned dns_server_count(struct dns_server *s, const char *labels);

#endif
