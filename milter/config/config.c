/* SPDX-License-Identifier: ISC */
/*
 * Reads the configuration file: it is scanned, then parsed by libconfuse, then
 * checked against the table of options, and finally checked for options that
 * depend on each other.
 *
 * libconfuse gets every value as text (it would read numbers with a leading 0
 * as octal), and the defaults, so that "+=" appends to them. It sees only what
 * the scanner has passed. If the scanner found a structural error, libconfuse
 * is not called, and values are not checked in that run.
 *
 * Not thread-safe (libconfuse's lexer is global): one thread reads at a time.
 */
#include "config/config.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/file.h"
#include "config/keys.h"
#include "config/options.h"
#include "config/scan.h"
#include "config/value.h"

/* libopendkim builds one regular expression of the names, in 1024 bytes. */
enum { SIGNED_NAMES_MAX = 900, VALUES_MAX = 4096 };

struct reading {
	struct config *c;
	const char *name;		/* of the file, for messages */
	const struct scan *scan;
	struct err_list *errors;
};

/* The reading that libconfuse's errors belong to: its callback gets no
 * pointer. Set only during the call that parses. */
static _Thread_local struct reading *parsing;

__attribute__((format(printf, 2, 0)))
static void
parse_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[512];
	struct err err = { 0 };

	(void)vsnprintf(text, sizeof text, fmt, ap);
	err_set(&err, EXIT_CONFIG, "%s:%d: %s", parsing->name,
	    cfg == NULL ? 1 : cfg->line, text);
	err_list_add(parsing->errors, &err);
}

/* Adds "NAME:LINE: path: message of fault". */
static void
complain(struct reading *r, int line, const char *path, const struct err *fault)
{
	struct err err = { 0 };

	err_set(&err, fault->code, "%s:%d: %s: %s", r->name, line, path,
	    fault->text);
	err_list_add(r->errors, &err);
}

/* The default of a list in libconfuse's syntax: { "a", "b" }. */
static char *
list_default(const struct option_row *row)
{
	struct text t;

	text_init(&t, VALUES_MAX);
	if (row->initial[0] == '\0')
		text_add(&t, "{}");
	else
		option_format_initial(row, &t);
	return text_take(&t);
}

static void
tree_free(cfg_opt_t *opts)
{
	if (opts == NULL)
		return;
	for (cfg_opt_t *o = opts; o->name != NULL; o++) {
		free((char *)(uintptr_t)o->name);
		if (o->type == CFGT_SEC)
			tree_free(o->subopts);
		else
			free((char *)(uintptr_t)o->def.parsed);
	}
	free(opts);
}

static cfg_opt_t *tree_of(const char *prefix);

/* Fills o with the section or option named by path after prefix. Returns -1
 * without memory; o is then consistent too. */
static int
tree_add(cfg_opt_t *o, const struct option_row *row, size_t prefix_len)
{
	const char *name = row->path + prefix_len;
	size_t len = strcspn(name, ".");
	char *section = strndup(row->path, prefix_len + len);
	int rc = -1;

	o->name = strndup(name, len);
	if (o->name == NULL || section == NULL)
		goto out;
	if (name[len] == '.') {
		o->type = CFGT_SEC;
		if (option_section(section) == OPTION_TITLED)
			o->flags = CFGF_MULTI | CFGF_TITLE;
		o->subopts = tree_of(section);
		rc = o->subopts == NULL ? -1 : 0;
		goto out;
	}
	o->type = CFGT_STR;
	rc = 0;
	if (row->kind == OPTION_LIST) {
		o->flags = CFGF_LIST;
		o->def.parsed = list_default(row);
		rc = o->def.parsed == NULL ? -1 : 0;
	}
out:
	free(section);
	return rc;
}

static bool
tree_has(const cfg_opt_t *opts, size_t n, const char *name)
{
	size_t len = strcspn(name, ".");

	for (size_t i = 0; i < n; i++)
		if (strncmp(opts[i].name, name, len) == 0 &&
		    opts[i].name[len] == '\0')
			return true;
	return false;
}

