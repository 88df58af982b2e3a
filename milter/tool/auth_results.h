/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_AUTH_RESULTS_H
#define WAYBILL_TOOL_AUTH_RESULTS_H

#include <stddef.h>

#include "base/ip.h"

/*
 * What receivers write into a message about it: Authentication-Results (RFC
 * 8601), Received-SPF (RFC 7208 9.1), Received (RFC 5321 4.4). Values are
 * unfolded, hostile, and read with the liberty that large receivers take:
 * Microsoft leaves out who says it, and the "." in a property.
 */

enum { AUTH_RESULTS_MAX = 32, AUTH_PROPERTIES_MAX = 16 };

struct auth_property {
	const char *ptype;	/* "smtp", "header", "policy", ...; "" none */
	const char *name;
	const char *value;
};

struct auth_result {
	const char *method;	/* "spf", "dkim", "dmarc", ... */
	const char *result;
	const char *reason;	/* "" none */
	const char *comment;	/* the first behind the result; "" none */
	size_t n;
	struct auth_property property[AUTH_PROPERTIES_MAX];
};

/* One field read; strings point into buf. */
struct auth_results {
	char *buf;		/* owned */
	const char *by;		/* authserv-id; "" where there is none */
	size_t n;
	struct auth_result v[AUTH_RESULTS_MAX];
	unsigned skipped;	/* that couldn't be read, or past a bound */
};

/* 0; -1 when it is no Authentication-Results: neither an authserv-id nor a
 * result can be read, or there is no memory. auth_results_free() either way is
 * safe. */
int auth_results_parse(struct auth_results *a, const char *value);
void auth_results_free(struct auth_results *a);

/* The value of a property ("smtp", "mailfrom"), names case folded; NULL. */
const char *auth_result_property(const struct auth_result *r,
    const char *ptype, const char *name);

enum { RECEIVED_SPF_SIZE = 256 };

/* What doesn't fit is "", as is what isn't there. */
struct received_spf {
	char result[RECEIVED_SPF_SIZE];		/* as written */
	char receiver[RECEIVED_SPF_SIZE];
	char envelope_from[RECEIVED_SPF_SIZE];
	struct ip client;			/* IP_NONE: not told */
};

/* 0, or -1: no result in front. */
int received_spf_parse(const char *value, struct received_spf *out);

/* The address that a Received field took the message from, as the server found
 * it (not what the client said: RFC 5321 4.4, TCP-info), and the name of that
 * server. IP_NONE and "" where they aren't told. by has size bytes. */
void received_parse(const char *value, struct ip *client, char *by,
    size_t size);

/* The only address in a text, as in the comment "(sender IP is 192.0.2.1)";
 * IP_NONE where there is none, or several that differ. */
struct ip auth_address_in(const char *text);

#endif
