/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_THREAD_H
#define WAYBILL_BASE_THREAD_H

#include <pthread.h>

/*
 * Threads to which no signal is delivered. The caller's own mask is left alone
 * even for a moment: while the thread that is to get signals blocks them,
 * another one that waits for them would take them.
 */

/* As pthread_create(), with every signal blocked in the new thread and those
 * that it makes. Returns 0 or an error number. */
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* Runs it on such a thread and waits for its end: for libraries that make
 * threads themselves. Returns 0 or an error number (then nothing ran). */
int thread_call(void *(*run)(void *arg), void *arg);

#endif
