/* SPDX-License-Identifier: ISC */
/* A confined process tries what it may not, and what it has to be able to: each
 * try in a process of its own, that ends by itself with the number of the
 * error. A killed one is a failure whatever was expected. */
#include "build_config.h"
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/become.h"
#include "unit.h"

#ifndef TIOCLINUX
#define TIOCLINUX 0x541C
#endif

enum { READS = 0, WRITES = CONFINE_MAY_WRITE, REMOVES = CONFINE_MAY_REMOVE,
    FORKS = CONFINE_MAY_FORK,
    RUNS = CONFINE_MAY_RUN | CONFINE_MAY_FORK,
    CANT_CONFINE = 200, ODD = 201 };

/* FOLDER/open/file, FOLDER/shut/file, FOLDER/link -> open/file */
static char folder[] = "/tmp/waybill-confine-XXXXXX";

static bool
has_filter(void)
{
#if defined(HAVE_SECCOMP) && !defined(WAYBILL_SANITIZED)
	return true;
#else
	return false;
#endif
}

/* The version of the kernel's Landlock; 0: none, or not used here. */
static long
landlock_abi(void)
{
#if defined(SYS_landlock_create_ruleset) && !defined(WAYBILL_SANITIZED)
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	return abi < 0 ? 0 : abi;
#else
	return 0;
#endif
}

static const char *
in_folder(const char *name)
{
	static char path[2][100];
	static int turn;

	turn = 1 - turn;
	(void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	return path[turn];
}

/* What a call's result says: 0 or errno. */
static int
outcome(long rc)
{
	return rc >= 0 ? 0 : errno;
}

static int
open_file(const char *name, int flags)
{
	return outcome(open(in_folder(name), flags | O_CLOEXEC, 0600));
}

static int try_read(void) { return open_file("open/file", O_RDONLY); }
static int try_read_shut(void) { return open_file("shut/file", O_RDONLY); }
static int try_read_link(void) { return open_file("link", O_RDONLY); }
static int try_write(void) { return open_file("open/file", O_WRONLY); }
static int try_both(void) { return open_file("open/file", O_RDWR); }
static int try_make(void) { return open_file("open/new", O_WRONLY | O_CREAT); }
static int try_make_shut(void) { return open_file("shut/new", O_RDWR | O_CREAT); }
static int try_touch(void) { return open_file("open/new", O_RDONLY | O_CREAT); }
static int try_empty(void) { return open_file("open/file", O_RDONLY | O_TRUNC); }
static int try_nameless(void) { return open_file("open", O_TMPFILE | O_RDWR); }
static int try_list(void) { return open_file("open", O_RDONLY | O_DIRECTORY); }
static int try_creat(void) { return outcome(creat(in_folder("open/new"), 0600)); }
static int try_truncate(void) { return outcome(truncate(in_folder("open/file"), 0)); }
static int try_chmod(void) { return outcome(chmod(in_folder("open/file"), 0666)); }
static int try_chown(void) { return outcome(chown(in_folder("open/file"), 0, 0)); }
static int try_unlink(void) { return outcome(unlink(in_folder("open/spare"))); }
static int try_unlink_shut(void) { return outcome(unlink(in_folder("shut/spare"))); }
static int try_mkdir(void) { return outcome(mkdir(in_folder("open/dir"), 0700)); }
static int try_mkfifo(void) { return outcome(mkfifo(in_folder("open/fifo"), 0600)); }
static int try_rename(void)
{
	return outcome(rename(in_folder("open/file"), in_folder("open/new")));
}
static int try_symlink(void)
{
	return outcome(symlink("/etc/passwd", in_folder("open/sym")));
}
static int try_link(void)
{
	return outcome(link(in_folder("open/file"), in_folder("open/hard")));
}
static int try_null(void)
{
	return outcome(open("/dev/null", O_RDWR | O_CLOEXEC));
}

static int
try_exec(void)
{
	pid_t pid = vfork();
	int status;

	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(errno);
	}
	if (pid < 0)
		return errno;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
	    WEXITSTATUS(status) : ODD;
}

/* In place of this process: no fork is needed for it. */
static int
try_exec_here(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : 0;
}

