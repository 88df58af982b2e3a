/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_TOLD_H
#define WAYBILL_TOOL_TOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/domain.h"
#include "base/ip.h"
#include "base/taglist.h"
#include "tool/auth_results.h"
#include "tool/header.h"

/*
 * What the fields of a received message tell: our stamps, the signatures, and
 * what its receiver wrote on top of them. Facts without judgement; hostile.
 */

enum {
	TOLD_RESULTS_MAX = 16,		/* Authentication-Results */
	TOLD_SIGNATURES_MAX = 8,
	TOLD_ROUTES_MAX = 100,		/* headers.max_routes */
	TOLD_NAME_SIZE = 128,
};

/* How far a signature goes over the stamps; the better ones behind. */
enum told_cover { TOLD_COVERS_NONE, TOLD_COVERS_SOME, TOLD_COVERS_ALL,
	TOLD_COVERS_SEALED };

struct told_signature {
	struct taglist l;
	char d[DOMAIN_SIZE];	/* A-label; "" it is no domain */
	enum told_cover cover;
};

struct told {
	const struct header *h;
	char sender_name[TOLD_NAME_SIZE], route_name[TOLD_NAME_SIZE];
	unsigned senders, routes;	/* stamps of either name */
	struct taglist sender;		/* the lowest; buf NULL: none */
	size_t at;			/* the stamps stand here, what others
					 * wrote above */
	bool has_results;
	const char *by;			/* the topmost authserv-id; "" none */
	struct auth_results results[TOLD_RESULTS_MAX];
	bool is_his[TOLD_RESULTS_MAX];	/* the receiver's, by authserv-id */
	size_t n_results;
	bool has_spf;
	struct received_spf spf;	/* the topmost */
	struct ip client;		/* that the receiver saw, or IP_NONE */
	const char *client_field;	/* the field that tells it; "" */
	enum ip_family family;		/* of the stamped address that this is;
					 * IP_NONE: it is neither */
	struct told_signature signature[TOLD_SIGNATURES_MAX];
	size_t n_signatures;
	bool is_cut;			/* there were more than these bounds */
};

/* h must outlive t. told_free() afterwards. */
void told_read(const struct header *h, const char *prefix, struct told *t);
void told_free(struct told *t);

/* A tag of the Sender stamp, "" where it hasn't got it. */
const char *told_sender(const struct told *t, const char *tag);

/* The route of this copy into l: that of the recipient whom the receiver wrote
 * down, or the only one. taglist_free(l) when true. */
bool told_route(const struct told *t, struct taglist *l);

/* The first result of a method ("spf") that the receiver tells, or NULL. */
const struct auth_result *told_result(const struct told *t,
    const char *method);

/* What the receiver tells of a signature, the best of what may be about it, or
 * NULL. *is_vague: it may be about another one that says less of the stamps. */
const struct auth_result *told_of_signature(const struct told *t,
    const struct told_signature *s, bool *is_vague);

/* The domain of a mailbox or domain of foreign text; "" where it is none. */
void told_domain(const char *s, char out[DOMAIN_SIZE]);

#endif
