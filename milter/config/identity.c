/* SPDX-License-Identifier: ISC */
/*
 * The domains to sign for and their keys: the domain sections of the
 * configuration and the key directory, merged.
 *
 * In the key directory, DOMAIN/SELECTOR.pem is a key; other files (the records
 * to publish, backups) are ignored. A key that is named in a section and also
 * present in the directory counts once if both are the same file. Two
 * different files for one selector are an error, because DNS can publish only
 * one of them.
 */
#include "config/identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/domain.h"

enum { KEY_PATH_SIZE = 4096 };

static const char private_suffix[] = ".pem";
static const char public_suffix[] = ".txt";

struct identity_table {
	struct identity *v;
	size_t n;
	size_t size;
};

/* State while a table is built. */
struct building {
	struct identity_table *t;
	const struct config *c;
	gid_t group;
	struct err_list *errors;
	struct err_list *warnings;
	bool no_memory;
	bool is_public;
	const char *folder;	/* contains DOMAIN/SELECTOR files */
	const char *suffix;	/* suffix of these files */
};

static int
identity_order(const void *a, const void *b)
{
	return strcmp(((const struct identity *)a)->domain,
	    ((const struct identity *)b)->domain);
}

static int
key_order(const void *a, const void *b)
{
	return strcmp((*(struct key *const *)a)->selector,
	    (*(struct key *const *)b)->selector);
}

static void __attribute__((format(printf, 3, 4)))
say(struct err_list *list, enum exit_code code, const char *fmt, ...)
{
	char text[sizeof ((struct err *)NULL)->text];
	struct err err = { 0 };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(&err, code, "%s", text);
	err_list_add(list, &err);
}

/* Appends an identity without keys. Returns NULL without memory. */
static struct identity *
add_identity(struct building *b, const char *domain)
{
	struct identity_table *t = b->t;

	if (t->n == t->size) {
		size_t size = 2 * t->size + 8;
		void *more = realloc(t->v, size * sizeof *t->v);
		if (more == NULL) {
			b->no_memory = true;
			return NULL;
		}
		t->v = more;
		t->size = size;
	}
	struct identity id = { .domain = strdup(domain) };
	if (id.domain == NULL) {
		b->no_memory = true;
		return NULL;
	}
	t->v[t->n] = id;
	return &t->v[t->n++];
}

/* Returns the key of an identity with this selector, or NULL. */
static const struct key *
key_of(const struct identity *id, const char *selector)
{
	for (size_t i = 0; i < id->nkeys; i++)
		if (strcmp(id->keys[i]->selector, selector) == 0)
			return id->keys[i];
	return NULL;
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

/* Reads a key and adds it to the identity. where is a prefix for messages. */
static void
add_key(struct building *b, struct identity *id, const char *selector,
    const char *path, bool follow, const char *where)
{
	const struct key *other = key_of(id, selector);
	struct err warning = { 0 }, err = { 0 };

	if (other != NULL) {
		if (!is_same_file(other->path, path))
			say(b->errors, EXIT_DATA, "%s%s: selector %s of %s "
			    "already has another key, %s; keep one of "
			    "them", where,
			    path, selector, id->domain, other->path);
		return;
	}
	struct key *key = b->is_public ?
	    key_read_public(path, id->domain, selector, &err) :
	    key_read(path, id->domain, selector, b->group, follow, &warning,
	    &err);
	if (key == NULL) {
		say(b->errors, err.code, "%s%s", where, err.text);
		return;
	}
	if (warning.text[0] != '\0')
		say(b->warnings, warning.code, "%s%s", where, warning.text);
	struct key **more =
	    realloc(id->keys, (id->nkeys + 1) * sizeof (struct key *));
	if (more == NULL) {
		b->no_memory = true;
		key_free(&key);
		return;
	}
	id->keys = more;
	id->keys[id->nkeys++] = key;
}

static void
add_section(struct building *b, const struct config_domain *d)
{
	struct identity *id = add_identity(b, d->name);
	char where[512];

	if (id == NULL)
		return;
	id->subdomains = d->subdomains;
	for (size_t i = 0; !b->is_public && i < d->nkeys; i++) {
		(void)snprintf(where, sizeof where, "%s:%d: domain.key.file: ",
		    b->c->path == NULL ? "" : b->c->path, d->keys[i].line);
		add_key(b, id, d->keys[i].selector, d->keys[i].file, true,
		    where);
	}
}

static int
is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Handles a file in keys/DOMAIN/. */
static void
add_file(struct building *b, struct identity *id, const char *folder,
    const char *name)
{
	size_t len = strlen(name);
	char path[KEY_PATH_SIZE], selector[DOMAIN_SIZE], base[256];
	struct err err = { 0 };

	if (len <= strlen(b->suffix) || len >= sizeof base ||
	    strcmp(name + len - strlen(b->suffix), b->suffix) != 0)
		return;
	memcpy(base, name, len - strlen(b->suffix));
	base[len - strlen(b->suffix)] = '\0';
	if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >=
	    sizeof path)
		return;
	if (key_selector(base, id->domain, selector, &err) != 0) {
		say(b->errors, EXIT_DATA, "%s: %s; rename the file", path,
		    err.text);
		return;
	}
	add_key(b, id, selector, path, false, "");
}

