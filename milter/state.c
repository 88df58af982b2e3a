/* SPDX-License-Identifier: ISC */
/*
 * The effective configuration.
 *
 * A reload builds a second state beside the first and swaps the pointer; the
 * first is freed when its last message has ended. So nothing in a state ever
 * changes, and no lock is needed to read it. The pointer to the current state
 * is, apart from the log sink, the only global of the program.
 *
 * One part depends on waybill's own files, the other on Postfix's: when only
 * main.cf changes, the old state and the new one share the first part, and a
 * waybill.conf that somebody is editing stays unread. The first part also
 * contains the DNS look-ups, whose caches then stay warm; it is freed on the
 * main thread, never on that of the last message.
 */
#include "state.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * For everything that is read from Postfix; a reload waits at most this long.
 */
enum { POSTFIX_WAIT_MS = 20000 };

/* From waybill's own files. */
struct own {
	size_t references;		/* protected by in_force.lock */
	struct config *config;
	struct identity_table *identities;
	struct sign_rules *sign_rules;
	struct verify_rules *verify_rules;
	struct inquiry *inquiry;	/* NULL before state_ask() */
	size_t nkeys;
	struct own *next_left;		/* of in_force.left */
};

struct state {
	size_t references;		/* protected by in_force.lock */
	struct own *own;
	struct warn *warn;		/* not owned, and neither is the next */
	struct key_memory *key_memory;
	uint64_t postfix_mark;
	struct postfix *postfix;
	const char *no_loopback_why;	/* owned by postfix */
	struct sender *sender;
	struct origin_rules *origin_rules;
};

static struct {
	pthread_mutex_t lock;
	struct state *state;		/* protected by lock */
	struct own *left;		/* likewise: to be swept */
} in_force = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Drops one reference. Returns true if it was the last. */
static bool
is_last(size_t *references)
{
	size_t left;

	pthread_mutex_lock(&in_force.lock);
	left = --*references;
	pthread_mutex_unlock(&in_force.lock);
	return left == 0;
}

static struct own *
hold_own(struct own *own)
{
	pthread_mutex_lock(&in_force.lock);
	own->references++;
	pthread_mutex_unlock(&in_force.lock);
	return own;
}

static void
free_own(struct own *own)
{
	inquiry_free(&own->inquiry);
	verify_rules_free(&own->verify_rules);
	sign_rules_free(&own->sign_rules);
	identity_table_free(&own->identities);
	config_free(&own->config);
	free(own);
}

static void
release_own(struct own *own)
{
	if (own == NULL || !is_last(&own->references))
		return;
	if (own->inquiry == NULL) {
		free_own(own);
		return;
	}
	pthread_mutex_lock(&in_force.lock);
	own->next_left = in_force.left;
	in_force.left = own;
	pthread_mutex_unlock(&in_force.lock);
}

static void
free_state(struct state *s)
{
	origin_rules_free(&s->origin_rules);
	sender_release(&s->sender);
	postfix_release(&s->postfix);
	release_own(s->own);
	free(s);
}

static bool
asks_for_auto(const struct config *c)
{
	for (size_t i = 0; i < c->outgoing.networks.n; i++) {
		if (strcmp(c->outgoing.networks.v[i], "auto") == 0)
			return true;
	}
	return false;
}

static int
build_own(struct own *own, const char *path, struct err_list *errors,
    struct err_list *warnings)
{
	struct err err = { 0 };

	own->config = config_read(path, errors);
	if (own->config == NULL)
		return -1;
	/* The keys may belong to the group of the current user. */
	own->identities = identity_table_new(own->config, getegid(), errors,
	    warnings);
	if (own->identities == NULL)
		return -1;
	for (size_t i = 0; i < identity_count(own->identities); i++)
		own->nkeys += identity_at(own->identities, i)->nkeys;
	own->sign_rules = sign_rules_new(own->config, &err);
	if (own->sign_rules != NULL)
		own->verify_rules = verify_rules_new(own->identities, &err);
	if (own->verify_rules == NULL) {
		err_list_add(errors, &err);
		return -1;
	}
	return 0;
}

static struct postfix *
read_postfix(const struct state_services *services, const char *folder,
    struct err *err)
{
	return postfix_read(services->postfix, folder,
	    clock_ms() + POSTFIX_WAIT_MS, err);
}

/* A Postfix of which only the reason for failure is known. */
static struct postfix *
no_postfix(const char *why)
{
	struct postfix_text t = { .found = POSTFIX_UNREADABLE };
	struct postfix *p;

	t.part[POSTFIX_WHY] = strdup(why);
	p = postfix_parse(&t);
	postfix_text_free(&t);
	return p;
}

static struct sender *
find_sender(const struct postfix *p, const struct config *c)
{
	struct sender_options o = {
		.ipv4 = &c->sender.ipv4,
		.ipv6 = &c->sender.ipv6,
		.hostname = c->sender.hostname,
		.has_preference = c->sender.preference != PREFERENCE_AUTO,
	};

	switch (c->sender.preference) {
	case PREFERENCE_IPV6:
		o.preference = FAMILY_PREFER_IPV6;
		break;
	case PREFERENCE_IPV4:
		o.preference = FAMILY_PREFER_IPV4;
		break;
	case PREFERENCE_ANY:
	case PREFERENCE_AUTO:
		o.preference = FAMILY_PREFER_ANY;
		break;
	}
	return sender_new(p, &o);
}

