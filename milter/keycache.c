/* SPDX-License-Identifier: ISC */
/*
 * Gives libopendkim a parsed key, so that it does not parse PEM each time.
 *
 * libopendkim takes a key only as text and parses it for every signature: two
 * thirds of the time of an RSA signature, nearly all of an Ed25519 one, and it
 * never frees the result of the latter. It calls PEM_read_bio_PrivateKey() of
 * libcrypto. The dynamic linker finds a function of that name in the program
 * first (waybilld exports it), and that is this one. It does what OpenSSL's
 * does, through PEM_read_bio_PrivateKey_ex(), except between keycache_begin()
 * and keycache_end() of the same thread.
 *
 * Nothing depends on it: where it is not found first (a static build, another
 * libopendkim), keys are parsed as usual. A reference is taken for each key
 * handed out, because libopendkim releases that of an RSA key, and a fixed
 * version would also release that of an Ed25519 key; sign.c probes which one
 * it is.
 */
#include "keycache.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

static _Thread_local struct {
	EVP_PKEY *pkey;
	bool asked;
} cached;

__attribute__((visibility("default"))) EVP_PKEY *
PEM_read_bio_PrivateKey(BIO *bio, EVP_PKEY **out, pem_password_cb *callback,
    void *arg)
{
	if (cached.pkey == NULL || out != NULL)
		return PEM_read_bio_PrivateKey_ex(bio, out, callback, arg, NULL,
		    NULL);
	if (EVP_PKEY_up_ref(cached.pkey) != 1)
		return NULL;
	cached.asked = true;
	return cached.pkey;
}

void
keycache_begin(const struct key *key)
{
	ERR_clear_error();
	cached.pkey = key->pkey;
	cached.asked = false;
}

bool
keycache_end(void)
{
	cached.pkey = NULL;
	return cached.asked;
}

void
keycache_return(const struct key *key)
{
	EVP_PKEY_free(key->pkey);
}

static void
report_end(void *parent, void *value, CRYPTO_EX_DATA *ad, int index, long argl,
    void *argp)
{
	bool *ended = value;

	(void)parent, (void)ad, (void)index, (void)argl, (void)argp;
	if (ended != NULL)
		*ended = true;
}

static char *
pem_of(EVP_PKEY *pkey, size_t *len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	char *data;

	if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL,
	    0, NULL, NULL) == 1) {
		long n = BIO_get_mem_data(bio, &data);

		if (n > 0)
			pem = strndup(data, (size_t)n);
	}
	BIO_free(bio);
	*len = pem == NULL ? 0 : strlen(pem);
	return pem;
}

int
keycache_probe_new(struct keycache_probe *p, struct err *err)
{
	memset(p, 0, sizeof *p);
	ERR_clear_error();
	p->index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_EVP_PKEY, 0, NULL,
	    NULL, NULL, report_end);
	p->key.algorithm = KEY_ED25519;
	p->key.bits = 256;
	p->key.domain = strdup("probe.invalid");
	p->key.selector = strdup("probe");
	p->key.pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (p->index < 0 || p->key.domain == NULL || p->key.selector == NULL ||
	    p->key.pkey == NULL ||
	    EVP_PKEY_set_ex_data(p->key.pkey, p->index, &p->ended) != 1)
		goto out;
	p->key.pem = pem_of(p->key.pkey, &p->key.pem_len);
	if (p->key.pem != NULL)
		return 0;
out:
	EVP_PKEY_free(p->key.pkey);
	return err_set(err, EXIT_UNAVAILABLE,
	    "OpenSSL cannot create an Ed25519 key for a trial signature");
}

void
keycache_probe_drop(struct keycache_probe *p)
{
	EVP_PKEY_free(p->key.pkey);
}

void
keycache_probe_free(struct keycache_probe *p)
{
	if (p->index > 0)
		CRYPTO_free_ex_index(CRYPTO_EX_INDEX_EVP_PKEY, p->index);
	free(p->key.domain);
	free(p->key.selector);
	free(p->key.pem);
}
