/* SPDX-License-Identifier: ISC */
/*
 * The signing part of the configuration: names and their weight, canonical
 * forms, expiry, and a libopendkim handle with the options that are per
 * library, not per message. sign.c explains why libopendkim gets no list of
 * names to sign.
 *
 * Both names of stamps are always oversigned, so that nobody can add one
 * later; fields that lists and remailers add to signed mail (List-*, Sender)
 * never are.
 */
#include "sign_rules.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include <opendkim/dkim.h>

#include "arena.h"
#include "base/text.h"
#include "sign.h"

enum { OVERSIGN_MAX = 1024 };	/* bytes of names: h= has room for 4,095 */

/* The weight of names after From and the stamps; other names follow. */
static const char *const weighty[] = {
	"Date", "Subject", "Message-ID", "To", "Cc", "Reply-To", "In-Reply-To",
	"References", "MIME-Version", "Content-Type",
	"Content-Transfer-Encoding", "List-Unsubscribe",
	"List-Unsubscribe-Post",
};

static int
no_memory(struct err *err)
{
	return err_set(err, EXIT_TEMPORARY, "out of memory for signing");
}

static int
rules_add(struct sign_rules *r, const char *name, struct err *err)
{
	if (sign_rules_find(r, name, strlen(name)) < r->n)
		return 0;

	struct sign_rule *v = realloc(r->rule, (r->n + 1) * sizeof *v);

	if (v == NULL)
		return no_memory(err);
	r->rule = v;
	v[r->n].oversigned = false;
	v[r->n].name = strdup(name);
	if (v[r->n].name == NULL)
		return no_memory(err);
	r->n++;
	return 0;
}

static int
rules_add_stamp(struct sign_rules *r, const char *prefix, const char *word,
    struct err *err)
{
	size_t size = strlen(prefix) + strlen(word) + 1;
	char *name = malloc(size);

	if (name == NULL)
		return no_memory(err);
	strcpy(name, prefix);
	strcat(name, word);

	int rc = rules_add(r, name, err);

	if (rc == 0)
		r->rule[sign_rules_find(r, name, size - 1)].oversigned = true;
	free(name);
	return rc;
}

/* Checks that each name of a list in the configuration can be in h=. */
static int
names_check(const struct text_list *list, const char *option, struct err *err)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *name = list->v[i];

		if (text_equal_fold(name, "DKIM-Signature"))
			return err_set(err, EXIT_CONFIG, "%s: %s cannot be "
			    "covered by a signature; remove it", option, name);
		if (name[0] == '\0' || strlen(name) > OVERSIGN_MAX / 2)
			return err_set(err, EXIT_CONFIG, "%s: field name of "
			    "%zu bytes; allowed: 1 to %d", option,
			    strlen(name), OVERSIGN_MAX / 2);
		for (const char *p = name; *p != '\0'; p++)
			if (*p <= ' ' || *p >= 0x7f || *p == ':' || *p == ';')
				return err_set(err, EXIT_CONFIG, "%s: \"%s\" "
				    "is not a valid field name; allowed: "
				    "letters, digits and \"-\"", option, name);
	}
	return 0;
}

static int
rules_name(struct sign_rules *r, const struct config *c, struct err *err)
{
	const struct text_list *headers = &c->sign.headers;
	const struct text_list *oversign = &c->sign.oversign;

	if (rules_add(r, "From", err) < 0 ||
	    rules_add_stamp(r, c->headers.prefix, "Sender", err) < 0 ||
	    rules_add_stamp(r, c->headers.prefix, "Route", err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof weighty / sizeof *weighty; i++)
		if ((text_list_has_fold(headers, weighty[i]) ||
		    text_list_has_fold(oversign, weighty[i])) &&
		    rules_add(r, weighty[i], err) < 0)
			return -1;
	for (size_t i = 0; i < headers->n; i++)
		if (rules_add(r, headers->v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < oversign->n; i++)
		if (rules_add(r, oversign->v[i], err) < 0)
			return -1;
	return 0;
}

/* Lists and remailers add these to mail that is already signed. */
static bool
may_be_added_later(const char *name)
{
	return text_begins_fold(name, "List-") ||
	    text_equal_fold(name, "Sender");
}

static int
rules_oversign(struct sign_rules *r, const struct text_list *oversign,
    struct err *err)
{
	size_t bytes = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct sign_rule *rule = &r->rule[i];

		if (text_list_has_fold(oversign, rule->name) &&
		    !may_be_added_later(rule->name))
			rule->oversigned = true;
		if (rule->oversigned)
			bytes += strlen(rule->name) + 1;
	}
	if (bytes > OVERSIGN_MAX)
		return err_set(err, EXIT_CONFIG, "sign.oversign: its names and "
		    "those of the stamps take %zu bytes; allowed: %d", bytes, OVERSIGN_MAX);
	return 0;
}

struct sign_rules *
sign_rules_new(const struct config *c, struct err *err)
{
	struct sign_rules *r = calloc(1, sizeof *r);

	if (r == NULL) {
		no_memory(err);
		return NULL;
	}
	r->header_canon = c->sign.header_canon;
	r->body_canon = c->sign.body_canon;
	r->expire_s = (uint64_t)(c->sign.expire_ms / 1000);
	if (names_check(&c->sign.headers, "sign.headers", err) == 0 &&
	    names_check(&c->sign.oversign, "sign.oversign", err) == 0 &&
	    rules_name(r, c, err) == 0 &&
	    rules_oversign(r, &c->sign.oversign, err) == 0) {
		r->lib = sign_rules_lib(r, NULL, err);
		if (r->lib != NULL && sign_probe(r, &r->cached, &r->forgets, err) == 0)
			return r;
	}
	sign_rules_free(&r);
	return NULL;
}

void
sign_rules_free(struct sign_rules **rules)
{
	struct sign_rules *r = *rules;

	*rules = NULL;
	if (r == NULL)
		return;
	if (r->lib != NULL)
		dkim_close(r->lib);
	for (size_t i = 0; i < r->n; i++)
		free(r->rule[i].name);
	free(r->rule);
	free(r);
}

size_t
sign_rules_find(const struct sign_rules *r, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strncasecmp(r->rule[i].name, name, len) == 0 &&
		    r->rule[i].name[len] == '\0')
			break;
	return i;
}

struct dkim_lib *
sign_rules_lib(const struct sign_rules *r, const bool *left_out,
    struct err *err)
{
	const char **names = calloc(r->n + 1, sizeof *names);
	DKIM_LIB *lib = dkim_init(arena_take, arena_give);
	uint64_t expire_s = r->expire_s;
	size_t n = 0;

	if (names == NULL || lib == NULL)
		goto out;
	for (size_t i = 0; i < r->n; i++)
		if (r->rule[i].oversigned &&
		    (left_out == NULL || !left_out[i]))
			names[n++] = r->rule[i].name;
	if (dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_OVERSIGNHDRS, names,
	    sizeof names) == DKIM_STAT_OK &&
	    dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_SIGNATURETTL, &expire_s,
	    sizeof expire_s) == DKIM_STAT_OK) {
		free(names);
		return lib;
	}
out:
	free(names);
	if (lib != NULL)
		dkim_close(lib);
	err_set(err, EXIT_UNAVAILABLE, "cannot set up libopendkim: it rejects "
	    "an option, or there is no memory");
	return NULL;
}

bool
sign_keys_are_cached(const struct sign_rules *rules)
{
	return rules->cached;
}

bool
sign_covers(const struct sign_rules *rules, const char *name)
{
	return sign_rules_find(rules, name, strlen(name)) < rules->n;
}

