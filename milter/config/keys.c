/* SPDX-License-Identifier: ISC */
/*
 * Signing keys: RFC 6376 (RSA), RFC 8463 (Ed25519), key sizes by RFC 8301.
 *
 * A file is opened without blocking and checked on its descriptor, so that a
 * pipe cannot block the daemon and nothing can be replaced between the check
 * and the read. It must contain one private key and nothing else. The type of
 * key is taken from the key itself, never from its label: libopendkim would
 * sign with an RSA key under the name of Ed25519 if told to. Every key must
 * sign and verify a sample before it is used.
 *
 * Memory that held a private key is wiped before it is freed.
 */
#include "config/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/domain.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/taglist.h"

enum { KEY_FILE_MAX = 64 * 1024, ED25519_BYTES = 32, ED25519_BITS = 256 };

/* What the PEM blocks of a file contain. */
struct contents {
	unsigned nprivate;
	unsigned nother;
	bool is_encrypted;
	bool is_certificate;
	bool is_public;
	bool is_openssh;
	bool is_broken;
	unsigned char *der;	/* of the first private key, owned */
	long der_len;
};

const char *
key_signature_algorithm(enum key_algorithm a)
{
	switch (a) {
	case KEY_RSA:
		return "rsa-sha256";
	case KEY_ED25519:
		return "ed25519-sha256";
	}
	return "";
}

const char *
key_type(enum key_algorithm a)
{
	switch (a) {
	case KEY_RSA:
		return "rsa";
	case KEY_ED25519:
		return "ed25519";
	}
	return "";
}

static int __attribute__((format(printf, 3, 4)))
refuse(struct err *err, const char *path, const char *fmt, ...)
{
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(err, EXIT_DATA, "%s: %s", path, text);
}

static int
refuse_open(struct err *err, const char *path, int error)
{
	switch (error) {
	case ENOENT:
		return refuse(err, path, "no such key file; create one with "
		    "waybill keygen, or correct the path");
	case ELOOP:
	case EMLINK:
		return refuse(err, path, "is a symbolic link, which is not "
		    "followed here; put the key file itself there");
	case EACCES:
	case EPERM:
		return refuse(err, path, "no permission to read it; give it to "
		    "the group of waybill: chgrp waybill %s && chmod 640 %s "
		    "(and its directory: mode 750)", escape_argument(path),
		    escape_argument(path));
	case ENOTDIR:
		return refuse(err, path, "a component of the path is not a "
		    "directory");
	case ENXIO:
	case ENODEV:
		return refuse(err, path, "is not a regular file; a key is a "
		    "PEM file");
	default:
		return refuse(err, path, "cannot be opened: %s",
		    strerror(error));
	}
}

static const char *
kind_of_file(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a pipe";
	if (S_ISSOCK(mode))
		return "a socket";
	return "a device";
}

/* Checks type, mode and group of the open file. */
static int
judge_file(const char *path, const struct stat *st, gid_t group,
    struct err *err)
{
	unsigned mode = (unsigned)st->st_mode & 07777;

	if (!S_ISREG(st->st_mode))
		return refuse(err, path, "is %s; a key is a PEM file",
		    kind_of_file(st->st_mode));
	if ((mode & 0007) != 0)
		return refuse(err, path, "other users can access it (mode "
		    "%04o); restrict access: chgrp waybill %s && chmod 640 "
		    "%s", mode, escape_argument(path), escape_argument(path));
	if ((mode & 0070) != 0 && st->st_gid != group)
		return refuse(err, path, "group %ld can access it (mode %04o) "
		    "and is not the group of waybill: chgrp waybill %s, or "
		    "chmod 600 %s", (long)st->st_gid, mode,
		    escape_argument(path), escape_argument(path));
	if (st->st_size > KEY_FILE_MAX)
		return refuse(err, path, "is larger than %d bytes; a key is "
		    "smaller",
		    (int)KEY_FILE_MAX);
	return 0;
}

