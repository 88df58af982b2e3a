/* SPDX-License-Identifier: ISC */
/*
 * waybill dns [DOMAIN...]: the DNS records to publish for the domains that
 * have keys (DKIM, SPF, DMARC) and for this host (its addresses and their
 * names), each compared with what DNS has. For people one record is one line,
 * state, type, name and value, as a web form wants it, and lines below it say
 * what is there and what is odd; --zone gives lines of a zone file.
 */
#include <stdio.h>
#include <string.h>

#include "config/identity.h"
#include "tool/asker.h"
#include "tool/command.h"
#include "tool/own.h"
#include "tool/halves.h"
#include "tool/print.h"
#include "tool/publish.h"

enum { OPTION_JSON = 256, OPTION_ZONE };

static const struct command_option options[] = {
	{ "zone", OPTION_ZONE, NULL, "print lines for a zone file" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object a line" },
	{ NULL, 0, NULL, NULL },
};

enum form { FORM_TABLE, FORM_ZONE, FORM_JSON };

/* One run. */
struct records {
	enum form form;
	const struct config *c;
	struct resolver *r;
	bool has_own;
	struct own own;			/* n: global ones alone */
	struct print *json;
	bool has_work;			/* something surely isn't published */
};

static enum print_paint
paint_of(enum published_state s)
{
	switch (s) {
	case PUBLISHED_YES:
		return PRINT_GOOD;
	case PUBLISHED_MISSING:
	case PUBLISHED_DIFFERS:
		return PRINT_BAD;
	case PUBLISHED_UNKNOWN:
		break;
	}
	return PRINT_ODD;
}

static void
print_line(const struct publish_record *r)
{
	const char *state = published_state_name(r->state);

	print_word(stdout, paint_of(r->state), state);
	(void)printf("%*s%-5s %s  ", (int)(11 - strlen(state)), "", r->type,
	    r->name);
	print_word(stdout, PRINT_PLAIN, r->value.buf);
	(void)putchar('\n');
	if (r->there.len > 0 && strcmp(r->there.buf, r->value.buf) != 0) {
		(void)fputs("           there: ", stdout);
		print_word(stdout, PRINT_DIM, r->there.buf);
		(void)putchar('\n');
	}
	if (r->notes.len > 0) {
		(void)fputs("           note:  ", stdout);
		print_word(stdout, PRINT_PLAIN, r->notes.buf);
		(void)putchar('\n');
	}
}

static void
print_zone(const struct publish_record *r)
{
	struct text zone;

	if (r->state != PUBLISHED_YES) {
		(void)printf("; %s%s", published_state_name(r->state),
		    r->notes.len > 0 ? ": " : "");
		print_word(stdout, PRINT_PLAIN, r->notes.buf);
		(void)putchar('\n');
	}
	text_init(&zone, 1 << 17);
	publish_zone(r, &zone);
	(void)fputs(zone.buf, stdout);
	text_free(&zone);
}

/* The columns behind those of every record are said of keys alone. */
static void
print_json(struct print *p, const struct publish_record *r,
    const char *domain, const struct key *key)
{
	print_text(p, r->type);
	print_text(p, r->name);
	print_text(p, r->value.buf);
	print_text(p, published_state_name(r->state));
	print_text(p, r->there.len > 0 ? r->there.buf : NULL);
	print_text(p, r->notes.len > 0 ? r->notes.buf : NULL);
	print_text(p, domain);
	if (key != NULL) {
		print_text(p, key->selector);
		print_text(p, key_type(key->algorithm));
		print_number(p, key->bits);
		print_text(p, key->path);
	}
	print_row(p);
}

/* Prints it and frees it. domain NULL: it is the host's. */
static void
finish_record(struct records *w, struct publish_record *r, const char *domain,
    const struct key *key)
{
	if (r->state == PUBLISHED_MISSING || r->state == PUBLISHED_DIFFERS)
		w->has_work = true;
	switch (w->form) {
	case FORM_TABLE:
		print_line(r);
		break;
	case FORM_ZONE:
		print_zone(r);
		break;
	case FORM_JSON:
		print_json(w->json, r, domain, key);
		break;
	}
	publish_free(r);
}

/* The addresses that the world sees; where there are none, says so. */
static void
find_own(struct records *w)
{
	struct err_list warnings = { 0 };
	struct err err = { 0 };
	size_t n = 0;

	if (w->has_own)
		return;
	w->has_own = true;
	if (own_find(w->c, &w->own, &err) < 0)
		err_list_add(&warnings, &err);
	for (size_t i = 0; i < w->own.n; i++)
		if (ip_is_global(&w->own.ips[i]))
			w->own.ips[n++] = w->own.ips[i];
	w->own.n = n;
	if (n == 0) {
		(void)err_set(&err, EXIT_ATTENTION, "no global address of this "
		    "host is known, so SPF and host are left out; set "
		    "sender.ipv4 and sender.ipv6");
		err_list_add(&warnings, &err);
	}
	command_warn_all(&warnings);
	err_list_free(&warnings);
}

static void
print_identity(struct records *w, const struct identity *id)
{
	struct publish_record r;

	find_own(w);
	for (size_t i = 0; i < id->nkeys; i++) {
		publish_compare_dkim(w->r, id->keys[i], &r);
		finish_record(w, &r, id->domain, id->keys[i]);
	}
	if (w->own.n > 0) {
		publish_compare_spf(w->r, id->domain, w->own.helo, w->own.ips,
		    w->own.n, &r);
		finish_record(w, &r, id->domain, NULL);
	}
	publish_compare_dmarc(w->r, id->domain, &r);
	finish_record(w, &r, id->domain, NULL);
}

/* The host's: its addresses under its name, and its name under them. */
static void
print_host(struct records *w)
{
	struct publish_record r;

	if (w->own.hostname[0] == '\0' || w->own.n == 0)
		return;
	for (size_t i = 0; i < w->own.n; i++) {
		publish_compare_address(w->r, w->own.hostname, &w->own.ips[i],
		    &r);
		finish_record(w, &r, NULL, NULL);
	}
	if (w->form == FORM_ZONE)
		(void)puts("; in the reverse zones, at who gave you the "
		    "addresses");
	for (size_t i = 0; i < w->own.n; i++) {
		publish_compare_ptr(w->r, &w->own.ips[i], w->own.hostname, &r);
		finish_record(w, &r, NULL, NULL);
	}
}

/* The identity of that very domain, or NULL. */
static const struct identity *
identity_of(const struct identity_table *t, const char *domain)
{
	const struct identity *id = identity_find(t, domain);

	return id != NULL && strcmp(id->domain, domain) == 0 ? id : NULL;
}

/* Those of the domains named, or all. Returns an exit code. */
static int
print_named(struct records *w, const struct call *call,
    const struct identity_table *t)
{
	struct err err = { 0 };
	int code = EXIT_OK;

	if (call->argc == 0) {
		for (size_t i = 0; i < identity_count(t); i++)
			print_identity(w, identity_at(t, i));
		if (identity_count(t) > 0)
			return EXIT_OK;
		err_set(&err, EXIT_ATTENTION, "there is no key yet; make one: "
		    "waybill keygen DOMAIN");
		return command_fail(&err);
	}
	for (int i = 0; i < call->argc; i++) {
		char domain[DOMAIN_SIZE];
		const struct identity *id;
		if (domain_to_ascii(call->argv[i], domain) != 0) {
			err_set(&err, EXIT_DATA, "\"%s\" is no domain: %s",
			    call->argv[i], domain_fault(call->argv[i]));
			code = command_fail(&err);
		} else if ((id = identity_of(t, domain)) != NULL) {
			print_identity(w, id);
		} else {
			err_set(&err, EXIT_ATTENTION, "%s has no key; make "
			    "one: waybill keygen %s", domain, domain);
			(void)command_fail(&err);
			code = code == EXIT_OK ? EXIT_ATTENTION : code;
		}
	}
	return code;
}

static int
print_all(struct records *w, const struct call *call, const struct config *c,
    const struct identity_table *t)
{
	static const struct print_column columns[] = {
		{ "type", "", false }, { "name", "", false },
		{ "value", "", false }, { "state", "", false },
		{ "there", "", false }, { "note", "", false },
		{ "domain", "", false }, { "selector", "", false },
		{ "algorithm", "", false }, { "bits", "", false },
		{ "file", "", false },
	};
	struct err err = { 0 };
	int code;

	w->r = asker_resolver(c, &err);
	if (w->r == NULL)
		return command_fail(&err);
	if (w->form == FORM_JSON)
		w->json = print_begin(stdout, PRINT_JSON, columns,
		    sizeof columns / sizeof columns[0]);
	code = print_named(w, call, t);
	if (code == EXIT_OK)
		print_host(w);
	if (w->json != NULL && print_end(&w->json) != 0)
		code = EXIT_TEMPORARY;
	resolver_free(&w->r);
	return code == EXIT_OK && w->has_work ? EXIT_ATTENTION : code;
}

static int
print_records(const struct call *call, const struct config *c, enum form form)
{
	struct records w = { .form = form, .c = c };
	struct err_list errors = { 0 }, warnings = { 0 };
	struct identity_table *t = halves_read(c, &errors, &warnings);
	int code = command_fail_all(&errors);

	command_warn_all(&warnings);
	if (t != NULL)
		code = print_all(&w, call, c, t);
	identity_table_free(&t);
	err_list_free(&errors);
	err_list_free(&warnings);
	return code;
}

static int
run(struct call *call)
{
	enum form form = FORM_TABLE, asked;
	struct config *c;
	int code = EXIT_OK, id;

	while ((id = command_next(call, &code)) > 0) {
		asked = id == OPTION_JSON ? FORM_JSON : FORM_ZONE;
		if (form != FORM_TABLE && form != asked)
			return command_usage(call, "--zone or --json, not "
			    "both");
		form = asked;
	}
	if (id < 0)
		return code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	code = print_records(call, c, form);
	config_free(&c);
	return code;
}

const struct command command_dns = {
	"dns", run, "[DOMAIN...]",
	"Print the DNS records to publish, and what DNS has instead",
	options,
};
