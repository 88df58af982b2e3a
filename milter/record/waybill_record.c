/* SPDX-License-Identifier: ISC */
/*
 * waybill-record: reads the mail log and keeps the record.
 *
 * It reads hostile text all day, so it is a program and a user of its own: it
 * holds no key, asks no DNS, and is linked with neither. Started as root it
 * becomes waybill-record before it opens anything but its configuration, and
 * gives up what it has no use for before it reads the first line.
 */
#include "build_config.h"

#include <getopt.h>
#include <ifaddrs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arguments.h"
#include "base/become.h"
#include "base/confine.h"
#include "base/event.h"
#include "base/log.h"
#include "config/config.h"
#include "record/log_sources.h"
#include "record/postfix_told.h"
#include "record/record.h"
#include "record/reply.h"
#include "record/store.h"

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

enum { OWN_MAX = 64, VALUE_MAX = 1024, LOOK_AGAIN_MS = 5000, SLICE_MS = 200 };

static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void
set_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGINT, &act, NULL);
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &act, NULL);
	(void)sigaction(SIGHUP, &act, NULL);
}

static void
print_help(FILE *out)
{
	(void)fputs(
	    "Usage: waybill-record [-c FILE] [--from FILE... | -]\n"
	    "\n"
	    "Reads Postfix's and waybilld's log lines and keeps the record of\n"
	    "what became of outgoing mail. Without arguments it follows the log\n"
	    "that record.source names; with - it reads standard input.\n"
	    "\n"
	    "  -c, --config FILE    read this configuration\n"
	    "      --from           read these log files once (.gz, .xz, .zst\n"
	    "                       too), and end\n"
	    "  -h, --help           print this\n"
	    "  -V, --version        print the version\n", out);
}

/* This host's own addresses: what is delivered to them didn't leave. */
static size_t
own_addresses(struct ip *own)
{
	struct ifaddrs *list;
	size_t n = 0;

	if (getifaddrs(&list) != 0)
		return 0;
	for (struct ifaddrs *i = list; i != NULL && n < OWN_MAX;
	    i = i->ifa_next)
		if (i->ifa_addr != NULL &&
		    ip_from_sockaddr(i->ifa_addr, &own[n]) == 0)
			n++;
	freeifaddrs(list);
	return n;
}

/* "[relay.example]:587" to "relay.example"; of a list the first. */
static void
host_of_hop(char *hop)
{
	char *from = hop + strspn(hop, "[ ");
	size_t n = strcspn(from, "]:, ");

	memmove(hop, from, n);
	hop[n] = '\0';
}

static void
say_start(const struct record_options *o)
{
	const struct text_list *from = o->files.n > 0 ? &o->files :
	    &o->sources;
	struct event e;

	event_begin(&e, NULL, false, "start");
	event_add(&e, "version", PACKAGE_VERSION);
	event_add_bounded(&e, "store", o->store);
	for (size_t i = 0; i < from->n; i++)
		event_add_bounded(&e, "source", from->v[i]);
	log_event(&e);
}

static void
say_unconfined(const struct err *err)
{
	log_say(LOG_LEVEL_WARNING, "running without a part of what confines "
	    "it: %s", err->text);
}

static void
tell_manager(const char *state)
{
#ifdef HAVE_SYSTEMD
	(void)sd_notify(0, state);
#else
	(void)state;
#endif
}

/*
 * The logs to follow. On a fresh host there may be none until the first line
 * comes: that is said once, and waited for.
 */
static int
find_sources(const struct config *c, struct text_list *sources,
    struct err *err)
{
	bool is_told = false;
	struct event e;

	while (log_sources_find(&c->record.source, c->sender.postfix, sources,
	    err) != 0) {
		if (err->code != EXIT_UNAVAILABLE)
			return -1;
		if (!is_told) {
			tell_manager("READY=1");
			event_begin(&e, NULL, true, "no-log");
			event_sentence(&e, "%.800s; it is looked for again",
			    err->text);
			log_event(&e);
		}
		is_told = true;
		for (int ms = 0; ms < LOOK_AGAIN_MS && !stop; ms += SLICE_MS)
			(void)poll(NULL, 0, SLICE_MS);
		if (stop)
			return 0;
	}
	return 0;
}

/*
 * From here on: the logs, the store's folder to write to, programs that
 * uncompress, and what the C library reads; no key. What a rule names by a file
 * alone is read once, before its successor comes.
 */
static void
limit_files(const struct config *c, const struct record_options *o)
{
	struct reach reach;
	struct err err = { 0 };

	reach_begin(&reach);
	reach_add_system(&reach, REACH_RUN);
	reach_add_place(&reach, o->rules, REACH_READ);
	reach_add(&reach, o->site_rules, REACH_READ);
	reach_add(&reach, "/run/log/journal", REACH_READ);
	reach_add(&reach, "/var/log", REACH_READ);
	for (size_t i = 0; i < o->sources.n; i++)
		if (o->sources.v[i][0] == '/')
			reach_add_place(&reach, o->sources.v[i], REACH_READ);
	for (size_t i = 0; i < o->files.n; i++)
		reach_add(&reach, o->files.v[i], REACH_READ);
	store_reach(c->record.store, c->record.password_file, &reach);
	if (c->record.recipients == RECIPIENT_HASH)
		reach_add_place(&reach, o->recipient_key, REACH_WRITE);
	if (reach_limit(&reach, &err) != 0)
		say_unconfined(&err);
}

