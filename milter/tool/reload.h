/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_RELOAD_H
#define WAYBILL_TOOL_RELOAD_H

#include <stdio.h>

#include "tool/command.h"

/* Has waybilld read its files anew, and says so on out; or says with which
 * command to do it, where it can't: not root, no daemon found, or the call
 * was for another configuration than the daemon's. */
void reload_daemon(const struct call *call, FILE *out);

#endif
