/* SPDX-License-Identifier: ISC */
/*
 * Where the PostgreSQL store is, and how it is gone to.
 *
 * libpq takes the URL apart. What it leaves open is filled in here; what it
 * would allow and waybill doesn't is refused: a password in the URL, which
 * would stand in a configuration that many can read, and TLS that takes any
 * certificate, or none, for a server on another host. A Unix socket and the
 * loopback addresses are this host's. libpq's own sentences on a bad URL repeat
 * it, so they are not handed on.
 */
#include "record/pgsql_target.h"

#include "base/escape.h"
#include "base/file.h"
#include "base/ip.h"

#include <libpq-fe.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPTIONS_MAX = 64, PASSWORD_MAX = 1024, NAME_SIZE = 512 };

static const char system_certificates[] =
    "/etc/ssl/certs/ca-certificates.crt";

struct pgsql_target {
	char *keyword[OPTIONS_MAX + 1];	/* owned, as the values */
	char *value[OPTIONS_MAX + 1];
	size_t n;
	char name[NAME_SIZE];
};

/* What a URL leaves open. No wait is without end: for a connection, for a peer
 * that has gone without a word. */
static const struct { const char *keyword, *value; } defaults[] = {
	{ "client_encoding", "UTF8" },
	{ "application_name", "waybill" },
	{ "connect_timeout", "10" },
	{ "keepalives_idle", "30" },
	{ "keepalives_interval", "10" },
	{ "keepalives_count", "3" },
	{ "tcp_user_timeout", "60000" },
	{ "gssencmode", "disable" },
};

static int
set(struct pgsql_target *t, const char *keyword, const char *value,
    struct err *err)
{
	if (t->n == OPTIONS_MAX)
		return err_set(err, EXIT_CONFIG, "record.store: too many "
		    "options in the URL");
	t->keyword[t->n] = strdup(keyword);
	t->value[t->n] = strdup(value);
	if (t->keyword[t->n] == NULL || t->value[t->n] == NULL) {
		free(t->keyword[t->n]);
		free(t->value[t->n]);
		t->keyword[t->n] = t->value[t->n] = NULL;
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	}
	t->n++;
	return 0;
}

static int
take_option(struct pgsql_target *t, const PQconninfoOption *o,
    struct err *err)
{
	if (strcmp(o->keyword, "password") == 0 ||
	    strcmp(o->keyword, "sslpassword") == 0)
		return err_set(err, EXIT_CONFIG, "record.store: a password "
		    "stands in the URL; put it into the file of "
		    "record.password_file");
	if (strcmp(o->keyword, "service") == 0)
		return err_set(err, EXIT_CONFIG, "record.store: a service of "
		    "pg_service.conf may hold a password or leave TLS "
		    "unverified; name host and database in the URL");
	return set(t, o->keyword, o->val, err);
}

static int
take_url(struct pgsql_target *t, const char *url, struct err *err)
{
	PQconninfoOption *said = PQconninfoParse(url, NULL);
	int rc = 0;

	if (said == NULL)
		return err_set(err, EXIT_CONFIG, "record.store: no URL that "
		    "libpq understands; it is "
		    "postgresql://[USER@]HOST[:PORT]/DATABASE");
	for (const PQconninfoOption *o = said; o->keyword != NULL && rc == 0;
	    o++)
		if (o->val != NULL && o->val[0] != '\0')
			rc = take_option(t, o, err);
	PQconninfoFree(said);
	return rc;
}

static bool
is_local_host(const char *host)
{
	struct ip ip;

	if (host[0] == '/' || host[0] == '@' || strcmp(host, "localhost") == 0)
		return true;
	return ip_parse(host, &ip) == 0 && ip_is_loopback(&ip);
}

/* Are all hosts of a list this one? */
static bool
are_local(const char *list)
{
	char host[256];

	for (;;) {
		size_t len = strcspn(list, ",");

		if (len >= sizeof host)
			return false;
		memcpy(host, list, len);
		host[len] = '\0';
		/* An empty one is libpq's default, the Unix socket. */
		if (len > 0 && !is_local_host(host))
			return false;
		if (list[len] == '\0')
			return true;
		list += len + 1;
	}
}

/* libpq goes to hostaddr where there is one, and else to host; without both to
 * what the environment says, or to the Unix socket. */
static bool
is_local(const struct pgsql_target *t)
{
	const char *host = pgsql_target_value(t, "hostaddr");

	if (host == NULL)
		host = pgsql_target_value(t, "host");
	if (host == NULL)
		host = getenv("PGHOSTADDR");
	if (host == NULL)
		host = getenv("PGHOST");
	return host == NULL || are_local(host);
}

static int
verify_tls(struct pgsql_target *t, struct err *err)
{
	const char *mode = pgsql_target_value(t, "sslmode");

	if (is_local(t))
		return mode != NULL ? 0 : set(t, "sslmode", "prefer", err);
	if (mode != NULL && strcmp(mode, "verify-full") != 0)
		return err_set(err, EXIT_CONFIG, "record.store: sslmode=%s "
		    "doesn't verify the server that the record goes to; leave "
		    "it out (verify-full is taken), and name the file of its "
		    "authority: sslrootcert=FILE", mode);
	if (mode == NULL && set(t, "sslmode", "verify-full", err) != 0)
		return -1;
	if (pgsql_target_value(t, "sslrootcert") != NULL ||
	    access(system_certificates, R_OK) != 0)
		return 0;
	return set(t, "sslrootcert", system_certificates, err);
}

