/* SPDX-License-Identifier: ISC */
/*
 * The system calls of a service: an allow list (seccomp(2), libseccomp).
 *
 * The list is by name, so it is the same for every architecture and every
 * version of libseccomp; names that this version does not know are skipped. It
 * contains what the C library, OpenSSL, libunbound, libmilter, libpq, SQLite
 * and libsystemd of Debian 12 and 13 call, and more: whole families of calls
 * for reading, waiting and communicating rather than the few that are seen
 * today, because a library must keep working after its next update.
 *
 * Where a rule compares arguments, it compares them as the kernel reads them:
 * an ioctl(2) request has 32 bits, and a filter that compares 64 can be
 * bypassed by setting one of the upper bits.
 */
#include "build_config.h"
#include "base/calls.h"

#include "base/confine.h"

#if defined(HAVE_SECCOMP) && !defined(WAYBILL_SANITIZED)
#include <errno.h>
#include <fcntl.h>
#include <asm/termbits.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef TIOCLINUX
#define TIOCLINUX 0x541C
#endif

/* On these architectures clone(2) has its flags in the second argument. */
#if defined(__s390__) || defined(__CRIS__)
enum { CALLS_CLONE_FLAGS = 1 };
#else
enum { CALLS_CLONE_FLAGS = 0 };
#endif

static const char *const calls_always[] = {
	/* memory, threads, time */
	"arch_prctl", "brk", "cacheflush", "futex", "futex_time64",
	"futex_waitv", "futex_wait", "futex_wake", "futex_requeue",
	"get_robust_list", "get_thread_area", "getcpu", "madvise",
	"map_shadow_stack", "membarrier", "mincore", "mlock", "mlock2", "mmap",
	"mmap2", "mprotect", "mremap", "mseal", "munlock", "munmap", "rseq",
	"riscv_flush_icache", "riscv_hwprobe", "sched_get_priority_max",
	"sched_get_priority_min", "sched_getaffinity", "sched_getparam",
	"sched_getscheduler", "sched_yield", "set_robust_list",
	"set_thread_area", "set_tid_address", "set_tls", "swapcontext",
	"alarm", "clock_getres", "clock_getres_time64", "clock_gettime",
	"clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64",
	"getitimer", "gettimeofday", "nanosleep", "setitimer", "time",
	"timer_create", "timer_delete", "timer_getoverrun", "timer_gettime",
	"timer_gettime64", "timer_settime", "timer_settime64",
	"timerfd_create", "timerfd_gettime", "timerfd_gettime64",
	"timerfd_settime", "timerfd_settime64", "times",
	/* signals, exit */
	"exit", "exit_group", "kill", "pause", "restart_syscall",
	"rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo",
	"rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
	"rt_sigtimedwait_time64", "rt_tgsigqueueinfo", "sigaction",
	"sigaltstack", "signal", "signalfd", "signalfd4", "sigpending",
	"sigprocmask", "sigreturn", "sigsuspend", "tgkill", "tkill",
	"pidfd_open", "wait4", "waitid", "waitpid",
	/* identity, host */
	"capget", "getcwd", "getegid", "getegid32", "geteuid", "geteuid32",
	"getgid", "getgid32", "getgroups", "getgroups32", "getpgid",
	"getpgrp", "getpid", "getppid", "getpriority", "getrandom",
	"getresgid", "getresgid32", "getresuid", "getresuid32", "getrlimit",
	"getrusage", "getsid", "gettid", "getuid", "getuid32", "oldolduname",
	"olduname", "prctl", "prlimit64", "setrlimit", "sysinfo", "ugetrlimit",
	"umask", "uname",
	/* on open descriptors */
	"_llseek", "close", "close_range", "copy_file_range", "dup", "dup2",
	"dup3", "fadvise64", "fadvise64_64", "arm_fadvise64_64", "fallocate",
	"fcntl", "fcntl64", "fdatasync", "flock", "fsync", "ftruncate",
	"ftruncate64", "lseek", "memfd_create", "msync", "pipe", "pipe2",
	"pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2",
	"read", "readahead", "readv", "sendfile", "sendfile64", "splice",
	"sync_file_range", "sync_file_range2", "tee", "write", "writev",
	/* waiting */
	"_newselect", "epoll_create", "epoll_create1", "epoll_ctl",
	"epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2",
	"inotify_add_watch", "inotify_init", "inotify_init1",
	"inotify_rm_watch", "poll", "ppoll", "ppoll_time64", "pselect6",
	"pselect6_time64", "select",
	/* reading the file system */
	"access", "chdir", "faccessat", "faccessat2", "fchdir", "fgetxattr",
	"flistxattr", "fstat", "fstat64", "fstatat64", "fstatfs", "fstatfs64",
	"getdents", "getdents64", "getxattr", "lgetxattr", "listxattr",
	"llistxattr", "lstat", "lstat64", "name_to_handle_at", "newfstatat",
	"oldfstat", "oldlstat", "oldstat", "readlink", "readlinkat", "stat",
	"stat64", "statfs", "statfs64", "statx",
	/* networking; no listen(2): services listen before they are confined */
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname",
	"getsockopt", "recv", "recvfrom", "recvmmsg", "recvmmsg_time64",
	"recvmsg", "send", "sendmmsg", "sendmsg", "sendto", "setsockopt",
	"shutdown", "socketpair",
	/* giving up more rights */
	"landlock_add_rule", "landlock_create_ruleset",
	"landlock_restrict_self", "seccomp", "setsid",
};

