/* SPDX-License-Identifier: ISC */
/* Key files: what is refused, with which sentence, and what is used. The files
 * of tests/data/keys are thrown away with the tests; they sign for nobody. */
#include "config/keys.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/file.h"
#include "unit.h"

static char folder[] = "/tmp/waybill-test-keys-XXXXXX";
static char path[200];

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/key.pem", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static void
put(const char *data, size_t len, mode_t mode)
{
	struct err err;

	assert_int_equal(file_write(path, data, len, mode, (uid_t)-1,
	    (gid_t)-1, FILE_REPLACE, &err), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* Puts a file of tests/data/keys there, as one that only its owner reads. */
static void
put_sample(const char *name)
{
	char from[100];
	struct err err;
	size_t len;

	(void)snprintf(from, sizeof from, "tests/data/keys/%s.pem", name);
	char *data = file_read(tree_path(from), 1 << 16, &len, &err);
	if (data == NULL)
		fail_msg("%s", err.text);
	put(data, len, 0600);
	free(data);
}

static struct key *
read_key(struct err *warning, struct err *err)
{
	return key_read(path, "example.org", "s", (gid_t)-1, false, warning,
	    err);
}

/* want begins what stands behind the path; NULL: the key is good. */
static const struct {
	const char *name, *want;
	enum key_algorithm algorithm;
	unsigned bits;
	const char *warning;
} samples[] = {
	{ "rsa2048", NULL, KEY_RSA, 2048, "" },
	{ "rsa2048-pkcs1", NULL, KEY_RSA, 2048, "" },
	{ "no-newline", NULL, KEY_RSA, 2048, "" },
	{ "ed25519", NULL, KEY_ED25519, 256, "" },
	{ "rsa1024", NULL, KEY_RSA, 1024, "an RSA key of 1024 bits is weak" },
	{ "rsa512", "is an RSA key of 512 bits", 0, 0, "" },
	{ "certificate", "is a certificate, not a private key", 0, 0, "" },
	{ "with-certificate", "contains a certificate in addition to the key", 0,
	    0, "" },
	{ "public", "is a public key", 0, 0, "" },
	{ "encrypted-pkcs1", "is encrypted", 0, 0, "" },
	{ "encrypted-pkcs8", "is encrypted", 0, 0, "" },
	{ "dsa", "is a key of type DSA", 0, 0, "" },
	{ "ec", "is a key of type EC", 0, 0, "" },
	{ "ec-parameters", "is a key of type EC", 0, 0, "" },
	{ "ed448", "is a key of type ED448", 0, 0, "" },
	{ "x25519", "is a key of type X25519", 0, 0, "" },
	{ "rsa-pss", "is a key of type RSA-PSS", 0, 0, "" },
	{ "openssh", "is a key in OpenSSH's own form", 0, 0, "" },
	{ "two-keys", "contains 2 keys", 0, 0, "" },
	{ "cut", "is damaged: its PEM text", 0, 0, "" },
	{ "not-base64", "is damaged: its PEM text", 0, 0, "" },
	{ "damaged", "is damaged: a signature made with it", 0, 0, "" },
	{ "der", "contains no private key in PEM format", 0, 0, "" },
};

static void
contents_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		struct err warning = { 0 }, err = { 0 };
		size_t at = strlen(path) + 2;
		put_sample(samples[i].name);
		struct key *key = read_key(&warning, &err);
		if (samples[i].want == NULL) {
			if (key == NULL)
				fail_msg("%s: %s", samples[i].name, err.text);
			assert_int_equal(key->algorithm, samples[i].algorithm);
			assert_int_equal(key->bits, samples[i].bits);
			assert_string_equal(key->path, path);
			assert_int_equal(strlen(key->pem), key->pem_len);
			assert_int_equal(strncmp(key->pem,
			    "-----BEGIN PRIVATE KEY-----", 27), 0);
		} else if (key != NULL || strlen(err.text) < at ||
		    strncmp(err.text + at, samples[i].want,
		    strlen(samples[i].want)) != 0) {
			fail_msg("%s: %s", samples[i].name, err.text);
		} else {
			assert_int_equal(err.code, EXIT_DATA);
		}
		if (samples[i].warning[0] == '\0')
			assert_string_equal(warning.text, "");
		else
			assert_non_null(strstr(warning.text,
			    samples[i].warning));
		key_free(&key);
	}
}

