/* SPDX-License-Identifier: ISC */
/*
 * One outgoing message, from MAIL to its end.
 *
 * Who signs is known only when all From fields have been seen, so the header
 * is kept until its end. After it libopendkim has hashed it; of the body nothing
 * is kept. The order of decisions:
 *
 *	a signature of ours holds	already-signed	untouched
 *	a stranger sent it before	reinjected	untouched, but for the
 *							authors in outgoing.lists
 *	no or several authors		no-author, several-authors
 *	no identity, but a well-formed
 *	DKIM-Signature			forwarded	untouched
 *	sign.enabled = false		disabled
 *	no identity			no-key
 *	sender of another's domain	not-aligned	by sign.author, below
 *	all signatures computed		signed
 *	one of them failed		on_error: tempfail or accepted
 *
 * By sign.author, with the domain of the sender that is said to Postfix:
 *
 *	MAIL FROM	of origin		sender's domain
 *	address		any			that of the address, if its
 *						local part is plain
 *	<>		local			all pass: a bounce
 *	<>		any, under a login	that of the login's name
 *	<>		any other		none passes
 *
 * Postfix's reject_sender_login_mismatch never looks at <>, and what smtp(8)
 * will call itself says nothing of who wrote the message. The domain passes
 * where sign.author is "aligned" if it is aligned with the author's, and where
 * it is "strict" if both have the same identity.
 *
 * Whether an old signature of ours holds is known last, at the end of the
 * body, so it is verified beside the making of new ones. Untouched: no field
 * is added or removed, for the signature that is on the message may cover
 * them. No edit is made before all signatures are there; they are given in the
 * order removals (highest index first: Postfix renumbers at once), stamps,
 * signatures, so that what is on top was inserted last.
 */
#include "message.h"

#include <stdlib.h>
#include <string.h>

#include "base/psl.h"
#include "base/text.h"
#include "author.h"
#include "budget.h"
#include "fields.h"
#include "reinjected.h"
#include "signature.h"
#include "stamp.h"

/*
 * A field that begins with our prefix, and its index among those of its name.
 */
struct forged_field {
	char *name;
	unsigned index;
};

struct message {
	struct budget budget;	/* of everything that grows with the message */
	struct state *state;
	struct message_facts facts;
	struct author author;
	bool has_signature;	/* a well-formed DKIM-Signature is present */
	bool has_header;	/* its end has been seen */
	/* this host has received it from a stranger before */
	bool is_reinjected;
	bool is_untouched;
	bool is_found;		/* the survey is complete */
	unsigned candidates;	/* DKIM-Signature fields that may be ours */

	struct text writer;	/* for reinjected_by() */
	struct fields fields;	/* until the end of the header */

	char login[DOMAIN_SIZE];	/* domain of the login's name, or "" */
	struct survey *survey;
	struct stamps stamps;

	struct forged_field *forged;
	size_t nforged;
	bool has_lost_forged;	/* there was no memory for one */

	const struct key **keys;	/* those of the identity that sign */
	size_t nkeys;
	struct sign *sign;
	struct verify *verify;

	struct message_edit *edits;
	size_t nedits;
};

static const char *const result_names[] = {
	[RESULT_SIGNED] = "signed",
	[RESULT_UNSIGNED] = "unsigned",
	[RESULT_ACCEPTED] = "accepted",
	[RESULT_TEMPFAIL] = "tempfail",
	[RESULT_REJECTED] = "rejected",
};

static const char *const why_names[] = {
	[WHY_NOTHING] = "",
	[WHY_NO_KEY] = "no-key",
	[WHY_NO_AUTHOR] = "no-author",
	[WHY_SEVERAL_AUTHORS] = "several-authors",
	[WHY_NOT_ALIGNED] = "not-aligned",
	[WHY_ALREADY_SIGNED] = "already-signed",
	[WHY_FORWARDED] = "forwarded",
	[WHY_REINJECTED] = "reinjected",
	[WHY_DISABLED] = "disabled",
	[WHY_FORGED] = "forged",
};

