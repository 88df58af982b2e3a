/* SPDX-License-Identifier: ISC */
/* Threads get no signal, and who makes them keeps its own. */
#include "base/thread.h"

#include <signal.h>

#include "unit.h"

static const int signals[] = { SIGHUP, SIGUSR1, SIGTERM, SIGINT, SIGCHLD };

static void *
read_mask(void *arg)
{
	(void)pthread_sigmask(SIG_SETMASK, NULL, arg);
	return arg;
}

static void
expect_blocked(const sigset_t *mask, bool want)
{
	for (size_t i = 0; i < COUNT(signals); i++)
		assert_int_equal(sigismember(mask, signals[i]), want);
}

static void
test_start(void **state)
{
	sigset_t mask;
	pthread_t thread;
	void *result;

	(void)state;
	assert_int_equal(thread_start(&thread, read_mask, &mask), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, &mask);
	expect_blocked(&mask, true);
	read_mask(&mask);
	expect_blocked(&mask, false);
}

static void
test_call(void **state)
{
	sigset_t mask;

	(void)state;
	sigemptyset(&mask);
	assert_int_equal(thread_call(read_mask, &mask), 0);
	expect_blocked(&mask, true);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_start),
    cmocka_unit_test(test_call))
