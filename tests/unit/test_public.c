/* SPDX-License-Identifier: ISC */
/* The folder of public halves: written from the keys, read back without them,
 * and what it is to do with what it finds there. */
#include "config/public.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

static char top[] = "/tmp/waybill-public-XXXXXX";

static void
write_text(const char *path, const char *text, mode_t mode)
{
	assert_int_equal(file_write(path, text, strlen(text), mode, (uid_t)-1,
	    (gid_t)-1, FILE_REPLACE, NULL), 0);
}

static void
make_key(const char *folder, const char *selector, enum key_algorithm a)
{
	char path[200];
	struct key *key = key_generate(a, 2048, folder, selector, NULL);

	assert_non_null(key);
	(void)mkdir("keys", 0700);
	(void)snprintf(path, sizeof path, "keys/%s", folder);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof path, "keys/%s/%s.pem", folder, selector);
	write_text(path, key->pem, 0600);
	key_free(&key);
}

static int
begin(void **state)
{
	(void)state;
	if (mkdtemp(top) == NULL || chdir(top) != 0)
		return -1;
	make_key("example.org", "r", KEY_RSA);
	make_key("example.org", "e", KEY_ED25519);
	make_key("example.net", "r", KEY_RSA);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	return chdir("/") == 0 ? directory_remove(top) : -1;
}

static struct config *
read_config(const char *more)
{
	struct err_list errors = { 0 };
	char text[1000];
	int n = snprintf(text, sizeof text, "keys = \"%s/keys/\"\n%s", top,
	    more);
	struct config *c = config_read_text("test", text, (size_t)n, &errors);

	assert_int_equal(errors.n, 0);
	assert_non_null(c);
	return c;
}

/* Writes the halves of all keys that are there. */
static int
write_all(const struct config *c, struct err *err)
{
	struct err_list errors = { 0 }, warnings = { 0 };
	struct identity_table *t = identity_table_new(c, (gid_t)-1, &errors,
	    &warnings);
	int rc;

	assert_int_equal(errors.n, 0);
	rc = public_write(c, t, err);
	identity_table_free(&t);
	err_list_free(&warnings);
	return rc;
}

