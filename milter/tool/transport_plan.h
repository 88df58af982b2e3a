/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_TRANSPORT_PLAN_H
#define WAYBILL_TOOL_TRANSPORT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/domain.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/text.h"
#include "find/postfix.h"
#include "tool/transport.h"

/*
 * How this Postfix is told that some destinations go over one family only, or
 * through a relay: services copied from those that are there, a table of
 * destinations before the operator's own in transport_maps, the commands that
 * set it up and those that undo it. Made from what postconf(1) says; it
 * changes nothing, and opens no file.
 */

enum { TRANSPORT_PLAN_SERVICES = 16, TRANSPORT_PLAN_ENTRIES = 2000,
	TRANSPORT_PLAN_VALUE = DESTINATION_TRANSPORT_SIZE +
	    DESTINATION_NEXTHOP_SIZE + 2 };

/* What became of a destination. */
enum transport_planned {
	TRANSPORT_PLANNED,	/* the plan has an entry for it */
	TRANSPORT_MAPPED,	/* the operator's own table has one, which is
				 * theirs to change; the service is planned */
	TRANSPORT_BOUND,	/* its service has that family only already */
	TRANSPORT_NOT_SMTP,	/* smtp(8) doesn't send it */
	TRANSPORT_ODD,		/* a name that may not stand in a command */
	TRANSPORT_FULL,		/* no room, no memory, no free name */
};

struct transport_plan_service {
	char name[DESTINATION_TRANSPORT_SIZE];
	char *line;		/* of master.cf, on one line; owned */
	bool is_there;		/* just so, already */
	struct text_list settings;	/* of main.cf, "name=value", that the
					 * service it copies has by its name */
};

struct transport_plan_entry {
	char domain[DOMAIN_SIZE];
	char value[TRANSPORT_PLAN_VALUE];	/* "smtp-ipv4:" */
};

struct transport_plan {
	const struct postfix *postfix;
	char *folder;		/* all owned */
	char *table;		/* path of the table */
	char *map;		/* as transport_maps names it */
	char *maps_before;	/* transport_maps as written, without ours */
	bool is_mapped;		/* transport_maps has ours already */
	bool is_by_sender;	/* the way goes by the sender too, and an entry
				 * comes before that */
	char *relay;		/* "[host]:port", or NULL */
	char *password;		/* path of the relay's login */
	struct transport_plan_service service[TRANSPORT_PLAN_SERVICES];
	size_t n_services;
	struct transport_plan_entry *entry;	/* sorted by domain */
	size_t n_entries;
	struct transport_plan_entry *earlier;	/* of the plan in force */
	size_t n_earlier;
};

/* p must outlive it and be FOUND; folder is where it was read. NULL with err:
 * no memory, or a folder whose name can't stand in main.cf. */
struct transport_plan *transport_plan_new(const struct postfix *p,
    const char *folder, struct err *err);
void transport_plan_free(struct transport_plan **plan);

/*
 * Sends domain over one family. way: as transport_find() has it without the
 * plan's own table. from: this host's address of that family, IP_NONE where it
 * isn't known. value (TRANSPORT_PLAN_VALUE bytes) is the entry, "" unless
 * PLANNED or MAPPED.
 */
enum transport_planned transport_plan_family(struct transport_plan *plan,
    const char *domain, const struct transport_answer *way,
    enum ip_family family, const struct ip *from, char *value);

/* Sends domain through host, which is a plain name, with a login over TLS. One
 * relay a plan. */
enum transport_planned transport_plan_relay(struct transport_plan *plan,
    const char *domain, const struct transport_answer *way, const char *host,
    int port, char *value);

/* Reads the table of the plan in force: entries whose service is there. 0, or
 * -1 without memory. */
int transport_plan_read(struct transport_plan *plan, const char *text);

/* Which way the plan in force sends a domain. */
enum transport_earlier {
	TRANSPORT_EARLIER_NONE, TRANSPORT_EARLIER_IPV4, TRANSPORT_EARLIER_IPV6,
	TRANSPORT_EARLIER_RELAY,
};
enum transport_earlier transport_plan_earlier(const struct transport_plan *plan,
    const char *domain);

/* Takes the domain's entry over from the plan in force, unless this one has an
 * entry of its own. 0, or -1: no room, no memory. */
int transport_plan_keep(struct transport_plan *plan, const char *domain);

/* The plan's entry, or NULL. */
const struct transport_plan_entry *transport_plan_entry(
    const struct transport_plan *plan, const char *domain);

/* Is there anything to set up? What is there already counts. */
bool transport_plan_is_empty(const struct transport_plan *plan);

/* Commands for root's shell, one a line behind the indent: what sets the plan
 * up, and what undoes it. */
void transport_plan_commands(const struct transport_plan *plan, int indent,
    FILE *out);
void transport_plan_undo(const struct transport_plan *plan, int indent,
    FILE *out);

/* The same as one script of POSIX sh, which can be run again and has "undo" as
 * its argument. about: a comment, plain text on one line. */
void transport_plan_script(const struct transport_plan *plan,
    const char *about, FILE *out);

#endif