/* Finds the identity of a domain among the first n, which are sorted. */
static struct identity *
find_in(const struct identity_table *t, size_t n, const char *domain)
{
	char *name = (char *)(uintptr_t)domain;
	const struct identity wanted = { .domain = name };

	return n == 0 ? NULL : bsearch(&wanted, t->v, n, sizeof *t->v,
	    identity_order);
}

/*
 * Handles a directory keys/DOMAIN. The first nsections identities are sorted.
 */
static void
add_folder(struct building *b, const char *folder, const char *name,
    size_t nsections)
{
	char domain[DOMAIN_SIZE];
	struct err err = { 0 };
	struct dirent **files = NULL;

	if (domain_to_ascii(name, domain) != 0) {
		say(b->warnings, EXIT_ATTENTION, "%s: ignored: \"%s\" is not a "
		    "valid domain: %s", folder, name, domain_fault(name));
		return;
	}
	int fd = key_folder_open(folder, &err);
	if (fd < 0) {
		say(b->errors, err.code, "%s", err.text);
		return;
	}
	int n = scandirat(fd, ".", &files, is_visible, alphasort);
	(void)close(fd);
	struct identity *id = find_in(b->t, nsections, domain);
	/* Two spellings of one domain are two directories of one identity. */
	for (size_t i = nsections; id == NULL && i < b->t->n; i++)
		if (strcmp(domain, name) != 0 &&
		    strcmp(b->t->v[i].domain, domain) == 0)
			id = &b->t->v[i];
	if (id == NULL)
		id = add_identity(b, domain);
	for (int i = 0; i < n; i++) {
		if (id != NULL)
			add_file(b, id, folder, files[i]->d_name);
		free(files[i]);
	}
	free(files);
}

/* Handles the whole key directory. The identities so far must be sorted. */
static void
add_folders(struct building *b)
{
	const char *keys = b->folder;
	struct err err = { 0 };
	struct dirent **names = NULL;
	size_t nsections = b->t->n;
	char folder[KEY_PATH_SIZE];

	if (keys[0] == '\0')
		return;
	int fd = key_folder_open(keys, &err);
	if (fd < 0) {
		if (errno != ENOENT)
			say(b->errors, err.code, "%s", err.text);
		return;
	}
	int n = scandirat(fd, ".", &names, is_visible, alphasort);
	if (n < 0)
		say(b->errors, EXIT_CONFIG, "%s: cannot be read: %s", keys,
		    strerror(errno));
	for (int i = 0; i < n; i++) {
		struct stat st;
		const char *name = names[i]->d_name;
		size_t len = strlen(name);
		bool is_there = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
		(void)snprintf(folder, sizeof folder, "%s/%s", keys, name);
		if (is_there && (S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode)))
			add_folder(b, folder, name, nsections);
		else if (is_there && len > strlen(b->suffix) &&
		    strcmp(name + len - strlen(b->suffix), b->suffix) == 0)
			say(b->warnings, EXIT_ATTENTION, "%s: ignored: a key "
			    "must be in the directory of its domain: "
			    "%s/DOMAIN/%s",
			    folder, keys, name);
		free(names[i]);
	}
	free(names);
	(void)close(fd);
}

