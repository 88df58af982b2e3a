/* SPDX-License-Identifier: ISC */
/*
 * smtpd_milters and non_smtpd_milters, parsed as Postfix does: a list of
 * "unix:path", "inet:host:port" or "{ one of these, option = value ... }". For
 * a chrooted service a path is below queue_directory; a path without a leading
 * slash is relative to it with and without chroot. smtpd(8) uses smtpd_milters
 * unless its receive_override_options contain no_milters; cleanup(8) uses
 * non_smtpd_milters, for mail that did not arrive through smtpd(8).
 */
#include "find/postfix_milter.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ip.h"
#include "base/text.h"

const char *
postfix_attachment_name(enum postfix_attachment_state s)
{
	static const char *const names[] = {
		[POSTFIX_ATTACHED] = "attached",
		[POSTFIX_NOT_LAST] = "not-last",
		[POSTFIX_TWICE] = "twice",
		[POSTFIX_DETACHED] = "detached",
		[POSTFIX_KEPT_FREE] = "kept-free",
	};

	return names[s];
}

/* Writes a path without "//" and "/./"; false if it does not fit. */
static bool
milter_clean_path(const char *folder, const char *path, char *out)
{
	char whole[2 * POSTFIX_PATH_SIZE];
	size_t n = 0;

	int len = snprintf(whole, sizeof whole, "%s/%s", folder, path);
	if (len < 0 || (size_t)len >= sizeof whole)
		return false;
	for (const char *p = whole; *p != '\0'; p++) {
		if (*p == '/' && (p[1] == '/' || p[1] == '\0'))
			continue;
		if (*p == '/' && p[1] == '.' && (p[2] == '/' || p[2] == '\0')) {
			p++;
			continue;
		}
		if (n == POSTFIX_PATH_SIZE - 1)
			return false;
		out[n++] = *p;
	}
	out[n] = '\0';
	return true;
}

/* "host:port", "[host]:port" */
static bool
milter_read_inet(const char *s, struct postfix_milter *out)
{
	const char *colon = strrchr(s, ':');

	if (colon == NULL || colon[1] == '\0' ||
	    strlen(colon + 1) >= sizeof out->port)
		return false;
	size_t len = (size_t)(colon - s);
	if (len >= 2 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof out->host)
		return false;
	memcpy(out->host, s, len);
	out->host[len] = '\0';
	strcpy(out->port, colon + 1);
	return true;
}

/* Reads "unix:path" or "inet:host:port" of a service. */
static bool
milter_read(const struct postfix *p, const struct postfix_service *s,
    const char *word, struct postfix_milter *out)
{
	*out = (struct postfix_milter){0};
	if (strncmp(word, "inet:", 5) == 0)
		return milter_read_inet(word + 5, out);
	if (strncmp(word, "unix:", 5) == 0)
		word += 5;
	else if (strncmp(word, "local:", 6) == 0)
		word += 6;
	else
		return false;
	out->is_unix = true;
	if (*word == '\0')
		return false;
	if (*word == '/' && !s->is_chrooted)
		return milter_clean_path("", word, out->path);
	char *queue = postfix_value(p, s, "queue_directory");
	bool ok = queue != NULL && milter_clean_path(queue, word, out->path);
	free(queue);
	return ok;
}

/* One word of the list: in braces, its first word is the milter. */
static bool
milter_read_word(const struct postfix *p, const struct postfix_service *s,
    const char *word, struct postfix_milter *out)
{
	if (*word != '{')
		return milter_read(p, s, word, out);
	size_t len = strlen(word);
	char *inner = len < 2 || word[len - 1] != '}' ? NULL
	    : strndup(word + 1, len - 2);
	if (inner == NULL)
		return false;
	const char *at = inner;
	char *first = postfix_next_word(&at);
	bool ok = first != NULL && milter_read(p, s, first, out);
	free(first);
	free(inner);
	return ok;
}

static bool
milter_list_has(const char *list, const char *word)
{
	bool has = false;
	char *w;

	while ((w = postfix_next_word(&list)) != NULL) {
		has |= text_equal_fold(w, word);
		free(w);
	}
	return has;
}

static bool
milter_is_free(const struct postfix *p, const struct postfix_service *s)
{
	char *options = postfix_value(p, s, "receive_override_options");
	bool is_free = options != NULL &&
	    milter_list_has(options, "no_milters");

	free(options);
	return is_free;
}