/* What is unusual about the file but allowed. */
static void
warn_of_file(const char *path, const struct stat *st, gid_t group,
    struct err *warning)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		err_set(warning, EXIT_ATTENTION, "%s: owned by user %ld, who "
		    "can replace it; it should be owned by root: chown root "
		    "%s", path, (long)st->st_uid, escape_argument(path));
	else if (geteuid() == 0 && st->st_uid == 0 && group != 0 &&
	    group != (gid_t)-1 &&
	    (st->st_gid != group || (st->st_mode & 0040) == 0))
		err_set(warning, EXIT_ATTENTION, "%s: the group of waybill "
		    "cannot read it: chgrp waybill %s && chmod 640 %s", path,
		    escape_argument(path), escape_argument(path));
}

/* Reads up to KEY_FILE_MAX bytes of fd into buf. Returns the length, or -1. */
static ssize_t
read_all(int fd, char *buf)
{
	size_t len = 0;

	while (len < KEY_FILE_MAX) {
		ssize_t n = read(fd, buf + len, KEY_FILE_MAX - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Opens, checks and reads the file into buf, which has KEY_FILE_MAX bytes. */
static ssize_t
read_file(const char *path, gid_t group, bool follow, char *buf,
    struct err *warning, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
	    (follow ? 0 : O_NOFOLLOW));
	struct stat st;
	ssize_t len = -1;

	if (fd < 0)
		return refuse_open(err, path, errno);
	if (fstat(fd, &st) != 0)
		refuse(err, path, "cannot be checked: %s", strerror(errno));
	else if (judge_file(path, &st, group, err) == 0) {
		len = read_all(fd, buf);
		if (len < 0)
			refuse(err, path, "cannot be read: %s", strerror(errno));
		else
			warn_of_file(path, &st, group, warning);
	}
	(void)close(fd);
	return len;
}

static void
note_block(struct contents *c, const char *name, const char *header,
    unsigned char **der, long len)
{
	bool is_private = strcmp(name, PEM_STRING_PKCS8INF) == 0 ||
	    strcmp(name, PEM_STRING_RSA) == 0 ||
	    strcmp(name, PEM_STRING_ECPRIVATEKEY) == 0 ||
	    strcmp(name, PEM_STRING_DSA) == 0;

	if (strcmp(name, PEM_STRING_PKCS8) == 0 ||
	    (is_private && strstr(header, "ENCRYPTED") != NULL)) {
		c->is_encrypted = true;
		c->nprivate++;
	} else if (is_private) {
		if (c->nprivate++ == 0) {
			c->der = *der;
			c->der_len = len;
			*der = NULL;
		}
	} else if (strstr(name, "CERTIFICATE") != NULL) {
		c->is_certificate = true;
		c->nother++;
	} else if (strstr(name, "PUBLIC KEY") != NULL) {
		c->is_public = true;
		c->nother++;
	} else if (strcmp(name, "OPENSSH PRIVATE KEY") == 0) {
		c->is_openssh = true;
		c->nother++;
	} else if (strstr(name, "PARAMETERS") == NULL) {
		c->nother++;
	}
}

/* Walks through the PEM blocks. Returns 0, or -1 without memory. */
static int
look_through(const char *buf, size_t len, struct contents *c)
{
	BIO *bio = BIO_new_mem_buf(buf, (int)len);

	if (bio == NULL)
		return -1;
	for (;;) {
		char *name = NULL, *header = NULL;
		unsigned char *der = NULL;
		long der_len = 0;
		ERR_clear_error();
		if (PEM_read_bio(bio, &name, &header, &der, &der_len) != 1)
			break;
		note_block(c, name, header, &der, der_len);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)der_len);
	}
	c->is_broken =
	    ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
	ERR_clear_error();
	BIO_free(bio);
	return 0;
}