static const char *const calls_to_write[] = {
	"chmod", "creat", "fchmod", "fchmodat", "fchmodat2", "fchown",
	"fchown32", "fchownat", "futimesat", "link", "linkat", "mkdir",
	"mkdirat", "open", "openat", "rename", "renameat", "renameat2",
	"rmdir", "truncate", "truncate64", "unlink", "unlinkat", "utime",
	"utimensat", "utimensat_time64", "utimes",
};

static const char *const calls_to_remove[] = { "unlink", "unlinkat" };

static const char *const calls_to_run[] = { "execve", "execveat" };

static const char *const calls_to_fork[] = { "fork", "vfork" };

/* Which program gets which list; 0: every program. */
static const struct {
	unsigned may;
	const char *const *names;
	size_t n;
} calls_allowed[] = {
	{ 0, calls_always, sizeof calls_always / sizeof(char *) },
	{ CONFINE_MAY_WRITE, calls_to_write, sizeof calls_to_write /
	    sizeof(char *) },
	{ CONFINE_MAY_REMOVE, calls_to_remove, sizeof calls_to_remove /
	    sizeof(char *) },
	{ CONFINE_MAY_RUN, calls_to_run, sizeof calls_to_run /
	    sizeof(char *) },
	{ CONFINE_MAY_FORK, calls_to_fork, sizeof calls_to_fork /
	    sizeof(char *) },
};
enum { CALLS_LISTS = sizeof calls_allowed / sizeof calls_allowed[0] };

/* These fail with EPERM unless one of the lists above allows them: what an
 * attacker would use next, and what no library expects to be missing. */