/* Builds the libconfuse description of a section ("": the whole file) from the
 * table. Returns NULL without memory. */
static cfg_opt_t *
tree_of(const char *prefix)
{
	size_t len = prefix[0] == '\0' ? 0 : strlen(prefix) + 1;
	cfg_opt_t *opts = calloc(option_count + 1, sizeof *opts);
	size_t n = 0;

	if (opts == NULL)
		return NULL;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		if (len > 0 && (strncmp(row->path, prefix, len - 1) != 0 ||
		    row->path[len - 1] != '.'))
			continue;
		if (tree_has(opts, n, row->path + len))
			continue;
		if (tree_add(&opts[n++], row, len) != 0) {
			tree_free(opts);
			return NULL;
		}
	}
	return opts;
}

/* Takes the value of one option from libconfuse's section. */
static void
take_option(struct reading *r, cfg_t *cfg, const struct option_row *row,
    void *base, int domain, int key)
{
	const char *dot = strrchr(row->path, '.');
	cfg_opt_t *o = cfg_getopt(cfg, dot == NULL ? row->path : dot + 1);
	unsigned n = o == NULL ? 0 : cfg_opt_size(o);
	struct err err = { 0 };
	int rc = -1;

	if (row->kind != OPTION_LIST && (n == 0 || cfg_opt_getnstr(o, 0) == NULL)) {
		rc = option_set_initial(row, base, &err);
	} else {
		const char **values = calloc(n + 1u, sizeof *values);
		if (values == NULL) {
			err_set(&err, EXIT_TEMPORARY, "out of memory");
		} else {
			for (unsigned i = 0; i < n; i++)
				values[i] = cfg_opt_getnstr(o, i);
			rc = option_set(row, base, values, n, &err);
			free(values);
		}
	}
	if (rc != 0)
		complain(r, scan_line(r->scan, row->path, domain, key),
		    row->path, &err);
}

/* Takes all options directly in a section; those of the untitled sections if
 * path is "". */
static void
take_options(struct reading *r, cfg_t *cfg, const char *path, void *base,
    int domain, int key)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		const char *dot = strrchr(row->path, '.');
		size_t section_len = dot == NULL ? 0 :
		    (size_t)(dot - row->path);
		char section[64];

		if (section_len >= sizeof section)
			continue;
		memcpy(section, row->path, section_len);
		section[section_len] = '\0';
		if (len > 0) {
			if (strcmp(section, path) == 0)
				take_option(r, cfg, row, base, domain, key);
		} else if (section_len == 0) {
			take_option(r, cfg, row, base, domain, key);
		} else if (option_section(section) == OPTION_SECTION) {
			take_option(r, cfg_getsec(cfg, section), row, base,
			    domain, key);
		}
	}
}

static void
take_key(struct reading *r, cfg_t *cfg, const struct config_domain *d,
    struct config_key *k, int domain, int key)
{
	char selector[DOMAIN_SIZE];
	struct err err = { 0 };

	take_options(r, cfg, "domain.key", k, domain, key);
	if (key_selector(cfg_title(cfg), d->name == NULL ? "" : d->name,
	    selector, &err) != 0) {
		err.code = EXIT_CONFIG;
		complain(r, k->line, "domain.key", &err);
		return;
	}
	k->selector = strdup(selector);
	if (k->file == NULL &&
	    scan_line(r->scan, "domain.key.file", domain, key) == 0) {
		err_set(&err, EXIT_CONFIG, "key \"%s\" has no file; add one, "
		    "for example: file = "
		    "\"/etc/waybill/keys/example.org/2026r.pem\"", selector);
		complain(r, k->line, "domain.key.file", &err);
	}
}

