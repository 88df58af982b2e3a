/* SPDX-License-Identifier: ISC */
/*
 * Who waybilld is, and what it may do.
 *
 * Started as root it reads keys and configuration as the user who will run it
 * (effective ids, given back), makes the socket as root, and becomes that user
 * for good. Started as anybody else it stays who it is. Then it gives up what
 * it has no use for: new privileges by set-uid programs, core dumps (which
 * would hold private keys), and the system calls by which a process that was
 * taken over would go on. The list of those is of the refused ones, and short:
 * libraries and the name service must go on working after their next update.
 */
#include "build_config.h"
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

int
privileges_find(const char *user, struct privileges *p, struct err *err)
{
	struct passwd *pw;

	errno = 0;
	pw = geteuid() == 0 ? getpwnam(user) : getpwuid(geteuid());
	if (pw == NULL && geteuid() == 0)
		return err_set(err, EXIT_CONFIG, "user: there is no user "
		    "\"%s\"; make it (useradd --system %s) or set user", user,
		    user);
	p->uid = pw == NULL ? geteuid() : pw->pw_uid;
	p->gid = pw == NULL ? getegid() : pw->pw_gid;
	p->name = strdup(pw == NULL ? "" : pw->pw_name);
	if (p->name == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	return 0;
}

int
privileges_group(const char *name, gid_t *gid, struct err *err)
{
	struct group *gr = getgrnam(name);

	if (gr == NULL)
		return err_set(err, EXIT_CONFIG, "socket_group: there is no "
		    "group \"%s\"; is Postfix installed?", name);
	*gid = gr->gr_gid;
	return 0;
}

int
privileges_assume(const struct privileges *p, struct err *err)
{
	if (geteuid() != 0)
		return 0;
	if (initgroups(p->name, p->gid) != 0 || setegid(p->gid) != 0 ||
	    seteuid(p->uid) != 0)
		return err_errno(err, EXIT_CONFIG, "can't become user %s",
		    p->name);
	return 0;
}

int
privileges_resume(const struct privileges *p, struct err *err)
{
	if (getuid() != 0)
		return 0;
	if (seteuid(0) != 0 || setegid(0) != 0)
		return err_errno(err, EXIT_CONFIG, "can't be root again after "
		    "having been %s", p->name);
	return 0;
}

int
privileges_drop(const struct privileges *p, struct err *err)
{
	if (geteuid() != 0 || p->uid == 0)
		return 0;
	if (initgroups(p->name, p->gid) != 0 ||
	    setresgid(p->gid, p->gid, p->gid) != 0 ||
	    setresuid(p->uid, p->uid, p->uid) != 0)
		return err_errno(err, EXIT_CONFIG, "can't become user %s",
		    p->name);
	if (setresuid((uid_t)-1, 0, (uid_t)-1) == 0 || geteuid() != p->uid ||
	    getuid() != p->uid)
		return err_set(err, EXIT_CONFIG, "user %s could become root "
		    "again; something holds capabilities back", p->name);
	return 0;
}

#if defined(HAVE_SECCOMP) && !defined(WAYBILL_SANITIZED)
/* Refused with EPERM. execve: nothing is started from here on. */
static const int refused[] = {
	SCMP_SYS(acct), SCMP_SYS(add_key), SCMP_SYS(adjtimex), SCMP_SYS(bpf),
	SCMP_SYS(chroot), SCMP_SYS(clock_settime), SCMP_SYS(delete_module),
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(finit_module),
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

static int
refuse_calls(struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = filter == NULL ? -ENOMEM : 0;

	/* Threads that are there already as well, where seccomp(2) may be
	 * called: under systemd's own filter only prctl(2) may. */
	if (rc == 0)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	for (size_t i = 0; rc == 0 && i < sizeof refused / sizeof refused[0];
	    i++) {
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
		    refused[i], 0);
		/* This machine's kind may not have it. */
		if (rc == -EDOM || rc == -EINVAL)
			rc = 0;
	}
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
refuse_calls(struct err *err)
{
	(void)err;
	return 0;
}
#endif

int
privileges_confine(struct err *err)
{
	struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(err, EXIT_TEMPORARY, "no_new_privs");
#ifndef WAYBILL_SANITIZED
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	return refuse_calls(err);
}

unsigned long
privileges_raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}