static const char *const calls_refused[] = {
	"acct", "add_key", "adjtimex", "bpf", "capset", "chmod", "chown",
	"chown32", "chroot", "clock_adjtime", "clock_settime", "creat",
	"delete_module", "execve", "execveat", "fchmod", "fchmodat",
	"fchmodat2", "fchown", "fchown32", "fchownat", "finit_module", "fork",
	"fremovexattr", "fsconfig", "fsetxattr", "fsmount", "fsopen",
	"init_module", "io_uring_enter", "io_uring_register",
	"io_uring_setup", "ioperm", "iopl", "kexec_file_load", "kexec_load",
	"keyctl", "lchown", "lchown32", "link", "linkat", "listen",
	"lremovexattr", "lsetxattr", "mkdir", "mkdirat", "mknod", "mknodat",
	"mount", "mount_setattr", "move_mount", "open_by_handle_at",
	"open_tree", "perf_event_open", "personality", "pidfd_getfd",
	"pivot_root", "process_madvise", "process_vm_readv",
	"process_vm_writev", "ptrace", "quotactl", "quotactl_fd", "reboot",
	"removexattr", "rename", "renameat", "renameat2", "request_key",
	"rmdir", "setdomainname", "setfsgid", "setfsuid", "setgid",
	"setgid32", "setgroups", "setgroups32", "sethostname", "setns",
	"setpriority", "setregid", "setregid32", "setresgid", "setresgid32",
	"setresuid", "setresuid32", "setreuid", "setreuid32", "settimeofday",
	"setuid", "setuid32", "setxattr", "shmat", "shmget", "swapoff",
	"swapon", "symlink", "symlinkat", "syslog", "truncate", "truncate64",
	"umount", "umount2", "unlink", "unlinkat", "unshare", "userfaultfd",
	"vfork", "vhangup", "vmsplice",
};

/* What isatty(3), getifaddrs(3), if_nametoindex(3) and the sockets of
 * libraries use. Never TIOCSTI or TIOCLINUX, which type into a terminal. */
static const unsigned calls_requests[] = {
	TCGETS, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIONBIO, FIOASYNC, FIOCLEX,
	FIONCLEX, SIOCATMARK, SIOCGIFNAME, SIOCGIFINDEX, SIOCGIFFLAGS,
	SIOCGIFADDR, SIOCGIFCONF, SIOCGIFMTU, SIOCGIFNETMASK, SIOCGIFBRDADDR,
	SIOCGIFDSTADDR, SIOCOUTQ,
#ifdef TCGETS2
	TCGETS2,
#endif
};
static const unsigned calls_typing[] = { TIOCSTI, TIOCLINUX, TIOCSCTTY };

static const int calls_families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

static const unsigned calls_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP |
    CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

/* Adds a rule for a call by name, with one argument comparison or none.
 * Returns 0 also if this architecture does not have the call. */
static int
calls_add(scmp_filter_ctx filter, uint32_t action, const char *name,
    const struct scmp_arg_cmp *arg)
{
	int call = seccomp_syscall_resolve_name(name);

	if (call == __NR_SCMP_ERROR)
		return 0;
	int rc = seccomp_rule_add_array(filter, action, call, arg == NULL ? 0 :
	    1, arg);
	return rc == -EDOM || rc == -EINVAL ? 0 : rc;
}

/* The same if the argument, masked, has the value. */
static int
calls_add_where(scmp_filter_ctx filter, uint32_t action, const char *name,
    unsigned argument, uint32_t mask, uint32_t value)
{
	const struct scmp_arg_cmp arg = SCMP_CMP(argument,
	    SCMP_CMP_MASKED_EQ, mask, value);

	return calls_add(filter, action, name, &arg);
}

static int
calls_add_arguments(scmp_filter_ctx filter)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof calls_requests /
	    sizeof calls_requests[0]; i++)
		rc = calls_add_where(filter, SCMP_ACT_ALLOW, "ioctl", 1,
		    UINT32_MAX, calls_requests[i]);
	for (size_t i = 0; rc == 0 && i < sizeof calls_typing /
	    sizeof calls_typing[0]; i++)
		rc = calls_add_where(filter, SCMP_ACT_ERRNO(EPERM), "ioctl", 1,
		    UINT32_MAX, calls_typing[i]);
	for (size_t i = 0; rc == 0 && i < sizeof calls_families /
	    sizeof calls_families[0]; i++)
		rc = calls_add_where(filter, SCMP_ACT_ALLOW, "socket", 0,
		    UINT32_MAX, (uint32_t)calls_families[i]);
	return rc;
}

/* Threads are always allowed; processes, but no namespaces, if the program may
 * fork. clone3(2) passes its flags where no filter can see them, so it stays
 * unknown, and the C library falls back to clone(2). */
