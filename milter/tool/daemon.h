/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_DAEMON_H
#define WAYBILL_TOOL_DAEMON_H

#include <stdint.h>

/* Is waybilld there? Asked as Postfix asks it, on its socket. */

enum daemon_answer {
	DAEMON_ANSWERS,
	DAEMON_SILENT,		/* somebody listens and says nothing, or not
				 * what a milter says */
	DAEMON_ABSENT,		/* nobody listens */
	DAEMON_DENIED,		/* this user may not ask */
};

/* socket as the option has it: "unix:/path", "inet:PORT@HOST",
 * "inet6:PORT@HOST". One option negotiation, and a polite end. */
enum daemon_answer daemon_ask(const char *socket, int64_t deadline_ms);

#endif
