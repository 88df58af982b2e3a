/* SPDX-License-Identifier: ISC */
/*
 * Replies to reply classes, by rules that are data.
 *
 * Order: the site's rules, then ours, in the order of the lines; the enhanced
 * status code (RFC 3463); rules for vague texts; the plain code. The text is
 * made plain first: one space for any white space, the code that a multi-line
 * reply repeats on every line taken out, 1,000 bytes at most.
 *
 * Texts come from strangers. PCRE2 is bounded by its match and depth limits,
 * and without its just-in-time compiler, so that the recorder needs no memory
 * that is both writable and executable. A rule that reaches a limit does not
 * match.
 */
#include "record/reply.h"

#include "base/domain.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/ip.h"
#include "base/psl.h"
#include "base/text.h"
#include "record/hint.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	RULES_FILE_MAX = 1024 * 1024,
	RULES_MAX = 4000,
	RULE_WORDS_MAX = 40,
	REPLY_TEXT_MAX = 1000,
	REPLY_MATCH_LIMIT = 20000,
	REPLY_DEPTH_LIMIT = 200,
	MEMO_SLOTS = 16384,	/* 5 MB */
};

enum rule_kind { RULE_TEXT, RULE_LAST, RULE_CODE, RULE_PROVIDER, RULE_PAGE };

struct rule {
	enum rule_kind kind;
	const char *file;		/* of the rules' own text, for faults */
	int line;
	const struct reply_class *class;
	const char *provider;		/* "" any */
	const char *stage;		/* "" any */
	const char *scope;		/* "" the class's */
	const char *who;
	const char *word;		/* a code, a suffix, an address */
	pcre2_code *pattern;		/* owned; NULL where there is none */
	struct hint *hint;		/* of the pattern; owned */
};

/* A finding for a text that came before: a receiver says the same again and
 * again, and a log is read by the million lines. */
struct memo {
	uint64_t hash;
	struct reply_finding finding;
};

/* The provider of an MX host that came before. */
struct provider_memo {
	char host[DOMAIN_SIZE];
	const char *provider;	/* of the table; NULL: its registrable domain */
	size_t registrable;	/* length of that, at the end of the host */
};

struct reply_rules {
	struct memo memo[MEMO_SLOTS];
	struct provider_memo provider_memo[MEMO_SLOTS];
	char *text[2];			/* the files, cut into words; owned */
	struct rule *v;			/* owned */
	size_t n;
	pcre2_match_context *limits;	/* owned */
	pcre2_match_data *data;		/* owned; keeps the room that a match
					 * took, for the next one */
};

static const struct reply_class classes[] = {
	{ "ip-listed", "address", "you", "Your IP address is on a public "
	  "blocklist. Ask the list to remove it; if it lists the whole "
	  "network, ask your hosting provider." },
	{ "ip-reputation", "address", "receiver", "The receiver's own "
	  "reputation system rates your IP address or its network poorly. Use "
	  "its support form. A new address builds reputation with small, "
	  "steady volumes." },
	{ "dynamic-ip", "address", "hosting", "The receiver takes your IP "
	  "address for a home or dynamic one. Give it a reverse DNS name (PTR) "
	  "in your own domain, or ask your hosting provider to remove it from "
	  "the list of dynamic addresses." },
	{ "no-ptr", "address", "you", "Your IP address has no reverse DNS "
	  "(PTR). Set it at your hosting provider to the host name that the "
	  "server uses in EHLO." },
	{ "ptr-mismatch", "address", "you", "The reverse DNS name (PTR) of "
	  "your IP address does not resolve back to that address. Make both "
	  "match." },
	{ "ipv6-auth", "address", "you", "Over IPv6 the receiver requires a "
	  "valid PTR record and SPF or DKIM that pass. Fix them, or send there "
	  "over IPv4." },
	{ "ipv6-refused", "domain", "receiver", "The receiver accepts no mail "
	  "over IPv6. Send there over IPv4: waybill advise." },
	{ "helo", "address", "you", "The receiver does not accept your EHLO "
	  "name. Set myhostname to a name that resolves in DNS." },
	{ "spf", "domain", "you", "SPF does not authorize the IP address that "
	  "the mail came from. Run waybill dns to see the record to publish." },
	{ "dkim", "domain", "you", "The DKIM signature is missing or does not "
	  "verify. Run waybill dns to check the keys in DNS." },
	{ "dmarc", "domain", "you", "The message fails the DMARC policy of the "
	  "author's domain: neither SPF nor DKIM passes and is aligned with "
	  "From." },
	{ "auth", "domain", "you", "The receiver requires SPF or DKIM, and "
	  "neither passed." },
	{ "domain-listed", "domain", "you", "A domain is on a public "
	  "blocklist: yours, or one that the message links to." },
	{ "domain-reputation", "domain", "you", "The receiver rates your "
	  "domain poorly, whatever address it sends from." },
	{ "rate", "address", "time", "Too many messages in too short a time. "
	  "It resolves by itself if you send more slowly." },
	{ "greylist", "message", "time", "Greylisting: the receiver defers "
	  "unknown senders at first. A later attempt is accepted." },
	{ "busy", "message", "time", "The receiver is temporarily unavailable. "
	  "Postfix will try again." },
	{ "tls", "domain", "you", "The two servers could not agree on "
	  "encryption (TLS)." },
	{ "content", "message", "you", "Something in the message looks like "
	  "spam, malware or a forbidden attachment." },
	{ "malformed", "message", "you", "The message violates the standard: a "
	  "header field is missing, duplicated or malformed." },
	{ "size", "message", "you", "The message is larger than the receiver "
	  "accepts." },
	{ "sender", "domain", "you", "The receiver cannot send mail back to "
	  "the sender's address: its domain needs an MX or address record." },
	{ "recipient", "recipient", "you", "The recipient does not exist. "
	  "Check the address." },
	{ "mailbox-full", "recipient", "time", "The recipient's mailbox is "
	  "full." },
	{ "relay", "recipient", "receiver", "The host does not accept mail for "
	  "this domain: the domain's MX record is wrong, or the login at a "
	  "relay." },
	{ "policy", "message", "receiver", "The receiver gives no reason "
	  "beyond its own policy. Ask its postmaster." },
	{ "network", "address", "time", "The connection failed or was lost. "
	  "Postfix tries other hosts, then again later." },
	{ "other", "message", "receiver", "No rule recognizes this reply." },
};