static int
calls_add_clone(scmp_filter_ctx filter, unsigned may)
{
	uint32_t mask = (may & CONFINE_MAY_FORK) != 0 ? calls_namespaces :
	    CLONE_THREAD;
	uint32_t value = (may & CONFINE_MAY_FORK) != 0 ? 0 : CLONE_THREAD;
	int rc = calls_add_where(filter, SCMP_ACT_ALLOW, "clone",
	    CALLS_CLONE_FLAGS, mask, value);

	if (rc == 0 && (may & CONFINE_MAY_FORK) == 0)
		rc = calls_add_where(filter, SCMP_ACT_ERRNO(EPERM), "clone",
		    CALLS_CLONE_FLAGS, CLONE_THREAD, 0);
	return rc;
}

/* open(2) and openat(2) without any flag that can create or change a file.
 * openat2(2) stays unknown for the same reason as clone3(2). O_TMPFILE always
 * requires write access. */
static int
calls_add_reading(scmp_filter_ctx filter)
{
	static const uint32_t writing[] = { O_WRONLY, O_RDWR, O_CREAT,
	    O_TRUNC };
	const uint32_t all = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
	int rc = 0;

	for (unsigned at = 0; rc == 0 && at < 2; at++) {
		const char *name = at == 0 ? "open" : "openat";
		unsigned flags = 1 + at;

		rc = calls_add_where(filter, SCMP_ACT_ALLOW, name, flags, all,
		    0);
		for (size_t i = 0; rc == 0 && i < 4; i++)
			rc = calls_add_where(filter, SCMP_ACT_ERRNO(EPERM),
			    name, flags, writing[i], writing[i]);
	}
	return rc;
}

static bool
calls_is_allowed(const char *name, unsigned may)
{
	for (size_t i = 0; i < CALLS_LISTS; i++)
		for (size_t k = 0; k < calls_allowed[i].n; k++)
			if ((may & calls_allowed[i].may) ==
			    calls_allowed[i].may &&
			    strcmp(calls_allowed[i].names[k], name) == 0)
				return true;
	return false;
}

/*
 * Every call has one kind of rule; the ones without arguments are added here.
 */
static int
calls_add_lists(scmp_filter_ctx filter, unsigned may)
{
	int rc = 0;

	for (size_t i = 0; i < CALLS_LISTS; i++)
		for (size_t k = 0; rc == 0 && k < calls_allowed[i].n; k++)
			if ((may & calls_allowed[i].may) ==
			    calls_allowed[i].may)
				rc = calls_add(filter, SCMP_ACT_ALLOW,
				    calls_allowed[i].names[k], NULL);
	for (size_t i = 0; rc == 0 && i < sizeof calls_refused /
	    sizeof calls_refused[0]; i++)
		if (!calls_is_allowed(calls_refused[i], may))
			rc = calls_add(filter, SCMP_ACT_ERRNO(EPERM),
			    calls_refused[i], NULL);
	return rc;
}

static int
calls_fill(scmp_filter_ctx filter, unsigned may)
{
	/* A call for another architecture fails as well; it does not kill the
	 * process. */
	int rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_ERRNO(ENOSYS));

	/* Includes threads that are already running, if seccomp(2) may be
	 * called: under the filter of an older systemd only prctl(2) may. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* A binary tree of comparisons; libseccomp 2.4 does not have it. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc == 0)
		rc = calls_add_lists(filter, may);
	if (rc == 0 && (may & CONFINE_MAY_WRITE) == 0)
		rc = calls_add_reading(filter);
	if (rc == 0)
		rc = calls_add_clone(filter, may);
	return rc == 0 ? calls_add_arguments(filter) : rc;
}

int
calls_limit(unsigned may, struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int rc = filter == NULL ? -ENOMEM : calls_fill(filter, may);

	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc != 0) {
		errno = -rc;
		return err_errno(err, EXIT_TEMPORARY, "cannot install the "
		    "system call filter");
	}
	return 0;
}
#else
/* Not available, or not wanted: the leak check of a sanitizer traces its own
 * process. */
int
calls_limit(unsigned may, struct err *err)
{
	(void)may;
	(void)err;
	return 0;
}
#endif
