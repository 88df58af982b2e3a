/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_SOCKET_H
#define WAYBILL_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/err.h"

/* The parsed option "socket": where Postfix connects. */
struct socket_address {
	struct sockaddr_storage sa;
	socklen_t len;
	char text[256];		/* as written */
};

/* Parses "unix:/PATH", "inet:PORT@HOST" or "inet6:PORT@HOST". Returns 0, or -1
 * with err. */
int socket_parse(const char *spec, struct socket_address *out,
    struct err *err);

bool socket_is_unix(const struct socket_address *a);

/* The path of a unix socket; owned by a. */
const char *socket_path(const struct socket_address *a);

/* Returns true if other hosts can reach it. */
bool socket_is_public(const struct socket_address *a);

/*
 * Creates the listening socket. A unix socket left by a dead process is
 * replaced, one that answers is not (EXIT_UNAVAILABLE, as for a port in use).
 * mode, uid and gid are for a unix socket; gid (gid_t)-1 leaves it unchanged.
 * Root creates it where nobody else can replace a directory of its path, and
 * with the rights of uid in a directory owned by uid; anywhere else it is an
 * error. Returns the descriptor, or -1 with err.
 */
int socket_listen(const struct socket_address *a, mode_t mode, uid_t uid,
    gid_t gid, struct err *err);

/* Adopts a listening socket that the service manager passed: its address must
 * be a. Returns 0, or -1 with err, which names both. */
int socket_adopt(const struct socket_address *a, int fd, struct err *err);

/* Identifies the file of a unix socket, so that only our own is removed. */
struct socket_file {
	dev_t dev;
	ino_t ino;
	bool is_set;
};
void socket_note_file(const struct socket_address *a, struct socket_file *f);
void socket_remove(const struct socket_address *a,
    const struct socket_file *f);

/* Tells whether a milter on it answers an option negotiation before the
 * deadline: 1 yes, 0 no, -1 no permission to connect. */
int socket_answers(const struct socket_address *a, int64_t deadline_ms);

#endif