const char *
message_result_name(enum message_result r)
{
	return result_names[r];
}

const char *
message_why_name(enum message_why w)
{
	return why_names[w];
}

static bool
has_failed(const struct message *m)
{
	return m->facts.failure.text[0] != '\0';
}

struct message *
message_new(struct state *state, enum origin origin, const char *mail_arg,
    const char *login, const char *party)
{
	struct message *m = calloc(1, sizeof *m);
	struct address name;

	if (m == NULL) {
		state_release(&state);
		return NULL;
	}
	m->state = state;
	m->facts.origin = origin;
	text_init(&m->writer, 0);
	(void)address_path(mail_arg, &m->facts.mailfrom);
	m->fields.budget = &m->budget;
	budget_charge(&m->budget, sizeof *m);
	if (login != NULL && address_path(login, &name) == 0 &&
	    name.is_plain && !name.is_literal)
		memcpy(m->login, name.domain, sizeof m->login);
	m->survey = survey_new(state, &m->facts.mailfrom, m->login,
	    party, &m->budget);
	if (m->survey == NULL)
		message_free(&m);
	return m;
}

void
message_set_host(struct message *m, const char *host, const char *version)
{
	text_free(&m->writer);
	reinjected_writer(host, version, &m->writer);
}

/*
 * The first failure is the cause; those that follow from it are not reported.
 */
void
message_fail(struct message *m, const char *sentence)
{
	if (!has_failed(m))
		err_set(&m->facts.failure, EXIT_TEMPORARY, "%s", sentence);
	sign_free(&m->sign);
	fields_free(&m->fields);
}

void
message_add_recipient(struct message *m, const char *arg, const char *host,
    const char *mailer)
{
	m->facts.rcpts++;
	survey_add_recipient(m->survey, arg, host, mailer);
	m->facts.dests = survey_destinations(m->survey);
}

/* Length of the name without the blanks that RFC 5322 4.5 allows before the
 * colon: Postfix counts it in the same way. */
static size_t
name_length(const char *name)
{
	size_t len = strlen(name);

	while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == '\t'))
		len--;
	return len;
}

static bool
name_is(const char *name, const char *want)
{
	size_t len = name_length(name);

	return len == strlen(want) && text_begins_fold(name, want);
}

static bool
is_stamp(const struct message *m, const char *name)
{
	return text_begins_fold(name,
	    state_config(m->state)->headers.prefix);
}

static void
note_forged(struct message *m, const char *name)
{
	struct forged_field f = { .index = 1 };
	struct forged_field *grown;

	m->facts.forged++;
	if (m->nforged == MESSAGE_FORGED_MAX || m->has_lost_forged)
		return;
	grown = realloc(m->forged, (m->nforged + 1) * sizeof *grown);
	if (grown != NULL)
		m->forged = grown;
	if (grown != NULL &&
	    budget_take(&m->budget, name_length(name) + 1) == 0) {
		f.name = strndup(name, name_length(name));
		if (f.name == NULL)
			budget_give(&m->budget, name_length(name) + 1);
	}
	if (f.name == NULL) {
		m->has_lost_forged = true;
		message_fail(m, "no memory for the names of forged stamps");
		return;
	}
	for (size_t i = 0; i < m->nforged; i++) {
		if (text_equal_fold(m->forged[i].name, f.name))
			f.index++;
	}
	m->forged[m->nforged++] = f;
}

static void
note_received(struct message *m, const char *value)
{
	int by = m->is_reinjected ? 0 :
	    reinjected_by(m->state, m->writer.buf, value);

	if (by < 0)
		message_fail(m, "out of memory");
	m->is_reinjected |= by > 0;
}

