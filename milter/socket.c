/* SPDX-License-Identifier: ISC */
/*
 * The socket that Postfix connects to.
 *
 * libmilter could open it, but it removes whatever file is in the way, without
 * checking whether somebody listens on it, and leaves owner and mode to the
 * umask. So the socket is created here and passed as a descriptor: a unix
 * socket gets its mode from the umask and its owner from lchown(2), so others
 * cannot connect at any moment.
 *
 * All of that uses names, and the owner of a directory in the path can make
 * the name refer to something else at any moment. So root creates the socket
 * itself only where nobody else can do that; in a directory of waybilld's user
 * it does so with that user's rights, and in anybody else's not at all.
 *
 * socket_answers() sends the first two packets of the milter protocol (an
 * option negotiation), which proves that libmilter still accepts connections
 * and runs callbacks.
 */
#include "build_config.h"
#include "socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ip.h"
#include "base/owner.h"
#include "base/text.h"

static int
parse_unix(const char *path, struct socket_address *out, struct err *err)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&out->sa;
	size_t len = strlen(path);

	if (path[0] != '/')
		return err_set(err, EXIT_CONFIG, "socket: \"%s\" must be an "
		    "absolute path: unix:/PATH", path);
	if (len >= sizeof un->sun_path)
		return err_set(err, EXIT_CONFIG, "socket: path %s of %zu bytes "
		    "is too long; a socket path can have %zu", path, len,
		    sizeof un->sun_path - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len + 1);
	out->len = sizeof *un;
	return 0;
}

static int
parse_inet(const char *spec, const char *rest, int family,
    struct socket_address *out, struct err *err)
{
	struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE,
	};
	struct addrinfo *found;
	char port[8], host[200];
	const char *at = strchr(rest, '@');
	size_t len = at == NULL ? strlen(rest) : (size_t)(at - rest);
	long long number;
	int code;

	snprintf(port, sizeof port, "%.*s", (int)len, rest);
	if (len >= sizeof port || text_number(port, 1, 65535, &number) != 0)
		return err_set(err, EXIT_CONFIG, "socket: \"%s\" needs a port "
		    "from 1 to 65535: inet:PORT@HOST", spec);
	snprintf(host, sizeof host, "%s", at == NULL ? "" : at + 1);
	len = strlen(host);
	if (len > 1 && host[0] == '[' && host[len - 1] == ']') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
	code = getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints,
	    &found);
	if (code != 0)
		return err_set(err, EXIT_CONFIG, "socket: \"%s\": no address "
		    "found for the host: %s", spec, gai_strerror(code));
	memcpy(&out->sa, found->ai_addr, found->ai_addrlen);
	out->len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

int
socket_parse(const char *spec, struct socket_address *out, struct err *err)
{
	memset(out, 0, sizeof *out);
	snprintf(out->text, sizeof out->text, "%s", spec);
	if (strncmp(spec, "unix:", 5) == 0)
		return parse_unix(spec + 5, out, err);
	if (strncmp(spec, "inet:", 5) == 0)
		return parse_inet(spec, spec + 5, AF_INET, out, err);
	if (strncmp(spec, "inet6:", 6) == 0)
		return parse_inet(spec, spec + 6, AF_INET6, out, err);
	return err_set(err, EXIT_CONFIG, "socket: \"%s\" is not unix:/PATH, "
	    "inet:PORT@HOST or inet6:PORT@HOST", spec);
}

bool
socket_is_unix(const struct socket_address *a)
{
	return a->sa.ss_family == AF_UNIX;
}

bool
socket_is_public(const struct socket_address *a)
{
	struct ip ip;

	return !socket_is_unix(a) &&
	    (ip_from_sockaddr((const struct sockaddr *)&a->sa, &ip) != 0 ||
	    !ip_is_loopback(&ip));
}

const char *
socket_path(const struct socket_address *a)
{
	return ((const struct sockaddr_un *)&a->sa)->sun_path;
}

static bool
has_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = strndup(path, (size_t)(slash - path) + 1);
	bool is_there = directory == NULL || access(directory, F_OK) == 0 ||
	    errno != ENOENT;

	free(directory);
	return is_there;
}

