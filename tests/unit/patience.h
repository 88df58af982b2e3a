/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TESTS_PATIENCE_H
#define WAYBILL_TESTS_PATIENCE_H

/* How long a test waits for an event. Only a defect takes so long, however
 * slow and busy the machine is. */
enum { PATIENCE_MS = 120000 };

#endif