void
message_add_header(struct message *m, const char *name, const char *value)
{
	m->facts.size += strlen(name) + 1 + strlen(value) + 2;
	for (const char *p = strchr(value, '\n'); p != NULL;
	    p = strchr(p + 1, '\n'))
		m->facts.size++;
	if (is_stamp(m, name))
		note_forged(m, name);
	if (has_failed(m))
		return;
	if (name_is(name, "Received"))
		note_received(m, value);
	if (name_is(name, "From"))
		author_add(&m->author, value);
	if (name_is(name, "To") || name_is(name, "Cc"))
		survey_show(m->survey, value);
	if (name_is(name, "DKIM-Signature")) {
		m->has_signature |= signature_is_well_formed(value);
		if (verify_is_candidate(state_verify_rules(m->state), value))
			m->candidates++;
	}
	if (fields_add(&m->fields, name, value) != 0)
		message_fail(m, "no memory for the message's header fields: "
		    "more than 32 MiB in this message, or more than 256 MiB in "
		    "all big messages together");
}

static bool
has_null_sender(const struct message *m)
{
	return m->facts.mailfrom.text[0] == '\0';
}

/* As long as DNS does not tell the organizational domains, the public suffix
 * list decides. */
static bool
is_aligned(const struct message *m, const char *sender)
{
	switch (survey_sender_align(m->survey)) {
	case ALIGN_STRICT:
	case ALIGN_RELAXED:
		return true;
	case ALIGN_NONE:
		return false;
	case ALIGN_UNKNOWN:
		break;
	}
	return domain_equal(psl_registrable(sender),
	    psl_registrable(m->facts.author));
}

/* Whether the sender may have it signed. No login signs for another's domain.
 * An address that Postfix may read differently proves nothing: it may be
 * another one that the login owns. */
static bool
sender_may(const struct message *m)
{
	enum sign_author rule = state_config(m->state)->sign.author;
	const char *sender = has_null_sender(m) ? m->login :
	    m->facts.mailfrom.domain;

	if (rule == SIGN_AUTHOR_ANY ||
	    (has_null_sender(m) && m->facts.origin == ORIGIN_LOCAL))
		return true;
	if (sender[0] == '\0' ||
	    (!has_null_sender(m) && !m->facts.mailfrom.is_plain))
		return false;
	return rule == SIGN_AUTHOR_STRICT ?
	    identity_find(state_identities(m->state), sender) ==
	    m->facts.identity : is_aligned(m, sender);
}

static void
find_author(struct message *m)
{
	struct message_facts *f = &m->facts;

	if (m->author.kind == AUTHOR_ONE) {
		memcpy(f->author, m->author.domain, sizeof f->author);
		f->identity = identity_find(state_identities(m->state),
		    f->author);
	}
	if (m->author.kind == AUTHOR_ONE &&
	    reinjected_is_listed(m->state, f->author))
		m->is_reinjected = false;
	m->is_untouched = m->is_reinjected ||
	    (m->author.kind == AUTHOR_ONE && m->has_signature &&
	    f->identity == NULL);
}

static enum message_why
why_not_signed(const struct message *m)
{
	const struct config *c = state_config(m->state);

	if (m->is_reinjected)
		return WHY_REINJECTED;
	if (m->author.kind == AUTHOR_NONE)
		return WHY_NO_AUTHOR;
	if (m->author.kind == AUTHOR_SEVERAL)
		return WHY_SEVERAL_AUTHORS;
	if (m->is_untouched)
		return WHY_FORWARDED;
	if (!c->sign.enabled)
		return WHY_DISABLED;
	if (m->facts.identity == NULL)
		return WHY_NO_KEY;
	if (!sender_may(m))
		return WHY_NOT_ALIGNED;
	return WHY_NOTHING;
}

/* Waits for the look-ups, decides who signs, and makes the stamps. An error
 * with a stamp costs only the stamp. */
static void
find_out(struct message *m)
{
	if (!m->is_untouched)
		survey_find(m->survey, m->facts.author, m->facts.identity);
	m->facts.why = why_not_signed(m);
	if (m->is_untouched)
		return;
	survey_judge(m->survey, m->facts.why == WHY_NOTHING);
	m->is_found = true;
	(void)stamps_make(m->survey, sender_hostname(state_sender(m->state)),
	    state_config(m->state), &m->stamps);
}

