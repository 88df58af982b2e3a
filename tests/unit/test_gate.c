/* SPDX-License-Identifier: ISC */
/* Which keys sign, by what DNS has said of each so far; the clock is the
 * test's. */

#include "gate.h"
#include "scratch_state.h"
#include "unit.h"

enum { KEYS_MAX = 8 };

#define MINUTE ((int64_t)60 * 1000)
#define NOW (1000 * MINUTE)

/* The pasts of keys, by a letter. */
static const struct {
	char letter;
	struct key_past past;
} pasts[] = {
	/* published */
	{ 'P', { .was_seen = true, .said = PUBLISHED_YES } },
	/* was published, and the last answer doesn't have it */
	{ 'f', { .was_seen = true, .said = PUBLISHED_MISSING, .lacks = 1,
	    .lacks_since_ms = NOW } },
	{ 'h', { .was_seen = true, .said = PUBLISHED_DIFFERS, .lacks = 9,
	    .lacks_since_ms = NOW - 60 * MINUTE + 1 } },
	{ '2', { .was_seen = true, .said = PUBLISHED_MISSING, .lacks = 2,
	    .lacks_since_ms = NOW - 300 * MINUTE } },
	{ 'A', { .was_seen = true, .said = PUBLISHED_MISSING, .lacks = 3,
	    .lacks_since_ms = NOW - 60 * MINUTE } },
	/* never seen: not asked, absent, surely absent; the same when late */
	{ 'n', { .said = PUBLISHED_UNKNOWN } },
	{ 'm', { .said = PUBLISHED_MISSING, .lacks = 1,
	    .lacks_since_ms = NOW } },
	{ 'a', { .said = PUBLISHED_DIFFERS, .lacks = 3,
	    .lacks_since_ms = NOW - 60 * MINUTE } },
	{ 'N', { .is_late = true, .said = PUBLISHED_UNKNOWN } },
	{ 'M', { .is_late = true, .said = PUBLISHED_MISSING, .lacks = 1,
	    .lacks_since_ms = NOW } },
};

/* algorithms: r(sa), e(d25519); want: 1 signs. */
static const struct {
	const char *algorithms, *pasts, *want;
} row[] = {
	/* one key signs, whatever DNS says */
	{ "r", "P", "1" }, { "r", "f", "1" }, { "r", "A", "1" },
	{ "r", "n", "1" }, { "r", "m", "1" }, { "r", "a", "1" },
	{ "r", "N", "1" }, { "r", "M", "1" },
	{ "e", "P", "1" }, { "e", "a", "1" },
	/* a published key doesn't go by one answer, nor within the hour, nor
	 * by two */
	{ "rr", "Pf", "11" }, { "rr", "Ph", "11" }, { "rr", "P2", "11" },
	{ "rr", "PA", "10" }, { "rr", "AP", "01" },
	{ "re", "fP", "11" }, { "re", "hP", "11" }, { "re", "2P", "11" },
	{ "re", "AP", "01" },
	/* a new one waits for its record */
	{ "rr", "Pm", "10" }, { "rr", "mP", "01" }, { "rr", "Pa", "10" },
	{ "rr", "PM", "10" }, { "rr", "PN", "10" }, { "re", "Pm", "10" },
	{ "re", "PM", "10" }, { "rr", "fm", "10" }, { "rr", "fN", "10" },
	/* DNS is silent */
	{ "rr", "Pn", "11" }, { "re", "Pn", "11" }, { "rr", "nn", "11" },
	/* no RSA key stands: one that may be published signs in doubt */
	{ "re", "mP", "11" }, { "re", "aP", "01" }, { "re", "MP", "01" },
	{ "re", "NP", "01" }, { "ree", "mPm", "111" }, { "rre", "mPm", "010" },
	{ "rre", "AmP", "011" },
	/* none stands: all sign */
	{ "rr", "mm", "11" }, { "rr", "AA", "11" }, { "rr", "mA", "11" },
	{ "rr", "nm", "11" }, { "rr", "MN", "11" }, { "re", "Aa", "11" },
};

