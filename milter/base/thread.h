/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_THREAD_H
#define WAYBILL_BASE_THREAD_H

#include <pthread.h>

/*
 * Threads to which no signal is delivered. The mask of the caller is never
 * changed, not even for a moment: while the thread that handles signals blocks
 * them, another thread that waits for them would take them.
 */

/* As pthread_create(), with every signal blocked in the new thread and its
 * descendants. Returns 0 or an error number. */
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* Runs the function on such a thread and waits for it to finish: for libraries
 * that create threads themselves. Returns 0 or an error number (then nothing
 * ran). */
int thread_call(void *(*run)(void *arg), void *arg);

#endif
