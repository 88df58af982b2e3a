/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_REPLY_H
#define WAYBILL_RECORD_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Why mail was rejected: a class by the text of the reply first, by its code
 * second, after rules that an operator can read and extend (conf/replies,
 * and a site file over it). Matching is PCRE2 with limits of time and memory.
 */

/* A class: its word, what it is about, who can fix it, what it means. */
struct reply_class {
	const char *name;	/* "ip-listed" */
	const char *scope;	/* address network domain message recipient */
	const char *who;	/* you hosting receiver time */
	const char *sentence;
};

struct reply_finding {
	const struct reply_class *class;	/* never NULL: "other" at least */
	const char *provider;	/* of the rule, or what was given */
	const char *scope;	/* the rule's own, or the class's */
	const char *who;
	const char *link;	/* the receiver's page; "" */
	int rule_line;		/* of the rules; 0: by code alone */
};

struct reply_rules;

/* Reads the rules; the site file may be NULL or not exist. NULL with
 * FILE:LINE sentences in errors. */
struct reply_rules *reply_rules_read(const char *path, const char *site,
    struct err_list *errors);
void reply_rules_free(struct reply_rules **r);

/* The rules that are installed (or what WAYBILL_REPLIES names), and the
 * site's own over them: replies.local beside waybill.conf. Constants. */
const char *reply_rules_path(void);
const char *reply_site_path(void);

/* provider as reply_provider() gives it, or ""; stage as in struct
 * postfix_line, or ""; dsn "5.7.1" or "". text: len bytes, untrusted. Findings
 * belong to r, which remembers them: one thread at a time. */
void reply_classify(struct reply_rules *r, const char *provider,
    const char *stage, const char *dsn, const char *text, size_t len,
    struct reply_finding *out);

/* The provider's name for an MX host by the table in the rules, else its
 * registrable domain. Belongs to r, or points into mx_host. */
const char *reply_provider(struct reply_rules *r, const char *mx_host);

/* All classes in the order of the manual; NULL past the end. */
const struct reply_class *reply_class_at(size_t i);
const struct reply_class *reply_class_find(const char *name);

#endif