/* Chooses the keys of the identity that sign: the gate may hold some back. */
static void
choose_keys(struct message *m)
{
	const struct identity *identity = m->facts.identity;
	size_t n;
	const struct gate_key *k = survey_keys(m->survey, &n);

	m->keys = calloc(identity->nkeys, sizeof *m->keys);
	if (m->keys == NULL) {
		message_fail(m, "out of memory");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (k[i].signs)
			m->keys[m->nkeys++] = k[i].key;
	}
	if (m->nkeys > 0)
		return;
	memcpy(m->keys, identity->keys, identity->nkeys * sizeof *m->keys);
	m->nkeys = identity->nkeys;
}

/* Feeds the header as it will leave: with our stamps on top, and without
 * foreign stamps, which are removed if this signature is added. */
static int
open_sign(struct message *m, const char *id, struct err *err)
{
	const char *at = NULL, *name, *value;

	m->sign = sign_open(state_sign_rules(m->state),
	    m->facts.identity->domain, m->keys, m->nkeys, id, err);
	if (m->sign == NULL)
		return -1;
	sign_count_memory(m->sign, &m->budget);
	for (size_t i = 0; i < m->stamps.n; i++) {
		if (sign_header(m->sign, m->stamps.v[i].name,
		    m->stamps.v[i].value, err) != 0)
			return -1;
	}
	while ((name = fields_next(&m->fields, &at, &value)) != NULL) {
		if (!is_stamp(m, name) &&
		    sign_header(m->sign, name, value, err) != 0)
			return -1;
	}
	return sign_end_headers(m->sign, err);
}

/* An error in here only means that the message is signed again. */
static void
open_verify(struct message *m, const char *id)
{
	const char *at = NULL, *name, *value;

	m->verify = verify_open(state_verify_rules(m->state), m->keys,
	    m->nkeys, id, NULL);
	if (m->verify == NULL)
		return;
	verify_count_memory(m->verify, &m->budget);
	while ((name = fields_next(&m->fields, &at, &value)) != NULL)
		verify_header(m->verify, name, value);
	if (!verify_end_headers(m->verify))
		verify_free(&m->verify);
}

bool
message_is_open(const struct message *m)
{
	return !m->has_header && !has_failed(m) && survey_is_open(m->survey);
}

void
message_end_headers(struct message *m, const char *id)
{
	struct err err = { 0 };

	/* A header has one end, whatever an MTA may send. */
	if (m->has_header)
		return;
	m->has_header = true;
	m->facts.size += 2;
	if (has_failed(m))
		return;
	find_author(m);
	find_out(m);
	if (m->facts.identity != NULL)
		choose_keys(m);
	if (m->candidates > 0 && m->nkeys > 0)
		open_verify(m, id);
	if (m->facts.why == WHY_NOTHING && !has_failed(m) &&
	    open_sign(m, id, &err) != 0)
		message_fail(m, err.text);
	fields_free(&m->fields);
}

void
message_add_body(struct message *m, const void *bytes, size_t len)
{
	struct err err = { 0 };

	m->facts.size += len;
	if (m->verify != NULL)
		verify_body(m->verify, bytes, len);
	if (m->sign != NULL && sign_body(m->sign, bytes, len, &err) != 0)
		message_fail(m, err.text);
}

static void
decide(struct message *m)
{
	const struct config *c = state_config(m->state);
	struct message_facts *f = &m->facts;
	struct err err = { 0 };

	if (m->verify != NULL && verify_close(m->verify)) {
		f->why = WHY_ALREADY_SIGNED;
		f->result = RESULT_UNSIGNED;
		f->failure.text[0] = '\0';
		m->is_untouched = true;
		return;
	}
	if (m->sign != NULL && sign_close(m->sign, &err) != 0)
		message_fail(m, err.text);
	if (has_failed(m)) {
		f->why = WHY_NOTHING;
		f->result = c->on_error == ON_ERROR_ACCEPT &&
		    !m->has_lost_forged ? RESULT_ACCEPTED : RESULT_TEMPFAIL;
		return;
	}
	if (m->sign == NULL) {
		/* A message that ended before its header did. */
		if (f->why == WHY_NOTHING)
			f->why = WHY_NO_AUTHOR;
		f->result = RESULT_UNSIGNED;
		return;
	}
	f->result = RESULT_SIGNED;
	f->fragile = sign_fragile(m->sign);
}

