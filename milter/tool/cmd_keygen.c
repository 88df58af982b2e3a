/* SPDX-License-Identifier: ISC */
/*
 * waybill keygen DOMAIN: a new key in the folder of keys, and the record to
 * publish.
 *
 * All keys of a run are made, every place is looked at, and DNS is asked
 * whether a selector is taken, before the first file is written; a file is
 * never written over; and where the second of two keys can't be written the
 * first goes again. Files belong to root and the group of waybilld's user, so
 * that the daemon can read its keys and can't change them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/ip.h"
#include "config/keys.h"
#include "config/public.h"
#include "tool/command.h"
#include "tool/publish.h"
#include "tool/reload.h"
#include "tool/selector.h"

enum { OPTION_ALGORITHM = 256, OPTION_BITS, OPTION_SELECTOR };
enum { KEYS_MAX = 2, FILE_PATH_SIZE = 4096, FOLDERS_MAX = 16 };

static const struct command_option options[] = {
	{ "algorithm", OPTION_ALGORITHM, "rsa|ed25519|both",
	    "the kind of key, rsa by default" },
	{ "bits", OPTION_BITS, "N", "of an RSA key, 2048 by default" },
	{ "selector", OPTION_SELECTOR, "S", "the key's name, the year and r or "
	    "e by default" },
	{ NULL, 0, NULL, NULL },
};

struct keygen {
	const struct config *c;
	char domain[DOMAIN_SIZE];
	unsigned bits;
	bool wants[KEYS_MAX];		/* by enum key_algorithm */
	const char *selector;		/* as typed, or NULL */
	char folder[FILE_PATH_SIZE];
	uid_t uid;			/* -1: left */
	gid_t gid;
	mode_t mode;			/* of key files */
	struct key *keys[KEYS_MAX];
	size_t nkeys;
	char *made[2 * KEYS_MAX];	/* files to take back, owned */
	size_t nmade;
	char *folders[FOLDERS_MAX];	/* those made, owned */
	size_t nfolders;
};

static const char letters[KEYS_MAX] = { [KEY_RSA] = 'r', [KEY_ED25519] = 'e' };

static int
read_options(struct call *call, struct keygen *k, int *code)
{
	long long n;
	int id;

	k->bits = KEY_BITS_GOOD;
	k->wants[KEY_RSA] = true;
	while ((id = command_next(call, code)) > 0) {
		if (id == OPTION_SELECTOR) {
			k->selector = call->value;
		} else if (id == OPTION_BITS) {
			if (text_number(call->value, KEY_BITS_GOOD,
			    KEY_BITS_SURE, &n) != 0) {
				*code = command_usage(call, "--bits %s: %d to "
				    "%d are allowed", call->value,
				    KEY_BITS_GOOD, KEY_BITS_SURE);
				return -1;
			}
			k->bits = (unsigned)n;
		} else {
			bool both = strcmp(call->value, "both") == 0;
			k->wants[KEY_RSA] =
			    both || strcmp(call->value, "rsa") == 0;
			k->wants[KEY_ED25519] =
			    both || strcmp(call->value, "ed25519") == 0;
			if (!k->wants[KEY_RSA] && !k->wants[KEY_ED25519]) {
				*code = command_usage(call, "--algorithm %s: "
				    "rsa, ed25519 or both are allowed",
				    call->value);
				return -1;
			}
		}
	}
	if (id == 0 && call->argc != 1) {
		*code = command_usage(call, call->argc == 0 ?
		    "the domain is missing" : "one domain at a time");
		return -1;
	}
	return id;
}

/* Does a label begin or end with "-"? DNS has such names, but no mail program
 * takes them for a domain or a selector (RFC 5321, 4.1.2; RFC 6376, 3.1). */
static bool
has_edge_hyphen(const char *name)
{
	for (const char *p = strchr(name, '-'); p != NULL;
	    p = strchr(p + 1, '-'))
		if (p == name || p[-1] == '.' || p[1] == '.' || p[1] == '\0')
			return true;
	return false;
}

