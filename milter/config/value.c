/* SPDX-License-Identifier: ISC */
/*
 * Checks of single configuration values.
 *
 * Each takes the text that libconfuse returns and reports in a phrase what is
 * wrong with it. Names of header fields follow RFC 5322 2.2, but only with the
 * letters, digits, "-" and "_" of real ones, because libopendkim takes "*" for
 * a wildcard and builds a regular expression from the rest. Fields that are
 * changed or removed in transit (RFC 6376 5.4.1) are rejected: a signature
 * over them would break.
 *
 * Nothing is resolved: the host of "socket" is an address or localhost,
 * because the addresses of a name could change after the check.
 */
#include "config/value.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "base/domain.h"
#include "base/ip.h"

enum { ACCOUNT_MAX = 32, FIELD_NAME_MAX = 76, PREFIX_MAX = 40, PORT_MAX = 65535 };

static const char alnum[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* Returns true if s is not empty and consists only of letters, digits and the
 * characters in more. */
static bool
is_made_of(const char *s, const char *more)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (strchr(alnum, *s) == NULL && strchr(more, *s) == NULL)
			return false;
	return true;
}

static int
keep(struct text *kept, const char *s)
{
	text_add(kept, s);
	return 0;
}

static int
socket_path(const char *path, struct err *err)
{
	const size_t max = sizeof ((struct sockaddr_un *)NULL)->sun_path - 1;

	if (path[0] != '/')
		return err_set(err, EXIT_CONFIG,
		    "path \"%s\" is not absolute", path);
	if (path[strlen(path) - 1] == '/')
		return err_set(err, EXIT_CONFIG,
		    "\"%s\" is a directory, not a socket", path);
	if (strlen(path) > max)
		return err_set(err, EXIT_CONFIG, "path of %zu bytes; a socket "
		    "path can have %zu: choose a shorter one",
		    strlen(path), max);
	return 0;
}

/* Copies HOST from "inet:PORT@HOST", without brackets. */
static int
socket_host(const char *s, char *out, size_t size)
{
	size_t len = strlen(s);

	if (len > 1 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
	}
	if (len == 0 || len >= size)
		return -1;
	memcpy(out, s, len);
	out[len] = '\0';
	return 0;
}

static int
socket_inet(const char *s, enum ip_family family, struct err *err)
{
	const char *at = strchr(s, '@');
	char port[8], host[IP_SIZE];
	long long n;
	struct ip ip;

	if (at == NULL)
		return err_set(err, EXIT_CONFIG, "\"%s\" has no @HOST", s);
	size_t len = (size_t)(at - s);
	if (len >= sizeof port)
		len = sizeof port - 1;
	memcpy(port, s, len);
	port[len] = '\0';
	if (text_number(port, 1, PORT_MAX, &n) != 0)
		return err_set(err, EXIT_CONFIG,
		    "port \"%s\" is not a number from 1 to %d", port, PORT_MAX);
	if (socket_host(at + 1, host, sizeof host) != 0)
		return err_set(err, EXIT_CONFIG, "\"%s\" is not an IP "
		    "address", at + 1);
	if (strcmp(host, "localhost") == 0)
		return 0;
	if (ip_parse(host, &ip) != 0)
		return err_set(err, EXIT_CONFIG, "\"%s\" is not an IP "
		    "address", at + 1);
	if (ip.family != family)
		return err_set(err, EXIT_CONFIG, "%s is not an IPv%d "
		    "address", host,
		    (int)family);
	return 0;
}

int
value_socket(const char *s, struct text *kept, struct err *err)
{
	int rc;

	if (strncmp(s, "unix:", 5) == 0)
		rc = socket_path(s + 5, err);
	else if (strncmp(s, "inet:", 5) == 0)
		rc = socket_inet(s + 5, IP_4, err);
	else if (strncmp(s, "inet6:", 6) == 0)
		rc = socket_inet(s + 6, IP_6, err);
	else
		rc = err_set(err, EXIT_CONFIG, "\"%s\" has an unknown "
		    "format", s);
	return rc == 0 ? keep(kept, s) : -1;
}

