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
#include <unistd.h>

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