static void
identity_clear(struct identity *id)
{
	for (size_t i = 0; i < id->nkeys; i++)
		key_free(&id->keys[i]);
	free(id->keys);
	free(id->domain);
}

/* Sorts, and drops identities without keys. */
static void
finish(struct building *b)
{
	struct identity_table *t = b->t;
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].nkeys == 0) {
			identity_clear(&t->v[i]);
			continue;
		}
		qsort(t->v[i].keys, t->v[i].nkeys, sizeof *t->v[i].keys,
		    key_order);
		t->v[kept++] = t->v[i];
	}
	t->n = kept;
	if (t->n > 0)
		qsort(t->v, t->n, sizeof *t->v, identity_order);
}

/* Sections that do not name a key and have none in the key directory. */
static void
warn_of_empty(struct building *b)
{
	for (size_t i = 0; i < b->c->ndomains; i++) {
		const struct config_domain *d = &b->c->domains[i];
		if (find_in(b->t, b->t->n, d->name) == NULL)
			say(b->warnings, EXIT_ATTENTION, "%s:%d: domain: %s "
			    "has no key, so its mail is not signed; create "
			    "one: waybill keygen %s", b->c->path == NULL ? "" : b->c->path,
			    d->line, d->name, d->name);
	}
}

static struct identity_table *
build(struct building *b)
{
	size_t before = b->errors->n;

	b->t = calloc(1, sizeof *b->t);
	if (b->t != NULL) {
		for (size_t i = 0; i < b->c->ndomains; i++)
			add_section(b, &b->c->domains[i]);
		if (b->t->n > 0)
			qsort(b->t->v, b->t->n, sizeof *b->t->v,
			    identity_order);
		add_folders(b);
		finish(b);
		if (b->errors->n == before && !b->is_public)
			warn_of_empty(b);
	}
	if (b->t == NULL || b->no_memory)
		say(b->errors, EXIT_TEMPORARY, "out of memory");
	if (b->errors->n > before)
		identity_table_free(&b->t);
	return b->t;
}

struct identity_table *
identity_table_new(const struct config *c, gid_t group,
    struct err_list *errors, struct err_list *warnings)
{
	struct building b = { .c = c, .group = group, .errors = errors,
		.warnings = warnings, .folder = c->keys,
		.suffix = private_suffix };

	return build(&b);
}

struct identity_table *
identity_table_public(const struct config *c, const char *folder,
    struct err_list *errors)
{
	struct building b = { .c = c, .errors = errors, .is_public = true,
		.folder = folder, .suffix = public_suffix };

	return build(&b);
}

void
identity_table_free(struct identity_table **tp)
{
	struct identity_table *t = *tp;

	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n; i++)
		identity_clear(&t->v[i]);
	free(t->v);
	free(t);
	*tp = NULL;
}

const struct identity *
identity_find(const struct identity_table *t, const char *domain)
{
	const struct identity *id = find_in(t, t->n, domain);

	for (const char *parent = domain; id == NULL;) {
		parent = domain_parent(parent);
		if (parent == NULL)
			return NULL;
		const struct identity *up = find_in(t, t->n, parent);
		if (up != NULL && up->subdomains)
			id = up;
	}
	return id;
}

size_t
identity_count(const struct identity_table *t)
{
	return t->n;
}

const struct identity *
identity_at(const struct identity_table *t, size_t i)
{
	return &t->v[i];
}
