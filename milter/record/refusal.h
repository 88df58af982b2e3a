/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_REFUSAL_H
#define WAYBILL_RECORD_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Why mail was refused: a class by the text of the reply first, by its code
 * second, after rules that an operator can read and extend (conf/refusals,
 * and a site file over it). Matching is PCRE2 with limits of time and memory.
 */

/* A class: its word, what it is about, who can mend it, what it means. */
struct refusal_class {
	const char *name;	/* "ip-listed" */
	const char *scope;	/* address network domain message recipient */
	const char *who;	/* you hoster receiver time */
	const char *sentence;
};

struct refusal_finding {
	const struct refusal_class *class;	/* never NULL: "other" at least */
	const char *provider;	/* of the rule, or what was given */
	const char *scope;	/* the rule's own, or the class's */
	const char *who;
	const char *link;	/* the receiver's page; "" */
	int rule_line;		/* of the rules; 0: by code alone */
};

struct refusal_rules;

/* Reads the rules; the site file may be NULL or not exist. NULL with
 * FILE:LINE sentences in errors. */
struct refusal_rules *refusal_rules_read(const char *path, const char *site,
    struct err_list *errors);
void refusal_rules_free(struct refusal_rules **r);

/* The rules that are installed (or what WAYBILL_REFUSALS names), and the
 * site's own over them: refusals.local beside waybill.conf. Constants. */
const char *refusal_rules_path(void);
const char *refusal_site_path(void);

/* provider as refusal_provider() gives it, or ""; stage as in struct
 * postfix_line, or ""; dsn "5.7.1" or "". text: len bytes, untrusted. Findings
 * belong to r, which remembers them: one thread at a time. */
void refusal_classify(struct refusal_rules *r, const char *provider,
    const char *stage, const char *dsn, const char *text, size_t len,
    struct refusal_finding *out);

/* The provider's name for an MX host by the table in the rules, else its
 * registrable domain. Belongs to r, or points into mx_host. */
const char *refusal_provider(struct refusal_rules *r, const char *mx_host);

/* All classes in the order of the manual; NULL past the end. */
const struct refusal_class *refusal_class_at(size_t i);
const struct refusal_class *refusal_class_find(const char *name);

#endif