static void *
do_nothing(void *arg)
{
	return arg;
}

static int
try_thread(void)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, do_nothing, NULL);

	return rc == 0 ? pthread_join(thread, NULL) : rc;
}

static int
try_name_space(void)
{
	return outcome(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL,
	    NULL, NULL));
}

static int try_clone3(void) { return outcome(syscall(SYS_clone3, NULL, 0)); }
static int try_openat2(void)
{
	uint64_t how[3] = { O_RDONLY };

	return outcome(syscall(SYS_openat2, AT_FDCWD, "/", how, sizeof how));
}
static int try_unshare(void) { return outcome(syscall(SYS_unshare, 0)); }
static int try_unknown(void) { return outcome(syscall(4000)); }
static int try_ptrace(void)
{
	return outcome(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}
static int try_memory(void)
{
	return outcome(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL,
	    0, 0));
}
static int try_mount(void)
{
	return outcome(mount("none", folder, "tmpfs", 0, NULL));
}
static int try_setuid(void) { return outcome(syscall(SYS_setuid, 0)); }
static int try_setgroups(void) { return outcome(syscall(SYS_setgroups, 0, NULL)); }
static int try_keys(void) { return outcome(syscall(SYS_keyctl, 0, -3, 0)); }
static int try_bpf(void) { return outcome(syscall(SYS_bpf, 0, NULL, 0)); }
static int try_uring(void) { return outcome(syscall(SYS_io_uring_setup, 1, NULL)); }
static int try_reboot(void) { return outcome(syscall(SYS_reboot, 0, 0, 0, NULL)); }

static int
request(unsigned long number)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return outcome(syscall(SYS_ioctl, fd, number, "x"));
}
static int try_type(void) { return request(TIOCSTI); }
static int try_type_linux(void) { return request(TIOCLINUX); }
/* The kernel looks at 32 bits: so does the filter. */
static int try_type_high(void) { return request(TIOCSTI | 1UL << 40); }

static int
make_socket(int family, int type)
{
	return outcome(socket(family, type | SOCK_CLOEXEC, 0));
}
static int try_udp(void) { return make_socket(AF_INET6, SOCK_DGRAM); }
static int try_tcp(void) { return make_socket(AF_INET, SOCK_STREAM); }
static int try_unix(void) { return make_socket(AF_UNIX, SOCK_DGRAM); }
static int try_netlink(void) { return make_socket(AF_NETLINK, SOCK_RAW); }
static int try_packet(void) { return make_socket(AF_PACKET, SOCK_RAW); }
static int try_alg(void) { return make_socket(AF_ALG, SOCK_SEQPACKET); }

static int
try_bind_udp(void)
{
	const struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return outcome(bind(fd, (const struct sockaddr *)&any, sizeof any));
}

static int
try_listen(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return outcome(listen(fd, 1));
}

static int try_signal_parent(void) { return outcome(kill(getppid(), 0)); }
static int try_signal_self(void) { return outcome(kill(getpid(), 0)); }

/* Runs a try in a confined process; its errno, or ODD when it was killed. */
static int
confined(unsigned may, void (*fill)(struct reach *reach), int (*try)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct reach reach;
		struct err err;

		if (fill != NULL) {
			reach_begin(&reach);
			fill(&reach);
		}
		if (confine_to(may, fill == NULL ? NULL : &reach, &err) != 0)
			_exit(CANT_CONFINE);
		_exit(try());
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return ODD;
	return WEXITSTATUS(status);
}

struct row {
	const char *name;
	unsigned may;
	int (*try)(void);
	int want;
};

static void
check_rows(const struct row *rows, size_t n, void (*fill)(struct reach *reach))
{
	for (size_t i = 0; i < n; i++) {
		int got = confined(rows[i].may, fill, rows[i].try);

		if (got != rows[i].want)
			fail_msg("%s (may %u): errno %d (%s), not %d",
			    rows[i].name, rows[i].may, got, strerror(got),
			    rows[i].want);
	}
}