/* Returns true if a field is, or would have been, added to this message. Then
 * no foreign stamp may remain beside it. */
static bool
is_ours(const struct message *m)
{
	const struct config *c = state_config(m->state);

	if (m->is_untouched)
		return false;
	return m->facts.result != RESULT_UNSIGNED || c->headers.stamp_sender ||
	    c->headers.stamp_route;
}

static void
plan_edits(struct message *m)
{
	size_t nsigned = m->facts.result == RESULT_SIGNED ?
	    sign_count(m->sign) : 0;
	size_t nstamps = m->facts.result == RESULT_ACCEPTED ? 0 : m->stamps.n;

	m->edits = calloc(m->nforged + nstamps + nsigned + 1,
	    sizeof *m->edits);
	if (m->edits == NULL) {
		message_fail(m, "out of memory");
		m->facts.result = RESULT_TEMPFAIL;
		return;
	}
	for (size_t i = m->nforged; i-- > 0; ) {
		m->edits[m->nedits++] = (struct message_edit){
			.name = m->forged[i].name,
			.index = m->forged[i].index,
		};
	}
	for (size_t i = nstamps; i-- > 0; ) {
		m->edits[m->nedits++] = (struct message_edit){
			.name = m->stamps.v[i].name,
			.value = m->stamps.v[i].value,
		};
	}
	for (size_t i = nsigned; i-- > 0; ) {
		m->edits[m->nedits++] = (struct message_edit){
			.name = "DKIM-Signature",
			.value = sign_value(m->sign, i),
		};
	}
}

void
message_end(struct message *m)
{
	decide(m);
	if (!is_ours(m)) {
		m->facts.forged = 0;
		return;
	}
	if (m->facts.forged > MESSAGE_FORGED_MAX) {
		m->facts.result = RESULT_REJECTED;
		m->facts.why = WHY_FORGED;
		return;
	}
	if (m->facts.result != RESULT_TEMPFAIL)
		plan_edits(m);
}

size_t
message_edits(const struct message *m, const struct message_edit **edits)
{
	*edits = m->edits;
	return m->nedits;
}

void
message_edit_failed(struct message *m, const struct message_edit *e)
{
	err_set(&m->facts.failure, EXIT_TEMPORARY,
	    "libmilter cannot %s the field %.100s of the message",
	    e->index > 0 ? "remove" : "insert", e->name);
	m->facts.result = RESULT_TEMPFAIL;
	m->facts.why = WHY_NOTHING;
}

const struct message_facts *
message_facts(const struct message *m)
{
	return &m->facts;
}

const struct state *
message_state(const struct message *m)
{
	return m->state;
}

const struct survey *
message_survey(const struct message *m)
{
	bool is_taken = m->facts.result == RESULT_SIGNED ||
	    m->facts.result == RESULT_UNSIGNED ||
	    m->facts.result == RESULT_ACCEPTED;

	return m->is_found && is_taken && !m->is_untouched ? m->survey : NULL;
}

size_t
message_signatures(const struct message *m)
{
	return m->facts.result == RESULT_SIGNED ? sign_count(m->sign) : 0;
}

const struct key *
message_signature_key(const struct message *m, size_t i)
{
	return sign_key(m->sign, i);
}

void
message_free(struct message **message)
{
	struct message *m = *message;

	if (m == NULL)
		return;
	sign_free(&m->sign);
	verify_free(&m->verify);
	free(m->keys);
	fields_free(&m->fields);
	text_free(&m->writer);
	survey_free(&m->survey);
	stamps_free(&m->stamps);
	for (size_t i = 0; i < m->nforged; i++) {
		budget_give(&m->budget, strlen(m->forged[i].name) + 1);
		free(m->forged[i].name);
	}
	free(m->forged);
	free(m->edits);
	budget_give(&m->budget, sizeof *m);
	state_release(&m->state);
	free(m);
	*message = NULL;
}