const struct reply_class *
reply_class_at(size_t i)
{
	return i < sizeof classes / sizeof classes[0] ? &classes[i] : NULL;
}

const struct reply_class *
reply_class_find(const char *name)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (strcmp(classes[i].name, name) == 0)
			return &classes[i];
	return NULL;
}

/* Cuts the next word off *p; NULL at the end of the line. */
static char *
next_word(char **p)
{
	char *word;

	*p += strspn(*p, " \t");
	if (**p == '\0')
		return NULL;
	word = *p;
	*p += strcspn(*p, " \t");
	if (**p != '\0')
		*(*p)++ = '\0';
	return word;
}

static bool
is_one_of(const char *word, const char *words)
{
	size_t n = strlen(word);
	const char *p = words;

	while ((p = strstr(p, word)) != NULL) {
		if ((p == words || p[-1] == ' ') &&
		    (p[n] == ' ' || p[n] == '\0'))
			return true;
		p++;
	}
	return false;
}

/* "provider=x" and the like in front of a pattern. 1 taken, 0 none, -1. */
static int
take_condition(char **p, struct rule *r)
{
	static const char *const names[] = { "provider=", "stage=", "scope=",
		"who=" };
	const char **values[] = { &r->provider, &r->stage, &r->scope, &r->who };
	char *at = *p + strspn(*p, " \t");

	for (size_t i = 0; i < 4; i++) {
		size_t n = strlen(names[i]);

		if (strncmp(at, names[i], n) != 0)
			continue;
		*p = at;
		*values[i] = next_word(p) + n;
		if (i == 1 && !is_one_of(r->stage,
		    "connect banner ehlo tls mail rcpt data eod"))
			return -1;
		if (i == 2 && !is_one_of(r->scope,
		    "address network domain message recipient"))
			return -1;
		if (i == 3 && !is_one_of(r->who, "you hosting receiver time"))
			return -1;
		return 1;
	}
	return 0;
}

static int
read_pattern(char *p, struct rule *r, struct err *err)
{
	int code;
	size_t at;
	int rc;
	PCRE2_UCHAR why[120];

	while ((rc = take_condition(&p, r)) > 0)
		;
	if (rc < 0)
		return err_set(err, EXIT_CONFIG, "%s:%d: unknown stage, scope "
		    "or who", r->file, r->line);
	p += strspn(p, " \t");
	if (*p == '\0')
		return err_set(err, EXIT_CONFIG, "%s:%d: missing "
		    "pattern", r->file, r->line);
	r->pattern = pcre2_compile((PCRE2_SPTR)p, PCRE2_ZERO_TERMINATED,
	    PCRE2_CASELESS | PCRE2_DOTALL, &code, &at, NULL);
	if (r->pattern != NULL) {
		r->hint = hint_new(p);
		return 0;
	}
	pcre2_get_error_message(code, why, sizeof why);
	return err_set(err, EXIT_CONFIG, "%s:%d: pattern, at byte %zu: %s",
	    r->file, r->line, at, (const char *)why);
}

