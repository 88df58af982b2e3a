/* SPDX-License-Identifier: ISC */
/* Sections and the folder of keys as one set, and who signs for whom. */
#include "config/identity.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

static char top[64];

/* An Ed25519 key; the last letter of its seed can be exchanged, so that there
 * are several. */
static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
begin(void **state)
{
	(void)state;
	strcpy(top, "/tmp/waybill-test-identity-XXXXXX");
	return mkdtemp(top) == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *
in(const char *name)
{
	static char path[4][256];
	static unsigned n;
	char *out = path[n++ % 4];

	(void)snprintf(out, sizeof path[0], "%s/%s", top, name);
	return out;
}

static void
folder(const char *name)
{
	assert_int_equal(mkdir(in(name), 0700), 0);
}

static void
file(const char *name, const char *data)
{
	struct err err;

	if (file_write(in(name), data, strlen(data), 0600, (uid_t)-1,
	    (gid_t)-1, FILE_REPLACE, &err) != 0)
		fail_msg("%s", err.text);
}

/* A configuration whose keys lie in top, with text behind; %s of it is top. */
static struct config *
config(const char *text)
{
	struct err_list errors = { 0 };
	char buf[2000], rest[1500] = "";
	size_t len = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '@')
			len += (size_t)snprintf(rest + len, sizeof rest - len,
			    "%s", top);
		else
			rest[len++] = *p;
		rest[len] = '\0';
	}
	(void)snprintf(buf, sizeof buf, "keys = \"%s\"\n%s", top, rest);
	struct config *c = config_read_text("f", buf, strlen(buf), &errors);
	if (c == NULL)
		fail_msg("%s", errors.v[0].text);
	return c;
}

/* Builds a table; sentences of errors and warnings are checked by parts. */
static struct identity_table *
build(const char *text, const char *error, const char *warning)
{
	struct err_list errors = { 0 }, warnings = { 0 };
	struct config *c = config(text);
	struct identity_table *t = identity_table_new(c, (gid_t)-1, &errors,
	    &warnings);

	config_free(&c);
	if ((error == NULL) != (errors.n == 0) || (error == NULL) != (t != NULL))
		fail_msg("errors: %s", errors.n == 0 ? "none" :
		    errors.v[0].text);
	if (error != NULL && strstr(errors.v[0].text, error) == NULL)
		fail_msg("%s", errors.v[0].text);
	if ((warning == NULL) != (warnings.n == 0))
		fail_msg("warnings: %s", warnings.n == 0 ? "none" :
		    warnings.v[0].text);
	if (warning != NULL && strstr(warnings.v[0].text, warning) == NULL)
		fail_msg("%s", warnings.v[0].text);
	err_list_free(&errors);
	err_list_free(&warnings);
	return t;
}

static void
no_folder_is_no_identity(void **state)
{
	struct err_list errors = { 0 }, warnings = { 0 };
	struct config *c;

	(void)state;
	c = config_read_text("f", "keys = /nonexistent/keys", 24, &errors);
	assert_non_null(c);
	struct identity_table *t = identity_table_new(c, (gid_t)-1, &errors,
	    &warnings);
	assert_non_null(t);
	assert_int_equal(identity_count(t), 0);
	assert_null(identity_find(t, "example.org"));
	identity_table_free(&t);
	assert_null(t);
	config_free(&c);
}

static void
folder_and_sections_are_one_set(void **state)
{
	(void)state;
	folder("example.org");
	folder("b\xc3\xbc" "cher.example");
	file("example.org/2026e.pem", pem);
	file("example.org/2026E2.pem", pem);
	file("example.org/2026e.txt", "v=DKIM1");
	file("example.org/.hidden.pem", "junk");
	file("example.org/old.pem~", "junk");
	file("b\xc3\xbc" "cher.example/s.pem", pem);
	file("elsewhere", pem);
	struct identity_table *t = build("domain \"example.org\" { subdomains "
	    "= true key extra { file = \"@/elsewhere\" }\n"
	    "key 2026e { file = \"@/example.org/2026e.pem\" } }\n"
	    "domain other.example { }\n", NULL,
	    ":4: domain: other.example has no key");
	identity_table_free(&t);
	t = build("domain \"example.org\" { subdomains = true\n"
	    "key extra { file = \"@/elsewhere\" }\n"
	    "key 2026e { file = \"@/example.org/2026e.pem\" } }\n", NULL, NULL);
	assert_int_equal(identity_count(t), 2);
	const struct identity *id = identity_at(t, 0);
	assert_string_equal(id->domain, "example.org");
	assert_true(id->subdomains);
	static const char *const selectors[] = { "2026e", "2026e2", "extra" };
	assert_int_equal(id->nkeys, COUNT(selectors));
	for (size_t i = 0; i < COUNT(selectors); i++)
		assert_string_equal(id->keys[i]->selector, selectors[i]);
	id = identity_at(t, 1);
	assert_string_equal(id->domain, "xn--bcher-kva.example");
	assert_false(id->subdomains);
	identity_table_free(&t);
}