static int
judge_contents(const char *path, size_t len, const struct contents *c,
    struct err *err)
{
	if (len == 0)
		return refuse(err, path, "is empty; create a key with waybill "
		    "keygen");
	if (c->nprivate > 1)
		return refuse(err, path, "contains %u keys; use one file per "
		    "key, each with its own selector", c->nprivate);
	if (c->is_encrypted)
		return refuse(err, path, "is encrypted, and a service cannot "
		    "ask for its passphrase; decrypt it into a new file: "
		    "openssl pkey -in %s -out NEW", path);
	if (c->nprivate == 0 && c->is_certificate)
		return refuse(err, path, "is a certificate, not a private key; "
		    "name the key file");
	if (c->nprivate == 0 && c->is_public)
		return refuse(err, path, "is a public key; name the file of "
		    "the private key");
	if (c->nprivate == 0 && c->is_openssh)
		return refuse(err, path, "is a key in OpenSSH's own format; "
		    "create one with waybill keygen");
	if (c->is_broken)
		return refuse(err, path, "is damaged: its PEM text is "
		    "incomplete or not base64; restore it from a backup, or "
		    "create a new key with waybill keygen");
	if (c->nprivate == 0)
		return refuse(err, path, "contains no private key in PEM "
		    "format (-----BEGIN PRIVATE KEY-----); create one with "
		    "waybill keygen");
	if (c->nother > 0)
		return refuse(err, path, "contains %s in addition to the key; "
		    "a key file must contain only the private key",
		    c->is_certificate ? "a certificate" :
		    c->is_public ? "a public key" : "something else");
	return 0;
}

/* RSA's public exponent: with 1 or an even one, anybody or nobody can make
 * valid signatures. */
static bool
exponent_is_sound(EVP_PKEY *pkey)
{
	BIGNUM *e = NULL;
	bool is_sound = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E,
	    &e) == 1 && BN_is_odd(e) && !BN_is_one(e);

	BN_free(e);
	return is_sound;
}

static int
judge_rsa(const char *path, EVP_PKEY *pkey, unsigned bits,
    struct err *warning, struct err *err)
{
	if (bits < KEY_BITS_MIN)
		return refuse(err, path, "is an RSA key of %u bits, which "
		    "receivers ignore (RFC 8301); create one of %d with "
		    "waybill keygen", bits, (int)KEY_BITS_GOOD);
	if (bits > KEY_BITS_MAX)
		return refuse(err, path, "is an RSA key of %u bits; over %d, "
		    "signing takes too long; create one of %d with waybill "
		    "keygen", bits, (int)KEY_BITS_MAX, (int)KEY_BITS_GOOD);
	if (!exponent_is_sound(pkey))
		return refuse(err, path, "is an RSA key with an insecure "
		    "public exponent; create one with waybill keygen");
	if (warning->text[0] != '\0')
		return 0;
	if (bits < KEY_BITS_GOOD)
		err_set(warning, EXIT_ATTENTION, "%s: an RSA key of %u bits is "
		    "weak (RFC 8301); create one of %d with waybill keygen",
		    path, bits, (int)KEY_BITS_GOOD);
	else if (bits > KEY_BITS_SURE)
		err_set(warning, EXIT_ATTENTION, "%s: an RSA key of %u bits is "
		    "larger than receivers must support (%d, RFC 8301)", path,
		    bits, (int)KEY_BITS_SURE);
	return 0;
}

/* Determines the type of the key, and whether DKIM can use it. */
static int
judge_key(const char *path, struct key *key, struct err *warning,
    struct err *err)
{
	EVP_PKEY *pkey = key->pkey;

	key->bits = (unsigned)EVP_PKEY_get_bits(pkey);
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		key->algorithm = KEY_RSA;
		return judge_rsa(path, pkey, key->bits, warning, err);
	case EVP_PKEY_ED25519:
		key->algorithm = KEY_ED25519;
		key->bits = ED25519_BITS;
		return 0;
	default:
		return refuse(err, path, "is a key of type %s; DKIM uses RSA "
		    "and Ed25519: create one with waybill keygen",
		    EVP_PKEY_get0_type_name(pkey));
	}
}