static void
calls_outside_the_list_fail(void **state)
{
	static const struct row rows[] = {
		{ "read", READS, try_read, 0 },
		{ "list", READS, try_list, 0 },
		{ "write", READS, try_write, EPERM },
		{ "read and write", READS, try_both, EPERM },
		{ "make", READS, try_make, EPERM },
		{ "make by reading", READS, try_touch, EPERM },
		{ "empty by reading", READS, try_empty, EPERM },
		{ "nameless file", READS, try_nameless, EPERM },
		{ "creat", READS, try_creat, EPERM },
		{ "truncate", READS, try_truncate, EPERM },
		{ "chmod", READS, try_chmod, EPERM },
		{ "chown", WRITES, try_chown, EPERM },
		{ "rename", READS, try_rename, EPERM },
		{ "unlink", READS, try_unlink, EPERM },
		{ "mkdir", READS, try_mkdir, EPERM },
		{ "link", READS, try_link, EPERM },
		{ "symlink", WRITES, try_symlink, EPERM },
		{ "mkfifo", WRITES, try_mkfifo, EPERM },
		{ "null", READS, try_null, EPERM },
		{ "a service that runs programs writes none", RUNS, try_make,
		    EPERM },
		{ "exec", RUNS, try_exec, 0 },
		{ "exec", READS, try_exec, EPERM },
		{ "exec in place", READS, try_exec_here, EPERM },
		{ "exec in place", FORKS | WRITES, try_exec_here, EPERM },
		{ "fork", FORKS, try_fork, 0 },
		{ "fork", READS, try_fork, EPERM },
		{ "fork", WRITES, try_fork, EPERM },
		{ "thread", READS, try_thread, 0 },
		{ "thread", RUNS, try_thread, 0 },
		{ "name space", RUNS, try_name_space, ENOSYS },
		{ "name space", READS, try_name_space, EPERM },
		{ "unshare", RUNS, try_unshare, EPERM },
		{ "clone3", RUNS, try_clone3, ENOSYS },
		{ "openat2", READS, try_openat2, ENOSYS },
		{ "unknown", READS, try_unknown, ENOSYS },
		{ "ptrace", RUNS, try_ptrace, EPERM },
		{ "another's memory", RUNS, try_memory, EPERM },
		{ "mount", RUNS, try_mount, EPERM },
		{ "setuid", RUNS, try_setuid, EPERM },
		{ "setgroups", RUNS, try_setgroups, EPERM },
		{ "keyctl", READS, try_keys, EPERM },
		{ "bpf", READS, try_bpf, EPERM },
		{ "io_uring", WRITES, try_uring, EPERM },
		{ "reboot", RUNS, try_reboot, EPERM },
		{ "TIOCSTI", READS, try_type, EPERM },
		{ "TIOCSTI", RUNS | WRITES, try_type, EPERM },
		{ "TIOCSTI and a high bit", READS, try_type_high, EPERM },
		{ "TIOCLINUX", RUNS, try_type_linux, EPERM },
		{ "udp", READS, try_udp, 0 },
		{ "tcp", READS, try_tcp, 0 },
		{ "unix", READS, try_unix, 0 },
		{ "netlink", READS, try_netlink, 0 },
		{ "packet", READS, try_packet, ENOSYS },
		{ "AF_ALG", RUNS, try_alg, ENOSYS },
		{ "bind", READS, try_bind_udp, 0 },
		{ "listen", READS, try_listen, EPERM },
		{ "listen", RUNS, try_listen, EPERM },
	};

	(void)state;
	if (!has_filter())
		skip();
	check_rows(rows, COUNT(rows), NULL);
}

/* What may be done, is. Each leaves the files as they were. */
static int
try_all_writing(void)
{
	const char *fresh = in_folder("open/fresh");
	const char *other = in_folder("open/other");
	int fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, "ab", 2) != 2 || ftruncate(fd, 1) != 0 ||
	    fsync(fd) != 0 || fchmod(fd, 0640) != 0 ||
	    rename(fresh, other) != 0 || unlink(other) != 0)
		return errno;
	return outcome(mkdir(other, 0700)) != 0 ? errno :
	    outcome(rmdir(other));
}

static void
who_writes_can(void **state)
{
	static const struct row rows[] = {
		{ "all of it", WRITES, try_all_writing, 0 },
		{ "null", WRITES, try_null, 0 },
	};

	(void)state;
	check_rows(rows, 2, NULL);
}

