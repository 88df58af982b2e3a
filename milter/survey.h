/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_SURVEY_H
#define WAYBILL_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/ip.h"
#include "config/identity.h"
#include "find/align.h"
#include "find/destination.h"
#include "find/dmarc.h"
#include "find/family.h"
#include "find/published.h"
#include "find/route.h"
#include "find/sender.h"
#include "find/spf.h"
#include "budget.h"
#include "gate.h"
#include "state.h"

enum {
	/* Different destinations of a message; those beyond, and those for
	 * which there is no memory, are counted as one. */
	SURVEY_DESTINATIONS_MAX = 1000,
	/* Pairs of outbound address and name to check; more are unchecked. */
	SURVEY_CHECKS_MAX = 64,
};

/* What receivers will find out about the sender for one outbound address. */
struct survey_family {
	struct ip ip;			/* IP_NONE: no mail leaves this way */
	/* checked by SPF. Owned by the survey */
	const char *domain;
	enum spf_result spf;
	enum dmarc_verdict dmarc;
	/* The reason for the SPF result; NULL: not looked up, or DNS did not
	 * answer. Owned by the survey. */
	const struct spf_finding *finding;
};

struct survey_sender {
	const char *mailfrom;		/* domain of MAIL FROM; "<>"; "" */
	/* for "<>" the name checked, otherwise NULL */
	const char *helo;
	const char *spf_domain;		/* the one of the two that SPF checks */
	const char *author;		/* "": none, or several */
	enum align align;
	enum dmarc_policy policy;
	/* Of the transport "smtp"; if several addresses may be seen, the one
	 * with the worst result. */
	struct survey_family ip4, ip6;
	bool is_signed;
	enum published_state key;	/* the worst of those that sign */
};

/* One destination. */
struct survey_route {
	struct destination destination;
	const struct sender_transport *transport;
	/* NULL: not known, or cannot be known */
	const struct route *route;
	struct prediction prediction;
	struct align_outcome outcome;	/* unless the family is FAMILY_NONE */
	/* over the family that is not predicted, if there is one */
	struct align_outcome other;
	bool is_shown;			/* may appear in the message */
};

/*
 * The findings about one message: who sends it as seen by its recipients, and
 * where it goes. Used by one thread at a time; call the functions in the order
 * of the prototypes. Only survey_find() waits. An error inside becomes a
 * finding: unknown.
 */
struct survey;

/* mailfrom, as read by address_path(), and login are copied. login: the domain
 * of the client's login, or "". party, which is copied, names who sends it:
 * the dead destinations of one party hold up no other. s must outlive it, and
 * so must b, where its memory is counted. Returns NULL without memory. */
struct survey *survey_new(const struct state *s,
    const struct address *mailfrom, const char *login, const char *party,
    struct budget *b);

/* arg: of RCPT. host, mailer: {rcpt_host}, {rcpt_mailer}, or NULL. The first
 * recipient sets the deadline: resolver.wait from now. */
void survey_add_recipient(struct survey *v, const char *arg, const char *host,
    const char *mailer);

/* The value of a To: or Cc: field. */
void survey_show(struct survey *v, const char *value);

/* Returns true if survey_find() will wait for something. */
bool survey_is_open(const struct survey *v);

/* Waits, at most until the deadline. author: the author domain (RFC 9989
 * 3.2.2), or ""; identity: the one that may sign for it, or NULL. Both must
 * outlive the survey. */
void survey_find(struct survey *v, const char *author,
    const struct identity *identity);

/* Alignment of the sender with the author: of MAIL FROM, or for an empty one
 * of the login. After survey_find(), as all below. */
enum align survey_sender_align(const struct survey *v);

/* The keys of the identity, and which of them sign. Owned by v. */
const struct gate_key *survey_keys(const struct survey *v, size_t *n);

/* Determines DMARC results and outcomes. is_signed: those keys will sign. */
void survey_judge(struct survey *v, bool is_signed);

/* After survey_judge(). Owned by v. */
const struct survey_sender *survey_sender(const struct survey *v);
const struct survey_route *survey_routes(const struct survey *v, size_t *n);

/* Each outbound address that was checked, whether this message leaves from it
 * or not. Owned by v. */
const struct survey_family *survey_addresses(const struct survey *v, size_t *n);

/* The number of destinations; those that are not looked at count as one. */
size_t survey_destinations(const struct survey *v);

void survey_free(struct survey **v);

#endif
