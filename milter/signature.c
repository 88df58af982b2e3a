/* SPDX-License-Identifier: ISC */
/*
 * Decides whether a field is a DKIM signature at all, RFC 6376, 3.5. What is
 * not a signature protects nothing on the message, whatever its name; and one
 * that other verifiers cannot read is not valid for them, however lenient one
 * library is.
 *
 * White space is allowed inside b=, bh=, h= and around ":" (FWS, with folds as
 * LF, as a milter gets them); any other byte outside the grammar makes it
 * invalid.
 */
#include "signature.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/domain.h"

static const char blank[] = " \t\n";

const char *
signature_next_name(const char **p, size_t *len)
{
	while (**p != '\0') {
		const char *name = *p + strspn(*p, blank);
		size_t n = strcspn(name, ":");

		*p = name + n + (name[n] == ':' ? 1 : 0);
		while (n > 0 && strchr(blank, name[n - 1]) != NULL)
			n--;
		if (n > 0) {
			*len = n;
			return name;
		}
	}
	return NULL;
}

/* Complete groups of four, padding only at the end (RFC 4648, 4). */
static bool
is_base64(const char *s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0, pads = 0;

	for (; *s != '\0'; s++) {
		if (strchr(blank, *s) != NULL)
			continue;
		if (*s == '=')
			pads++;
		else if (pads > 0 || strchr(digits, *s) == NULL)
			return false;
		n++;
	}
	return n > pads && pads <= 2 && n % 4 == 0;
}

/* hdr-name of RFC 6376, 2.10: printable ASCII without ":". */
static bool
is_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '!' || s[i] > '~' || s[i] == ';')
			return false;
	}
	return true;
}

static bool
names_from(const char *h)
{
	static const char from[] = "From";
	const char *name;
	size_t len;
	bool found = false;

	while ((name = signature_next_name(&h, &len)) != NULL) {
		if (!is_name(name, len))
			return false;
		found |= len == strlen(from) &&
		    strncasecmp(name, from, len) == 0;
	}
	return found;
}

/* One word, without blanks; a selector may have U-labels (RFC 8616, 4). */
static bool
is_word(const char *s)
{
	return s != NULL && *s != '\0' && s[strcspn(s, blank)] == '\0';
}

/* No control characters except those of a fold: a CR that a milter sees is not
 * one of them. */
static bool
is_text(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == 0x7f ||
		    (*s > 0 && *s < ' ' && *s != '\t' && *s != '\n'))
			return false;
	}
	return true;
}

bool
signature_read(const char *value, struct taglist *tags)
{
	size_t len = strnlen(value, SIGNATURE_MAX + 1);
	char domain[DOMAIN_SIZE];

	*tags = (struct taglist){ 0 };
	if (len > SIGNATURE_MAX || !is_text(value) ||
	    taglist_parse(tags, value, len) < 0)
		return false;

	const char *v = taglist_value(tags, "v");
	const char *d = taglist_value(tags, "d");
	const char *h = taglist_value(tags, "h");
	const char *b = taglist_value(tags, "b");
	const char *bh = taglist_value(tags, "bh");

	return v != NULL && strcmp(v, "1") == 0 &&
	    is_word(taglist_value(tags, "a")) &&
	    is_word(taglist_value(tags, "s")) &&
	    d != NULL && domain_to_ascii(d, domain) == 0 &&
	    h != NULL && names_from(h) &&
	    b != NULL && is_base64(b) && bh != NULL && is_base64(bh);
}

bool
signature_is_well_formed(const char *value)
{
	struct taglist tags;
	bool is = signature_read(value, &tags);

	taglist_free(&tags);
	return is;
}
