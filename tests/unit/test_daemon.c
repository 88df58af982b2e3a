/* SPDX-License-Identifier: ISC */
/* What is said of a socket behind which somebody, or nobody, is. */
#include "tool/daemon.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"

/* One who answers the first packet of each of three connections. */
struct answerer {
	int fd;
	const char *answer;	/* NULL: hangs up at once */
	size_t len;
	unsigned char asked[17];
};

static void *
serve(void *arg)
{
	struct answerer *a = arg;
	char end[16];

	int fd = accept(a->fd, NULL, NULL);
	if (fd >= 0 && a->answer != NULL &&
	    recv(fd, a->asked, sizeof a->asked, MSG_WAITALL) > 0 &&
	    write(fd, a->answer, a->len) > 0)
		(void)!read(fd, end, sizeof end);
	(void)close(fd);
	return NULL;
}

static enum daemon_answer
asked(struct answerer *a)
{
	char folder[] = "/tmp/waybill-daemon-XXXXXX", spec[200];
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	pthread_t thread;

	assert_non_null(mkdtemp(folder));
	(void)snprintf(un.sun_path, sizeof un.sun_path, "%s/s", folder);
	a->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(a->fd, (struct sockaddr *)&un, sizeof un), 0);
	assert_int_equal(listen(a->fd, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve, a), 0);
	(void)snprintf(spec, sizeof spec, "unix:%s", un.sun_path);
	enum daemon_answer answer = daemon_ask(spec, clock_ms() + PATIENCE_MS);
	assert_int_equal(pthread_join(thread, NULL), 0);
	(void)close(a->fd);
	assert_int_equal(unlink(un.sun_path), 0);
	assert_int_equal(rmdir(folder), 0);
	return answer;
}

static void
a_milter_answers(void **state)
{
	struct answerer a = { .len = 17,
	    .answer = "\0\0\0\rO\0\0\0\6\0\0\0\0\0\0\0\0" };

	(void)state;
	assert_int_equal(asked(&a), DAEMON_ANSWERS);
	assert_memory_equal(a.asked,
	    "\0\0\0\rO\0\0\0\6\0\0\1\xff\0\x1f\xff\xff", 17);
}

static void
others_do_not(void **state)
{
	struct answerer smtp = { .answer = "220 mail.example.org ESMTP\r\n",
	    .len = 28 };
	struct answerer mute = { .answer = NULL };
	struct answerer old = { .len = 17,
	    .answer = "\0\0\0\rO\0\0\0\1\0\0\0\0\0\0\0\0" };

	(void)state;
	assert_int_equal(asked(&smtp), DAEMON_SILENT);
	assert_int_equal(asked(&mute), DAEMON_SILENT);
	assert_int_equal(asked(&old), DAEMON_SILENT);
}

static void
nobody_is_there(void **state)
{
	char longest[300];

	(void)state;
	assert_int_equal(daemon_ask("unix:/nonexistent/s",
	    clock_ms() + PATIENCE_MS), DAEMON_ABSENT);
	assert_int_equal(daemon_ask("nonsense", clock_ms() + PATIENCE_MS),
	    DAEMON_ABSENT);
	assert_int_equal(daemon_ask("inet:1@127.0.0.1", clock_ms() + PATIENCE_MS),
	    DAEMON_ABSENT);
	memset(longest, 'x', sizeof longest - 1);
	memcpy(longest, "unix:/", 6);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(daemon_ask(longest, clock_ms() + PATIENCE_MS),
	    DAEMON_ABSENT);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(a_milter_answers),
    cmocka_unit_test(others_do_not),
    cmocka_unit_test(nobody_is_there))