static void
one_selector_has_one_key(void **state)
{
	(void)state;
	folder("example.org");
	file("example.org/s.pem", pem);
	file("other", pem);
	assert_null(build("domain \"example.org\" { key \"S\" "
	    "{ file = \"@/other\" } }\n", "selector s of example.org "
	    "already has another key, ", NULL));
	file("example.org/S.pem", pem);
	assert_null(build("", "selector s of example.org already has another "
	    "key", NULL));
}

static void
faults_of_the_folder_are_named(void **state)
{
	(void)state;
	folder("example.org");
	file("example.org/s.pem", "junk");
	assert_null(build("", "s.pem: contains no private key", NULL));
	file("example.org/s.pem", pem);
	file("example.org/a b.pem", pem);
	assert_null(build("", "\"a b\" is not a valid selector", NULL));
	assert_int_equal(unlink(in("example.org/a b.pem")), 0);

	assert_int_equal(chmod(in("example.org/s.pem"), 0604), 0);
	assert_null(build("", "other users can access it", NULL));
	assert_int_equal(chmod(in("example.org/s.pem"), 0600), 0);

	assert_int_equal(chmod(in("example.org"), 0770), 0);
	assert_null(build("", "chmod go-w", NULL));
	assert_int_equal(chmod(in("example.org"), 0700), 0);
	assert_int_equal(chmod(top, 0720), 0);
	assert_null(build("", "chmod go-w", NULL));
	assert_int_equal(chmod(top, 0700), 0);

	assert_int_equal(symlink(in("example.org"), in("link.example")), 0);
	assert_null(build("", "is a symbolic link", NULL));
	assert_int_equal(unlink(in("link.example")), 0);
	assert_int_equal(rename(in("example.org/s.pem"), in("moved")), 0);
	assert_int_equal(symlink(in("moved"), in("example.org/s.pem")), 0);
	assert_null(build("", "is a symbolic link", NULL));
	assert_int_equal(unlink(in("example.org/s.pem")), 0);

	folder("no domain");
	struct identity_table *t = build("", NULL, "is not a valid domain");
	identity_table_free(&t);
	assert_int_equal(rmdir(in("no domain")), 0);
	file("stray.pem", pem);
	t = build("", NULL, "a key must be in the directory of its domain");
	identity_table_free(&t);
}

static void
faults_of_sections_have_their_line(void **state)
{
	(void)state;
	assert_null(build("domain \"example.org\" {\nkey \"s\" {\n"
	    "file = \"/nonexistent\" } }\n",
	    ":3: domain.key.file: /nonexistent: no such key file",
	    NULL));
}

static void
a_section_without_a_key_is_odd(void **state)
{
	struct identity_table *t = build("domain \"example.org\" { }\n", NULL,
	    ":2: domain: example.org has no key");

	(void)state;
	assert_int_equal(identity_count(t), 0);
	identity_table_free(&t);
}

/* author: who signs; NULL: nobody. */
static const struct {
	const char *author, *want;
} authors[] = {
	{ "example.org", "example.org" },
	{ "a.example.org", "example.org" },
	{ "b.a.example.org", "example.org" },
	{ "sub.example.org", "sub.example.org" },
	{ "x.sub.example.org", "example.org" },	/* sub has no subdomains */
	{ "example.net", "example.net" },
	{ "a.example.net", NULL },
	{ "xexample.org", NULL },
	{ "org", NULL },
	{ "", NULL },
};

static void
the_nearest_parent_signs(void **state)
{
	(void)state;
	folder("example.org");
	folder("sub.example.org");
	folder("example.net");
	file("example.org/s.pem", pem);
	file("sub.example.org/s.pem", pem);
	file("example.net/s.pem", pem);
	struct identity_table *t = build("domain \"example.org\" { subdomains "
	    "= true }\n", NULL, NULL);
	for (size_t i = 0; i < COUNT(authors); i++) {
		const struct identity *id =
		    identity_find(t, authors[i].author);
		const char *got = id == NULL ? "nobody" : id->domain;
		const char *want = authors[i].want == NULL ? "nobody" :
		    authors[i].want;
		if (strcmp(got, want) != 0)
			fail_msg("%s: %s", authors[i].author, got);
	}
	identity_table_free(&t);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test_setup_teardown(no_folder_is_no_identity,
	begin, end),
    cmocka_unit_test_setup_teardown(
	folder_and_sections_are_one_set, begin, end),
    cmocka_unit_test_setup_teardown(one_selector_has_one_key,
	begin, end),
    cmocka_unit_test_setup_teardown(faults_of_the_folder_are_named,
	begin, end),
    cmocka_unit_test_setup_teardown(
	faults_of_sections_have_their_line, begin, end),
    cmocka_unit_test_setup_teardown(a_section_without_a_key_is_odd,
	begin, end),
    cmocka_unit_test_setup_teardown(the_nearest_parent_signs,
	begin, end))