bool
value_socket_is_public(const char *s)
{
	const char *at = strchr(s, '@');
	char host[IP_SIZE];
	struct ip ip;

	if (strncmp(s, "unix:", 5) == 0)
		return false;
	if (at == NULL || socket_host(at + 1, host, sizeof host) != 0)
		return true;
	if (strcmp(host, "localhost") == 0)
		return false;
	return ip_parse(host, &ip) != 0 || !ip_is_loopback(&ip);
}

int
value_account(const char *s, struct text *kept, struct err *err)
{
	if (!is_made_of(s, "-_.") || s[0] == '-' || strlen(s) > ACCOUNT_MAX)
		return err_set(err, EXIT_CONFIG,
		    "\"%s\" is not a valid account name", s);
	return keep(kept, s);
}

int
value_path(const char *s, struct text *kept, struct err *err)
{
	if (s[0] != '/')
		return err_set(err, EXIT_CONFIG,
		    "path \"%s\" is not absolute", s);
	if (strlen(s) >= PATH_MAX)
		return err_set(err, EXIT_CONFIG, "path longer than %d bytes",
		    PATH_MAX - 1);
	return keep(kept, s);
}

int
value_path_or_none(const char *s, struct text *kept, struct err *err)
{
	return s[0] == '\0' ? 0 : value_path(s, kept, err);
}

int
value_certificate(const char *s, struct text *kept, struct err *err)
{
	const char *bar = strchr(s, '|');

	if (bar == NULL)
		return err_set(err, EXIT_CONFIG,
		    "\"%s\" has no \"|\" between subject and issuer", s);
	if (bar == s || bar[1] == '\0')
		return err_set(err, EXIT_CONFIG,
		    "\"%s\" has no %s", s, bar == s ? "subject" : "issuer");
	return keep(kept, s);
}

int
value_daemon(const char *s, struct text *kept, struct err *err)
{
	if (!is_made_of(s, "-_.") || strlen(s) > 64)
		return err_set(err, EXIT_CONFIG,
		    "\"%s\" is not a valid milter_macro_daemon_name", s);
	return keep(kept, s);
}

int
value_network(const char *s, struct text *kept, struct err *err)
{
	struct ip_net net;

	if (strcmp(s, "auto") != 0 && ip_net_parse(s, &net) != 0)
		return err_set(err, EXIT_CONFIG, "\"%s\" is not a valid "
		    "network", s);
	return keep(kept, s);
}

static int
value_ip(const char *s, enum ip_family family, struct text *kept,
    struct err *err)
{
	struct ip ip;
	char text[IP_SIZE];

	if (strcmp(s, "auto") == 0 || strcmp(s, "none") == 0)
		return keep(kept, s);
	if (ip_parse(s, &ip) != 0)
		return err_set(err, EXIT_CONFIG, "\"%s\" is not an IP "
		    "address", s);
	if (ip.family != family)
		return err_set(err, EXIT_CONFIG, "%s is not an IPv%d "
		    "address", s,
		    (int)family);
	return keep(kept, ip_format(&ip, text));
}

int
value_ipv4(const char *s, struct text *kept, struct err *err)
{
	return value_ip(s, IP_4, kept, err);
}

int
value_ipv6(const char *s, struct text *kept, struct err *err)
{
	return value_ip(s, IP_6, kept, err);
}

int
value_domain(const char *s, struct text *kept, struct err *err)
{
	char ascii[DOMAIN_SIZE];

	if (domain_to_ascii(s, ascii) != 0)
		return err_set(err, EXIT_CONFIG, "\"%s\" is not a valid "
		    "domain: %s", s,
		    domain_fault(s));
	return keep(kept, ascii);
}

int
value_hostname(const char *s, struct text *kept, struct err *err)
{
	if (strcmp(s, "auto") == 0)
		return keep(kept, s);
	if (value_domain(s, kept, err) != 0)
		return -1;
	if (strchr(kept->buf, '.') == NULL)
		return err_set(err, EXIT_CONFIG,
		    "\"%s\" is a single label, not a full host name", s);
	return 0;
}

/* Fields that are changed, added or removed in transit. */
static const char *const unsignable[] = {
	"Authentication-Results", "Bcc", "Content-Length", "DKIM-Signature",
	"Received", "Resent-Bcc", "Return-Path", NULL
};

