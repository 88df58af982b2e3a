/* SPDX-License-Identifier: ISC */
/*
 * What the daemon does while it runs: a requested reload, Postfix's files when
 * they change, keys that take over from others, the number of open
 * descriptors, and the memory of big messages.
 *
 * A reload builds the new state whole, as the user that the daemon has run as
 * since its start, so that it has exactly the rights that the start had; an
 * error leaves everything unchanged.
 */
#include "build_config.h"
#include "upkeep.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/event.h"
#include "base/log.h"
#include "budget.h"
#include "outbound.h"
#include "sign.h"
#include "warn.h"

enum {
	FILES_FULL_PERCENT = 80,
	WARN_EVERY_MS = 60 * 60 * 1000,
};

static void
say_sender(const struct upkeep *u, const struct state *s)
{
	outbound_say(state_sender(s), u->services.warn,
	    state_config(s)->warn.every_ms);
}

void
upkeep_say_state(const struct upkeep *u, const char *event,
    const struct state *s)
{
	const char *why = state_no_loopback_why(s);
	struct event e;

	event_begin(&e, NULL, false, event);
	event_add(&e, "version", PACKAGE_VERSION);
	event_add_bounded(&e, "socket", u->socket);
	event_add_bounded(&e, "user", u->user);
	event_add_number(&e, "domains",
	    (long long)identity_count(state_identities(s)));
	event_add_number(&e, "nkeys", (long long)state_key_count(s));
	event_add(&e, "keys", sign_keys_are_cached(state_sign_rules(s)) ?
	    "cached" : "parsed");
	event_add_number(&e, "files", (long long)u->files);
	log_event(&e);
	say_sender(u, s);
	if (why == NULL)
		return;
	event_begin(&e, NULL, true, "networks");
	event_add(&e, "auto", "none");
	event_sentence(&e, "mail from clients on loopback is not signed: "
	    "%.800s; if none does, set outgoing.networks", why);
	log_event(&e);
}

static void
warn_of_changes(const struct config *was, const struct config *now)
{
	const struct {
		const char *name;
		bool is_changed;
	} options[] = {
		{ "socket", strcmp(was->socket, now->socket) != 0 },
		{ "socket_group",
		    strcmp(was->socket_group, now->socket_group) != 0 },
		{ "socket_mode", was->socket_mode != now->socket_mode },
		{ "socket_public", was->socket_public != now->socket_public },
		{ "user", strcmp(was->user, now->user) != 0 },
		{ "log.to", was->log.to != now->log.to },
	};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		if (options[i].is_changed)
			log_say(LOG_LEVEL_WARNING, "%s has changed; it takes "
			    "effect at the next start", options[i].name);
	}
}

void
upkeep_reload(const struct upkeep *u, const struct config *at_start)
{
	struct err_list errors = { 0 }, warnings = { 0 };
	struct err err = { 0 };
	struct state *s;
	struct event e;

	s = state_new(&u->services, &errors, &warnings);
	if (s != NULL && state_ask(s, &err) != 0) {
		err_list_add(&errors, &err);
		state_release(&s);
	}
	if (s == NULL) {
		for (size_t i = 0; i < errors.n; i++)
			log_say(LOG_LEVEL_ERROR, "%s", errors.v[i].text);
		event_begin(&e, NULL, true, "reload");
		event_add_number(&e, "errors", (long long)errors.n);
		event_sentence(&e, "nothing was changed, the previous "
		    "configuration stays in effect; a key directory that was "
		    "added since the start can be read only after a restart");
		log_event(&e);
	} else {
		for (size_t i = 0; i < warnings.n; i++)
			log_say(LOG_LEVEL_WARNING, "%s", warnings.v[i].text);
		warn_of_changes(at_start, state_config(s));
		log_set_level(state_config(s)->log.level);
		upkeep_say_state(u, "reload", s);
		state_use(&s);
	}
	err_list_free(&errors);
	err_list_free(&warnings);
}

/* Postfix's files may change without notice. */
static void
follow_postfix(const struct upkeep *u)
{
	struct state *now = state_hold();
	struct state *next;
	struct err err = { 0 };

	if (state_renew(&u->services, now, &next, &err) != 0 &&
	    warn_is_due(u->services.warn, "postfix", "", WARN_EVERY_MS,
	    clock_ms(), NULL))
		log_say(LOG_LEVEL_WARNING, "Postfix's files have changed, but "
		    "cannot be read: %s; restart waybilld", err.text);
	if (next != NULL) {
		if (state_postfix(next) == state_postfix(now))
			say_sender(u, next);
		else
			upkeep_say_state(u, "postfix", next);
		state_use(&next);
	}
	state_release(&now);
}

/* The number of open descriptors; the limit itself if not one more can be
 * opened. */
static unsigned long
count_files(unsigned long limit)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned long n = 0;

	if (dir == NULL)
		return errno == EMFILE || errno == ENFILE ? limit : 0;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* At the limit libmilter accepts no connection, and does not report it. */
static void
watch_files(const struct upkeep *u)
{
	unsigned long n = count_files(u->files);
	struct event e;

	if (u->files == 0 || n < u->files / 100 * FILES_FULL_PERCENT +
	    u->files % 100 * FILES_FULL_PERCENT / 100)
		return;
	if (!warn_is_due(u->services.warn, "files", "", WARN_EVERY_MS,
	    clock_ms(), NULL))
		return;
	event_begin(&e, NULL, true, "files");
	event_add_number(&e, "open", (long long)n);
	event_add_number(&e, "limit", (long long)u->files);
	event_sentence(&e, "at the limit, Postfix cannot connect; raise "
	    "LimitNOFILE or ulimit -Hn");
	log_event(&e);
}

static void
watch_keys(const struct upkeep *u)
{
	struct state *s = state_hold();

	takeover_look(u->takeover, state_identities(s), state_inquiry(s));
	state_release(&s);
}

void
upkeep_look(const struct upkeep *u)
{
	follow_postfix(u);
	watch_keys(u);
	state_sweep();
	budget_trim();
	watch_files(u);
}
