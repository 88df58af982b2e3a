/* SPDX-License-Identifier: ISC */
/*
 * Root becomes a service's user, so that a command finds what the service will
 * find, and can do no more than it. Libraries look for files below HOME: there
 * is none of root's that it could read.
 */
#include "base/become.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { NOBODY_GROUP = 65534 };	/* Linux's overflow group */

int
become_user(const char *user, struct err *err)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return 0;
	pw = getpwnam(user);
	if (pw == NULL)
		return err_set(err, EXIT_CONFIG, "there is no user %s on this "
		    "host yet; waybill-setup makes it", user);
	if (initgroups(user, pw->pw_gid) == 0 && setgid(pw->pw_gid) == 0 &&
	    setuid(pw->pw_uid) == 0 && setenv("HOME", pw->pw_dir, 1) == 0)
		return 0;
	perror("can't become the service's user");
	exit(EXIT_CONFIG);
}

int
become_owner(uid_t uid, struct err *err)
{
	const struct passwd *pw = getpwuid(uid);
	gid_t gid = pw == NULL ? NOBODY_GROUP : pw->pw_gid;
	int rc = pw == NULL ? setgroups(0, NULL) :
	    initgroups(pw->pw_name, gid);

	if (rc != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return err_errno(err, EXIT_CONFIG, "can't become the user %s",
		    pw == NULL ? "of the directory" : pw->pw_name);
	/* The user must not trace what root's process still holds. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (setresuid((uid_t)-1, 0, (uid_t)-1) == 0)
		return err_set(err, EXIT_CONFIG, "the user of the directory "
		    "could become root again");
	return 0;
}