/* Signs a sample and verifies it. */
static bool
works(EVP_PKEY *pkey, enum key_algorithm a)
{
	static const unsigned char sample[] = "waybill signs a sample";
	const EVP_MD *md = a == KEY_RSA ? EVP_sha256() : NULL;
	EVP_MD_CTX *sign = EVP_MD_CTX_new(), *verify = EVP_MD_CTX_new();
	unsigned char *sig = NULL;
	size_t len = 0;
	bool good = false;

	if (sign != NULL && verify != NULL &&
	    EVP_DigestSignInit(sign, NULL, md, NULL, pkey) == 1 &&
	    EVP_DigestSign(sign, NULL, &len, sample, sizeof sample) == 1 &&
	    (sig = OPENSSL_malloc(len)) != NULL &&
	    EVP_DigestSign(sign, sig, &len, sample, sizeof sample) == 1 &&
	    EVP_DigestVerifyInit(verify, NULL, md, NULL, pkey) == 1)
		good = EVP_DigestVerify(verify, sig, len, sample,
		    sizeof sample) == 1;
	OPENSSL_free(sig);
	EVP_MD_CTX_free(sign);
	EVP_MD_CTX_free(verify);
	ERR_clear_error();
	return good;
}

static char *
base64(const unsigned char *bytes, size_t len)
{
	char *out = malloc(4 * ((len + 2) / 3) + 1);

	if (out != NULL)
		(void)EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);
	return out;
}

/* The value of p=: the whole SubjectPublicKeyInfo, but only the bare key for
 * Ed25519. */
static char *
public_part(EVP_PKEY *pkey, enum key_algorithm a)
{
	unsigned char raw[ED25519_BYTES];
	unsigned char *der = NULL;
	size_t len = sizeof raw;
	char *out = NULL;

	switch (a) {
	case KEY_RSA: {
		int n = i2d_PUBKEY(pkey, &der);
		if (n > 0)
			out = base64(der, (size_t)n);
		OPENSSL_free(der);
		break;
	}
	case KEY_ED25519:
		if (EVP_PKEY_get_raw_public_key(pkey, raw, &len) == 1)
			out = base64(raw, len);
		break;
	}
	return out;
}

static char *
private_pem(EVP_PKEY *pkey, size_t *len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *out = NULL;

	if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL,
	    0, NULL, NULL) == 1) {
		long n = BIO_get_mem_data(bio, &data);
		out = malloc((size_t)n + 1);
		if (out != NULL) {
			memcpy(out, data, (size_t)n);
			out[n] = '\0';
			*len = (size_t)n;
		}
	}
	BIO_free(bio);
	return out;
}

/* Fills in what is derived from pkey. Returns 0, or -1 with err. */
static int
complete(struct key *key, const char *domain, const char *selector,
    struct err *err)
{
	key->domain = strdup(domain);
	key->selector = strdup(selector);
	key->public_base64 = public_part(key->pkey, key->algorithm);
	key->pem = private_pem(key->pkey, &key->pem_len);
	if (key->domain == NULL || key->selector == NULL ||
	    key->public_base64 == NULL || key->pem == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	return 0;
}

static int
parse(const char *path, const char *buf, size_t len, struct key *key,
    struct err *warning, struct err *err)
{
	struct contents c = { 0 };
	int rc = -1;

	if (look_through(buf, len, &c) != 0) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		goto out;
	}
	if (judge_contents(path, len, &c, err) != 0)
		goto out;
	const unsigned char *p = c.der;
	key->pkey = d2i_AutoPrivateKey(NULL, &p, c.der_len);
	ERR_clear_error();
	if (key->pkey == NULL) {
		refuse(err, path, "is damaged: the PEM text does not contain a "
		    "valid key; restore it from a backup, or create a new key "
		    "with waybill keygen");
		goto out;
	}
	if (judge_key(path, key, warning, err) != 0)
		goto out;
	if (!works(key->pkey, key->algorithm)) {
		refuse(err, path, "is damaged: a signature made with it does "
		    "not verify; restore it from a backup, or create a new key "
		    "with waybill keygen");
		goto out;
	}
	rc = 0;
out:
	OPENSSL_clear_free(c.der, (size_t)c.der_len);
	return rc;
}

