/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_ADVISE_TEXT_H
#define WAYBILL_TOOL_ADVISE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/domain.h"
#include "base/ip.h"
#include "tool/advise.h"
#include "tool/transport_plan.h"

/* Advice for people: by destinations of one provider that are in the same
 * plight, the worst first, with the choices in order; and as JSON. */

/* How a destination got on with the plan. */
struct advise_way {
	bool is_planned;		/* the next is said */
	enum transport_planned planned;
	char value[TRANSPORT_PLAN_VALUE];	/* the entry */
	char why[200];			/* it can't be planned; "" */
};

/* A relay that the operator names. */
struct advise_relay {
	char host[DOMAIN_SIZE];		/* "": none */
	int port;
	char include[DOMAIN_SIZE];	/* name of its SPF record; "" unknown */
};

struct advise_view {
	const struct advise *a;
	struct advise_way *const *way;	/* by destination, or NULL each */
	const struct transport_plan *plan;	/* NULL: no Postfix here */
	const char *no_plan;		/* why there is none */
	struct ip address[2];		/* ours, as the world sees it, by side */
	const char *hostname;		/* "" unknown */
	struct advise_relay relay;
	bool has_news;			/* the plan isn't all in force already */
	const struct text_list *only;	/* what was asked for by name */
	bool has_check;			/* there is a "waybill check --ip" */
};

/* 0, or -1 without memory. */
int advise_text(const struct advise_view *v, FILE *out);
int advise_json(const struct advise_view *v, FILE *out);

#endif