static void
take_domain(struct reading *r, cfg_t *cfg, struct config_domain *d, int domain)
{
	struct text kept;
	struct err err = { 0 };

	text_init(&kept, DOMAIN_SIZE);
	if (value_domain(cfg_title(cfg), &kept, &err) == 0)
		d->name = text_take(&kept);
	else
		complain(r, d->line, "domain", &err);
	text_free(&kept);
	take_options(r, cfg, "domain", d, domain, -1);
	for (size_t i = 0; i < d->nkeys; i++)
		take_key(r, cfg_getnsec(cfg, "key", (unsigned)i), d,
		    &d->keys[i], domain, (int)i);
}

/* Allocates the domain sections and their keys. Returns 0 or -1. */
static int
make_domains(struct config *c, cfg_t *cfg)
{
	size_t n = cfg_size(cfg, "domain");

	c->domains = calloc(n + 1, sizeof *c->domains);
	if (c->domains == NULL)
		return -1;
	for (; c->ndomains < n; c->ndomains++) {
		struct config_domain *d = &c->domains[c->ndomains];
		size_t nkeys = cfg_size(
		    cfg_getnsec(cfg, "domain", (unsigned)c->ndomains), "key");
		d->keys = calloc(nkeys + 1, sizeof *d->keys);
		if (d->keys == NULL)
			return -1;
		d->nkeys = nkeys;
	}
	return 0;
}

/* Sets the lines of all sections in one pass: there may be thousands. */
static void
place_domains(struct config *c, const struct scan *scan)
{
	for (size_t i = 0; i < scan->n; i++) {
		const struct scan_item *item = &scan->items[i];
		if (item->title == NULL || (size_t)item->domain >= c->ndomains)
			continue;
		struct config_domain *d = &c->domains[item->domain];
		if (item->key < 0)
			d->line = item->line;
		else if ((size_t)item->key < d->nkeys)
			d->keys[item->key].line = item->line;
	}
}

static void
take_domains(struct reading *r, cfg_t *cfg)
{
	struct config *c = r->c;
	struct err err = { 0 };

	if (make_domains(c, cfg) != 0) {
		err_set(&err, EXIT_TEMPORARY, "out of memory");
		err_list_add(r->errors, &err);
		return;
	}
	place_domains(c, r->scan);
	for (size_t i = 0; i < c->ndomains; i++)
		take_domain(r, cfg_getnsec(cfg, "domain", (unsigned)i),
		    &c->domains[i], (int)i);
}

/* By name, then by line. */
static int
domain_order(const void *a, const void *b)
{
	const struct config_domain *x = *(const struct config_domain *const *)a;
	const struct config_domain *y = *(const struct config_domain *const *)b;
	int by_name = strcmp(x->name == NULL ? "" : x->name,
	    y->name == NULL ? "" : y->name);

	return by_name != 0 ? by_name : (x->line > y->line) - (x->line < y->line);
}

/* A domain in two spellings (U-label and A-label) is one domain. */
static void
check_doubles(struct reading *r)
{
	const struct config *c = r->c;
	const struct config_domain **sorted =
	    calloc(c->ndomains + 1, sizeof *sorted);
	struct err err = { 0 };

	if (sorted == NULL)
		return;
	for (size_t i = 0; i < c->ndomains; i++)
		sorted[i] = &c->domains[i];
	qsort(sorted, c->ndomains, sizeof *sorted, domain_order);
	for (size_t i = 1; i < c->ndomains; i++) {
		if (sorted[i]->name == NULL || sorted[i - 1]->name == NULL ||
		    strcmp(sorted[i]->name, sorted[i - 1]->name) != 0)
			continue;
		err_set(&err, EXIT_CONFIG, "\"%s\" is given twice, first on "
		    "line %d: keep one of them", sorted[i]->name,
		    sorted[i - 1]->line);
		complain(r, sorted[i]->line, "domain", &err);
	}
	free(sorted);
}