struct key *
key_read(const char *path, const char *domain, const char *selector,
    gid_t group, bool follow, struct err *warning, struct err *err)
{
	struct key *key = calloc(1, sizeof *key);
	char *buf = malloc(KEY_FILE_MAX);
	struct err odd = { 0 };
	ssize_t len = -1;
	int rc = -1;

	if (key == NULL || buf == NULL ||
	    (key->path = strdup(path)) == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		goto out;
	}
	len = read_file(path, group, follow, buf, &odd, err);
	if (len < 0)
		goto out;
	rc = parse(path, buf, (size_t)len, key, &odd, err);
	if (rc == 0)
		rc = complete(key, domain, selector, err);
out:
	if (buf != NULL)
		explicit_bzero(buf, KEY_FILE_MAX);
	free(buf);
	if (rc != 0)
		key_free(&key);
	if (warning != NULL)
		*warning = odd;
	return key;
}

/* Key size in bits from the value of p=; 0 if it is not a key of that type. */
static unsigned
public_bits(const char *base64, enum key_algorithm a)
{
	size_t len = strlen(base64);
	unsigned char *der = malloc(len + 1);
	int n = der == NULL || len > KEY_FILE_MAX ? -1 :
	    EVP_DecodeBlock(der, (const unsigned char *)base64, (int)len);
	unsigned bits = a == KEY_ED25519 && n >= ED25519_BYTES ?
	    ED25519_BITS : 0;

	if (n > 0 && a == KEY_RSA) {
		const unsigned char *p = der;
		EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, n);

		if (pkey != NULL && EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA)
			bits = (unsigned)EVP_PKEY_get_bits(pkey);
		EVP_PKEY_free(pkey);
	}
	ERR_clear_error();
	free(der);
	return bits;
}

/* Fills the key from the lines of its file. Returns false if malformed. */
static bool
parse_public(struct key *key, char *text)
{
	char *path = strchr(text, '\n');
	struct taglist tags;
	const char *k = NULL;
	const char *p = NULL;

	if (path == NULL)
		return false;
	*path++ = '\0';
	path[strcspn(path, "\n")] = '\0';
	if (taglist_parse(&tags, text, strlen(text)) == 0) {
		k = taglist_value(&tags, "k");
		p = taglist_value(&tags, "p");
	}
	if (k != NULL && p != NULL) {
		key->algorithm = strcmp(k, key_type(KEY_ED25519)) == 0 ?
		    KEY_ED25519 : KEY_RSA;
		key->bits = strcmp(k, key_type(key->algorithm)) == 0 ?
		    public_bits(p, key->algorithm) : 0;
		key->public_base64 = strdup(p);
	}
	key->path = strdup(path);
	taglist_free(&tags);
	return key->bits > 0;
}

struct key *
key_parse_public(char *text, const char *domain, const char *selector)
{
	struct key *key = calloc(1, sizeof *key);

	if (key == NULL)
		return NULL;
	key->domain = strdup(domain);
	key->selector = strdup(selector);
	if (!parse_public(key, text) || key->domain == NULL ||
	    key->selector == NULL || key->path == NULL ||
	    key->public_base64 == NULL)
		key_free(&key);
	return key;
}

struct key *
key_read_public(const char *path, const char *domain, const char *selector,
    struct err *err)
{
	size_t len;
	char *text = file_read(path, KEY_FILE_MAX, &len, err);
	struct key *key;

