/* SPDX-License-Identifier: ISC */
/*
 * Which DNS servers are used, and whether any of them is alive.
 *
 * The list comes from the operator or from resolv.conf(5); only the nameserver
 * lines of that file matter, because every name queried here is complete. The
 * probe is one UDP query (RFC 1035, 4.1: the NS records of the root) to each
 * server. Any answer to it, even a refusal, is a sign of life. It bypasses
 * libunbound on purpose: libunbound avoids a server that was silent for a
 * while long after the server is back.
 */
#include "find/dns_servers.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"

enum { RESOLV_CONF_MAX = 64 * 1024, SERVER_MAX = 80, HEADER_LEN = 12 };

static struct addrinfo *
numeric_address(const char *host, const char *port)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *ai = NULL;

	return getaddrinfo(host, port, &hints, &ai) == 0 ? ai : NULL;
}

/* Splits "ADDR@PORT" in two; port is "53" if there is none. */
static int
server_split(const char *server, char *host, const char **port)
{
	size_t len = strlen(server);
	char *at;

	if (len == 0 || len >= SERVER_MAX)
		return -1;
	memcpy(host, server, len + 1);
	*port = "53";
	at = strchr(host, '@');
	if (at != NULL) {
		long long n;

		*at = '\0';
		*port = at + 1;
		if (text_number(*port, 1, 65535, &n) != 0)
			return -1;
	}
	return 0;
}

static int
server_add(struct text_list *out, const char *server)
{
	char host[SERVER_MAX], text[SERVER_MAX + 8];
	const char *port;
	struct addrinfo *ai;

	if (server_split(server, host, &port) != 0)
		return -1;
	ai = numeric_address(host, port);
	if (ai == NULL)
		return -1;
	freeaddrinfo(ai);
	snprintf(text, sizeof text, "%s@%s", host, port);
	return text_list_add(out, text);
}

static int
servers_of_operator(const struct text_list *own, struct text_list *out,
    struct err *err)
{
	if (own->n > DNS_SERVERS_MAX)
		return err_set(err, EXIT_CONFIG,
		    "resolver.servers: %zu servers; at most %d are used",
		    own->n, DNS_SERVERS_MAX);
	for (size_t i = 0; i < own->n; i++) {
		if (server_add(out, own->v[i]) != 0)
			return err_set(err, EXIT_CONFIG, "resolver.servers: "
			    "\"%s\" is not ADDR or ADDR@PORT", own->v[i]);
	}
	return 0;
}

static void
servers_of_system(const char *resolv_conf, struct text_list *out)
{
	size_t len;
	char *text = file_read(resolv_conf, RESOLV_CONF_MAX, &len, NULL);
	char *rest = text, *line;

	while (text != NULL && (line = strsep(&rest, "\n")) != NULL) {
		char *save = NULL, *word = strtok_r(line, " \t\r", &save);
		char *value = strtok_r(NULL, " \t\r", &save);

		if (word != NULL && value != NULL && out->n < DNS_SERVERS_MAX &&
		    strcmp(word, "nameserver") == 0 &&
		    strchr(value, '@') == NULL)
			(void)server_add(out, value);
	}
	free(text);
	if (out->n == 0)
		(void)server_add(out, "127.0.0.1");
}

int
dns_servers_read(const struct text_list *own, const char *resolv_conf,
    struct text_list *out, struct err *err)
{
	if (own != NULL && own->n > 0)
		return servers_of_operator(own, out, err);
	servers_of_system(resolv_conf, out);
	if (out->n == 0)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	return 0;
}

bool
dns_servers_equal(const struct text_list *a, const struct text_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	}
	return true;
}

/* Returns a connected socket with the query sent, or -1. */
static int
probe_one(const char *server, const uint8_t *question, size_t len)
{
	char host[SERVER_MAX];
	const char *port;
	struct addrinfo *ai = NULL;
	int fd = -1;

	if (server_split(server, host, &port) == 0)
		ai = numeric_address(host, port);
	if (ai == NULL)
		return -1;
	fd = socket(ai->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (connect(fd, ai->ai_addr, ai->ai_addrlen) != 0 ||
	    send(fd, question, len, MSG_NOSIGNAL) != (ssize_t)len)) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(ai);
	return fd;
}

void
dns_probe_send(struct dns_probe *p, const struct text_list *servers)
{
	/* id, recursion desired, one question: root, NS, IN */
	uint8_t question[HEADER_LEN + 5] = {
		[2] = 1, [5] = 1, [HEADER_LEN + 2] = 2, [HEADER_LEN + 4] = 1,
	};

	dns_probe_close(p);
	if (getrandom(&p->id, sizeof p->id, GRND_NONBLOCK) != sizeof p->id)
		p->id = (uint16_t)getpid();
	question[0] = (uint8_t)(p->id >> 8);
	question[1] = (uint8_t)p->id;
	for (size_t i = 0; i < servers->n && p->n < DNS_SERVERS_MAX; i++) {
		int fd = probe_one(servers->v[i], question, sizeof question);

		if (fd >= 0)
			p->fd[p->n++] = fd;
	}
}

bool
dns_probe_answered(const struct dns_probe *p)
{
	for (size_t i = 0; i < p->n; i++) {
		uint8_t b[HEADER_LEN];

		/* Fetching an error (nobody at that port) takes one call. */
		for (int tries = 0; tries < 3; tries++) {
			ssize_t got = recv(p->fd[i], b, sizeof b, 0);

			if (got == HEADER_LEN && b[0] == p->id >> 8 &&
			    b[1] == (p->id & 0xff) && (b[2] & 0x80) != 0)
				return true;
		}
	}
	return false;
}

void
dns_probe_close(struct dns_probe *p)
{
	for (size_t i = 0; i < p->n; i++)
		close(p->fd[i]);
	p->n = 0;
}