/* Removes a socket that nobody listens on. */
static int
clear_path(const struct socket_address *a, struct err *err)
{
	const char *path = socket_path(a);
	struct stat st;
	int fd, is_alive;

	if (lstat(path, &st) != 0) {
		if (errno == ENOENT)
			return 0;
		return err_errno(err, EXIT_CONFIG, "socket %s", path);
	}
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, EXIT_CONFIG, "socket %s: a file with that "
		    "name exists and is not a socket; remove it or choose "
		    "another path", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, EXIT_TEMPORARY, "socket");
	is_alive = connect(fd, (const struct sockaddr *)&a->sa, a->len) == 0 ||
	    errno != ECONNREFUSED;
	close(fd);
	if (is_alive)
		return err_set(err, EXIT_UNAVAILABLE, "socket %s: another "
		    "process is listening on it; stop that process "
		    "first", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return err_errno(err, EXIT_CONFIG, "cannot remove socket %s, "
		    "left by a dead process", path);
	return 0;
}

/* With the current rights of this process. */
static int
bind_here(int fd, const struct socket_address *a, mode_t mode, uid_t uid,
    gid_t gid, struct err *err)
{
	const char *path = socket_path(a);
	mode_t was;
	int rc;

	if (clear_path(a, err) != 0)
		return -1;
	was = umask(0777 & ~mode);
	rc = bind(fd, (const struct sockaddr *)&a->sa, a->len);
	umask(was);
	if (rc != 0)
		return err_errno(err, errno == EADDRINUSE ? EXIT_UNAVAILABLE :
		    EXIT_CONFIG, "socket %s", path);
	if (lchown(path, uid, gid) != 0) {
		err_errno(err, EXIT_CONFIG, "socket %s cannot be given to the "
		    "group of socket_group; start waybilld as root", path);
		(void)unlink(path);
		return -1;
	}
	return 0;
}

/* As root, with the rights of the user. */
static int
bind_as(int fd, const struct socket_address *a, mode_t mode, uid_t uid,
    gid_t gid, struct err *err)
{
	gid_t was = getegid();
	int rc;

	if ((gid != (gid_t)-1 && setegid(gid) != 0) || seteuid(uid) != 0)
		rc = err_errno(err, EXIT_TEMPORARY, "socket %s: cannot become "
		    "the user of waybilld", socket_path(a));
	else
		rc = bind_here(fd, a, mode, uid, gid, err);
	if (seteuid(0) != 0 || setegid(was) != 0)
		return err_errno(err, EXIT_TEMPORARY, "socket %s: cannot "
		    "become root again", socket_path(a));
	return rc;
}

static int
refuse_owner(const char *path, const char *part, uid_t owner, struct err *err)
{
	const struct passwd *pw = getpwuid(owner);
	char number[24];

	(void)snprintf(number, sizeof number, "%ld", (long)owner);
	return err_set(err, EXIT_CONFIG, "socket %s: %s in its path is owned "
	    "by user %s, who could put another file there while waybilld "
	    "starts; use a directory owned by root or by waybilld's "
	    "user", path, part,
	    pw == NULL ? number : pw->pw_name);
}

static int
bind_unix(int fd, const struct socket_address *a, mode_t mode, uid_t uid,
    gid_t gid, struct err *err)
{
	const char *path = socket_path(a);
	char part[OWNER_PART_SIZE];
	uid_t owner = 0;

	if (!has_directory(path))
		return err_set(err, EXIT_CONFIG, "socket %s: its directory "
		    "does not exist; create it, owned by root or by the user "
		    "of waybilld", path);
	if (geteuid() != 0)
		return bind_here(fd, a, mode, uid, gid, err);
	if (owner_find(path, &owner, part, err) != 0) {
		if (err != NULL)
			err->code = EXIT_CONFIG;
		return err_prefix(err, "socket");
	}
	if (owner == 0)
		return bind_here(fd, a, mode, uid, gid, err);
	if (owner != uid)
		return refuse_owner(path, part, owner, err);
	return bind_as(fd, a, mode, uid, gid, err);
}

