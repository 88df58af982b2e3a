/* SPDX-License-Identifier: ISC */
/*
 * What a service gives up before it meets the world.
 *
 * The list of system calls is of the refused ones, and short: libraries and
 * the name service must go on working after their next update. Under systemd
 * its own filter stands before this one; elsewhere this is all there is.
 * A process that isn't dumpable can't be traced by others of its user, and
 * leaves no core with keys or mail in it.
 */
#include "build_config.h"
#include "base/confine.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#if defined(HAVE_SECCOMP) && !defined(WAYBILL_SANITIZED)
/* Refused with EPERM. */
static const int refused[] = {
	SCMP_SYS(acct), SCMP_SYS(add_key), SCMP_SYS(adjtimex), SCMP_SYS(bpf),
	SCMP_SYS(chroot), SCMP_SYS(clock_settime), SCMP_SYS(delete_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(init_module), SCMP_SYS(ioperm), SCMP_SYS(iopl),
	SCMP_SYS(kexec_file_load), SCMP_SYS(kexec_load), SCMP_SYS(keyctl),
	SCMP_SYS(mount), SCMP_SYS(move_mount), SCMP_SYS(open_by_handle_at),
	SCMP_SYS(open_tree), SCMP_SYS(perf_event_open), SCMP_SYS(personality),
	SCMP_SYS(pivot_root), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(ptrace), SCMP_SYS(quotactl),
	SCMP_SYS(reboot), SCMP_SYS(request_key), SCMP_SYS(setdomainname),
	SCMP_SYS(sethostname), SCMP_SYS(setns), SCMP_SYS(settimeofday),
	SCMP_SYS(swapoff), SCMP_SYS(swapon), SCMP_SYS(syslog),
	SCMP_SYS(umount2), SCMP_SYS(unshare), SCMP_SYS(userfaultfd),
	SCMP_SYS(vhangup),
};
static const int starting[] = { SCMP_SYS(execve), SCMP_SYS(execveat) };

static int
refuse(scmp_filter_ctx filter, const int *calls, size_t n)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i],
		    0);
		/* This machine's kind may not have it. */
		if (rc == -EDOM || rc == -EINVAL)
			rc = 0;
	}
	return rc;
}

static int
refuse_calls(enum confine_programs programs, struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = filter == NULL ? -ENOMEM : 0;

	/* Threads that are there already as well, where seccomp(2) may be
	 * called: under systemd's own filter only prctl(2) may. */
	if (rc == 0)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = refuse(filter, refused, sizeof refused /
		    sizeof refused[0]);
	if (rc == 0 && programs == CONFINE_NO_PROGRAMS)
		rc = refuse(filter, starting, sizeof starting /
		    sizeof starting[0]);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc != 0) {
		errno = -rc;
		return err_errno(err, EXIT_TEMPORARY, "no system call filter");
	}
	return 0;
}
#else
/* Not there, or not wanted: a sanitizer's leak check traces its own process. */
static int
refuse_calls(enum confine_programs programs, struct err *err)
{
	(void)programs;
	(void)err;
	return 0;
}
#endif

int
confine(enum confine_programs programs, struct err *err)
{
	struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(err, EXIT_TEMPORARY, "no_new_privs");
#ifndef WAYBILL_SANITIZED
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	return refuse_calls(programs, err);
}
