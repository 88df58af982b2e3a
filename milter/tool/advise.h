/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_ADVISE_H
#define WAYBILL_TOOL_ADVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"
#include "base/text.h"
#include "record/reply.h"
#include "record/store.h"
#include "tool/report.h"

/*
 * What to do about destinations that reject mail or defer it, judged from
 * the record: what happened there over each family, and which choices are
 * left. Gathering (advise_gather.c) reads the record, judging asks nobody but
 * its world.
 */

/* What went wrong in one way over one family at a destination. */
struct advise_cause {
	struct report_trouble t;	/* owned, as are all strings here */
	const struct reply_class *class;
	const char *scope;	/* of the rules, which must stay */
	const char *who;
	const char *link;
};

enum advise_state {
	ADVISE_UNTRIED,		/* nothing was sent there over this family */
	ADVISE_ACCEPTED,
	ADVISE_REJECTED,		/* for what this host is or has: its address,
				 * network, name, authentication */
	ADVISE_BROKEN,		/* no connection ever came about */
	ADVISE_DEFERRED,		/* "later", and nothing else */
	ADVISE_ODD,		/* rejected for another reason */
};

/* One family at a destination. */
struct advise_side {
	int64_t sent;		/* recipients, as are the next two */
	int64_t bounced;
	int64_t expired;
	int64_t deferred;	/* attempts */
	int64_t last_sent;
	enum advise_state state;
	size_t cause;		/* that decides: index plus one, 0 none */
};

enum { ADVISE_IPV4, ADVISE_IPV6, ADVISE_NO_FAMILY, ADVISE_SIDES };

enum advise_verdict {
	ADVISE_UNKNOWN,		/* the record has nothing of it */
	ADVISE_FINE,
	ADVISE_DONE,		/* goes over the good family alone already */
	ADVISE_WAIT,		/* resolves by itself */
	ADVISE_FIX,		/* something of the operator's, no route */
	ADVISE_ASK,		/* no setting helps */
	ADVISE_SWITCH,		/* the other family takes it */
};
/* "fine", "switch", ... */
const char *advise_verdict_name(enum advise_verdict v);

/* Why the other family is good for it. */
enum advise_ground {
	ADVISE_BY_ITSELF,	/* accepted there */
	ADVISE_BY_PATIENCE,	/* deferred there, which passes */
	ADVISE_BY_PROVIDER,	/* accepted by its provider elsewhere */
	ADVISE_BY_DNS,		/* not tried; DNS has addresses of it */
	ADVISE_BY_NOTHING,	/* not tried, and DNS says nothing */
};

/* Why it isn't advised, where it isn't. */
enum advise_obstacle {
	ADVISE_FREE,
	ADVISE_REJECTED_TOO,	/* there, or by its provider */
	ADVISE_LISTED_TOO,	/* our address is on a list, others say */
	ADVISE_NOT_THERE,	/* the destination hasn't got that family */
	ADVISE_NOT_HERE,	/* this host hasn't */
	ADVISE_NOT_KNOWN,	/* whether it has */
};

struct advise_dest {
	char *name;
	char *provider;
	struct advise_side side[ADVISE_SIDES];
	struct advise_cause *cause;
	size_t n_causes;
	bool is_wanted;		/* else it is evidence of its provider only */
	int64_t unknown_users;	/* rejected for the recipient's sake */
	enum advise_verdict verdict;
	int bad;		/* the side that makes trouble */
	size_t why;		/* the cause: index plus one, 0 none */
	enum ip_family keep;	/* SWITCH, DONE */
	enum advise_ground ground;
	enum advise_obstacle obstacle;	/* ASK */
	bool is_inferred;	/* the text blames no address, but all of one
				 * family was rejected and none of the other */
};

struct advise {
	int64_t from, to;	/* seconds; whole days */
	struct advise_dest *dest;	/* owned; sorted by name */
	size_t n;
	bool lost;		/* memory ran out */
};

/*
 * Reads the period from a->from to a->to, the rest of *a being zero. Wanted are
 * destinations of these names (A-labels), those of providers that are called
 * so, all where there is none. host: of several that write into one store the
 * one whose mail counts, since each has addresses of its own; all where it is
 * NULL or has no mail there. 0, or -1 with err. advise_free() in both cases.
 */
int advise_gather(struct store *s, const char *host,
    const struct text_list *only, struct reply_rules *rules,
    struct advise *a, struct err *err);
void advise_free(struct advise *a);

enum advise_reach { ADVISE_REACH_YES, ADVISE_REACH_NO, ADVISE_REACH_UNKNOWN };

/* What a judge must know beyond the record. */
struct advise_world {
	bool has[2];		/* this host can send over it; by side */
	/* Has the destination addresses of that family? */
	enum advise_reach (*reach)(void *arg, const char *dest,
	    enum ip_family family);
	void *arg;
};

/* Fills states in, and the verdicts of those that are wanted. 0, or -1 without
 * memory. */
int advise_judge(struct advise *a, const struct advise_world *w);

/* What to do, in this order. */
enum advise_choice {
	ADVISE_DO_IPV4, ADVISE_DO_IPV6,	/* the family alone */
	ADVISE_DO_FIX,		/* what the class says */
	ADVISE_DO_RECEIVER,	/* ask it */
	ADVISE_DO_HOSTING,
	ADVISE_DO_RELAY,
	ADVISE_DO_WAIT,
	ADVISE_CHOICES,
};
/* "ipv4", "fix", ... */
const char *advise_choice_name(enum advise_choice c);

/* How many; out has ADVISE_CHOICES. */
size_t advise_choices(const struct advise_dest *d, enum advise_choice *out);

/* The cause behind the verdict, or NULL. */
const struct advise_cause *advise_why(const struct advise_dest *d);

enum ip_family advise_family(int side);

#endif
