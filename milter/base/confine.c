/* SPDX-License-Identifier: ISC */
/*
 * What a service gives up before it reads untrusted data.
 *
 * Under systemd the unit does the same again from outside; elsewhere this is
 * all there is. A process that is not dumpable cannot be traced by other
 * processes of its user, and leaves no core dump with keys or mail in it.
 */
#include "build_config.h"
#include "base/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/calls.h"

enum { CAPABILITIES_MAX = 63 };

void
confine_bounding_set(void)
{
	for (unsigned long i = 0; i <= CAPABILITIES_MAX; i++)
		(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
}

/* Drops all capabilities, also for programs started later. A service manager
 * may forbid capset(2), so it is called only if there is something to drop. */
static int
confine_capabilities(struct err *err)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct has[2] = { { 0 } }, none[2] = { { 0 } };
	uint32_t any = 0;

	confine_bounding_set();
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (geteuid() == 0)
		return 0;
	if (syscall(SYS_capget, &header, has) != 0)
		return err_errno(err, EXIT_TEMPORARY, "capabilities");
	for (size_t i = 0; i < 2; i++)
		any |= has[i].effective | has[i].permitted |
		    has[i].inheritable;
	if (any != 0 && syscall(SYS_capset, &header, none) != 0)
		return err_errno(err, EXIT_TEMPORARY,
		    "cannot drop capabilities");
	return 0;
}

int
confine_to(unsigned may, struct reach *reach, struct err *err)
{
	struct rlimit no_core = { 0, 0 };
	int rc = 0;

	(void)setrlimit(RLIMIT_CORE, &no_core);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		rc = err_errno(err, EXIT_TEMPORARY, "no_new_privs");
	if (confine_capabilities(rc == 0 ? err : NULL) != 0)
		rc = -1;
#ifndef WAYBILL_SANITIZED
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	/* If one step fails, the others are still taken. */
	if (reach != NULL && reach_limit(reach, rc == 0 ? err : NULL) != 0)
		rc = -1;
	if (calls_limit(may, rc == 0 ? err : NULL) != 0)
		rc = -1;
	return rc;
}

int
confine(enum confine_programs programs, struct err *err)
{
	return confine_to(CONFINE_MAY_WRITE | (programs == CONFINE_PROGRAMS ?
	    CONFINE_MAY_RUN | CONFINE_MAY_FORK : 0), NULL, err);
}