static void
small_files_are_no_keys(void **state)
{
	static const struct {
		const char *data, *want;
	} rows[] = {
		{ "", "is empty" },
		{ "\n", "contains no private key" },
		{ "junk", "contains no private key" },
		{ "-----BEGIN PRIVATE KEY-----\n", "is damaged" },
		{ "-----BEGIN PRIVATE KEY-----\nAAAA\n"
		    "-----END PRIVATE KEY-----\n", "is damaged: the PEM text" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n"
		    "-----END CERTIFICATE-----\n", "is a certificate" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = { 0 };
		put(rows[i].data, strlen(rows[i].data), 0600);
		assert_null(read_key(NULL, &err));
		if (strncmp(err.text + strlen(path) + 2, rows[i].want,
		    strlen(rows[i].want)) != 0)
			fail_msg("%zu: %s", i, err.text);
	}
}

static void
modes_are_judged(void **state)
{
	static const struct {
		mode_t mode;
		bool is_ours;		/* is the file's group waybill's? */
		const char *want;	/* NULL: good */
	} rows[] = {
		{ 0600, false, NULL },
		{ 0400, false, NULL },
		{ 0640, true, NULL },
		{ 0640, false, "is not the group of waybill" },
		{ 0604, true, "other users can access it (mode 0604)" },
		{ 0644, true, "other users can access it (mode 0644)" },
		{ 0602, true, "other users can access it (mode 0602)" },
		{ 0620, false, "is not the group of waybill" },
	};
	struct stat st;

	(void)state;
	put_sample("ed25519");
	assert_int_equal(stat(path, &st), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = { 0 };
		assert_int_equal(chmod(path, rows[i].mode), 0);
		struct key *key = key_read(path, "example.org", "s",
		    rows[i].is_ours ? st.st_gid : st.st_gid + 1, false, NULL,
		    &err);
		if (rows[i].want == NULL) {
			if (key == NULL)
				fail_msg("%04o: %s", rows[i].mode, err.text);
		} else {
			if (key != NULL ||
			    strstr(err.text, rows[i].want) == NULL)
				fail_msg("%04o: %s", rows[i].mode, err.text);
			assert_non_null(strstr(err.text, path));
			assert_non_null(strstr(err.text, "chmod 6"));
		}
		key_free(&key);
	}
}

static void
want_refusal(const char *want)
{
	struct err err = { 0 };

	assert_null(read_key(NULL, &err));
	assert_int_equal(err.code, EXIT_DATA);
	if (strstr(err.text, want) == NULL)
		fail_msg("%s: %s", want, err.text);
}

static void
other_kinds_of_files_are_refused(void **state)
{
	char target[220];
	struct err err = { 0 };

	(void)state;
	(void)unlink(path);
	want_refusal("no such key file");
	assert_int_equal(mkdir(path, 0700), 0);
	want_refusal("is a directory");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	want_refusal("is a pipe");		/* and doesn't wait for one */
	assert_int_equal(unlink(path), 0);
	put_sample("ed25519");
	(void)snprintf(target, sizeof target, "%s.target", path);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	want_refusal("is a symbolic link");
	struct key *key = key_read(path, "example.org", "s", (gid_t)-1, true,
	    NULL, &err);
	assert_non_null(key);			/* followed where that's meant */
	key_free(&key);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(target), 0);
	assert_null(key_read("/dev/zero", "example.org", "s", 0, false, NULL,
	    &err));
	assert_string_equal(err.text,
	    "/dev/zero: is a device; a key is a PEM file");
	char *big = calloc(1, 70000);
	assert_non_null(big);
	put(big, 70000, 0600);
	free(big);
	want_refusal("is larger than 65536 bytes");
}