static struct key_past
past_of(char letter)
{
	for (size_t i = 0; i < COUNT(pasts); i++) {
		if (pasts[i].letter == letter)
			return pasts[i].past;
	}
	fail_msg("no past %c", letter);
	return pasts[0].past;
}

static void
test_decide(void **state)
{
	static const struct key rsa = { .algorithm = KEY_RSA };
	static const struct key ed25519 = { .algorithm = KEY_ED25519 };

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct gate_key key[KEYS_MAX] = { { 0 } };
		size_t n = strlen(row[i].pasts);
		char got[KEYS_MAX + 1] = "";

		for (size_t k = 0; k < n; k++) {
			key[k].key = row[i].algorithms[k] == 'r' ? &rsa :
			    &ed25519;
			key[k].past = past_of(row[i].pasts[k]);
		}
		gate_decide(key, n, NOW);
		for (size_t k = 0; k < n; k++)
			got[k] = key[k].signs ? '1' : '0';
		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s %s: %s, not %s", row[i].algorithms,
			    row[i].pasts, got, row[i].want);
	}
}

/* ---- over time ---- */

static struct state *
build(void)
{
	struct state_services services = { .config_path = scratch.config };
	struct err_list errors = { 0 }, warnings = { 0 };
	struct state *s = state_new(&services, &errors, &warnings);

	assert_non_null(s);
	err_list_free(&errors);
	err_list_free(&warnings);
	return s;
}

static const struct identity *
identity_of(const struct state *s)
{
	return identity_find(state_identities(s), "example.org");
}

static const struct key *
key_of(const struct state *s, const char *selector)
{
	const struct identity *id = identity_of(s);

	for (size_t i = 0; i < id->nkeys; i++) {
		if (strcmp(id->keys[i]->selector, selector) == 0)
			return id->keys[i];
	}
	fail_msg("no key %s", selector);
	return NULL;
}

/* The selectors of those that sign, with blanks between. */
static const char *
signers(struct key_memory *m, const struct state *s, int64_t now_ms)
{
	static char out[200];
	const struct identity *id = identity_of(s);
	struct gate_key key[KEYS_MAX] = { { 0 } };

	out[0] = '\0';
	for (size_t i = 0; i < id->nkeys; i++) {
		key[i].key = id->keys[i];
		key[i].past = key_memory_read(m, id->keys[i]);
	}
	gate_decide(key, id->nkeys, now_ms);
	for (size_t i = 0; i < id->nkeys; i++) {
		if (key[i].signs) {
			strcat(out, out[0] == '\0' ? "" : " ");
			strcat(out, id->keys[i]->selector);
		}
	}
	return out;
}