/* The domain of the keys; -1 with err. */
static int
read_domain(const char *name, char *out, struct err *err)
{
	struct ip ip;

	if (domain_to_ascii(name, out) != 0)
		return err_set(err, EXIT_DATA, "\"%s\" is no domain: %s", name,
		    domain_fault(name));
	if (ip_parse(name, &ip) == 0)
		return err_set(err, EXIT_DATA, "\"%s\" is no domain: it is an "
		    "address", name);
	if (has_edge_hyphen(out))
		return err_set(err, EXIT_DATA, "\"%s\" is no domain of mail: "
		    "a label begins or ends with \"-\"", name);
	return 0;
}

/* The selector of a key: as typed (with a letter behind it where two keys are
 * made), else the year and the letter. */
static int
selector_of(const struct keygen *k, enum key_algorithm a, char *out,
    struct err *err)
{
	bool both = k->wants[KEY_RSA] && k->wants[KEY_ED25519];
	time_t now = time(NULL);
	char text[DOMAIN_SIZE];
	struct tm tm;

	if (k->selector == NULL)
		(void)snprintf(text, sizeof text, "%d%c",
		    localtime_r(&now, &tm) == NULL ? 0 : tm.tm_year + 1900,
		    letters[a]);
	else if ((size_t)snprintf(text, sizeof text, both ? "%s%c" : "%s",
	    k->selector, letters[a]) >= sizeof text)
		return err_set(err, EXIT_DATA, "the selector is too long");
	if (key_selector(text, k->domain, out, err) != 0)
		return -1;
	if (has_edge_hyphen(out))
		return err_set(err, EXIT_DATA, "\"%s\" is no selector: a label "
		    "begins or ends with \"-\"", text);
	return 0;
}

static int
path_of(const struct keygen *k, const char *selector, const char *suffix,
    char *out, struct err *err)
{
	if ((size_t)snprintf(out, FILE_PATH_SIZE, "%s/%s%s", k->folder,
	    selector, suffix) >= FILE_PATH_SIZE)
		return err_set(err, EXIT_CONFIG, "%s: the path is too long",
		    k->folder);
	return 0;
}

/* Is the selector free: no file, and no section that names another one? */
static int
selector_is_free(const struct keygen *k, const char *selector, struct err *err)
{
	char path[FILE_PATH_SIZE];
	struct stat st;

	if (path_of(k, selector, ".pem", path, err) != 0)
		return -1;
	if (lstat(path, &st) == 0)
		return err_set(err, EXIT_DATA, "%s exists already and is not "
		    "touched; choose another selector, as in: waybill keygen "
		    "--selector %s2 %s", path, selector, k->domain);
	if (errno != ENOENT && errno != ENOTDIR)
		return err_errno(err, EXIT_CONFIG, "%s can't be looked at",
		    path);
	for (size_t i = 0; i < k->c->ndomains; i++) {
		const struct config_domain *d = &k->c->domains[i];
		if (strcmp(d->name, k->domain) != 0)
			continue;
		for (size_t j = 0; j < d->nkeys; j++)
			if (strcmp(d->keys[j].selector, selector) == 0)
				return err_set(err, EXIT_DATA, "%s has a key "
				    "%s already, %s; choose another selector, "
				    "as in: waybill keygen --selector %s2 %s",
				    k->domain, selector, d->keys[j].file,
				    selector, k->domain);
	}
	return 0;
}

/* Makes the keys in memory. */
static int
make_keys(struct keygen *k, struct err *err)
{
	char selector[DOMAIN_SIZE];

	for (int a = 0; a < KEYS_MAX; a++) {
		if (!k->wants[a])
			continue;
		if (selector_of(k, (enum key_algorithm)a, selector, err) != 0 ||
		    selector_is_free(k, selector, err) != 0)
			return -1;
		struct key *key = key_generate((enum key_algorithm)a, k->bits,
		    k->domain, selector, err);
		if (key == NULL)
			return -1;
		k->keys[k->nkeys++] = key;
	}
	return 0;
}

