/* SPDX-License-Identifier: ISC */
#include "scratch_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "config/keys.h"
#include "find/kernel.h"

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "scratch: %s\n", what);
		abort();
	}
}

/* In place of kernel.c: a host of one address, whatever this one has. */
bool
kernel_source(const struct ip *dest, struct ip *out)
{
	return kernel_source_global(dest->family, out);
}

bool
kernel_source_global(enum ip_family family, struct ip *out)
{
	return family == IP_4 && ip_parse("198.51.100.10", out) == 0;
}

size_t
kernel_addresses(struct ip *out, size_t max)
{
	return max > 0 && kernel_source_global(IP_4, out);
}

void
scratch_make(struct scratch *s)
{
	snprintf(s->folder, sizeof s->folder, "/tmp/waybill-test-XXXXXX");
	must(mkdtemp(s->folder) != NULL, s->folder);
	snprintf(s->config, sizeof s->config, "%s/conf", s->folder);
	snprintf(s->keys, sizeof s->keys, "%s/keys", s->folder);
	must(mkdir(s->keys, 0755) == 0, s->keys);
	(void)chmod(s->keys, 0755);
	scratch_config(s, "");
}

void
scratch_remove(struct scratch *s)
{
	char command[100];

	snprintf(command, sizeof command, "rm -rf '%s'", s->folder);
	must(system(command) == 0, command);
}

void
scratch_config(const struct scratch *s, const char *lines)
{
	FILE *f = fopen(s->config, "w");

	must(f != NULL, s->config);
	fprintf(f, "keys = \"%s\"\nsender { postfix = \"%s/postfix\" "
	    "ipv4 = { \"203.0.113.7\" } ipv6 = { \"none\" } "
	    "hostname = \"mail.example.org\" }\n"
	    "resolver { servers = { \"192.0.2.53\" } }\n%s\n",
	    s->keys, s->folder, lines);
	must(fclose(f) == 0, s->config);
}

struct scratch scratch;

int
scratch_begin(void **state)
{
	(void)state;
	scratch_make(&scratch);
	return 0;
}

int
scratch_end(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static void
make_key(const struct scratch *s, enum key_algorithm a, unsigned bits,
    const char *domain, const char *selector)
{
	struct err err = { 0 };
	struct key *key = key_generate(a, bits, domain, selector, &err);
	char path[400];

	must(key != NULL, err.text);
	snprintf(path, sizeof path, "%s/%s", s->keys, domain);
	(void)mkdir(path, 0755);
	(void)chmod(path, 0755);
	snprintf(path, sizeof path, "%s/%s/%s.pem", s->keys, domain, selector);
	must(file_write(path, key->pem, key->pem_len, 0600, (uid_t)-1,
	    (gid_t)-1, FILE_NEVER_OVER, &err) == 0, err.text);
	key_free(&key);
}

void
scratch_key(const struct scratch *s, const char *domain, const char *selector)
{
	make_key(s, KEY_ED25519, 0, domain, selector);
}

void
scratch_rsa_key(const struct scratch *s, const char *domain,
    const char *selector)
{
	make_key(s, KEY_RSA, 2048, domain, selector);
}

void
scratch_remove_key(const struct scratch *s, const char *domain,
    const char *selector)
{
	char path[400];

	snprintf(path, sizeof path, "%s/%s/%s.pem", s->keys, domain, selector);
	must(unlink(path) == 0, path);
}
