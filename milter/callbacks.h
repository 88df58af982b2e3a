/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CALLBACKS_H
#define WAYBILL_CALLBACKS_H

#include "base/err.h"

/* Hands libmilter the callbacks. before_wait is called in the thread of one
 * that is about to wait for DNS; it must not block. 0, or -1 with err. */
int callbacks_register(void (*before_wait)(void), struct err *err);

/* Outgoing messages between MAIL and their end. */
unsigned callbacks_messages(void);

/* From now on new messages are answered as a failure is (on_error): the
 * daemon is about to end. */
void callbacks_refuse_new(void);

#endif