static struct rule *
add_rule(struct reply_rules *rules, const struct rule *like)
{
	struct rule *v;

	if (rules->n == RULES_MAX)
		return NULL;
	v = realloc(rules->v, (rules->n + 1) * sizeof *v);
	if (v == NULL)
		return NULL;
	rules->v = v;
	v[rules->n] = *like;
	return &v[rules->n++];
}

/* "provider NAME SUFFIX ...": a rule for each suffix. */
static int
read_provider(struct reply_rules *rules, char *p, struct rule *r,
    struct err *err)
{
	char *suffix;

	r->provider = next_word(&p);
	suffix = next_word(&p);
	if (suffix == NULL)
		return err_set(err, EXIT_CONFIG, "%s:%d: expected: provider "
		    "NAME SUFFIX...", r->file, r->line);
	for (; suffix != NULL; suffix = next_word(&p)) {
		r->word = suffix;
		if (add_rule(rules, r) == NULL)
			return err_set(err, EXIT_CONFIG, "%s:%d: too many "
			    "rules", r->file, r->line);
	}
	return 0;
}

static int
read_class(const char *word, struct rule *r, struct err *err)
{
	r->class = word == NULL ? NULL : reply_class_find(word);
	if (r->class != NULL)
		return 0;
	return err_set(err, EXIT_CONFIG, "%s:%d: unknown class %s", r->file,
	    r->line, word == NULL ? "(none)" : word);
}

static int
read_line(struct reply_rules *rules, char *p, struct rule *r,
    struct err *err)
{
	const char *word = next_word(&p);

	if (strcmp(word, "provider") == 0) {
		r->kind = RULE_PROVIDER;
		return read_provider(rules, p, r, err);
	}
	if (strcmp(word, "code") == 0) {
		r->kind = RULE_CODE;
		r->word = next_word(&p);
		if (r->word == NULL)
			return err_set(err, EXIT_CONFIG, "%s:%d: expected: "
			    "code CODE CLASS", r->file, r->line);
		if (read_class(next_word(&p), r, err) != 0)
			return -1;
	} else if (strcmp(word, "page") == 0) {
		r->kind = RULE_PAGE;
		if (read_class(next_word(&p), r, err) != 0)
			return -1;
		r->provider = next_word(&p);
		r->word = next_word(&p);
		if (r->word == NULL)
			return err_set(err, EXIT_CONFIG, "%s:%d: expected: "
			    "page CLASS NAME URL", r->file, r->line);
	} else if (strcmp(word, "rule") == 0 || strcmp(word, "last") == 0) {
		r->kind = word[0] == 'r' ? RULE_TEXT : RULE_LAST;
		if (read_class(next_word(&p), r, err) != 0 ||
		    read_pattern(p, r, err) != 0)
			return -1;
	} else
		return err_set(err, EXIT_CONFIG, "%s:%d: unknown keyword "
		    "\"%s\"; use rule, last, code, provider or page",
		    r->file, r->line, word);
	if (add_rule(rules, r) != NULL)
		return 0;
	pcre2_code_free(r->pattern);
	hint_free(&r->hint);
	return err_set(err, EXIT_CONFIG, "%s:%d: too many rules", r->file,
	    r->line);
}

/* Reads one file, whose text stays with the rules. */
static void
read_file(struct reply_rules *rules, const char *path, char **text,
    struct err_list *errors)
{
	struct err err = { 0 };
	size_t len;
	char *next;
	int number = 0;

	*text = file_read(path, RULES_FILE_MAX, &len, &err);
	if (*text == NULL) {
		err_list_add(errors, &err);
		return;
	}
	for (char *line = *text; line != NULL; line = next) {
		struct rule r = { .file = path, .line = ++number,
			.provider = "", .stage = "", .scope = "", .who = "",
			.word = "" };

		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		line += strspn(line, " \t\r");
		if (*line == '\0' || *line == '#')
			continue;
		if (read_line(rules, line, &r, &err) != 0)
			err_list_add(errors, &err);
	}
}

struct reply_rules *
reply_rules_read(const char *path, const char *site,
    struct err_list *errors)
{
	struct reply_rules *rules = calloc(1, sizeof *rules);
	struct err err = { 0 };
	size_t before = errors->n;