/* Makes a folder if there is none, with this mode and the keys' owner. */
static int
make_folder(struct keygen *k, const char *path, mode_t mode, gid_t gid,
    struct err *err)
{
	int rc = 0;
	int fd;

	if (mkdir(path, 0700) != 0) {
		if (errno == EEXIST)
			return 0;
		return err_errno(err, EXIT_CONFIG, "the folder %s can't be "
		    "made", path);
	}
	if (k->nfolders < FOLDERS_MAX)
		k->folders[k->nfolders++] = strdup(path);
	/* By the descriptor of the folder that was made: its name may mean
	 * another by now. */
	fd = key_folder_open(path, err);
	if (fd < 0)
		return -1;
	if (fchown(fd, k->uid, gid) != 0 || fchmod(fd, mode) != 0)
		rc = err_errno(err, EXIT_CONFIG, "the folder %s can't be "
		    "given its owner and mode", path);
	(void)close(fd);
	return rc;
}

/* The folder of keys with what is above it, and that of the domain; both must
 * be ones to trust. */
static int
make_folders(struct keygen *k, struct err *err)
{
	char path[FILE_PATH_SIZE];
	mode_t mode = k->gid == (gid_t)-1 ? 0700 : 0750;
	int fd;

	for (const char *p = strchr(k->c->keys + 1, '/'); p != NULL;
	    p = strchr(p + 1, '/')) {
		(void)snprintf(path, sizeof path, "%.*s",
		    (int)(p - k->c->keys), k->c->keys);
		if (make_folder(k, path, 0755, (gid_t)-1, err) != 0)
			return -1;
	}
	const char *ours[] = { k->c->keys, k->folder };
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
		if (make_folder(k, ours[i], mode, k->gid, err) != 0)
			return -1;
		fd = key_folder_open(ours[i], err);
		if (fd < 0)
			return -1;
		(void)close(fd);
	}
	return 0;
}

static int
write_file(struct keygen *k, const char *path, const char *data, size_t len,
    mode_t mode, enum file_over over, struct err *err)
{
	if (file_write(path, data, len, mode, k->uid, k->gid, over, err) != 0)
		return -1;
	k->made[k->nmade] = strdup(path);
	k->nmade++;
	return 0;
}

static int
write_key(struct keygen *k, const struct key *key, struct err *err)
{
	char path[FILE_PATH_SIZE];
	struct publish_record r;
	int rc;

	if (path_of(k, key->selector, ".pem", path, err) != 0 ||
	    write_file(k, path, key->pem, key->pem_len, k->mode,
	    FILE_NEVER_OVER, err) != 0 ||
	    path_of(k, key->selector, ".txt", path, err) != 0)
		return -1;
	publish_dkim(key, &r);
	text_add(&r.value, "\n");
	rc = write_file(k, path, r.value.buf, r.value.len, 0644, FILE_REPLACE,
	    err);
	publish_free(&r);
	return rc;
}

/* Takes back what was written, newest first. */
static void
take_back(struct keygen *k)
{
	while (k->nmade > 0) {
		k->nmade--;
		if (k->made[k->nmade] != NULL)
			(void)unlink(k->made[k->nmade]);
		free(k->made[k->nmade]);
	}
	while (k->nfolders > 0) {
		k->nfolders--;
		if (k->folders[k->nfolders] != NULL)
			(void)rmdir(k->folders[k->nfolders]);
		free(k->folders[k->nfolders]);
	}
}

/* What others compare with DNS; without it they know less, and that is all. */
static void
write_public(const struct keygen *k, const struct key *key)
{
	char path[FILE_PATH_SIZE];
	struct err_list warnings = { 0 };
	struct err err = { 0 };

	if (path_of(k, key->selector, ".pem", path, &err) != 0 ||
	    public_add(k->c, key, path, &err) != 0) {
		err_list_add(&warnings, &err);
		command_warn_all(&warnings);
	}
	err_list_free(&warnings);
}