static void
open_can_be_read(struct reach *reach)
{
	reach_add(reach, in_folder("open"), REACH_READ);
}

static void
open_can_be_written(struct reach *reach)
{
	reach_add(reach, in_folder("open"), REACH_WRITE);
	reach_add_system(reach, REACH_READ);
}

static void
open_can_be_removed_from(struct reach *reach)
{
	reach_add(reach, in_folder("open"), REACH_REMOVE);
}

static void
the_place_of_link(struct reach *reach)
{
	reach_add_place(reach, in_folder("link"), REACH_READ);
}

static void
system_runs(struct reach *reach)
{
	reach_add_system(reach, REACH_RUN);
}

static void
all_but_shut(struct reach *reach)
{
	struct text_list hidden = { 0 };

	(void)text_list_add(&hidden, in_folder("shut"));
	(void)text_list_add(&hidden, "/nonexistent/x");
	(void)text_list_add(&hidden, "");
	reach_add_all_but(reach, &hidden, REACH_READ | REACH_RUN);
	text_list_free(&hidden);
}

static void
all_but_a_file(struct reach *reach)
{
	struct text_list hidden = { 0 };

	(void)text_list_add(&hidden, in_folder("shut/file"));
	reach_add_all_but(reach, &hidden, REACH_READ);
	text_list_free(&hidden);
}

static void
nothing_is_hidden(struct reach *reach)
{
	reach_add_all_but(reach, NULL, REACH_READ);
}

static void
files_outside_the_reach_are_shut(void **state)
{
	static const struct row reads[] = {
		{ "read", WRITES, try_read, 0 },
		{ "list", WRITES, try_list, 0 },
		{ "read shut", WRITES, try_read_shut, EACCES },
		{ "write", WRITES, try_write, EACCES },
		{ "make", WRITES, try_make, EACCES },
		{ "unlink", WRITES, try_unlink, EACCES },
		{ "mkdir", WRITES, try_mkdir, EACCES },
		{ "rename", WRITES, try_rename, EACCES },
		{ "exec", RUNS, try_exec, EACCES },
	};
	static const struct row writes[] = {
		{ "all of it", WRITES, try_all_writing, 0 },
		{ "make in shut", WRITES, try_make_shut, EACCES },
		{ "unlink in shut", WRITES, try_unlink_shut, EACCES },
		{ "null", WRITES, try_null, 0 },
		{ "exec what can be read", RUNS, try_exec, EACCES },
	};
	static const struct row removes[] = {
		{ "make", WRITES, try_make, EACCES },
		{ "read", WRITES, try_read, EACCES },
		{ "unlink in shut", REMOVES, try_unlink_shut, EACCES },
		{ "unlink", REMOVES, try_unlink, 0 },
	};
	static const struct row link[] = {
		{ "where a link leads", READS, try_read_link, 0 },
		{ "beside it", READS, try_read, 0 },
		{ "a sibling's", WRITES, try_make_shut, EACCES },
	};

	(void)state;
	if (landlock_abi() == 0)
		skip();
	check_rows(reads, COUNT(reads), open_can_be_read);
	check_rows(writes, COUNT(writes),
	    open_can_be_written);
	check_rows(removes, COUNT(removes),
	    open_can_be_removed_from);
	check_rows(link, COUNT(link), the_place_of_link);
}

static void
what_is_hidden_is_shut(void **state)
{
	static const struct row hidden[] = {
		{ "read", READS, try_read, 0 },
		{ "read shut", READS, try_read_shut, EACCES },
		{ "make", WRITES, try_make, EACCES },
		{ "exec", RUNS, try_exec, 0 },
		{ "null", WRITES, try_null, 0 },
	};
	static const struct row nothing[] = {
		{ "read shut", READS, try_read_shut, 0 },
	};

	(void)state;
	if (landlock_abi() == 0)
		skip();
	check_rows(hidden, COUNT(hidden), all_but_shut);
	check_rows(hidden, 3, all_but_a_file);
	check_rows(nothing, 1, nothing_is_hidden);
	assert_int_equal(confined(RUNS, system_runs, try_exec), 0);
}

