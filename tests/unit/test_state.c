/* SPDX-License-Identifier: ISC */
/* States are built whole or not at all, and live as long as somebody holds
 * them. The sanitizers tell whether one is freed twice or never. */
#include <sys/stat.h>

#include "scratch_state.h"
#include "state.h"
#include "unit.h"

static struct warn *warn;

static struct state *
build(size_t *nerrors)
{
	struct state_services services = {
		.config_path = scratch.config, .warn = warn };
	struct err_list errors = { 0 }, warnings = { 0 };
	struct state *s = state_new(&services, &errors, &warnings);

	*nerrors = errors.n;
	err_list_free(&errors);
	err_list_free(&warnings);
	return s;
}

static void
test_swap(void **state)
{
	struct state *first, *second, *held, *now;
	size_t n;

	(void)state;
	assert_null(state_hold());
	scratch_config(&scratch, "");
	scratch_key(&scratch, "example.org", "one");
	first = build(&n);
	assert_non_null(first);
	assert_int_equal(n, 0);
	assert_int_equal(state_key_count(first), 1);
	assert_non_null(state_no_loopback_why(first));
	state_use(&first);
	assert_null(first);
	held = state_hold();

	scratch_key(&scratch, "example.net", "two");
	scratch_config(&scratch, "outgoing { networks = { \"192.0.2.0/24\" } }");
	second = build(&n);
	assert_non_null(second);
	assert_null(state_no_loopback_why(second));
	state_use(&second);
	now = state_hold();
	assert_ptr_not_equal(now, held);
	assert_int_equal(state_key_count(held), 1);
	assert_int_equal(state_key_count(now), 2);
	assert_non_null(identity_find(state_identities(now), "example.net"));
	assert_null(identity_find(state_identities(held), "example.net"));
	state_release(&held);
	state_release(&now);
	assert_null(now);
}

static void
write_file(const char *name)
{
	char path[120];
	FILE *f;

	snprintf(path, sizeof path, "%s/postfix/%s", scratch.folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
}

/* Postfix's files change: only what follows from them is built anew, and a
 * configuration that is just being edited stays unread. */
static void
test_renew(void **state)
{
	struct state_services services = {
		.config_path = scratch.config, .warn = warn };
	struct state *s, *next;
	char path[120];
	struct err err;
	size_t n;

	(void)state;
	scratch_config(&scratch, "");
	s = build(&n);
	assert_non_null(s);
	assert_int_equal(postfix_found(state_postfix(s)), POSTFIX_NONE);
	scratch_config(&scratch, "nosuch = 1");
	assert_int_equal(state_renew(&services, s, &next, &err), 0);
	assert_null(next);
	snprintf(path, sizeof path, "%s/postfix", scratch.folder);
	assert_int_equal(mkdir(path, 0755), 0);
	write_file("main.cf");
	write_file("master.cf");
	assert_int_equal(state_renew(&services, s, &next, &err), 0);
	assert_non_null(next);
	assert_ptr_equal(state_identities(next), state_identities(s));
	state_release(&s);
	assert_non_null(state_config(next)->socket);
	state_release(&next);
}

static void
test_faults(void **state)
{
	size_t n;

	(void)state;
	scratch_config(&scratch, "nosuch = 1\nsign { enabled = perhaps }");
	assert_null(build(&n));
	assert_int_equal(n, 2);
	scratch_config(&scratch, "domain \"example.com\" { key \"a\" "
	    "{ file = \"/nonexistent/a.pem\" } }");
	assert_null(build(&n));
	assert_true(n > 0);
}

static int
setup(void **state)
{
	(void)state;
	scratch_make(&scratch);
	warn = warn_new();
	return warn == NULL;
}

static int
teardown(void **state)
{
	struct state *none = NULL;

	(void)state;
	state_use(&none);
	warn_free(&warn);
	scratch_remove(&scratch);
	return 0;
}

UNIT_MAIN(setup, teardown,
    cmocka_unit_test(test_swap),
    cmocka_unit_test(test_renew),
    cmocka_unit_test(test_faults))
