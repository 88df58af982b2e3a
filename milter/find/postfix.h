/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_H
#define WAYBILL_FIND_POSTFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/ip.h"

/*
 * The configuration of this host's Postfix: main.cf with its defaults, the
 * services of master.cf and the parameters that they override. Immutable after
 * it is read (postfix_run.h), reference counted.
 */

/* Limits: services, overrides of a service, parameters, bytes of a value.
 * Anything beyond makes the configuration unreadable; it is never cut. */
enum {
	POSTFIX_SERVICES_MAX = 2000,
	POSTFIX_PARAMETERS_MAX = 20000,
	POSTFIX_VALUE_MAX = 64 * 1024,
};

enum postfix_found {
	POSTFIX_FOUND,
	/* no postconf(1), or no main.cf in the directory */
	POSTFIX_NONE,
	POSTFIX_UNREADABLE,	/* postconf(1) says why it rejects the files */
};

/* The raw output of postconf(1) and of the files, before it is parsed. */
enum postfix_part {
	POSTFIX_WHY,		/* error message, unless POSTFIX_FOUND */
	POSTFIX_MAIN,		/* "name = value", one per line */
	POSTFIX_MASTER,		/* postconf -M */
	POSTFIX_OVERRIDES,	/* postconf -P */
	POSTFIX_HOSTS,		/* "name address", for names in *_interfaces */
	POSTFIX_FILTER,		/* see postfix_filter_why() */
	POSTFIX_WRITERS,	/* see postfix_writers() */
	POSTFIX_PARTS,
};
struct postfix_text {
	enum postfix_found found;
	char *part[POSTFIX_PARTS];	/* owned; NULL is "" */
};

/* A service of master.cf; strings are owned by the struct postfix. */
struct postfix_service {
	const char *name;	/* "smtp", "127.0.0.1:10025" */
	const char *type;	/* "inet", "unix", "pass", "fifo", ... */
	const char *column[5];	/* private, unprivileged, chroot, wakeup,
				 * maxproc: as written */
	const char *command;	/* "smtpd" */
	const char *arguments;	/* all of them in one line, or "" */
	bool is_chrooted;
};

struct postfix;

/* Parses the parts and takes ownership of them (text is emptied). The result
 * has one reference; it is POSTFIX_UNREADABLE if the parts make no sense.
 * Returns NULL without memory. */
struct postfix *postfix_parse(struct postfix_text *text);
void postfix_text_free(struct postfix_text *text);

struct postfix *postfix_hold(struct postfix *p);
void postfix_release(struct postfix **p);

enum postfix_found postfix_found(const struct postfix *p);
const char *postfix_why(const struct postfix *p);

const struct postfix_service *postfix_services(const struct postfix *p,
    size_t *n);

/*
 * Returns the service with this name and type ("unix": a transport), or NULL.
 */
const struct postfix_service *postfix_service(const struct postfix *p,
    const char *name, const char *type);

/* Returns true if this service overrides the parameter (-o). */
bool postfix_overrides(const struct postfix *p,
    const struct postfix_service *s, const char *name);

/*
 * The value of a parameter for a service (NULL: main.cf only), with $name and
 * ${name?a:b} expanded as Postfix does, overrides first. Malloc'd; NULL if
 * this Postfix does not have the parameter, without memory, or if the value
 * expands beyond POSTFIX_VALUE_MAX.
 */
char *postfix_value(const struct postfix *p, const struct postfix_service *s,
    const char *name);

/* The value as in main.cf, or its default, not expanded. Owned by p; NULL if
 * this Postfix does not have the parameter. */
const char *postfix_written(const struct postfix *p, const char *name);

/* Returns true if the value is "yes". */
bool postfix_is_yes(const struct postfix *p, const struct postfix_service *s,
    const char *name);

/* The next word of a list: words are separated by blanks and commas; "{ ... }"
 * is one word (with its braces). Advances *at past it. Malloc'd; NULL at the
 * end (or without memory). */
char *postfix_next_word(const char **at);

/* The i-th address of a host name in *_interfaces. Returns false if there is
 * none. */
bool postfix_host(const struct postfix *p, const char *name, size_t i,
    struct ip *out);

/*
 * Whether this Postfix could bring strangers' mail back to itself from
 * loopback: a content filter, a proxy filter, or a FILTER in a table file.
 * Returns the reason as a phrase; NULL: no. "Not found" and "not readable" are
 * reasons too.
 */
const char *postfix_filter_why(const struct postfix *p);

/* The names under which the smtpd(8) services of this host, of all instances,
 * write Received fields: lines "MYHOSTNAME MAIL_NAME" as postfix_received.h
 * takes them; "" if Postfix cannot be read. Owned by p. */
const char *postfix_writers(const struct postfix *p);

#endif