static void
records_are_those_of_the_rfcs(void **state)
{
	/* RFC 8463 A.2: the seed and the record of its example. */
	static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
	    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	    "-----END PRIVATE KEY-----\n";
	struct err err = { 0 };
	struct text t;

	(void)state;
	put(pem, strlen(pem), 0600);
	struct key *key = read_key(NULL, &err);
	assert_non_null(key);
	text_init(&t, 1000);
	key_record(key, &t);
	assert_string_equal(t.buf, "v=DKIM1; k=ed25519; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
	text_free(&t);
	assert_string_equal(key_signature_algorithm(key->algorithm),
	    "ed25519-sha256");
	key_free(&key);
	assert_string_equal(key_signature_algorithm(KEY_RSA), "rsa-sha256");
}

static void
made_keys_can_be_read(void **state)
{
	static const struct {
		enum key_algorithm algorithm;
		unsigned bits;
	} rows[] = { { KEY_RSA, 2048 }, { KEY_ED25519, 256 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = { 0 };
		struct key *made = key_generate(rows[i].algorithm,
		    rows[i].bits, "example.org", "s", &err);
		assert_non_null(made);
		put(made->pem, made->pem_len, 0600);
		struct key *got = read_key(NULL, &err);
		assert_non_null(got);
		assert_int_equal(got->algorithm, rows[i].algorithm);
		assert_int_equal(got->bits, rows[i].bits);
		assert_string_equal(got->public_base64, made->public_base64);
		assert_string_equal(got->domain, "example.org");
		key_free(&got);
		key_free(&made);
	}
}

static void
selectors_are_judged(void **state)
{
	char label[70], long_name[300], out[DOMAIN_SIZE];
	struct err err;

	(void)state;
	assert_int_equal(key_selector("2026R", "example.org", out, &err), 0);
	assert_string_equal(out, "2026r");
	assert_int_equal(key_selector("a.b_c-d", "example.org", out, &err), 0);
	assert_int_equal(key_selector("", "example.org", out, &err), -1);
	assert_int_equal(key_selector("a..b", "example.org", out, &err), -1);
	assert_int_equal(key_selector("a b", "example.org", out, &err), -1);
	assert_int_equal(key_selector("../a", "example.org", out, &err), -1);
	assert_int_equal(key_selector("\xc3\xbc", "example.org", out, &err),
	    -1);
	memset(label, 'a', 64);
	label[64] = '\0';
	assert_int_equal(key_selector(label, "example.org", out, &err), -1);
	label[60] = '\0';
	(void)snprintf(long_name, sizeof long_name, "%s.%s.%s.%s", label,
	    label, label, label);
	assert_int_equal(key_selector(long_name, "example.org", out, &err),
	    -1);
	assert_non_null(strstr(err.text, "too long"));
}

static void
folders_are_judged(void **state)
{
	struct err err = { 0 };
	char link[220];

	(void)state;
	(void)unlink(path);
	int fd = key_folder_open(folder, &err);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(chmod(folder, 0770), 0);
	assert_int_equal(key_folder_open(folder, &err), -1);
	assert_non_null(strstr(err.text, "chmod go-w"));
	assert_int_equal(err.code, EXIT_CONFIG);
	assert_int_equal(chmod(folder, 0702), 0);
	assert_int_equal(key_folder_open(folder, &err), -1);
	assert_int_equal(chmod(folder, 0700), 0);
	(void)snprintf(link, sizeof link, "%s.link", folder);
	assert_int_equal(symlink(folder, link), 0);
	assert_int_equal(key_folder_open(link, &err), -1);
	assert_non_null(strstr(err.text, "is a symbolic link"));
	assert_int_equal(unlink(link), 0);
	assert_int_equal(key_folder_open("/dev/null", &err), -1);
	assert_non_null(strstr(err.text, "is not a directory"));
}

UNIT_MAIN(make_folder, remove_folder,
    cmocka_unit_test(contents_are_judged),
    cmocka_unit_test(small_files_are_no_keys),
    cmocka_unit_test(modes_are_judged),
    cmocka_unit_test(other_kinds_of_files_are_refused),
    cmocka_unit_test(records_are_those_of_the_rfcs),
    cmocka_unit_test(made_keys_can_be_read),
    cmocka_unit_test(selectors_are_judged),
    cmocka_unit_test(folders_are_judged))