static void
its_place(void **state)
{
	static const struct {
		const char *keys, *folder;
	} rows[] = {
		{ "/etc/waybill/keys", "/etc/waybill/public" },
		{ "/etc/waybill/keys/", "/etc/waybill/public" },
		{ "/keys", "/public" },
		{ "", SYSCONFDIR "/waybill/public" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[100];
		char folder[100];
		struct config c = { .keys = keys };

		(void)snprintf(keys, sizeof keys, "%s", rows[i].keys);
		assert_int_equal(public_folder(&c, folder, sizeof folder), 0);
		assert_string_equal(folder, rows[i].folder);
		assert_int_equal(public_folder(&c, folder,
		    strlen(rows[i].folder)), -1);
	}
}

static void
expect_same(const struct identity_table *a, const struct identity_table *b)
{
	assert_int_equal(identity_count(a), identity_count(b));
	for (size_t i = 0; i < identity_count(a); i++) {
		const struct identity *x = identity_at(a, i);
		const struct identity *y = identity_at(b, i);

		assert_string_equal(x->domain, y->domain);
		assert_int_equal(x->subdomains, y->subdomains);
		assert_int_equal(x->nkeys, y->nkeys);
		for (size_t k = 0; k < x->nkeys; k++) {
			const struct key *p = x->keys[k];
			const struct key *q = y->keys[k];

			assert_string_equal(p->selector, q->selector);
			assert_string_equal(p->domain, q->domain);
			assert_string_equal(p->path, q->path);
			assert_string_equal(p->public_base64,
			    q->public_base64);
			assert_int_equal(p->algorithm, q->algorithm);
			assert_int_equal(p->bits, q->bits);
			assert_null(q->pem);
			assert_null(q->pkey);
		}
	}
}

static void
written_and_read_back(void **state)
{
	struct config *c = read_config("domain \"example.org\" { subdomains = "
	    "true }\n");
	struct err_list errors = { 0 }, warnings = { 0 };
	struct err err = { 0 };
	struct identity_table *t;
	struct identity_table *u;
	struct stat st, again;
	mode_t mask = umask(077);

	(void)state;
	assert_int_equal(write_all(c, &err), 0);
	t = identity_table_new(c, (gid_t)-1, &errors, &warnings);
	u = identity_table_public(c, "public", &errors);
	assert_int_equal(errors.n, 0);
	assert_non_null(u);
	expect_same(t, u);
	identity_table_free(&u);
	identity_table_free(&t);
	err_list_free(&warnings);
	/* everybody may read, whatever the umask */
	assert_int_equal(stat("public", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat("public/example.org", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat("public/example.org/r.txt", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	/* what is right is not touched */
	assert_int_equal(write_all(c, &err), 0);
	assert_int_equal(stat("public/example.org/r.txt", &again), 0);
	assert_int_equal(st.st_ino, again.st_ino);
	(void)umask(mask);
	config_free(&c);
}

static const char half[] = "v=DKIM1; k=ed25519; "
    "p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n/keys/d/s.pem\n";

static void
old_and_strange(void **state)
{
	struct config *c = read_config("");
	struct err err = { 0 };

	(void)state;
	assert_int_equal(write_all(c, &err), 0);
	assert_int_equal(mkdir("public/gone.example", 0755), 0);
	write_text("public/gone.example/r.txt", half, 0644);
	write_text("public/example.org/old.txt", half, 0644);
	write_text("public/example.org/note", "x\n", 0644);
	write_text("public/example.org/r.txt", "changed\n", 0644);
	write_text("canary", "old", 0600);
	assert_int_equal(unlink("public/example.org/e.txt"), 0);
	assert_int_equal(symlink("../../canary", "public/example.org/e.txt"),
	    0);
	assert_int_equal(mkdir("elsewhere", 0755), 0);
	write_text("elsewhere/r.txt", "x\n", 0644);
	assert_int_equal(symlink("../elsewhere", "public/link.example"), 0);
	assert_int_equal(write_all(c, &err), 0);
	assert_int_equal(access("public/gone.example", F_OK), -1);
	assert_int_equal(access("public/example.org/old.txt", F_OK), -1);
	assert_int_equal(access("public/example.org/note", F_OK), 0);
	/* a link isn't followed, neither to write nor to remove */
	assert_int_equal(access("elsewhere/r.txt", F_OK), 0);
	size_t len;
	char *s = file_read("canary", 10, &len, &err);
	assert_string_equal(s, "old");
	free(s);
	struct stat st;
	assert_int_equal(lstat("public/example.org/e.txt", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(unlink("public/link.example"), 0);
	/* a folder that others can write to is none to write into */
	assert_int_equal(chmod("public", 0777), 0);
	assert_int_equal(write_all(c, &err), -1);
	assert_int_equal(chmod("public", 0755), 0);
	config_free(&c);
}

/* A directory of that name that had other things in it before: what isn't a
 * public half of ours stays, whatever its name. */
static void
what_others_have_there(void **state)
{
	static const char *const texts[] = { "", "x\n", "v=DKIM1; k=ed25519; "
	    "p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	    /* as DNS tools write it, and with a word of the operator's */
	    "v=DKIM1; k=ed25519; "
	    "p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nsee wiki\n",
	    "v=DKIM1; k=ed25519; t=s; "
	    "p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n/k\n",
	    "v=DKIM1; k=ed25519; "
	    "p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n/k\nmine\n" };
	struct config *c = read_config("");
	struct err err = { 0 };
	char path[60];

	(void)state;
	assert_int_equal(write_all(c, &err), 0);
	assert_int_equal(mkdir("public/downloads", 0755), 0);
	assert_int_equal(mkdir("public/empty", 0755), 0);
	assert_int_equal(mkdir("public/shared", 0755), 0);
	assert_int_equal(chmod("public/shared", 0777), 0);
	write_text("public/shared/r.txt", half, 0644);
	for (size_t i = 0; i < COUNT(texts); i++) {
		(void)snprintf(path, sizeof path, "public/downloads/%zu.txt",
		    i);
		write_text(path, texts[i], 0644);
		(void)snprintf(path, sizeof path, "public/example.org/%zu.txt",
		    i);
		write_text(path, texts[i], 0644);
	}
	write_text("halves", half, 0644);
	assert_int_equal(symlink("../../halves",
	    "public/downloads/link.txt"), 0);
	assert_int_equal(mkfifo("public/downloads/pipe.txt", 0644), 0);
	write_text("public/downloads/ours.txt", half, 0644);
	assert_int_equal(write_all(c, &err), 0);
	for (size_t i = 0; i < COUNT(texts); i++) {
		(void)snprintf(path, sizeof path, "public/downloads/%zu.txt",
		    i);
		assert_int_equal(access(path, F_OK), 0);
		(void)snprintf(path, sizeof path, "public/example.org/%zu.txt",
		    i);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(access("public/downloads/link.txt", F_OK), 0);
	assert_int_equal(access("public/downloads/pipe.txt", F_OK), 0);
	assert_int_equal(access("public/downloads/ours.txt", F_OK), -1);
	assert_int_equal(access("public/empty", F_OK), 0);
	assert_int_equal(access("public/shared/r.txt", F_OK), 0);
	assert_int_equal(system("rm -r public/downloads public/empty "
	    "public/shared"), 0);
	config_free(&c);
}

static void
what_is_no_half(void **state)
{
	static const char *const rows[] = { "", "\n", "x\n/p\n",
		"v=DKIM1; k=rsa; p=\n/p\n", "v=DKIM1; k=rsa; p=AAAA\n/p\n",
		"v=DKIM1; k=ed25519; p=AAAA\n/p\n", "v=DKIM1; p=AAAA\n/p\n",
		"v=DKIM1; k=dsa; p=AAAA\n/p\n",
		("v=DKIM1; k=ed25519; "
		"p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=") };
	struct err err = { 0 };
	struct key *key;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		write_text("half", rows[i], 0644);
		assert_null(key_read_public("half", "d", "s", &err));
		assert_non_null(strstr(err.text, "config --check"));
	}
	write_text("half", "v=DKIM1; k=ed25519; "
	    "p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n/p\n", 0644);
	key = key_read_public("half", "d", "s", &err);
	assert_non_null(key);
	assert_int_equal(key->bits, 256);
	assert_string_equal(key->path, "/p");
	key_free(&key);
}

UNIT_MAIN(begin, end,
    cmocka_unit_test(its_place),
    cmocka_unit_test(written_and_read_back),
    cmocka_unit_test(old_and_strange),
    cmocka_unit_test(what_others_have_there),
    cmocka_unit_test(what_is_no_half))