int
value_signed_field(const char *s, struct text *kept, struct err *err)
{
	if (!is_made_of(s, "-_") || strlen(s) > FIELD_NAME_MAX)
		return err_set(err, EXIT_CONFIG,
		    "\"%s\" is not a valid header field name", s);
	for (size_t i = 0; unsignable[i] != NULL; i++)
		if (text_equal_fold(s, unsignable[i]))
			return err_set(err, EXIT_CONFIG, "%s cannot be signed: "
			    "it changes in transit, and the signature would "
			    "break", s);
	return keep(kept, s);
}

int
value_oversigned_field(const char *s, struct text *kept, struct err *err)
{
	if (value_signed_field(s, kept, err) != 0)
		return -1;
	if (text_equal_fold(s, "Sender") || text_begins_fold(s, "List-"))
		return err_set(err, EXIT_CONFIG, "%s cannot be oversigned: a "
		    "mailing list adds its own, and the signature would break",
		    s);
	return 0;
}

int
value_prefix(const char *s, struct text *kept, struct err *err)
{
	size_t len = strlen(s);

	if (!is_made_of(s, "-") || strncmp(s, "X-", 2) != 0 || len < 4 ||
	    s[len - 1] != '-')
		return err_set(err, EXIT_CONFIG,
		    "\"%s\" is not a valid prefix", s);
	if (len > PREFIX_MAX)
		return err_set(err, EXIT_CONFIG, "prefix longer than %d bytes",
		    PREFIX_MAX);
	return keep(kept, s);
}

int
value_server(const char *s, struct text *kept, struct err *err)
{
	const char *at = strchr(s, '@');
	char text[IP_SIZE];
	size_t len = at == NULL ? strlen(s) : (size_t)(at - s);
	struct ip ip;
	long long port;

	if (at != NULL && text_number(at + 1, 1, PORT_MAX, &port) != 0)
		return err_set(err, EXIT_CONFIG,
		    "port \"%s\" is not a number from 1 to %d", at + 1,
		    PORT_MAX);
	if (len >= sizeof text)
		return err_set(err, EXIT_CONFIG, "\"%s\" is not an IP "
		    "address", s);
	memcpy(text, s, len);
	text[len] = '\0';
	if (ip_parse(text, &ip) != 0)
		return err_set(err, EXIT_CONFIG, "\"%s\" is not an IP "
		    "address", text);
	text_add(kept, ip_format(&ip, text));
	if (at != NULL)
		text_add(kept, at);
	return 0;
}

int
value_source(const char *s, struct text *kept, struct err *err)
{
	if (strcmp(s, "auto") != 0 && strcmp(s, "journal") != 0 && s[0] != '/')
		return err_set(err, EXIT_CONFIG, "\"%s\" is not auto, journal "
		    "or an absolute path", s);
	text_add(kept, s);
	return 0;
}

/* Returns true if the name of an option in the URL contains a "%", which could
 * be used to disguise "password". */
static bool
has_hidden_option(const char *url)
{
	for (const char *p = strchr(url, '?'); p != NULL; p = strchr(p, '&')) {
		p++;
		if (memchr(p, '%', strcspn(p, "=&")) != NULL)
			return true;
	}
	return false;
}

int
value_store(const char *s, struct text *kept, struct err *err)
{
	const char *authority = strstr(s, "://");
	const char *at;

	if (authority == NULL && s[0] != '/')
		return err_set(err, EXIT_CONFIG, "\"%s\" is not an absolute "
		    "path",
		    s);
	if (authority != NULL) {
		authority += 3;
		at = strchr(authority, '@');
		if ((at != NULL && memchr(authority, ':',
		    (size_t)(at - authority)) != NULL) ||
		    strstr(authority, "password=") != NULL ||
		    has_hidden_option(authority))
			return err_set(err, EXIT_CONFIG, "the URL contains a "
			    "password; put it in the file named by "
			    "record.password_file");
		if (strncmp(s, "postgresql://", 13) != 0)
			return err_set(err, EXIT_CONFIG, "unknown store "
			    "\"%.*s\"", (int)(authority - s), s);
	}
	text_add(kept, s);
	return 0;
}