static int
bind_inet(int fd, const struct socket_address *a, struct err *err)
{
	int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	/* Sessions inherit it: libmilter writes an answer in pieces, and each
	 * would wait for the other side's delayed acknowledgement. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (a->sa.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof on);
	if (bind(fd, (const struct sockaddr *)&a->sa, a->len) == 0)
		return 0;
	return err_errno(err, errno == EACCES ? EXIT_CONFIG : EXIT_UNAVAILABLE,
	    "socket %s", a->text);
}

int
socket_listen(const struct socket_address *a, mode_t mode, uid_t uid,
    gid_t gid, struct err *err)
{
	int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return err_errno(err, EXIT_UNAVAILABLE, "socket %s", a->text);
	rc = socket_is_unix(a) ? bind_unix(fd, a, mode, uid, gid, err) :
	    bind_inet(fd, a, err);
	if (rc == 0 && listen(fd, SOMAXCONN) != 0)
		rc = err_errno(err, EXIT_UNAVAILABLE, "socket %s", a->text);
	if (rc != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
describe(const struct sockaddr_storage *sa, socklen_t len, struct text *out)
{
	char address[IP_SIZE];
	struct ip ip;

	if (sa->ss_family == AF_UNIX && len > sizeof(sa_family_t)) {
		text_addf(out, "unix:%.*s",
		    (int)(len - sizeof(sa_family_t)),
		    ((const struct sockaddr_un *)sa)->sun_path);
		return;
	}
	if (ip_from_sockaddr((const struct sockaddr *)sa, &ip) != 0) {
		text_add(out, "a socket of another kind");
		return;
	}
	/* Port and address are at the same offsets in both. */
	text_addf(out, "%s:%u@%s",
	    sa->ss_family == AF_INET ? "inet" : "inet6",
	    ntohs(((const struct sockaddr_in *)sa)->sin_port),
	    ip_format(&ip, address));
}

static bool
is_same(const struct socket_address *a, const struct sockaddr_storage *sa)
{
	struct ip ours, theirs;

	if (a->sa.ss_family != sa->ss_family)
		return false;
	if (sa->ss_family == AF_UNIX)
		return strcmp(socket_path(a),
		    ((const struct sockaddr_un *)sa)->sun_path) == 0;
	return ip_from_sockaddr((const struct sockaddr *)&a->sa, &ours) == 0 &&
	    ip_from_sockaddr((const struct sockaddr *)sa, &theirs) == 0 &&
	    ip_equal(&ours, &theirs) &&
	    ((const struct sockaddr_in *)&a->sa)->sin_port ==
	    ((const struct sockaddr_in *)sa)->sin_port;
}

int
socket_adopt(const struct socket_address *a, int fd, struct err *err)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa - 1;
	struct text passed;

	if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		return err_errno(err, EXIT_CONFIG, "descriptor %d, passed by "
		    "the service manager", fd);
	if (is_same(a, &sa))
		return 0;
	text_init(&passed, 300);
	describe(&sa, len, &passed);
	err_set(err, EXIT_CONFIG, "the service manager passed the socket %s, "
	    "but the option socket is %s; make them equal", passed.buf,
	    a->text);
	text_free(&passed);
	return -1;
}

void
socket_note_file(const struct socket_address *a, struct socket_file *f)
{
	struct stat st;

	f->is_set = socket_is_unix(a) && lstat(socket_path(a), &st) == 0;
	if (f->is_set) {
		f->dev = st.st_dev;
		f->ino = st.st_ino;
	}
}

void
socket_remove(const struct socket_address *a, const struct socket_file *f)
{
	char part[OWNER_PART_SIZE];
	uid_t owner = 0;
	struct stat st;

	/* Root does not remove it where others could replace it; the next
	 * start will. */
	if (f->is_set && geteuid() == 0 && (owner_find(socket_path(a), &owner,
	    part, NULL) != 0 || owner != 0))
		return;
	if (f->is_set && lstat(socket_path(a), &st) == 0 &&
	    st.st_dev == f->dev && st.st_ino == f->ino)
		(void)unlink(socket_path(a));
}

static bool
is_ready(int fd, short what, int64_t deadline_ms)
{
	struct pollfd p = { .fd = fd, .events = what };

	return poll(&p, 1, clock_left(deadline_ms)) == 1;
}

int
socket_answers(const struct socket_address *a, int64_t deadline_ms)
{
	/* Length, "O", version 6, the actions and the protocol that Postfix
	 * offers; then "Q". */
	static const unsigned char negotiate[] = {
		0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 1, 0xff, 0, 0x1f, 0xff,
		0xff,
	};
	static const unsigned char quit[] = { 0, 0, 0, 1, 'Q' };
	unsigned char reply[5];
	int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	int answer = 0;

	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)&a->sa, a->len) != 0 &&
	    errno != EINPROGRESS)
		answer = errno == EACCES || errno == EPERM ? -1 : 0;
	else if (is_ready(fd, POLLOUT, deadline_ms) &&
	    send(fd, negotiate, sizeof negotiate, MSG_NOSIGNAL) ==
	    (ssize_t)sizeof negotiate &&
	    is_ready(fd, POLLIN, deadline_ms) &&
	    recv(fd, reply, sizeof reply, 0) == (ssize_t)sizeof reply &&
	    reply[4] == 'O')
		answer = 1;
	if (answer == 1)
		(void)send(fd, quit, sizeof quit, MSG_NOSIGNAL);
	close(fd);
	return answer;
}
