/* SPDX-License-Identifier: ISC */
/* A PostgreSQL server that lives as long as a test. */
#include "pgsql_server.h"

#include <libpq-fe.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { SLICE_MS = 20, ARGS_MAX = 20, SERVER_USER = 64312 };

static char folder[] = "/tmp/test_pgsql.XXXXXX";
static char programs[200];	/* /usr/lib/postgresql/15/bin */
static char url[300];
static pid_t server;

bool
pgsql_server_is_there(void)
{
	glob_t found;

	if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0) {
		const char *last = found.gl_pathv[found.gl_pathc - 1];

		snprintf(programs, sizeof programs, "%.*s",
		    (int)(strlen(last) - strlen("/initdb")), last);
	}
	globfree(&found);
	return programs[0] != '\0';
}

/* initdb wants its user to have a name: in this process and its children the
 * list of users is one of our own. */
static bool
replace_users(void)
{
	char path[100];
	FILE *f;

	snprintf(path, sizeof path, "%s/passwd", folder);
	f = fopen(path, "w");
	if (f == NULL)
		return false;
	fprintf(f, "server:x:%d:%d::/nonexistent:/bin/false\n", SERVER_USER,
	    SERVER_USER);
	return fclose(f) == 0 && unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount(path, "/etc/passwd", NULL, MS_BIND, NULL) == 0;
}

/* In a child: root becomes somebody who has nothing. */
static void
become_server(void)
{
	if (geteuid() != 0)
		return;
	if (!replace_users()) {
		fprintf(stderr, "a list of users in a mount namespace of its own:"
		    " %s\n", strerror(errno));
		_exit(2);
	}
	if (setgroups(0, NULL) != 0 || setgid(SERVER_USER) != 0 ||
	    setuid(SERVER_USER) != 0)
		_exit(2);
}

/* argv[0] is the program's name; it is told its whole path, by which it finds
 * those beside it. */
static pid_t
start(const char *const *argv)
{
	const char *args[ARGS_MAX + 1] = { NULL };
	char path[300];
	char log[100];
	pid_t child = fork();

	if (child != 0)
		return child;
	snprintf(path, sizeof path, "%s/%s", programs, argv[0]);
	snprintf(log, sizeof log, "%s/log", folder);
	become_server();
	/* It never outlives the test; a change of the user forgets this. */
	(void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if (chdir("/") != 0 || freopen(log, "a", stdout) == NULL ||
	    dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
		_exit(2);
	for (size_t i = 0; i < ARGS_MAX && argv[i] != NULL; i++)
		args[i] = i == 0 ? path : argv[i];
	execv(path, (char *const *)(uintptr_t)args);
	_exit(2);
}

static void
show_log(void)
{
	char command[120];

	snprintf(command, sizeof command, "tail -n 20 %s/log >&2", folder);
	(void)!system(command);
}

int
pgsql_server_make(void)
{
	char data[100];
	const char *const initdb[] = { "initdb", "-D", data, "-U", "owner",
		"-A", "trust", "-E", "UTF8", "--locale=C", "-N", NULL };
	int status = -1;
	pid_t child;

	if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0 ||
	    (geteuid() == 0 && chown(folder, SERVER_USER, SERVER_USER) != 0))
		return -1;
	snprintf(data, sizeof data, "%s/data", folder);
	snprintf(url, sizeof url, "postgresql://waybill@/waybill?host=%s",
	    folder);
	child = start(initdb);
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0 ||
	    pgsql_server_start() != 0) {
		show_log();
		return -1;
	}
	(void)pgsql_server_ask("CREATE ROLE waybill LOGIN");
	(void)pgsql_server_ask("CREATE DATABASE waybill OWNER waybill");
	return 0;
}

static PGconn *
connect_as_owner(void)
{
	char where[200];

	snprintf(where, sizeof where, "host=%s user=owner dbname=%s", folder,
	    "postgres");
	return PQconnectdb(where);
}

int
pgsql_server_start(void)
{
	char data[100];
	const char *const postgres[] = { "postgres", "-D", data, "-k", folder,
		"-F", "-c", "listen_addresses=", "-c", "shared_buffers=16MB",
		"-c", "max_connections=30", "-c", "log_statement=ddl", NULL };

	snprintf(data, sizeof data, "%s/data", folder);
	server = start(postgres);
	for (int ms = 0; ms < PATIENCE_MS && server > 0; ms += SLICE_MS) {
		PGconn *conn = connect_as_owner();
		bool is_up = PQstatus(conn) == CONNECTION_OK;

		PQfinish(conn);
		if (is_up)
			return 0;
		(void)poll(NULL, 0, SLICE_MS);
	}
	show_log();
	return -1;
}

void
pgsql_server_end(int sig)
{
	if (server <= 0)
		return;
	if (sig != 0)
		(void)kill(server, sig);
	(void)waitpid(server, NULL, 0);
	server = 0;
}

/* Its children have sessions of their own; some may just have ended. */
void
pgsql_server_freeze(bool is_frozen)
{
	const char *sig = is_frozen ? "STOP" : "CONT";
	char command[200];

	snprintf(command, sizeof command, "kill -%s %d && for p in "
	    "$(ps -o pid= --ppid %d); do kill -%s $p 2>/dev/null; done; :",
	    sig, (int)server, (int)server, sig);
	assert_int_equal(system(command), 0);
}

void
pgsql_server_remove(void)
{
	pgsql_server_end(SIGINT);
	(void)directory_remove(folder);
}

const char *
pgsql_server_url(void)
{
	return url;
}

const char *
pgsql_server_ask(const char *sql)
{
	static char value[1000];
	char where[200];
	const char *database = strstr(sql, "DATABASE") != NULL ||
	    strstr(sql, "ROLE") != NULL ? "postgres" : "waybill";
	PGconn *conn;
	PGresult *r;

	snprintf(where, sizeof where, "host=%s user=owner dbname=%s "
	    "options='-csearch_path=waybill -cclient_min_messages=error'",
	    folder, database);
	conn = PQconnectdb(where);
	r = PQexec(conn, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK &&
	    PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	snprintf(value, sizeof value, "%s", PQntuples(r) > 0 ?
	    PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	PQfinish(conn);
	return value;
}