static int
run(const struct config *c, struct record_options *o, struct err *err)
{
	static struct ip own[OWN_MAX];
	char host[256];
	char fallback[VALUE_MAX];
	char key[VALUE_MAX];
	const char *slash = strrchr(c->record.store, '/');
	int rc;

	if (strcmp(c->sender.hostname, "auto") != 0)
		snprintf(host, sizeof host, "%s", c->sender.hostname);
	else if (gethostname(host, sizeof host) != 0)
		return err_errno(err, EXIT_TEMPORARY, "gethostname");
	host[sizeof host - 1] = '\0';
	postfix_told(c->sender.postfix, "smtp_fallback_relay", fallback,
	    sizeof fallback);
	host_of_hop(fallback);
	if (strstr(c->record.store, "://") != NULL)
		snprintf(key, sizeof key, "%s/lib/waybill/recipient.key",
		    LOCALSTATEDIR);
	else
		snprintf(key, sizeof key, "%.*s/recipient.key",
		    (int)(slash - c->record.store), c->record.store);
	o->password_file = c->record.password_file;
	o->store = c->record.store;
	o->host = host;
	o->recipients = c->record.recipients;
	o->recipient_key = key;
	o->rules = reply_rules_path();
	o->site_rules = reply_site_path();
	o->fallback = fallback;
	o->own = own;
	o->n_own = own_addresses(own);
	o->keep_ms = c->record.keep_ms;
	o->shows_progress = isatty(STDERR_FILENO);
	o->stop = &stop;
	if (o->files.n == 0 && o->sources.n == 0 &&
	    find_sources(c, &o->sources, err) != 0)
		return -1;
	if (stop)
		return 0;
	for (size_t i = 0; i < o->sources.n; i++)
		if (log_source_is_open(o->sources.v[i], c->sender.postfix) &&
		    text_list_add(&o->open_sources, o->sources.v[i]) != 0)
			return err_set(err, EXIT_TEMPORARY, "out of memory");
	limit_files(c, o);
	say_start(o);
	tell_manager("READY=1");
	rc = record_run(o, err);
	tell_manager("STOPPING=1");
	return rc;
}

static int
complain(const struct err *err)
{
	log_say(LOG_LEVEL_ERROR, "%s", err->text);
	err_print("waybill-record", "%s", err->text);
	return err->code;
}

/* The arguments that are options; what is left of argv are logs. False: *code
 * says how it ends. */
static bool
read_options(int argc, char **argv, const char **path, bool *from, int *code)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "from", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	opterr = 0;
	while ((ch = getopt_long(argc, argv, ":c:hV", longs, NULL)) != -1) {
		switch (ch) {
		case 'c':
			*path = optarg;
			break;
		case 'f':
			*from = true;
			break;
		case 'h':
			print_help(stdout);
			*code = EXIT_OK;
			return false;
		case 'V':
			puts("waybill-record " PACKAGE_VERSION);
			*code = EXIT_OK;
			return false;
		default:
			arguments_refuse("waybill-record", argv, ch);
			*code = EXIT_USAGE;
			return false;
		}
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct record_options o = { 0 };
	struct err_list errors = { 0 };
	struct err err = { 0 };
	const char *path = NULL;
	bool from = false;
	struct config *c;
	int code = EXIT_OK;

	if (!read_options(argc, argv, &path, &from, &code))
		return code;
	for (int i = optind; i < argc; i++)
		if (text_list_add(strcmp(argv[i], "-") == 0 && !from ?
		    &o.sources : &o.files, argv[i]) != 0)
			return err_no_memory("waybill-record");
	if ((o.files.n > 0) != from) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	c = config_read(path, &errors);
	if (c == NULL) {
		for (size_t i = 0; i < errors.n; i++)
			err_print("waybill-record", "%s", errors.v[i].text);
		return errors.v[0].code;
	}
	log_open("waybill-record", from || o.sources.n > 0 ? LOG_SINK_STDERR :
	    c->log.to, c->log.level);
	set_signals();
	if (become_user("waybill-record", &err) != 0) {
		code = complain(&err);
	} else {
		/* Programs: gzip, xz and zstd read old logs, postconf is
		 * asked. The files are limited when the logs are known. */
		if (confine(CONFINE_PROGRAMS, &err) != 0)
			say_unconfined(&err);
		if (run(c, &o, &err) != 0)
			code = complain(&err);
	}
	config_free(&c);
	text_list_free(&o.sources);
	text_list_free(&o.open_sources);
	text_list_free(&o.files);
	text_list_free(&o.open_sources);
	err_list_free(&errors);
	return code;
}
