/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_H
#define WAYBILL_FIND_POSTFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/ip.h"

/*
 * This host's Postfix as it is configured: main.cf with its defaults, the
 * services of master.cf and the parameters that they override. Immutable
 * after it is read (postfix_run.h), reference counted.
 */

/* Services and overrides of one, parameters, bytes of a value: what is beyond
 * makes the configuration unreadable, it is never cut. */
enum {
	POSTFIX_SERVICES_MAX = 2000,
	POSTFIX_PARAMETERS_MAX = 20000,
	POSTFIX_VALUE_MAX = 64 * 1024,
};

enum postfix_found {
	POSTFIX_FOUND,
	POSTFIX_NONE,		/* no postconf(1), or no main.cf in the folder */
	POSTFIX_UNREADABLE,	/* postconf(1) says why it refuses */
};

/* What postconf(1) and the files gave, before it is understood. */
enum postfix_part {
	POSTFIX_WHY,		/* sentence, unless POSTFIX_FOUND */
	POSTFIX_MAIN,		/* "name = value", one a line */
	POSTFIX_MASTER,		/* postconf -M */
	POSTFIX_OVERRIDES,	/* postconf -P */
	POSTFIX_HOSTS,		/* "name address", names in *_interfaces */
	POSTFIX_FILTER,		/* see postfix_filter_why() */
	POSTFIX_WRITERS,	/* see postfix_writers() */
	POSTFIX_PARTS,
};
struct postfix_text {
	enum postfix_found found;
	char *part[POSTFIX_PARTS];	/* owned; NULL is "" */
};

/* One service of master.cf; strings belong to the struct postfix. */
struct postfix_service {
	const char *name;	/* "smtp", "127.0.0.1:10025" */
	const char *type;	/* "inet", "unix", "pass", "fifo", ... */
	const char *column[5];	/* private, unprivileged, chroot, wakeup,
				 * maxproc: as written */
	const char *command;	/* "smtpd" */
	const char *arguments;	/* all of them on one line, "" */
	bool is_chrooted;
};

struct postfix;

/* Understands the parts; takes them (text is emptied). The result has one
 * reference; it is POSTFIX_UNREADABLE when the parts make no sense. NULL
 * without memory. */
struct postfix *postfix_parse(struct postfix_text *text);
void postfix_text_free(struct postfix_text *text);

struct postfix *postfix_hold(struct postfix *p);
void postfix_release(struct postfix **p);

enum postfix_found postfix_found(const struct postfix *p);
const char *postfix_why(const struct postfix *p);

const struct postfix_service *postfix_services(const struct postfix *p,
    size_t *n);

/* The service of this name and type ("unix": a transport), or NULL. */
const struct postfix_service *postfix_service(const struct postfix *p,
    const char *name, const char *type);

/* Has this service a parameter of its own (-o)? */
bool postfix_overrides(const struct postfix *p,
    const struct postfix_service *s, const char *name);

/*
 * What a parameter is for a service (NULL: main.cf alone), with $name and
 * ${name?a:b} expanded as Postfix does, overrides first. Malloc'd; NULL when
 * this Postfix hasn't got it, without memory, or when it expands past
 * POSTFIX_VALUE_MAX.
 */
char *postfix_value(const struct postfix *p, const struct postfix_service *s,
    const char *name);

/* The value as main.cf has it, or its default: nothing expanded. Belongs to p;
 * NULL when this Postfix hasn't got it. */
const char *postfix_written(const struct postfix *p, const char *name);

/* Is the value "yes"? */
bool postfix_is_yes(const struct postfix *p, const struct postfix_service *s,
    const char *name);

/* The next word of a list: words are divided by blanks and commas, "{ ... }"
 * is one (with its braces). *at goes on behind it. Malloc'd; NULL at the end
 * (or without memory). */
char *postfix_next_word(const char **at);

/* Addresses of a host name that *_interfaces names: the i-th, or false. */
bool postfix_host(const struct postfix *p, const char *name, size_t i,
    struct ip *out);

/*
 * Could this Postfix bring strangers' mail back to itself from loopback: a
 * content filter, a proxy filter, or a FILTER in a table file? Then why, half
 * a sentence; NULL: no. Not found or not readable is a reason too.
 */
const char *postfix_filter_why(const struct postfix *p);

/* Under which names the smtpd(8) services of this host, of all instances, write
 * Received fields: lines "MYHOSTNAME MAIL_NAME" as postfix_received.h takes
 * them; "" when Postfix can't be read. Belongs to p. */
const char *postfix_writers(const struct postfix *p);

#endif