static void
print_key(const struct keygen *k, const struct key *key)
{
	struct publish_record r;
	struct text zone;

	publish_dkim(key, &r);
	text_init(&zone, 1 << 14);
	publish_zone(&r, &zone);
	(void)printf("made     %s/%s.pem (%s, %u bits)\n", k->folder,
	    key->selector, key_type(key->algorithm), key->bits);
	(void)printf("\nAt the DNS of %s, in a web form (one line, no quotes; "
	    "many forms want the name\nwithout the domain: "
	    "%s._domainkey):\n\n", key->domain, key->selector);
	(void)printf("type     %s\nname     %s\nvalue    %s\n", r.type, r.name,
	    r.value.buf);
	(void)printf("\nor in a zone file:\n\n%s\n", zone.buf);
	text_free(&zone);
	publish_free(&r);
}

static void
print_owner(const struct keygen *k)
{
	const char *keys = escape_argument(k->c->keys);
	struct stat st;

	if (k->gid != (gid_t)-1 && stat(k->c->keys, &st) == 0 &&
	    (st.st_mode & 0005) != 0005 &&
	    (st.st_gid != k->gid || (st.st_mode & 0050) != 0050))
		(void)printf("waybilld can't read the folder %s:\n"
		    "  chgrp -R %ld %s && chmod -R g+rX,o-rwx %s\n",
		    k->c->keys, (long)k->gid, keys, keys);
	if (k->uid == (uid_t)-1)
		(void)printf("Not made by root: the files belong to you, and "
		    "waybilld can't read them.\n");
	else if (k->gid == (gid_t)-1)
		(void)printf("There is no user %s on this host yet: the key "
		    "belongs to root alone. When there is,\n"
		    "  chgrp -R %s %s && chmod -R g+rX,o-rwx %s\n", k->c->user,
		    escape_argument(k->c->user), keys, keys);
}

static int
keygen(struct call *call, struct keygen *k)
{
	struct err err = { 0 };

	if (read_domain(call->argv[0], k->domain, &err) != 0)
		return command_fail(&err);
	if (k->c->keys[0] == '\0') {
		err_set(&err, EXIT_CONFIG, "the option keys is empty, so there "
		    "is no folder for a new key: set it to one");
		return command_fail(&err);
	}
	if ((size_t)snprintf(k->folder, sizeof k->folder, "%s/%s", k->c->keys,
	    k->domain) >= sizeof k->folder) {
		err_set(&err, EXIT_CONFIG, "the path of keys is too long");
		return command_fail(&err);
	}
	k->uid = geteuid() == 0 ? 0 : (uid_t)-1;
	k->gid = geteuid() == 0 ? key_group(k->c->user) : (gid_t)-1;
	k->mode = k->gid == (gid_t)-1 ? 0600 : 0640;
	bool good = make_keys(k, &err) == 0 && make_folders(k, &err) == 0 &&
	    selector_ask_dns(k->c, k->keys, k->nkeys, &err) == 0;
	for (size_t i = 0; good && i < k->nkeys; i++)
		good = write_key(k, k->keys[i], &err) == 0;
	if (!good) {
		take_back(k);
		return command_fail(&err);
	}
	for (size_t i = 0; i < k->nkeys; i++) {
		write_public(k, k->keys[i]);
		print_key(k, k->keys[i]);
	}
	(void)printf("The value stands in %s/SELECTOR.txt too; "
	    "waybill dns %s prints it again.\n", k->folder, k->domain);
	print_owner(k);
	reload_daemon(call, stdout);
	return EXIT_OK;
}

static int
run(struct call *call)
{
	struct keygen k = { 0 };
	struct config *c;
	int code = EXIT_OK;

	if (read_options(call, &k, &code) != 0)
		return code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	k.c = c;
	code = keygen(call, &k);
	for (size_t i = 0; i < k.nkeys; i++)
		key_free(&k.keys[i]);
	for (size_t i = 0; i < k.nmade; i++)
		free(k.made[i]);
	for (size_t i = 0; i < k.nfolders; i++)
		free(k.folders[i]);
	config_free(&c);
	return code;
}

const struct command command_keygen = {
	"keygen", run, "DOMAIN", "Make a key, and print the record to publish",
	options,
};