/* Checks one service. */
static void
milter_judge(const struct postfix *p, const struct postfix_service *s,
    const char *parameter, const char *socket, struct postfix_attachment *a)
{
	bool own = postfix_overrides(p, s, parameter);
	size_t ours = 0, last = 0;

	a->service = s;
	bool no_milters = strcmp(parameter, "smtpd_milters") == 0 &&
	    milter_is_free(p, s);
	char *list = no_milters ? NULL : postfix_value(p, s, parameter);
	const char *at = list == NULL ? "" : list;
	char *word;
	while ((word = postfix_next_word(&at)) != NULL) {
		struct postfix_milter m;
		bool known = milter_read_word(p, s, word, &m);
		free(word);
		a->n++;
		a->has_unknown |= !known;
		if (known && postfix_milter_is(&m, socket)) {
			ours++;
			last = a->n;
		}
		if (a->n <= POSTFIX_MILTERS_MAX)
			a->milter[a->n - 1] = m;
	}
	free(list);
	a->state = ours > 1 ? POSTFIX_TWICE : ours == 1
	    ? last == a->n ? POSTFIX_ATTACHED : POSTFIX_NOT_LAST
	    : own || no_milters ? POSTFIX_KEPT_FREE : POSTFIX_DETACHED;
}

struct postfix_attachment *
postfix_attachments(const struct postfix *p, const char *socket, size_t *n)
{
	size_t n_services;
	const struct postfix_service *s = postfix_services(p, &n_services);

	*n = 0;
	if (n_services == 0)
		return NULL;
	struct postfix_attachment *v = calloc(n_services, sizeof *v);
	if (v == NULL)
		return NULL;
	for (size_t i = 0; i < n_services; i++) {
		if (strcmp(s[i].command, "smtpd") == 0)
			milter_judge(p, &s[i], "smtpd_milters", socket,
			    &v[(*n)++]);
		else if (strcmp(s[i].command, "cleanup") == 0)
			milter_judge(p, &s[i], "non_smtpd_milters", socket,
			    &v[(*n)++]);
	}
	if (*n == 0) {
		free(v);
		return NULL;
	}
	return v;
}

/* The number of a TCP port or service name; 0: none. */
static long long
milter_port(const char *s)
{
	long long n;
	struct servent entry, *found = NULL;
	char buf[1024];

	if (text_number(s, 1, 65535, &n) == 0)
		return n;
	if (getservbyname_r(s, "tcp", &entry, buf, sizeof buf, &found) != 0 ||
	    found == NULL)
		return 0;
	return (long long)ntohs((unsigned short)found->s_port);
}

/* A host as written; also recognizes the name of loopback. */
static bool
milter_host(const char *s, struct ip *out)
{
	if (text_equal_fold(s, "localhost"))
		s = "127.0.0.1";
	return ip_parse(s, out) == 0;
}

/* "PORT@HOST", or "PORT", which listens on every address. */
static bool
milter_is_inet(const struct postfix_milter *m, const char *socket)
{
	char port[64];
	const char *at = strchr(socket, '@');
	size_t len = at == NULL ? strlen(socket) : (size_t)(at - socket);
	struct ip a, b;

	if (len >= sizeof port)
		return false;
	memcpy(port, socket, len);
	port[len] = '\0';
	if (milter_port(m->port) == 0 || milter_port(port) != milter_port(m->port))
		return false;
	if (at == NULL)
		return true;
	if (!milter_host(at + 1, &a) || !milter_host(m->host, &b))
		return text_equal_fold(at + 1, m->host);
	static const uint8_t any[16];
	return memcmp(a.b, any, sizeof any) == 0 || ip_equal(&a, &b) ||
	    (text_equal_fold(m->host, "localhost") && ip_is_loopback(&a));
}

static bool
milter_is_path(const struct postfix_milter *m, const char *socket)
{
	char path[POSTFIX_PATH_SIZE];
	struct stat a, b;

	if (!milter_clean_path("", socket, path))
		return false;
	if (strcmp(path, m->path) == 0)
		return true;
	return stat(path, &a) == 0 && stat(m->path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool
postfix_milter_is(const struct postfix_milter *m, const char *socket)
{
	if (strncmp(socket, "unix:", 5) == 0)
		return m->is_unix && milter_is_path(m, socket + 5);
	if (strncmp(socket, "local:", 6) == 0)
		return m->is_unix && milter_is_path(m, socket + 6);
	if (strncmp(socket, "inet:", 5) == 0)
		return !m->is_unix && milter_is_inet(m, socket + 5);
	if (strncmp(socket, "inet6:", 6) == 0)
		return !m->is_unix && milter_is_inet(m, socket + 6);
	return false;
}
