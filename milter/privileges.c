/* SPDX-License-Identifier: ISC */
/*
 * The user of waybilld and its rights.
 *
 * If started as root, it reads keys and configuration as the user it will run
 * as (effective ids, restored afterwards), creates the socket as root, and
 * becomes that user permanently. If started as any other user, it stays that
 * user.
 */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/become.h"
#include "base/confine.h"

int
privileges_find(const char *user, struct privileges *p, struct err *err)
{
	struct passwd *pw;

	errno = 0;
	pw = geteuid() == 0 ? getpwnam(user) : getpwuid(geteuid());
	if (pw == NULL && geteuid() == 0)
		return err_set(err, EXIT_CONFIG, "user: there is no user "
		    "\"%s\"; create it (useradd --system %s) or set user", user,
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
	/* Done now, because the helper that is forked in between cannot do it
	 * any more. */
	confine_bounding_set();
	if (become_groups(p->name, p->gid, err) != 0)
		return -1;
	if (setegid(p->gid) != 0 || seteuid(p->uid) != 0)
		return err_errno(err, EXIT_CONFIG, "cannot become user %s",
		    p->name);
	return 0;
}

int
privileges_resume(const struct privileges *p, struct err *err)
{
	if (getuid() != 0)
		return 0;
	if (seteuid(0) != 0 || setegid(0) != 0)
		return err_errno(err, EXIT_CONFIG, "cannot become root again "
		    "after having been %s", p->name);
	return 0;
}

int
privileges_drop(const struct privileges *p, struct err *err)
{
	if (geteuid() != 0 || p->uid == 0)
		return 0;
	return become(p->name, p->uid, p->gid, err);
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