/* Builds what depends on Postfix's files and the kernel. */
static int
build_around(struct state *s, struct err *err)
{
	const struct config *c = s->own->config;

	if (s->postfix != NULL && s->sender == NULL)
		s->sender = find_sender(s->postfix, c);
	if (s->sender == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	s->no_loopback_why = asks_for_auto(c) ?
	    postfix_filter_why(s->postfix) : NULL;
	s->origin_rules = origin_rules_new(c, s->no_loopback_why == NULL, err);
	return s->origin_rules == NULL ? -1 : 0;
}

static struct state *
allocate(struct own *own, struct warn *warn)
{
	struct state *s = calloc(1, sizeof *s);

	if (s == NULL) {
		release_own(own);
		return NULL;
	}
	s->references = 1;
	s->own = own;
	s->warn = warn;
	return s;
}

struct state *
state_new(const struct state_services *services, struct err_list *errors,
    struct err_list *warnings)
{
	struct own *own = calloc(1, sizeof *own);
	struct state *s = NULL;
	struct err err = { 0 };

	if (own != NULL) {
		own->references = 1;
		s = allocate(own, services->warn);
	}
	if (s == NULL) {
		err_set(&err, EXIT_TEMPORARY, "out of memory");
		err_list_add(errors, &err);
		return NULL;
	}
	s->key_memory = services->key_memory;
	if (build_own(own, services->config_path, errors, warnings) != 0) {
		free_state(s);
		return NULL;
	}
	s->postfix_mark = postfix_files_mark(own->config->sender.postfix);
	s->postfix = read_postfix(services, own->config->sender.postfix, &err);
	if (s->postfix == NULL) {
		err_list_add(warnings, &err);
		s->postfix = no_postfix(err.text);
	}
	if (build_around(s, &err) != 0) {
		err_list_add(errors, &err);
		free_state(s);
		return NULL;
	}
	return s;
}

int
state_ask(struct state *s, struct err *err)
{
	if (s->key_memory != NULL &&
	    key_memory_use(s->key_memory, s->own->identities) != 0)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	s->own->inquiry = inquiry_new(s->own->config, s->own->identities,
	    s->key_memory, err);
	return s->own->inquiry == NULL ? -1 : 0;
}

/* Creates a state that shares waybill's own part with s. */
static struct state *
beside(const struct state *s, uint64_t mark, struct err *err)
{
	struct state *n = allocate(hold_own(s->own), s->warn);

	if (n == NULL)
		err_set(err, EXIT_TEMPORARY, "out of memory");
	else
		n->postfix_mark = mark;
	return n;
}

/* Postfix's files have not changed: checks whether the host has. */
static int
renew_sender(const struct state *s, struct state **next, struct err *err)
{
	struct sender *sender = find_sender(s->postfix, s->own->config);
	struct state *n;

	if (sender == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	if (sender_equal(sender, s->sender)) {
		sender_release(&sender);
		return 0;
	}
	n = beside(s, s->postfix_mark, err);
	if (n == NULL) {
		sender_release(&sender);
		return -1;
	}
	n->sender = sender;
	n->postfix = postfix_hold(s->postfix);
	if (build_around(n, err) != 0) {
		free_state(n);
		return -1;
	}
	*next = n;
	return 0;
}

int
state_renew(const struct state_services *services, const struct state *s,
    struct state **next, struct err *err)
{
	const char *folder = s->own->config->sender.postfix;
	uint64_t mark = postfix_files_mark(folder);
	struct state *n;

	*next = NULL;
	if (mark == s->postfix_mark &&
	    postfix_found(s->postfix) != POSTFIX_UNREADABLE)
		return renew_sender(s, next, err);
	n = beside(s, mark, err);
	if (n == NULL)
		return -1;
	n->postfix = read_postfix(services, folder, err);
	if (n->postfix == NULL || build_around(n, err) != 0) {
		free_state(n);
		return -1;
	}
	if (mark != s->postfix_mark ||
	    postfix_found(n->postfix) != POSTFIX_UNREADABLE)
		*next = n;
	else
		free_state(n);
	return 0;
}

void
state_use(struct state **state)
{
	struct state *was;

	pthread_mutex_lock(&in_force.lock);
	was = in_force.state;
	in_force.state = *state;
	pthread_mutex_unlock(&in_force.lock);
	*state = NULL;
	state_release(&was);
}

struct state *
state_hold(void)
{
	struct state *s;

	pthread_mutex_lock(&in_force.lock);
	s = in_force.state;
	if (s != NULL)
		s->references++;
	pthread_mutex_unlock(&in_force.lock);
	return s;
}

void
state_release(struct state **state)
{
	struct state *s = *state;

	if (s == NULL)
		return;
	*state = NULL;
	if (is_last(&s->references))
		free_state(s);
}

void
state_sweep(void)
{
	struct own *own;

	do {
		pthread_mutex_lock(&in_force.lock);
		own = in_force.left;
		if (own != NULL)
			in_force.left = own->next_left;
		pthread_mutex_unlock(&in_force.lock);
		if (own != NULL)
			free_own(own);
	} while (own != NULL);
}

const struct config *
state_config(const struct state *s)
{
	return s->own->config;
}

const struct identity_table *
state_identities(const struct state *s)
{
	return s->own->identities;
}

const struct origin_rules *
state_origin_rules(const struct state *s)
{
	return s->origin_rules;
}

const struct sign_rules *
state_sign_rules(const struct state *s)
{
	return s->own->sign_rules;
}

const struct verify_rules *
state_verify_rules(const struct state *s)
{
	return s->own->verify_rules;
}

const struct postfix *
state_postfix(const struct state *s)
{
	return s->postfix;
}

const struct sender *
state_sender(const struct state *s)
{
	return s->sender;
}

struct inquiry *
state_inquiry(const struct state *s)
{
	return s->own->inquiry;
}

struct warn *
state_warn(const struct state *s)
{
	return s->warn;
}

size_t
state_key_count(const struct state *s)
{
	return s->own->nkeys;
}

const char *
state_no_loopback_why(const struct state *s)
{
	return s->no_loopback_why;
}
