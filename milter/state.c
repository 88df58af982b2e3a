/* SPDX-License-Identifier: ISC */
/*
 * One configuration in force.
 *
 * A reload builds a second state beside the first and swaps the pointer; the
 * first is freed when its last message has ended. So nothing in a state ever
 * changes, and no lock is needed to read it. The pointer to the state in force
 * is, beside the log sink, the only global of the program.
 */
#include "state.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct state {
	size_t references;		/* guarded by in_force.lock */
	struct config *config;
	struct identity_table *identities;
	struct origin_rules *origin_rules;
	struct sign_rules *sign_rules;
	struct verify_rules *verify_rules;
	struct warn *warn;		/* not owned */
	const char *no_loopback_why;
	size_t nkeys;
};

static struct {
	pthread_mutex_t lock;
	struct state *state;		/* guarded by lock */
} in_force = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
free_state(struct state *s)
{
	verify_rules_free(&s->verify_rules);
	sign_rules_free(&s->sign_rules);
	origin_rules_free(&s->origin_rules);
	identity_table_free(&s->identities);
	config_free(&s->config);
	free(s);
}

/*
 * Is what comes from loopback our own? Half a sentence why not, or NULL.
 * A content filter that re-injects by 127.0.0.1 brings strangers' mail, which
 * must not be signed; as long as Postfix's files aren't read, nobody knows.
 */
static const char *
why_no_loopback(const struct config *c)
{
	bool asked = false;

	for (size_t i = 0; i < c->outgoing.networks.n; i++)
		asked |= strcmp(c->outgoing.networks.v[i], "auto") == 0;
	return asked ? "Postfix's files are not read, so a content filter "
	    "may bring strangers' mail over loopback" : NULL;
}

static void
count_keys(struct state *s)
{
	for (size_t i = 0; i < identity_count(s->identities); i++)
		s->nkeys += identity_at(s->identities, i)->nkeys;
}

static int
build(struct state *s, struct err_list *errors, struct err_list *warnings)
{
	struct err err = { 0 };

	/* The keys may belong to the group of who runs this. */
	s->identities = identity_table_new(s->config, getegid(), errors,
	    warnings);
	if (s->identities == NULL)
		return -1;
	count_keys(s);
	s->no_loopback_why = why_no_loopback(s->config);
	s->origin_rules = origin_rules_new(s->config,
	    s->no_loopback_why == NULL, &err);
	if (s->origin_rules != NULL)
		s->sign_rules = sign_rules_new(s->config, &err);
	if (s->sign_rules != NULL)
		s->verify_rules = verify_rules_new(s->identities, &err);
	if (s->verify_rules == NULL) {
		err_list_add(errors, &err);
		return -1;
	}
	return 0;
}

struct state *
state_new(const char *path, struct warn *warn, struct err_list *errors,
    struct err_list *warnings)
{
	struct state *s = calloc(1, sizeof *s);
	struct err err;

	if (s == NULL) {
		err_set(&err, EXIT_TEMPORARY, "out of memory");
		err_list_add(errors, &err);
		return NULL;
	}
	s->references = 1;
	s->warn = warn;
	s->config = config_read(path, errors);
	if (s->config == NULL || build(s, errors, warnings) != 0) {
		free_state(s);
		return NULL;
	}
	return s;
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
	bool is_last;

	if (s == NULL)
		return;
	pthread_mutex_lock(&in_force.lock);
	is_last = --s->references == 0;
	pthread_mutex_unlock(&in_force.lock);
	if (is_last)
		free_state(s);
	*state = NULL;
}

const struct config *
state_config(const struct state *s)
{
	return s->config;
}

const struct identity_table *
state_identities(const struct state *s)
{
	return s->identities;
}

const struct origin_rules *
state_origin_rules(const struct state *s)
{
	return s->origin_rules;
}

const struct sign_rules *
state_sign_rules(const struct state *s)
{
	return s->sign_rules;
}

const struct verify_rules *
state_verify_rules(const struct state *s)
{
	return s->verify_rules;
}

struct warn *
state_warn(const struct state *s)
{
	return s->warn;
}

size_t
state_key_count(const struct state *s)
{
	return s->nkeys;
}

const char *
state_no_loopback_why(const struct state *s)
{
	return s->no_loopback_why;
}