	if (rules != NULL)
		rules->limits = pcre2_match_context_create(NULL);
	if (rules != NULL)
		rules->data = pcre2_match_data_create(1, NULL);
	if (rules == NULL || rules->limits == NULL || rules->data == NULL) {
		err_set(&err, EXIT_TEMPORARY, "%s: out of memory", path);
		err_list_add(errors, &err);
		reply_rules_free(&rules);
		return NULL;
	}
	pcre2_set_match_limit(rules->limits, REPLY_MATCH_LIMIT);
	pcre2_set_depth_limit(rules->limits, REPLY_DEPTH_LIMIT);
	if (site != NULL && access(site, F_OK) == 0)
		read_file(rules, site, &rules->text[0], errors);
	read_file(rules, path, &rules->text[1], errors);
	/* The paths are the caller's; faults have been told. */
	for (size_t i = 0; i < rules->n; i++)
		rules->v[i].file = NULL;
	if (errors->n != before)
		reply_rules_free(&rules);
	return rules;
}

void
reply_rules_free(struct reply_rules **r)
{
	if (*r == NULL)
		return;
	for (size_t i = 0; i < (*r)->n; i++) {
		pcre2_code_free((*r)->v[i].pattern);
		hint_free(&(*r)->v[i].hint);
	}
	pcre2_match_context_free((*r)->limits);
	pcre2_match_data_free((*r)->data);
	free((*r)->v);
	free((*r)->text[0]);
	free((*r)->text[1]);
	free(*r);
	*r = NULL;
}

/* The plain text that rules are matched with, and the codes in front of it. */
struct plain {
	char text[REPLY_TEXT_MAX + 1];
	size_t len;
	struct hint_view view;	/* of text */
	char code[4];		/* "550", "" */
	char enhanced[12];	/* "5.7.1", "" */
};

/* Length of an enhanced status code at p, 0 for none. */
static size_t
enhanced_length(const char *p, const char *end)
{
	const char *from = p;

	if (end - p < 5 || (p[0] != '2' && p[0] != '4' && p[0] != '5') ||
	    p[1] != '.')
		return 0;
	p += 2;
	for (int part = 0; part < 2; part++) {
		int n = 0;

		while (p < end && isdigit((unsigned char)*p) && n < 3)
			p++, n++;
		if (n == 0)
			return 0;
		if (part == 0 && (p >= end || *p++ != '.'))
			return 0;
	}
	if (p < end && *p != ' ' && *p != ':' && *p != ';')
		return 0;
	return (size_t)(p - from);
}

static bool
is_code(const char *p, const char *end)
{
	return end - p >= 3 && (p[0] == '4' || p[0] == '5') &&
	    isdigit((unsigned char)p[1]) && isdigit((unsigned char)p[2]) &&
	    (end - p == 3 || p[3] == ' ' || p[3] == '-');
}

/* Skips "550-5.7.1 " at p where it is the code of the whole reply. */
static const char *
skip_codes(const char *p, const char *end, struct plain *out, bool first)
{
	size_t n;

	if (is_code(p, end) &&
	    (first || memcmp(p, out->code, 3) == 0)) {
		if (first)
			memcpy(out->code, p, 3);
		p += end - p == 3 ? 3 : 4;
	} else if (!first)
		return p;
	n = enhanced_length(p, end);
	if (n > 0 && n < sizeof out->enhanced) {
		if (first)
			memcpy(out->enhanced, p, n);
		p += n;
	}
	return p;
}

static void
make_plain(const char *text, size_t len, struct plain *out)
{
	const char *end = text + len;
	const char *p;
	bool at_word = true;

	memset(out, 0, sizeof *out);
	while (text < end && isspace((unsigned char)*text))
		text++;
	p = skip_codes(text, end, out, true);
	while (p < end && out->len < REPLY_TEXT_MAX) {
		if (isspace((unsigned char)*p) || *p == '\0') {
			p++;
			at_word = true;
			continue;
		}
		if (at_word) {
			const char *q = skip_codes(p, end, out, false);

			if (q != p) {
				p = q;
				continue;
			}
			if (out->len > 0)
				out->text[out->len++] = ' ';
			at_word = false;
			if (out->len == REPLY_TEXT_MAX)
				break;
		}
		out->text[out->len++] = *p++;
	}
	hint_look(&out->view, out->text, out->len);
}

