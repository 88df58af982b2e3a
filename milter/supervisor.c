/* SPDX-License-Identifier: ISC */
/*
 * The service manager: sockets it passes, readiness, reload, stop, watchdog
 * (sd_listen_fds(3), sd_notify(3)).
 */
#include "build_config.h"
#include "supervisor.h"

#include <stddef.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>

#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"

int
supervisor_sockets(struct err *err)
{
	int n = sd_listen_fds(1);

	if (n < 0) {
		errno = -n;
		return err_errno(err, EXIT_CONFIG, "LISTEN_FDS");
	}
	return n;
}

void
supervisor_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void
supervisor_reloading(void)
{
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    clock_ms() * 1000);
}

void
supervisor_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

void
supervisor_alive(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}

int64_t
supervisor_watchdog_ms(void)
{
	uint64_t usec;

	return sd_watchdog_enabled(0, &usec) > 0 ? (int64_t)(usec / 1000) : 0;
}

#else

int
supervisor_sockets(struct err *err)
{
	(void)err;
	return 0;
}

void
supervisor_ready(void)
{
}

void
supervisor_reloading(void)
{
}

void
supervisor_stopping(void)
{
}

void
supervisor_alive(void)
{
}

int64_t
supervisor_watchdog_ms(void)
{
	return 0;
}
#endif
