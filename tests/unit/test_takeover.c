/* SPDX-License-Identifier: ISC */
/*
 * One event when other keys sign than before. What DNS has is said by the test:
 * gate_read() and log_event() are wrapped at link time.
 */

#include "base/event.h"
#include "base/log.h"
#include "gate.h"
#include "scratch_state.h"
#include "takeover.h"
#include "unit.h"

void __wrap_gate_read(struct inquiry *q, const struct identity *id, bool asks,
    struct gate_key *keys);
void __wrap_log_event(struct event *e);

static const char *published, *silent;	/* selectors */
static char logged[2000];

void
__wrap_gate_read(struct inquiry *q, const struct identity *id, bool asks,
    struct gate_key *keys)
{
	(void)q;
	assert_false(asks);
	for (size_t i = 0; i < id->nkeys; i++) {
		const char *selector = id->keys[i]->selector;

		keys[i].key = id->keys[i];
		keys[i].state = strstr(silent, selector) != NULL ?
		    PUBLISHED_UNKNOWN : strstr(published, selector) != NULL ?
		    PUBLISHED_YES : PUBLISHED_MISSING;
		keys[i].past = (struct key_past){ .said = keys[i].state,
		    .was_seen = keys[i].state == PUBLISHED_YES,
		    .is_late = keys[i].state == PUBLISHED_MISSING };
	}
	gate_decide(keys, id->nkeys, 0);
}

void
__wrap_log_event(struct event *e)
{
	strcat(logged, event_line(e));
	strcat(logged, "\n");
}

static struct state *
build(void)
{
	struct state_services services = {
		.config_path = scratch.config };
	struct err_list errors = { 0 }, warnings = { 0 };
	struct state *s = state_new(&services, &errors, &warnings);

	assert_non_null(s);
	err_list_free(&errors);
	err_list_free(&warnings);
	return s;
}

/* What a look says when DNS has these keys, and is silent of those. */
static const char *
look(struct takeover *t, const struct state *s, const char *has,
    const char *silent_of)
{
	published = has;
	silent = silent_of;
	logged[0] = '\0';
	takeover_look(t, state_identities(s), NULL);
	return logged;
}

static void
test_change(void **state)
{
	struct takeover *t = takeover_new();
	struct state *s;

	(void)state;
	scratch_key(&scratch, "example.org", "old");
	scratch_key(&scratch, "example.org", "new");
	scratch_key(&scratch, "example.net", "alone");
	s = build();
	/* not known, then known for the first time */
	assert_string_equal(look(t, s, "", "old new"), "");
	assert_string_equal(look(t, s, "old", "new"), "");
	assert_string_equal(look(t, s, "old", ""), "");
	/* it takes over, once; silence in between is no change */
	assert_string_equal(look(t, s, "old", "new"), "");
	assert_string_equal(look(t, s, "old new", ""),
	    "takeover d=example.org signs=new,old before=old\n");
	assert_string_equal(look(t, s, "old new", ""), "");
	assert_string_equal(look(t, s, "", "new old"), "");
	assert_string_equal(look(t, s, "new", ""),
	    "takeover d=example.org signs=new before=new,old\n");
	/* without a record that fits, all sign */
	assert_string_equal(look(t, s, "", ""),
	    "takeover d=example.org signs=new,old before=new\n");
	state_release(&s);
	takeover_free(&t);
	assert_null(t);
}

/* Other identities, or other keys of one. */
static void
test_reload(void **state)
{
	struct takeover *t = takeover_new();
	struct state *s = build();

	(void)state;
	assert_string_equal(look(t, s, "old", ""), "");
	state_release(&s);

	scratch_key(&scratch, "a.example", "first");
	scratch_key(&scratch, "example.net", "second");
	scratch_key(&scratch, "z.example", "last");
	s = build();
	assert_string_equal(look(t, s, "", "new old second alone"), "");
	/* example.net's one key signed until now */
	assert_string_equal(look(t, s, "new old alone second", ""),
	    "takeover d=example.net signs=alone,second before=alone\n"
	    "takeover d=example.org signs=new,old before=old\n");
	assert_string_equal(look(t, s, "new old alone second", ""), "");
	state_release(&s);
	takeover_free(&t);
}

/* Names that fill a line don't push off who signs now. */
static void
test_long(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	struct takeover *t = takeover_new();
	char selector[64], all[500] = "", but_one[500] = "";
	struct event_read r;
	struct state *s;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		memset(selector, names[i][0], sizeof selector - 1);
		selector[sizeof selector - 1] = '\0';
		scratch_key(&scratch, "long.example", selector);
		strcat(strcat(all, " "), selector);
		if (i > 0)
			strcat(strcat(but_one, " "), selector);
	}
	s = build();
	look(t, s, all, "");
	look(t, s, but_one, "");
	assert_int_equal(event_parse(&r, logged, strcspn(logged, "\n")), 0);
	assert_false(r.cut);
	assert_string_equal(event_value(&r, "d"), "long.example");
	assert_memory_equal(event_value(&r, "signs"), "bbb", 3);
	assert_memory_equal(event_value(&r, "before"), "aaa", 3);
	state_release(&s);
	takeover_free(&t);
}

UNIT_MAIN(scratch_begin, scratch_end,
    cmocka_unit_test(test_change),
    cmocka_unit_test(test_reload),
    cmocka_unit_test(test_long))
