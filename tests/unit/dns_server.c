/* SPDX-License-Identifier: ISC */
/* The server of test_resolver: see dns_server.h. */
#include "dns_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKET = 4096, NAME = 256, SEEN_MAX = 4096, HEADER = 12 };

struct dns_server {
	pthread_mutex_t lock;
	pthread_t thread;
	int fd;
	char address[32];
	bool asleep, stop;
	size_t n_seen;
	char seen[SEEN_MAX][NAME];	/* names as labels, with their NUL */
};

static size_t
put16(uint8_t *b, size_t at, unsigned v)
{
	b[at] = (uint8_t)(v >> 8);
	b[at + 1] = (uint8_t)v;
	return at + 2;
}

/* A record whose name points to the question. */
static size_t
put_record(uint8_t *b, size_t at, unsigned type, const void *data, size_t len)
{
	at = put16(b, at, 0xc000 | HEADER);
	at = put16(b, at, type);
	at = put16(b, at, 1);
	at = put16(b, at, 0);
	at = put16(b, at, 300);
	at = put16(b, at, (unsigned)len);
	memcpy(b + at, data, len);
	b[7]++;
	return at + len;
}

static size_t
put_address(uint8_t *b, size_t at, unsigned last)
{
	uint8_t a[4] = { 192, 0, 2, (uint8_t)last };

	return put_record(b, at, 1, a, 4);
}

/* "cn.REST" is an alias of "a1.REST"; both records. */
static size_t
put_alias(uint8_t *b, size_t at, const uint8_t *name)
{
	uint8_t target[NAME] = { 2, 'a', '1' }, a[4] = { 192, 0, 2, 1 };
	size_t rest = strlen((const char *)name + 3) + 1, where;

	memcpy(target + 3, name + 3, rest);
	at = put_record(b, at, 5, target, 3 + rest);
	where = at - 3 - rest;
	at = put_record(b, at, 1, a, 4);
	put16(b, at - 16, (unsigned)(0xc000 | where));
	return at;
}

static bool
label_is(const uint8_t *name, const char *s)
{
	return name[0] == strlen(s) && strncasecmp((const char *)name + 1, s,
	    name[0]) == 0;
}

/* Makes the answer in place; its length, 0 for silence. */
static size_t
answer(uint8_t *b, size_t end)
{
	const uint8_t *name = b + HEADER;
	unsigned type = (unsigned)b[end - 4] << 8 | b[end - 3];
	size_t at = end;

	b[2] |= 0x80;
	b[3] = 0x80;
	memset(b + 6, 0, 6);
	if (label_is(name, "silent"))
		return 0;
	if (label_is(name, "nx"))
		b[3] |= 3;
	else if (label_is(name, "sf"))
		b[3] |= 2;
	else if (label_is(name, "ref") || name[0] == 0)
		b[3] |= 5;
	else if (label_is(name, "cn"))
		at = put_alias(b, at, name);
	else if (label_is(name, "liar"))
		b[HEADER + 1] = 'x';
	else if (label_is(name, "many"))
		for (unsigned i = 0; i < 60; i++)
			at = put_address(b, at, i);
	else if (!label_is(name, "mute") && type == 1)
		at = put_address(b, at, name[0] == 2 && name[1] == 'a' ?
		    (unsigned)(name[2] - '0') : 99);
	return at;
}

static void
note(struct dns_server *s, const uint8_t *name, size_t len)
{
	if (s->n_seen < SEEN_MAX && len <= NAME)
		memcpy(s->seen[s->n_seen++], name, len);
}

static void *
serve(void *arg)
{
	struct dns_server *s = arg;

	for (;;) {
		static uint8_t b[PACKET];
		struct sockaddr_in from;
		socklen_t len = sizeof from;
		ssize_t got = recvfrom(s->fd, b, 512, 0,
		    (struct sockaddr *)&from, &len);
		size_t end = HEADER;
		bool quiet, stop;

		if (got < HEADER + 5)
			got = 0;
		while (end < (size_t)got && b[end] != 0)
			end += b[end] + 1u;
		end += 5;
		pthread_mutex_lock(&s->lock);
		stop = s->stop;
		quiet = s->asleep || end > (size_t)got;
		if (!quiet)
			note(s, b + HEADER, end - 4 - HEADER);
		pthread_mutex_unlock(&s->lock);
		if (stop)
			return NULL;
		end = quiet ? 0 : answer(b, end);
		if (end > 0)
			(void)!sendto(s->fd, b, end, 0, (struct sockaddr *)&from,
			    len);
	}
}

struct dns_server *
dns_server_new(void)
{
	struct dns_server *s = calloc(1, sizeof *s);
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof sin;

	assert(s != NULL);
	pthread_mutex_init(&s->lock, NULL);
	s->fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert(bind(s->fd, (struct sockaddr *)&sin, sizeof sin) == 0);
	assert(getsockname(s->fd, (struct sockaddr *)&sin, &len) == 0);
	snprintf(s->address, sizeof s->address, "127.0.0.1@%d",
	    ntohs(sin.sin_port));
	assert(pthread_create(&s->thread, NULL, serve, s) == 0);
	return s;
}

void
dns_server_free(struct dns_server **sp)
{
	struct dns_server *s = *sp;
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;

	*sp = NULL;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_mutex_unlock(&s->lock);
	getsockname(s->fd, (struct sockaddr *)&sin, &len);
	(void)!sendto(s->fd, "", 1, 0, (struct sockaddr *)&sin, len);
	pthread_join(s->thread, NULL);
	close(s->fd);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

const char *
dns_server_address(const struct dns_server *s)
{
	return s->address;
}

void
dns_server_sleep(struct dns_server *s, bool asleep)
{
	pthread_mutex_lock(&s->lock);
	s->asleep = asleep;
	pthread_mutex_unlock(&s->lock);
}

unsigned
dns_server_count(struct dns_server *s, const char *labels)
{
	unsigned n = 0;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n_seen; i++) {
		if (labels == NULL || strcasecmp(s->seen[i], labels) == 0)
			n++;
	}
	pthread_mutex_unlock(&s->lock);
	return n;
}