static void
signals_stay_inside(void **state)
{
	(void)state;
	if (landlock_abi() < 6)
		skip();
	assert_int_equal(confined(READS, system_runs, try_signal_parent),
	    EPERM);
	assert_int_equal(confined(READS, system_runs, try_signal_self), 0);
}

/* 0 when each of these lines of /proc/self/status has its value. */
static int
status_has(const char *const (*wanted)[2], size_t n)
{
	char line[1000];
	size_t found = 0;
	FILE *f = fopen("/proc/self/status", "re");

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		for (size_t i = 0; i < n; i++) {
			size_t len = strlen(wanted[i][0]);

			if (strncmp(line, wanted[i][0], len) != 0)
				continue;
			char *value = line + len + strspn(line + len, ":\t ");
			value[strcspn(value, " \t\n")] = '\0';
			found += strcmp(value, wanted[i][1]) == 0;
		}
	return f != NULL && found == n ? 0 : ODD;
}

static int
try_status(void)
{
	static const char *const wanted[][2] = {
		{ "NoNewPrivs", "1" },
		{ "Seccomp", "2" },
	};
	struct rlimit core;

	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
		return ODD;
	if (has_filter() && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return ODD;
	return status_has(wanted, has_filter() ? 2 : 1);
}

/* Root becomes somebody: no group of its own is left, no capability, and none
 * can come back; and is confined then. */
static int
be_somebody(void)
{
	static const char *const wanted[][2] = {
		{ "Uid", "65533" }, { "Gid", "65532" }, { "Groups", "65532" },
		{ "CapPrm", "0000000000000000" },
		{ "CapEff", "0000000000000000" },
		{ "CapBnd", "0000000000000000" },
	};
	const gid_t odd[] = { 0, 4, 65531 };
	struct err err;

	if (setgroups(3, odd) != 0)
		return CANT_CONFINE;
	if (become("waybill-is-nobody", 65533, 65532, &err) != 0)
		return ODD;
	if (status_has(wanted, 6) != 0 || setuid(0) == 0)
		return ODD;
	return confine(CONFINE_NO_PROGRAMS, &err) != 0 ? CANT_CONFINE :
	    try_status();
}

static void
nothing_of_root_is_left(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(confined(READS, NULL, try_status), 0);
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(be_somebody());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANT_CONFINE)
		skip();
	assert_int_equal(status, 0);
}

#ifdef __x86_64__
static int
try_other_architecture(void)
{
	long rc;

	(void)signal(SIGSEGV, SIG_DFL);	/* cmocka has one of its own */
	/* getpid(2) of i386 */
	__asm__ volatile("int $0x80" : "=a"(rc) : "a"(20) : "memory");
	return rc < 0 ? (int)-rc : 0;
}

static void
another_architecture_kills_nobody(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(try_other_architecture());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0 || !has_filter())
		skip();		/* this kernel has no such calls */
	assert_int_equal(confined(READS, NULL, try_other_architecture),
	    ENOSYS);
}
#endif

static void
make_file(const char *name)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
}

static int
make_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(mkdir(in_folder("open"), 0700), 0);
	assert_int_equal(mkdir(in_folder("shut"), 0700), 0);
	make_file("open/file");
	make_file("open/spare");
	make_file("shut/file");
	make_file("shut/spare");
	assert_int_equal(symlink("open/file", in_folder("link")), 0);
	return 0;
}

static int
remove_folder(void **state)
{
	static const char *const names[] = { "open/file", "open/spare",
	    "open/new", "shut/file", "shut/spare", "shut/new", "link" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		(void)unlink(in_folder(names[i]));
	(void)rmdir(in_folder("open"));
	(void)rmdir(in_folder("shut"));
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_outside_the_list_fail),
		cmocka_unit_test(who_writes_can),
		cmocka_unit_test(files_outside_the_reach_are_shut),
		cmocka_unit_test(what_is_hidden_is_shut),
		cmocka_unit_test(signals_stay_inside),
		cmocka_unit_test(nothing_of_root_is_left),
#ifdef __x86_64__
		cmocka_unit_test(another_architecture_kills_nobody),
#endif
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
