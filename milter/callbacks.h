/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CALLBACKS_H
#define WAYBILL_CALLBACKS_H

#include "base/err.h"

/* Registers the callbacks with libmilter. before_wait is called in the thread
 * of a callback that is about to wait for DNS; it must not block. Returns 0,
 * or -1 with err. */
int callbacks_register(void (*before_wait)(void), struct err *err);

/* The number of outgoing messages between MAIL and their end. */
unsigned callbacks_messages(void);

/* From now on, new messages are answered like a failure (on_error): the daemon
 * is about to stop. */
void callbacks_refuse_new(void);

#endif
