/* SPDX-License-Identifier: ISC */
/*
 * Root becomes the user of a service, so that a command sees what the service
 * will see, with no more rights. Libraries look for files below HOME: root's
 * HOME is not used, because the user could not read it.
 */
#include "base/become.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/confine.h"

enum {
	GROUPS_MAX = 1024,
	NOBODY_GROUP = 65534,	/* Linux's overflow group */
};

/* Returns true if this process has no groups other than the user's. */
static bool
become_has_groups(const char *name, gid_t gid)
{
	gid_t wanted[GROUPS_MAX], has[GROUPS_MAX];
	int n_wanted = GROUPS_MAX;
	int n = getgroups(GROUPS_MAX, has);

	if (n < 0 || getgrouplist(name, gid, wanted, &n_wanted) < 0)
		return false;
	for (int i = 0; i < n; i++) {
		bool is_wanted = false;

		for (int k = 0; k < n_wanted; k++)
			is_wanted = is_wanted || has[i] == wanted[k];
		if (!is_wanted)
			return false;
	}
	return true;
}

int
become_groups(const char *name, gid_t gid, struct err *err)
{
	if (initgroups(name, gid) != 0)
		return err_errno(err, EXIT_CONFIG, "the groups of user %s",
		    name);
	if (!become_has_groups(name, gid))
		return err_set(err, EXIT_CONFIG, "user %s still has groups it "
		    "should not have; something prevents setgroups(2)", name);
	return 0;
}

int
become(const char *name, uid_t uid, gid_t gid, struct err *err)
{
	confine_bounding_set();
	if (become_groups(name, gid, err) != 0)
		return -1;
	if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
		return err_errno(err, EXIT_CONFIG, "cannot become user %s",
		    name);
	if (uid != 0 && (setresuid((uid_t)-1, 0, (uid_t)-1) == 0 ||
	    geteuid() != uid || getuid() != uid))
		return err_set(err, EXIT_CONFIG, "user %s could become root "
		    "again; something prevents dropping capabilities", name);
	return 0;
}

int
become_user(const char *user, struct err *err)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return 0;
	pw = getpwnam(user);
	if (pw == NULL)
		return err_set(err, EXIT_CONFIG, "there is no user %s on this "
		    "host; run waybill-setup to create it", user);
	if (become(pw->pw_name, pw->pw_uid, pw->pw_gid, err) == 0 &&
	    setenv("HOME", pw->pw_dir, 1) == 0)
		return 0;
	err_print("waybill", "%s", err->text);
	exit(EXIT_CONFIG);
}

int
become_owner(uid_t uid, struct err *err)
{
	const struct passwd *pw = getpwuid(uid);
	const gid_t gid = NOBODY_GROUP;

	int rc = 0;

	confine_bounding_set();
	if (pw != NULL)
		rc = become(pw->pw_name, uid, pw->pw_gid, err);
	else if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		rc = err_errno(err, EXIT_CONFIG, "cannot become user %ld",
		    (long)uid);
	/* The user must not be able to trace a process that still holds root's
	 * data. Set after the change of user, because that resets the flag to
	 * the kernel's default. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return rc;
}