static void
test_over_time(void **state)
{
	struct key_memory *m = key_memory_new();
	struct state *s;
	const struct key *e, *r;
	int64_t t = NOW;

	(void)state;
	scratch_key(&scratch, "example.org", "e");
	scratch_rsa_key(&scratch, "example.org", "r");
	s = build();
	e = key_of(s, "e");
	r = key_of(s, "r");
	/* before anything is asked, and of keys that aren't in use */
	assert_string_equal(signers(NULL, s, t), "e r");
	assert_string_equal(signers(m, s, t), "e r");
	key_memory_note(m, e, PUBLISHED_YES, t);
	assert_string_equal(signers(m, s, t), "e r");
	assert_int_equal(key_memory_use(m, state_identities(s)), 0);

	/* the first answer is forged: RSA signs on, and so it does when DNS
	 * has said the truth */
	key_memory_note(m, e, PUBLISHED_YES, t);
	key_memory_note(m, r, PUBLISHED_MISSING, t);
	assert_string_equal(signers(m, s, t), "e r");
	key_memory_note(m, r, PUBLISHED_YES, t);
	assert_string_equal(signers(m, s, t), "e r");

	/* answers that lack it, one every 5 minutes; silence is no answer */
	for (int i = 0; i < 12; i++, t += 5 * MINUTE) {
		key_memory_note(m, r, i % 2 == 0 ? PUBLISHED_MISSING :
		    PUBLISHED_DIFFERS, t);
		key_memory_note(m, r, PUBLISHED_UNKNOWN, t);
		assert_string_equal(signers(m, s, t), "e r");
	}
	assert_string_equal(signers(m, s, t - 1), "e r");
	assert_string_equal(signers(m, s, t), "e");
	/* and back, at once; the hour begins anew */
	key_memory_note(m, r, PUBLISHED_YES, t);
	assert_string_equal(signers(m, s, t), "e r");
	t += 500 * MINUTE;
	key_memory_note(m, r, PUBLISHED_MISSING, t);
	assert_string_equal(signers(m, s, t + 500 * MINUTE), "e r");
	key_memory_note(m, r, PUBLISHED_MISSING, t + 70 * MINUTE);
	assert_string_equal(signers(m, s, t + 500 * MINUTE), "e r");
	key_memory_note(m, r, PUBLISHED_MISSING, t + 140 * MINUTE);
	assert_string_equal(signers(m, s, t + 140 * MINUTE), "e");
	/* none is left: all sign */
	for (int i = 0; i < 3; i++)
		key_memory_note(m, e, PUBLISHED_MISSING, t + i * 30 * MINUTE);
	assert_string_equal(signers(m, s, t + 140 * MINUTE), "e r");
	state_release(&s);
	key_memory_free(&m);
	assert_null(m);
	key_memory_free(&m);
}

static void
test_reload(void **state)
{
	struct key_memory *m = key_memory_new();
	struct state *s = build(), *next;
	int64_t t = NOW;

	(void)state;
	assert_int_equal(key_memory_use(m, state_identities(s)), 0);
	key_memory_note(m, key_of(s, "r"), PUBLISHED_YES, t);
	key_memory_note(m, key_of(s, "e"), PUBLISHED_YES, t);

	/* a new one, beside keys that DNS has, waits: also while it isn't
	 * asked for yet, and when RSA is gone */
	scratch_rsa_key(&scratch, "example.org", "new");
	next = build();
	assert_int_equal(key_memory_use(m, state_identities(next)), 0);
	assert_string_equal(signers(m, next, t), "e r");
	key_memory_note(m, key_of(next, "new"), PUBLISHED_MISSING, t);
	assert_string_equal(signers(m, next, t), "e r");
	for (int i = 0; i < 4; i++)
		key_memory_note(m, key_of(next, "r"), PUBLISHED_MISSING, t);
	assert_string_equal(signers(m, next, t + 60 * MINUTE), "e");
	key_memory_note(m, key_of(next, "new"), PUBLISHED_YES, t);
	assert_string_equal(signers(m, next, t + 60 * MINUTE), "e new");
	/* answers that were under way to the state before count, too */
	key_memory_note(m, key_of(s, "r"), PUBLISHED_YES, t);
	assert_string_equal(signers(m, next, t + 60 * MINUTE), "e new r");
	state_release(&s);

	/* the file of r is replaced: that one begins anew, and is late */
	scratch_remove_key(&scratch, "example.org", "r");
	scratch_rsa_key(&scratch, "example.org", "r");
	s = build();
	assert_int_equal(key_memory_use(m, state_identities(s)), 0);
	assert_string_equal(signers(m, s, t), "e new");
	/* what is no longer in use is forgotten */
	assert_true(key_memory_read(m, key_of(s, "e")).was_seen);
	assert_false(key_memory_read(m, key_of(next, "r")).was_seen);
	state_release(&next);
	state_release(&s);
	key_memory_free(&m);
}

UNIT_MAIN(scratch_begin, scratch_end,
    cmocka_unit_test(test_decide),
    cmocka_unit_test(test_over_time),
    cmocka_unit_test(test_reload))