static void
check_socket(struct reading *r)
{
	const struct config *c = r->c;
	struct err err = { 0 };

	if (c->socket_public || c->socket == NULL ||
	    !value_socket_is_public(c->socket))
		return;
	err_set(&err, EXIT_CONFIG, "\"%s\" can be reached from other hosts, "
	    "and anyone who reaches it can have mail signed; allowed: a "
	    "loopback address, or socket_public = true", c->socket);
	complain(r, scan_line(r->scan, "socket", -1, -1), "socket", &err);
}

static int
add_once(struct text_list *list, const char *name)
{
	return text_list_has_fold(list, name) ? 0 : text_list_add(list, name);
}

static int
add_all(struct text_list *to, const struct text_list *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (add_once(to, from->v[i]) != 0)
			return -1;
	return 0;
}

/* Completes the lists used for signing: oversigned names must be signed too
 * (or libopendkim makes broken signatures), From is signed, and both stamps
 * are oversigned. */
static int
derive_lists(struct config *c)
{
	static const char *const stamps[] = { "Sender", "Route" };
	struct text_list *signed_names = &c->sign.headers;
	struct text_list *oversigned = &c->sign.oversign;
	char name[64];

	if (add_all(oversigned, &c->sign.oversign_written) != 0 ||
	    add_all(signed_names, &c->sign.headers_written) != 0 ||
	    add_once(signed_names, "From") != 0)
		return -1;
	for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
		(void)snprintf(name, sizeof name, "%s%s", c->headers.prefix,
		    stamps[i]);
		if (add_once(oversigned, name) != 0)
			return -1;
	}
	return add_all(signed_names, oversigned);
}

/* Derives values from valid options. */
static void
derive(struct reading *r)
{
	struct config *c = r->c;
	struct err err = { 0 };
	size_t bytes = 0;
	int line = scan_line(r->scan, "sign.headers", -1, -1);

	c->sign.header_canon = c->sign.canonicalization / 2 == 1 ?
	    CANON_RELAXED : CANON_SIMPLE;
	c->sign.body_canon = c->sign.canonicalization % 2 == 1 ?
	    CANON_RELAXED : CANON_SIMPLE;
	c->headers.stamp_sender = text_list_has_fold(&c->headers.stamp, "sender");
	c->headers.stamp_route = text_list_has_fold(&c->headers.stamp, "route");
	if (derive_lists(c) != 0) {
		err_set(&err, EXIT_TEMPORARY, "out of memory");
		complain(r, line, "sign.headers", &err);
		return;
	}
	for (size_t i = 0; i < c->sign.headers.n; i++)
		bytes += strlen(c->sign.headers.v[i]) + 1;
	if (bytes <= SIGNED_NAMES_MAX)
		return;
	err_set(&err, EXIT_CONFIG, "with sign.oversign the names take %zu "
	    "bytes; allowed: %d", bytes, SIGNED_NAMES_MAX);
	complain(r, line != 0 ? line : scan_line(r->scan, "sign.oversign", -1,
	    -1), "sign.headers", &err);
}

/* Passes the scanned text to libconfuse and takes the values from it. */
static void
read_values(struct reading *r)
{
	cfg_opt_t *tree = tree_of("");
	cfg_t *cfg = tree == NULL ? NULL : cfg_init(tree, CFGF_NONE);
	struct err err = { 0 };

	if (cfg == NULL) {
		err_set(&err, EXIT_TEMPORARY, "out of memory");
		err_list_add(r->errors, &err);
		tree_free(tree);
		return;
	}
	cfg_set_error_function(cfg, parse_error);
	parsing = r;
	int rc = cfg_parse_buf(cfg, r->scan->len == 0 ? "\n" : r->scan->text);
	parsing = NULL;
	if (rc == CFG_SUCCESS) {
		size_t before = r->errors->n;
		take_options(r, cfg, "", r->c, -1, -1);
		take_domains(r, cfg);
		if (r->errors->n == before) {
			check_socket(r);
			check_doubles(r);
			derive(r);
		}
	} else if (r->errors->n == 0) {
		err_set(&err, EXIT_CONFIG, "%s: cannot be read", r->name);
		err_list_add(r->errors, &err);
	}
	cfg_free(cfg);
	tree_free(tree);
}