static bool
rule_fits(const struct reply_rules *rules, const struct rule *r,
    const char *provider, const char *stage, const struct plain *plain)
{
	if (r->provider[0] != '\0' && strcmp(r->provider, provider) != 0)
		return false;
	if (r->stage[0] != '\0' && strcmp(r->stage, stage) != 0)
		return false;
	if (!hint_allows(r->hint, &plain->view))
		return false;
	return pcre2_match(r->pattern, (PCRE2_SPTR)plain->text, plain->len, 0,
	    0, rules->data, rules->limits) >= 0;
}

static const struct rule *
find_text(const struct reply_rules *rules, enum rule_kind kind,
    const char *provider, const char *stage, const struct plain *plain)
{
	for (size_t i = 0; i < rules->n; i++)
		if (rules->v[i].kind == kind && rule_fits(rules, &rules->v[i],
		    provider, stage, plain))
			return &rules->v[i];
	return NULL;
}

static const struct rule *
find_code(const struct reply_rules *rules, const char *code)
{
	if (code[0] == '\0')
		return NULL;
	for (size_t i = 0; i < rules->n; i++)
		if (rules->v[i].kind == RULE_CODE &&
		    strcmp(rules->v[i].word, code) == 0)
			return &rules->v[i];
	return NULL;
}

static const char *
find_page(const struct reply_rules *rules, const struct reply_class *class,
    const char *provider)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct rule *r = &rules->v[i];

		if (r->kind == RULE_PAGE && r->class == class &&
		    (strcmp(r->provider, provider) == 0 ||
		    strcmp(r->provider, "*") == 0))
			return r->word;
	}
	return "";
}

static void
classify(const struct reply_rules *rules, const char *provider,
    const char *stage, const char *dsn, const char *text, size_t len,
    struct reply_finding *out)
{
	const struct rule *r;
	struct plain plain;

	make_plain(text, len, &plain);
	r = find_text(rules, RULE_TEXT, provider, stage, &plain);
	if (r == NULL)
		r = find_code(rules, plain.enhanced[0] != '\0' ?
		    plain.enhanced : dsn);
	if (r == NULL)
		r = find_text(rules, RULE_LAST, provider, stage, &plain);
	if (r == NULL)
		r = find_code(rules, plain.code);
	out->class = r == NULL ? reply_class_find("other") : r->class;
	out->provider = provider;
	out->scope = r == NULL || r->scope[0] == '\0' ? out->class->scope :
	    r->scope;
	out->who = r == NULL || r->who[0] == '\0' ? out->class->who : r->who;
	out->link = find_page(rules, out->class, provider);
	out->rule_line = r == NULL ? 0 : r->line;
}

const char *
reply_rules_path(void)
{
	const char *path = getenv("WAYBILL_REPLIES");

	return path != NULL ? path : PKGDATADIR "/replies";
}

const char *
reply_site_path(void)
{
	return SYSCONFDIR "/waybill/replies.local";
}

void
reply_classify(struct reply_rules *rules, const char *provider,
    const char *stage, const char *dsn, const char *text, size_t len,
    struct reply_finding *out)
{
	uint64_t h = hash_add_text(0, provider);
	struct memo *memo;

	h = hash_add_text(h, stage);
	h = hash_add_text(h, dsn);
	h = hash_add(h, text, len);
	memo = &rules->memo[h % MEMO_SLOTS];
	if (memo->hash != h || memo->finding.class == NULL) {
		classify(rules, provider, stage, dsn, text, len,
		    &memo->finding);
		memo->hash = h;
	}
	*out = memo->finding;
	out->provider = provider;
}

static const char *
find_provider(const struct reply_rules *rules, const char *mx_host)
{
	const char *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < rules->n; i++) {
		const struct rule *r = &rules->v[i];
		size_t len = strlen(r->word);

		if (r->kind == RULE_PROVIDER && len > best_len &&
		    domain_is_under(mx_host, r->word)) {
			best = r->provider;
			best_len = len;
		}
	}
	return best;
}

const char *
reply_provider(struct reply_rules *rules, const char *mx_host)
{
	size_t len = strlen(mx_host);
	uint64_t h = hash_add(0, mx_host, len);
	struct provider_memo *memo = &rules->provider_memo[h % MEMO_SLOTS];
	struct ip ip;

	if (len >= sizeof memo->host)
		return mx_host;
	if (strcmp(memo->host, mx_host) != 0) {
		memcpy(memo->host, mx_host, len + 1);
		memo->provider = find_provider(rules, mx_host);
		memo->registrable = ip_parse(mx_host, &ip) == 0 ? len :
		    strlen(psl_registrable(mx_host));
	}
	return memo->provider != NULL ? memo->provider :
	    mx_host + len - memo->registrable;
}
