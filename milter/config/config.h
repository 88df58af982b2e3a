/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_CONFIG_H
#define WAYBILL_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/text.h"

/*
 * The operator's settings, checked and completed with every default.
 * waybill.conf(5) explains each option; the table in config/options.c fills
 * this struct. Immutable after config_read().
 */

enum on_error { ON_ERROR_TEMPFAIL, ON_ERROR_ACCEPT };
enum sign_author { SIGN_AUTHOR_ANY, SIGN_AUTHOR_ALIGNED, SIGN_AUTHOR_STRICT };
enum canonicalization { CANON_SIMPLE, CANON_RELAXED };
enum address_preference { PREFERENCE_AUTO, PREFERENCE_IPV6, PREFERENCE_IPV4, PREFERENCE_ANY };

/* How much of a recipient's address the record keeps. */
enum recipient_mode { RECIPIENT_DOMAIN, RECIPIENT_HASH, RECIPIENT_FULL };

struct config_key {
	char *selector;		/* lower case */
	char *file;
	int line;		/* where the section begins */
};

struct config_domain {
	char *name;		/* A-label form */
	int line;		/* where the section begins */
	bool subdomains;
	struct config_key *keys;
	size_t nkeys;
};

struct config {
	char *path;		/* the file read; NULL if there was none */

	char *socket;
	char *socket_group;
	unsigned socket_mode;
	bool socket_public;
	char *user;
	enum on_error on_error;
	char *keys;

	struct {
		bool authenticated;
		bool local;
		struct text_list certificates;	/* "SUBJECT|ISSUER" */
		struct text_list daemons;
		/* "auto" or networks, checked */
		struct text_list networks;
		struct text_list lists;		/* A-label forms */
	} outgoing;

	struct {
		/* "auto", "none" or addresses */
		struct text_list ipv4;
		struct text_list ipv6;
		char *hostname;			/* "auto" or a domain */
		enum address_preference preference;
		/* Postfix's configuration directory */
		char *postfix;
	} sender;

	struct config_domain *domains;
	size_t ndomains;

	struct {
		bool enabled;
		enum sign_author author;
		int canonicalization;	/* as configured; the next two */
		enum canonicalization header_canon;
		enum canonicalization body_canon;
		int64_t expire_ms;		/* 0: no x= */
		struct text_list headers_written;
		struct text_list oversign_written;
		/* The header fields to sign: both lists as configured, From
		 * and both stamps. Every name in oversign is in headers too. */
		struct text_list headers;
		struct text_list oversign;
	} sign;

	struct {
		char *prefix;
		struct text_list stamp;	/* as configured; the next two */
		bool stamp_sender;
		bool stamp_route;
		long max_routes;
	} headers;

	struct {
		struct text_list servers;
		int64_t wait_ms;
		char *trust_anchor;
	} resolver;

	struct {
		int64_t every_ms;
		bool no_aaaa;
		bool spf;
		bool align;
		bool unsigned_mail;
	} warn;

	struct {
		enum log_sink to;
		enum log_level level;
	} log;

	struct {
		struct text_list source;	/* "auto", "journal", paths */
		char *store;
		char *password_file;		/* "": none */
		int64_t keep_ms;		/* 0: forever */
		enum recipient_mode recipients;
	} record;
};

/*
 * Reads and checks a configuration file. path NULL: the default file; if that
 * does not exist, all defaults (the same as an empty file or /dev/null).
 * Returns the configuration (the caller frees it), or NULL with one message
 * per error in errors: "FILE:LINE: option: what is wrong, what is allowed",
 * code EXIT_CONFIG.
 */
struct config *config_read(const char *path, struct err_list *errors);

/* The same for len bytes of text. Messages refer to the text as name; the path
 * of the result is NULL. */
struct config *config_read_text(const char *name, const char *text, size_t len,
    struct err_list *errors);

void config_free(struct config **c);

/* The path that is read if -c is not given. */
const char *config_default_path(void);

#endif
