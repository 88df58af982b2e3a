/* SPDX-License-Identifier: ISC */
/*
 * Parses record data: A, AAAA, MX, PTR and TXT from the bytes of an answer
 * (RFC 1035, 3.3 and 3.4; RFC 3596). The bytes are untrusted. They are
 * uncompressed, because the resolver library has already followed the
 * pointers; so a pointer here is malformed, like anything else that is not a
 * label.
 */
#include "find/rdata.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 63 };

/* One byte of a label in lower case, or 0 if no host name may contain it. */
static char
label_byte(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_')
		return (char)c;
	return 0;
}

/* Appends a label of n bytes; -1 if it does not fit or is not plain. */
static int
label_add(const uint8_t *label, size_t n, char *out, size_t *at)
{
	if (*at + (*at > 0) + n >= DOMAIN_SIZE)
		return -1;
	if (*at > 0)
		out[(*at)++] = '.';
	for (size_t i = 0; i < n; i++) {
		char c = label_byte(label[i]);

		if (c == 0)
			return -1;
		out[(*at)++] = c;
	}
	return 0;
}

int
rdata_name(const uint8_t *data, size_t len, char *out, size_t *used)
{
	size_t pos = 0, at = 0;

	while (pos < len) {
		size_t n = data[pos++];

		if (n == 0) {
			out[at] = '\0';
			if (used != NULL)
				*used = pos;
			return 0;
		}
		if (n > LABEL_MAX || n > len - pos ||
		    label_add(data + pos, n, out, &at) != 0)
			break;
		pos += n;
	}
	out[0] = '\0';
	return -1;
}

int
rdata_ip(const struct rdata *r, enum dns_type type, struct ip *out)
{
	size_t want = type == DNS_A ? 4 : type == DNS_AAAA ? 16 : 0;

	memset(out, 0, sizeof *out);
	if (want == 0 || r->len != want)
		return -1;
	out->family = type == DNS_A ? IP_4 : IP_6;
	memcpy(out->b, r->data, want);
	return 0;
}

int
rdata_mx(const struct rdata *r, struct rdata_mx *out)
{
	size_t used;

	memset(out, 0, sizeof *out);
	if (r->len < 3)
		return -1;
	out->preference = (unsigned)r->data[0] << 8 | r->data[1];
	if (rdata_name(r->data + 2, r->len - 2, out->host, &used) != 0)
		return -1;
	return used == r->len - 2 ? 0 : -1;
}

int
rdata_ptr(const struct rdata *r, char *out)
{
	size_t used;

	if (rdata_name(r->data, r->len, out, &used) == 0 && used == r->len)
		return 0;
	out[0] = '\0';
	return -1;
}

char *
rdata_txt(const struct rdata *r, size_t *len)
{
	char *out;
	size_t at = 0, pos = 0;

	*len = 0;
	if (r->len == 0)
		return NULL;
	out = malloc(r->len);
	if (out == NULL)
		return NULL;
	while (pos < r->len) {
		size_t n = r->data[pos++];

		if (n > r->len - pos) {
			free(out);
			return NULL;
		}
		memcpy(out + at, r->data + pos, n);
		at += n;
		pos += n;
	}
	out[at] = '\0';
	*len = at;
	return out;
}