/* The first line of a file that only its owner can use. */
static int
take_password(struct pgsql_target *t, const char *path, struct err *err)
{
	struct err why = { 0 };
	struct stat st;
	size_t len;
	char *password;
	int rc;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & 0077) != 0)
		return err_set(err, EXIT_CONFIG, "%s: others can use the "
		    "password in it (mode %04o): chmod 600 %s", path,
		    (unsigned)st.st_mode & 07777, escape_argument(path));
	password = file_read(path, PASSWORD_MAX, &len, &why);
	if (password == NULL)
		return err_set(err, EXIT_CONFIG, "record.password_file: %s%s",
		    why.text, why.code == EXIT_CONFIG ? "; it must belong to "
		    "waybill-record" : "");
	password[strcspn(password, "\r\n")] = '\0';
	if (password[0] == '\0')
		rc = err_set(err, EXIT_CONFIG, "%s: no password in its first "
		    "line", path);
	else
		rc = set(t, "password", password, err);
	explicit_bzero(password, len);
	free(password);
	return rc;
}

static void
make_name(struct pgsql_target *t)
{
	const char *host = pgsql_target_value(t, "host");
	const char *address = pgsql_target_value(t, "hostaddr");
	const char *database = pgsql_target_value(t, "dbname");

	snprintf(t->name, sizeof t->name, "postgresql://%s/%s", host != NULL ?
	    host : address != NULL ? address : "", database == NULL ? "" :
	    database);
}

struct pgsql_target *
pgsql_target_new(const char *url, const char *password_file, bool writes,
    struct err *err)
{
	struct pgsql_target *t = calloc(1, sizeof *t);
	int rc;

	if (t == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return NULL;
	}
	rc = take_url(t, url, err);
	for (size_t i = 0; i < sizeof defaults / sizeof defaults[0] &&
	    rc == 0; i++)
		if (pgsql_target_value(t, defaults[i].keyword) == NULL)
			rc = set(t, defaults[i].keyword, defaults[i].value,
			    err);
	if (rc == 0 && writes &&
	    pgsql_target_value(t, "target_session_attrs") == NULL)
		rc = set(t, "target_session_attrs", "read-write", err);
	if (rc == 0)
		rc = verify_tls(t, err);
	if (rc == 0 && password_file != NULL && password_file[0] != '\0')
		rc = take_password(t, password_file, err);
	make_name(t);
	if (rc != 0)
		pgsql_target_free(&t);
	return t;
}

void
pgsql_target_free(struct pgsql_target **t)
{
	if (*t == NULL)
		return;
	for (size_t i = 0; i < (*t)->n; i++) {
		explicit_bzero((*t)->value[i], strlen((*t)->value[i]));
		free((*t)->value[i]);
		free((*t)->keyword[i]);
	}
	free(*t);
	*t = NULL;
}

const char *const *
pgsql_target_keywords(const struct pgsql_target *t)
{
	return (const char *const *)t->keyword;
}

const char *const *
pgsql_target_values(const struct pgsql_target *t)
{
	return (const char *const *)t->value;
}

const char *
pgsql_target_value(const struct pgsql_target *t, const char *keyword)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->keyword[i], keyword) == 0)
			return t->value[i];
	return NULL;
}

const char *
pgsql_target_name(const struct pgsql_target *t)
{
	return t->name;
}

/* A file below HOME: itself, as HOME may hold more. */
static void
reach_below_home(struct reach *reach, const char *name)
{
	const char *home = getenv("HOME");
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/%s", home == NULL ? "" : home,
	    name);

	if (home != NULL && n > 0 && (size_t)n < sizeof path)
		reach_add(reach, path, REACH_READ);
}

void
pgsql_target_reach(const char *url, const char *password_file,
    struct reach *reach)
{
	static const char *const keywords[] = { "sslrootcert", "sslcert",
	    "sslkey", "sslcrl", "passfile" };
	static const char *const variables[] = { "PGSSLROOTCERT", "PGSSLCERT",
	    "PGSSLKEY", "PGSSLCRL", "PGPASSFILE", "PGSERVICEFILE" };
	struct pgsql_target *t = pgsql_target_new(url, NULL, true, NULL);

	reach_add(reach, "/etc", REACH_READ);
	reach_add(reach, "/run", REACH_READ);
	reach_add_place(reach, password_file, REACH_READ);
	for (size_t i = 0; t != NULL && i < sizeof keywords /
	    sizeof keywords[0]; i++)
		reach_add_place(reach, pgsql_target_value(t, keywords[i]),
		    REACH_READ);
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		reach_add_place(reach, getenv(variables[i]), REACH_READ);
	if (t != NULL)
		reach_add(reach, pgsql_target_value(t, "sslcrldir"),
		    REACH_READ);
	reach_below_home(reach, ".postgresql");
	reach_below_home(reach, ".pgpass");
	reach_below_home(reach, ".pg_service.conf");
	pgsql_target_free(&t);
}