	if (text == NULL)
		return NULL;
	key = key_parse_public(text, domain, selector);
	if (key == NULL)
		(void)refuse(err, path, "was not written by waybill; to write "
		    "it again, run as root: waybill config --check");
	free(text);
	return key;
}

void
key_free(struct key **keyp)
{
	struct key *key = *keyp;

	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	if (key->pem != NULL)
		explicit_bzero(key->pem, key->pem_len);
	free(key->pem);
	free(key->public_base64);
	free(key->domain);
	free(key->selector);
	free(key->path);
	free(key);
	*keyp = NULL;
}

struct key *
key_generate(enum key_algorithm a, unsigned bits, const char *domain,
    const char *selector, struct err *err)
{
	struct key *key = calloc(1, sizeof *key);
	int rc = -1;

	if (key == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return NULL;
	}
	key->algorithm = a;
	switch (a) {
	case KEY_RSA:
		key->bits = bits;
		key->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
		break;
	case KEY_ED25519:
		key->bits = ED25519_BITS;
		key->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	}
	ERR_clear_error();
	if (key->pkey == NULL || !works(key->pkey, a))
		err_set(err, EXIT_UNAVAILABLE, "OpenSSL cannot create a key of "
		    "type %s with %u bits", key_type(a), key->bits);
	else
		rc = complete(key, domain, selector, err);
	if (rc != 0)
		key_free(&key);
	return key;
}

int
key_folder_open(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);
	int error = errno;
	struct stat st;

	if (fd < 0) {
		struct stat link;
		bool is_link = lstat(path, &link) == 0 && S_ISLNK(link.st_mode);
		err_set(err, EXIT_CONFIG, "%s: %s", path,
		    is_link ? "is a symbolic link, which is not followed here; "
		    "name the directory itself" :
		    error == ENOTDIR ? "is not a directory" :
		    error == ENOENT ? "no such directory" :
		    error == EACCES ? "no permission to read this key "
		    "directory; its group must be waybill's, its mode 750" :
		    strerror(error));
		errno = error;
		return -1;
	}
	if (fstat(fd, &st) != 0)
		err_errno(err, EXIT_CONFIG, "%s: cannot be checked", path);
	else if ((st.st_mode & 0022) != 0)
		err_set(err, EXIT_CONFIG, "%s: users other than its owner can "
		    "put keys there (mode %04o): chmod go-w %s", path,
		    (unsigned)st.st_mode & 07777, escape_argument(path));
	else if (st.st_uid != 0 && st.st_uid != geteuid() &&
	    st.st_uid != getuid())
		err_set(err, EXIT_CONFIG, "%s: owned by user %ld, who can put "
		    "keys there: chown root %s", path, (long)st.st_uid,
		    escape_argument(path));
	else
		return fd;
	(void)close(fd);
	errno = 0;
	return -1;
}

gid_t
key_group(const char *user)
{
	const struct passwd *pw = getpwnam(user);

	return pw == NULL ? (gid_t)-1 : pw->pw_gid;
}

int
key_selector(const char *s, const char *domain, char *out, struct err *err)
{
	static const char between[] = "._domainkey.";

	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p > 0x7e)
			return err_set(err, EXIT_DATA, "\"%s\" is not a valid "
			    "selector: it contains a non-ASCII byte", s);
	if (domain_to_ascii(s, out) != 0)
		return err_set(err, EXIT_DATA, "\"%s\" is not a valid "
		    "selector: %s", s,
		    domain_fault(s));
	if (strlen(out) + strlen(between) + strlen(domain) >= DOMAIN_SIZE)
		return err_set(err, EXIT_DATA, "selector \"%s\" is too long: "
		    "its DNS name would be longer than %d bytes", s,
		    DOMAIN_SIZE - 1);
	return 0;
}

void
key_record(const struct key *key, struct text *out)
{
	text_addf(out, "v=DKIM1; k=%s; p=%s", key_type(key->algorithm),
	    key->public_base64);
}
