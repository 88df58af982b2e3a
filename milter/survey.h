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
	/* Different destinations of a message; more are counted as one, and so
	 * are those that there is no memory for. */
	SURVEY_DESTINATIONS_MAX = 1000,
	/* Pairs of own address and name to be checked; more are unchecked. */
	SURVEY_CHECKS_MAX = 64,
};

/* What receivers will find out about the sender at one own address. */
struct survey_family {
	struct ip ip;			/* IP_NONE: no mail leaves so */
	const char *domain;		/* that SPF judges. Belongs to the survey */
	enum spf_result spf;
	enum dmarc_verdict dmarc;
	/* What the SPF result rests on; NULL: nobody was asked, or DNS was
	 * silent. Belongs to the survey. */
	const struct spf_finding *finding;
};

struct survey_sender {
	const char *mailfrom;		/* domain of MAIL FROM; "<>"; "" */
	const char *helo;		/* under "<>" the name judged, else NULL */
	const char *spf_domain;		/* the one of the two that SPF judges */
	const char *author;		/* "": none, or several */
	enum align align;
	enum dmarc_policy policy;
	/* Of the transport "smtp"; where several addresses may be seen, the one
	 * that fares worst. */
	struct survey_family ip4, ip6;
	bool is_signed;
	enum published_state key;	/* the worst of those that sign */
};

/* One destination. */
struct survey_route {
	struct destination destination;
	const struct sender_transport *transport;
	const struct route *route;	/* NULL: not known, not to be known */
	struct prediction prediction;
	struct align_outcome outcome;	/* unless the family is FAMILY_NONE */
	struct align_outcome other;	/* over the family that isn't predicted,
					 * where one is */
	bool is_shown;			/* may stand in the message */
};

/*
 * What is found out of one message on its way: who it comes from for those
 * who get it, and where it goes. Used by one thread at a time; the calls come
 * in the order of the prototypes. Only survey_find() waits. Trouble in here is
 * a finding: unknown.
 */
struct survey;

/* mailfrom, as address_path() read it, and login are copied. login: the domain
 * of the client's login, or "". party, which is copied, names who sends it: a
 * party's dead destinations hold no other party up. s and b, in which its memory
 * is counted, must outlive it. NULL without memory. */
struct survey *survey_new(const struct state *s,
    const struct address *mailfrom, const char *login, const char *party,
    struct budget *b);

/* arg: of RCPT. host, mailer: {rcpt_host}, {rcpt_mailer}, or NULL. The first
 * one sets the deadline: resolver.wait from now. */
void survey_add_recipient(struct survey *v, const char *arg, const char *host,
    const char *mailer);

/* The value of a To: or Cc: field. */
void survey_show(struct survey *v, const char *value);

/* Is there something that survey_find() will wait for? */
bool survey_is_open(const struct survey *v);

/* Waits, at most until the deadline. author: the author domain (RFC 9989
 * 3.2.2), or ""; identity: that which may sign for it, or NULL. Both must
 * outlive the survey. */
void survey_find(struct survey *v, const char *author,
    const struct identity *identity);

/* Who has sent it against the author: MAIL FROM, or for an empty one the login.
 * After survey_find(), as all below. */
enum align survey_sender_align(const struct survey *v);

/* The keys of the identity, and which of them sign. Belongs to v. */
const struct gate_key *survey_keys(const struct survey *v, size_t *n);

/* Judges DMARC and outcomes. is_signed: those keys will sign. */
void survey_judge(struct survey *v, bool is_signed);

/* After survey_judge(). They belong to v. */
const struct survey_sender *survey_sender(const struct survey *v);
const struct survey_route *survey_routes(const struct survey *v, size_t *n);

/* Each own address that was judged, whether this message leaves from it or not.
 * Belongs to v. */
const struct survey_family *survey_addresses(const struct survey *v, size_t *n);

/* How many destinations there are, those that aren't looked at as one. */
size_t survey_destinations(const struct survey *v);

void survey_free(struct survey **v);

#endif
