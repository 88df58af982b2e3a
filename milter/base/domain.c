/* SPDX-License-Identifier: ISC */
/*
 * Domain names in their A-label form, RFC 1035, RFC 5890. Each label is
 * handled by itself. An ASCII label is checked here and only lower-cased,
 * because libidn2 rejects some that exist in DNS ("ab--cd", leading "-"). Any
 * other goes through libidn2 (nontransitional, without the STD3 flag, which
 * would delete underscores), and the result must pass the same check. The
 * ideographic full stops of RFC 3490 3.1 separate labels too. A-labels are not
 * decoded to see whether they make sense: that is up to DNS.
 */
#include "base/domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <idn2.h>

/* No valid name is longer than this in UTF-8; anything longer is rejected
 * before it reaches libidn2. */
enum { DOMAIN_LABEL_MAX = 63, DOMAIN_UTF8_MAX = 1024 };

static const char domain_fault_empty[] = "empty name";
static const char domain_fault_label_empty[] = "empty label";
static const char domain_fault_label_long[] = "label longer than 63 bytes";
static const char domain_fault_long[] = "longer than 253 bytes";
static const char domain_fault_byte[] =
    "only letters, digits, \"-\", \"_\" and dots are allowed";
static const char domain_fault_idn[] =
    "invalid internationalized label";

/* Length of the dot at s: ".", U+3002, U+FF0E or U+FF61; 0 if it is none. */
static size_t
domain_dot(const char *s, size_t len)
{
	static const char *const dots[] = {
	    "\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"};

	if (len > 0 && *s == '.')
		return 1;
	for (size_t i = 0; i < sizeof dots / sizeof dots[0]; i++)
		if (len >= 3 && memcmp(s, dots[i], 3) == 0)
			return 3;
	return 0;
}

/*
 * Appends an ASCII label, lower-cased. Returns NULL, or what is wrong with it.
 */
static const char *
domain_add_ascii(char *out, size_t *at, const char *s, size_t len)
{
	if (len == 0)
		return domain_fault_label_empty;
	if (len > DOMAIN_LABEL_MAX)
		return domain_fault_label_long;
	if (*at + len >= DOMAIN_SIZE)
		return domain_fault_long;
	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_')
			return domain_fault_byte;
		out[(*at)++] = c;
	}
	return NULL;
}

/* Appends a label that contains a non-ASCII byte. */
static const char *
domain_add_unicode(char *out, size_t *at, const char *s, size_t len)
{
	char label[DOMAIN_UTF8_MAX + 1];
	char *ascii = NULL;

	memcpy(label, s, len);
	label[len] = '\0';
	if (idn2_to_ascii_8z(label, &ascii,
	    IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
		return domain_fault_idn;
	const char *fault = domain_add_ascii(out, at, ascii, strlen(ascii));
	idn2_free(ascii);
	return fault;
}

/* Writes the A-label form to out. Returns NULL, or what is wrong. */
static const char *
domain_convert(const char *name, size_t len, char *out)
{
	size_t at = 0, dot;

	if (len == 0)
		return domain_fault_empty;
	if (len > DOMAIN_UTF8_MAX)
		return domain_fault_long;
	for (size_t i = 0;; i += dot) {
		size_t begin = i;
		bool ascii = true;
		for (dot = 0; i < len; i++) {
			dot = domain_dot(name + i, len - i);
			if (dot > 0)
				break;
			if (name[i] == '\0')
				return domain_fault_byte;
			if ((unsigned char)name[i] >= 0x80)
				ascii = false;
		}
		const char *fault = ascii
		    ? domain_add_ascii(out, &at, name + begin, i - begin)
		    : domain_add_unicode(out, &at, name + begin, i - begin);
		if (fault != NULL)
			return fault;
		/* a final dot ends the name and is not an empty label */
		if (i + dot >= len)
			break;
		if (at + 1 >= DOMAIN_SIZE)
			return domain_fault_long;
		out[at++] = '.';
	}
	out[at] = '\0';
	return NULL;
}

int
domain_to_ascii(const char *name, char *out)
{
	return domain_to_ascii_bytes(name, strlen(name), out);
}

int
domain_to_ascii_bytes(const char *name, size_t len, char *out)
{
	if (domain_convert(name, len, out) == NULL)
		return 0;
	out[0] = '\0';
	return -1;
}

const char *
domain_fault(const char *name)
{
	char out[DOMAIN_SIZE];
	const char *fault = domain_convert(name, strlen(name), out);

	return fault == NULL ? "no error" : fault;
}

void
domain_to_unicode(const char *ascii, char *out, size_t size)
{
	char *unicode = NULL;

	if (size == 0)
		return;
	if (idn2_to_unicode_8z8z(ascii, &unicode, 0) == IDN2_OK &&
	    strlen(unicode) < size)
		(void)snprintf(out, size, "%s", unicode);
	else
		(void)snprintf(out, size, "%s", ascii);
	idn2_free(unicode);
}

bool
domain_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool
domain_is_under(const char *child, const char *parent)
{
	size_t c = strlen(child), p = strlen(parent);

	if (p == 0 || c < p || strcmp(child + c - p, parent) != 0)
		return false;
	return c == p || child[c - p - 1] == '.';
}

const char *
domain_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot == NULL ? NULL : dot + 1;
}

unsigned
domain_labels(const char *name)
{
	unsigned n = *name == '\0' ? 0 : 1;

	for (; *name != '\0'; name++)
		if (*name == '.')
			n++;
	return n;
}
