/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_SOCKET_H
#define WAYBILL_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/err.h"

/* Where Postfix finds us: the option "socket", read. Open: it is a fact. */
struct socket_address {
	struct sockaddr_storage sa;
	socklen_t len;
	char text[256];		/* as written */
};

/* "unix:/PATH", "inet:PORT@HOST", "inet6:PORT@HOST". 0, or -1 with err. */
int socket_parse(const char *spec, struct socket_address *out,
    struct err *err);

bool socket_is_unix(const struct socket_address *a);

/* The path of a unix socket; belongs to a. */
const char *socket_path(const struct socket_address *a);

/* Can it be reached from other hosts? */
bool socket_is_public(const struct socket_address *a);

/*
 * Makes the listening socket. A unix socket left behind by a dead process is
 * replaced, one that answers is not (EXIT_UNAVAILABLE, as is a port in use).
 * mode, uid and gid are those of a unix socket; gid (gid_t)-1: left. Root makes
 * it where nobody else can exchange a directory of its path, and with the rights
 * of uid in a directory of uid's; elsewhere it is refused. Returns the
 * descriptor, or -1 with err.
 */
int socket_listen(const struct socket_address *a, mode_t mode, uid_t uid,
    gid_t gid, struct err *err);

/* Takes a listening socket that the service manager passed: its address must
 * be a. 0, or -1 with err, which names both. */
int socket_adopt(const struct socket_address *a, int fd, struct err *err);

/* The file of a unix socket, so that only our own is removed. */
struct socket_file {
	dev_t dev;
	ino_t ino;
	bool is_set;
};
void socket_note_file(const struct socket_address *a, struct socket_file *f);
void socket_remove(const struct socket_address *a,
    const struct socket_file *f);

/* Does a milter behind it answer an option negotiation before the deadline? 1
 * yes, 0 no, -1 we aren't permitted to ask. */
int socket_answers(const struct socket_address *a, int64_t deadline_ms);

#endif