/* Returns the line number in "NAME:LINE: ..."; 0 if there is none. */
static long
line_of(const struct err *err, size_t name_len)
{
	return strlen(err->text) > name_len && err->text[name_len] == ':' ?
	    strtol(err->text + name_len + 1, NULL, 10) : 0;
}

/* Sorts the messages by line (there are few, mostly sorted). If the list is
 * full, its last message counts the others and stays last. */
static void
sort_by_line(struct err_list *errors, size_t from, const char *name)
{
	size_t len = strlen(name);

	if (errors->n >= ERR_LIST_MAX)
		return;
	for (size_t i = from; i < errors->n; i++) {
		for (size_t j = i; j > from && line_of(&errors->v[j], len) <
		    line_of(&errors->v[j - 1], len); j--) {
			struct err swap = errors->v[j];
			errors->v[j] = errors->v[j - 1];
			errors->v[j - 1] = swap;
		}
	}
}

/* Returns the text of the file (the caller frees it), or NULL with a message
 * in errors. Sets *path to NULL if the file does not exist and is not
 * required. */
static char *
read_file(const char **path, size_t *len, struct err_list *errors)
{
	struct err err = { 0 };
	char *text;

	*len = 0;
	if (*path == NULL) {
		if (access(config_default_path(), F_OK) == 0 || errno != ENOENT)
			*path = config_default_path();
	}
	if (*path == NULL || strcmp(*path, "/dev/null") == 0)
		return strdup("");
	text = file_read(*path, SCAN_FILE_MAX, len, &err);
	if (text == NULL) {
		err.code = EXIT_CONFIG;
		err_list_add(errors, &err);
	}
	return text;
}

const char *
config_default_path(void)
{
	return SYSCONFDIR "/waybill/waybill.conf";
}

struct config *
config_read(const char *path, struct err_list *errors)
{
	struct err err = { 0 };
	size_t before = errors->n, len;
	char *text = read_file(&path, &len, errors);
	struct config *c = NULL;

	if (text != NULL) {
		c = config_read_text(path == NULL ? config_default_path() :
		    path, text, len, errors);
		if (c != NULL && path != NULL &&
		    (c->path = strdup(path)) == NULL)
			config_free(&c);
	}
	if (c == NULL && errors->n == before) {
		err_set(&err, EXIT_TEMPORARY, "out of memory");
		err_list_add(errors, &err);
	}
	free(text);
	return c;
}

struct config *
config_read_text(const char *name, const char *text, size_t len,
    struct err_list *errors)
{
	struct config *c = calloc(1, sizeof *c);
	struct scan scan = { 0 };
	struct err err = { 0 };
	struct reading r = { c, name, &scan, errors };
	size_t before = errors->n;

	if (c == NULL || scan_text(&scan, name, text, len, errors) != 0) {
		err_set(&err, EXIT_TEMPORARY, "out of memory");
		err_list_add(errors, &err);
	} else {
		if (scan.faults == 0)
			read_values(&r);
		sort_by_line(errors, before, name);
	}
	if (errors->n > before)
		config_free(&c);
	scan_free(&scan);
	return c;
}

static void
domain_clear(struct config_domain *d)
{
	for (size_t i = 0; i < d->nkeys; i++) {
		free(d->keys[i].selector);
		free(d->keys[i].file);
	}
	free(d->keys);
	free(d->name);
}

void
config_free(struct config **cp)
{
	struct config *c = *cp;

	if (c == NULL)
		return;
	for (size_t i = 0; i < option_count; i++)
		if (strncmp(option_rows[i].path, "domain.", 7) != 0)
			option_clear(&option_rows[i], c);
	text_list_free(&c->sign.headers);
	text_list_free(&c->sign.oversign);
	for (size_t i = 0; i < c->ndomains; i++)
		domain_clear(&c->domains[i]);
	free(c->domains);
	free(c->path);
	free(c);
	*cp = NULL;
}
