/* SPDX-License-Identifier: ISC */
/* A Received field; its first line is the HELO of a field that Postfix writes
 * for a stranger: whatever it is, that one is recognised. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "find/postfix_received.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char writers[] = "mail.example.org Postfix\nin.example.org A B\n";

static bool
is_known(const void *arg, const struct ip *client)
{
	(void)arg;
	return ip_is_loopback(client);
}

static bool
is_nobody(const void *arg, const struct ip *client)
{
	(void)arg;
	(void)client;
	return false;
}

static int
is_stranger(const char *value)
{
	return postfix_received_is_stranger(value, writers, is_known, NULL);
}

/* HELO as smtpd(8) lets it be: not empty, one word, no comment or quote. */
static bool
is_helo(const char *s)
{
	return s[0] != '\0' && strpbrk(s, " <>()\\\";@\t\r\n") == NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);
	struct text field;

	if (s == NULL)
		return 0;
	memcpy(s, data, size);
	s[size] = '\0';
	/* who knows fewer clients finds more strangers */
	if (is_stranger(s) == 1 && postfix_received_is_stranger(s, writers,
	    is_nobody, NULL) != 1)
		abort();
	s[strcspn(s, "\n")] = '\0';
	text_init(&field, size + 200);
	if (is_helo(s)) {
		text_addf(&field, " from %s (unknown [198.51.100.77])\n\tby "
		    "mail.example.org (Postfix) with ESMTP id 4dXk2w1zW9z\n\t"
		    "for <a@example.org>; now", s);
		if (!field.cut && is_stranger(field.buf) != 1)
			abort();
	}
	text_free(&field);
	free(s);
	return 0;
}
