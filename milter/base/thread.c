/* SPDX-License-Identifier: ISC */
/*
 * A thread inherits the signal mask of its creator, unless its attributes hold
 * another one (pthread_attr_setsigmask_np(3)).
 */
#include "base/thread.h"

#include <signal.h>

int
thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
	pthread_attr_t attr;
	sigset_t all;
	int rc;

	sigfillset(&all);
	rc = pthread_attr_init(&attr);
	if (rc != 0)
		return rc;
	rc = pthread_attr_setsigmask_np(&attr, &all);
	if (rc == 0)
		rc = pthread_create(thread, &attr, run, arg);
	pthread_attr_destroy(&attr);
	return rc;
}

int
thread_call(void *(*run)(void *arg), void *arg)
{
	pthread_t thread;
	int rc = thread_start(&thread, run, arg);

	if (rc == 0)
		rc = pthread_join(thread, NULL);
	return rc;
}
