/* SPDX-License-Identifier: ISC */
/*
 * The table of options, and the operations on a row: check a value, store it
 * in its field, and print it.
 *
 * Rows are in the order of the file that they describe; the rows of a section
 * are adjacent, and options outside all sections come first. Values are
 * decimal whatever they begin with: "010" is ten (in libconfuse it would be
 * eight), so libconfuse only gets text.
 *
 * The defaults of sign.headers are the fields of RFC 6376 5.4.1 and those of
 * RFC 2369 and 2919 (mailing lists) and RFC 8058 (one-click unsubscribe).
 * Those of sign.oversign are the fields that a mail program displays, sorts or
 * decodes by: a second one added later could change the meaning of the message
 * despite a valid signature.
 */
#include "config/options.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/config.h"
#include "config/value.h"

#define FIELD(member) offsetof(struct config, member)
#define DOMAIN_FIELD(member) offsetof(struct config_domain, member)
#define KEY_FIELD(member) offsetof(struct config_key, member)

/* Size of a stored value in bytes; number of items in a list. */
enum { VALUE_MAX = 8192, ITEMS_MAX = 256 };

enum { SECOND = 1000, DAY = 24 * 60 * 60 * SECOND };

static const char *const words_on_error[] = { "tempfail", "accept", NULL };
static const char *const words_preference[] = {
	"auto", "ipv6", "ipv4", "any", NULL
};
static const char *const words_author[] = { "any", "aligned", "strict",
	NULL };
/* The index is 2 * header + body, each of enum canonicalization. */
static const char *const words_canonicalization[] = {
	"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed",
	NULL
};
static const char *const words_stamp[] = { "sender", "route", NULL };
static const char *const words_recipients[] = {
	"domain", "hash", "full", NULL
};
static const char *const words_log_to[] = { "stderr", "syslog", NULL };
static const char *const words_log_level[] = {
	"error", "warning", "info", "debug", NULL
};

const struct option_row option_rows[] = {
	{ .path = "socket", .kind = OPTION_TEXT,
	    .initial = "unix:/var/spool/postfix/waybill/milter",
	    .field = FIELD(socket), .check = value_socket,
	    .allowed = "unix:PATH, inet:PORT@ADDRESS or inet6:PORT@[ADDRESS]",
	    .help = "The socket on which Postfix connects to waybilld (at "
		"start only)." },
	{ .path = "socket_group", .kind = OPTION_TEXT, .initial = "postfix",
	    .field = FIELD(socket_group), .check = value_account,
	    .allowed = "the name of a group",
	    .help = "The group of a unix socket (at start only)." },
	{ .path = "socket_mode", .kind = OPTION_MODE, .initial = "0660",
	    .field = FIELD(socket_mode), .min = 0600, .max = 0777,
	    .help = "The mode of a unix socket: whoever may write to it can "
		"have mail signed (at start only)." },
	{ .path = "socket_public", .kind = OPTION_BOOL, .initial = "false",
	    .field = FIELD(socket_public),
	    .help = "Whether the socket may be an address that other hosts can "
		"reach. Whoever reaches it can have mail signed (at start "
		"only)." },
	{ .path = "user", .kind = OPTION_TEXT, .initial = "waybill",
	    .field = FIELD(user), .check = value_account,
	    .allowed = "the name of a user",
	    .help = "The user that waybilld becomes (at start only)." },
	{ .path = "on_error", .kind = OPTION_WORD, .initial = "tempfail",
	    .field = FIELD(on_error), .words = words_on_error,
	    .help = "What happens to a message that cannot be signed because "
		"of an error of our own: tempfail makes the client try again "
		"later, accept sends it unsigned." },
	{ .path = "keys", .kind = OPTION_TEXT,
	    .initial = SYSCONFDIR "/waybill/keys", .field = FIELD(keys),
	    .check = value_path_or_none,
	    .allowed = "an absolute path, or \"\" for none",
	    .help = "The key directory. A file DOMAIN/SELECTOR.pem in it signs "
		"for DOMAIN; no domain section is needed." },

	{ .path = "outgoing.authenticated", .kind = OPTION_BOOL,
	    .initial = "true", .field = FIELD(outgoing.authenticated),
	    .help = "Whether mail is outgoing if the client has logged in." },
	{ .path = "outgoing.local", .kind = OPTION_BOOL, .initial = "true",
	    .field = FIELD(outgoing.local),
	    .help = "Whether mail is outgoing if it was submitted with "
		"sendmail(1)." },
	{ .path = "outgoing.certificates", .kind = OPTION_LIST, .initial = "",
	    .field = FIELD(outgoing.certificates), .max = ITEMS_MAX,
	    .check = value_certificate,
	    .allowed = "pairs \"SUBJECT|ISSUER\" as Postfix names them",
	    .help = "Verified TLS client certificates whose mail is outgoing." },
	{ .path = "outgoing.daemons", .kind = OPTION_LIST,
	    .initial = "ORIGINATING", .field = FIELD(outgoing.daemons),
	    .max = ITEMS_MAX, .check = value_daemon,
	    .allowed = "names of letters, digits, \"-\", \"_\" and dots",
	    .help = "Values of Postfix's milter_macro_daemon_name whose mail "
		"is outgoing." },
	{ .path = "outgoing.networks", .kind = OPTION_LIST, .initial = "auto",
	    .field = FIELD(outgoing.networks), .max = ITEMS_MAX,
	    .check = value_network,
	    .allowed = "\"auto\", and networks like 192.0.2.0/24 or "
		"2001:db8::/32",
	    .help = "Clients whose mail is outgoing; auto means loopback, "
		"unless a content filter could re-inject strangers' mail from "
		"it." },
	{ .path = "outgoing.lists", .kind = OPTION_LIST, .initial = "",
	    .field = FIELD(outgoing.lists), .max = ITEMS_MAX,
	    .check = value_domain, .allowed = "domains",
	    .help = "Domains that mailing lists on this host write into From: "
		"in place of the author's. A post from outside comes back to "
		"Postfix through the list software and is otherwise not "
		"signed. Anyone who can post to the list gets a signature of "
		"these domains, so give lists a domain of their own." },

	{ .path = "sender.ipv4", .kind = OPTION_LIST, .initial = "auto",
	    .field = FIELD(sender.ipv4), .min = 1, .max = ITEMS_MAX,
	    .check = value_ipv4,
	    .allowed = "\"auto\", \"none\" or IPv4 addresses",
	    .help = "The public IPv4 addresses of this host's outgoing mail; "
		"auto means those that this Postfix would use." },
	{ .path = "sender.ipv6", .kind = OPTION_LIST, .initial = "auto",
	    .field = FIELD(sender.ipv6), .min = 1, .max = ITEMS_MAX,
	    .check = value_ipv6,
	    .allowed = "\"auto\", \"none\" or IPv6 addresses",
	    .help = "The public IPv6 addresses of this host's outgoing mail; "
		"auto means those that this Postfix would use." },
	{ .path = "sender.hostname", .kind = OPTION_TEXT, .initial = "auto",
	    .field = FIELD(sender.hostname), .check = value_hostname,
	    .allowed = "\"auto\" or a full host name",
	    .help = "The name of this host; auto means Postfix's myhostname." },
	{ .path = "sender.preference", .kind = OPTION_WORD, .initial = "auto",
	    .field = FIELD(sender.preference), .words = words_preference,
	    .help = "The address family that is tried first; auto means "
		"Postfix's smtp_address_preference." },
	{ .path = "sender.postfix", .kind = OPTION_TEXT,
	    .initial = "/etc/postfix", .field = FIELD(sender.postfix),
	    .check = value_path, .allowed = "an absolute path",
	    .help = "The directory of Postfix's main.cf and master.cf." },

	{ .path = "domain.subdomains", .kind = OPTION_BOOL, .initial = "false",
	    .field = DOMAIN_FIELD(subdomains),
	    .help = "Whether the keys of this domain also sign for its "
		"subdomains." },
	{ .path = "domain.key.file", .kind = OPTION_TEXT, .initial = NULL,
	    .sample = SYSCONFDIR "/waybill/keys/example.org/2026r.pem",
	    .field = KEY_FIELD(file), .check = value_path,
	    .allowed = "an absolute path",
	    .help = "The private key (PEM) for the selector in the section's "
		"title." },

	{ .path = "sign.enabled", .kind = OPTION_BOOL, .initial = "true",
	    .field = FIELD(sign.enabled),
	    .help = "Whether mail is signed. If false, mail is only "
		"observed." },
	{ .path = "sign.author", .kind = OPTION_WORD, .initial = "any",
	    .field = FIELD(sign.author), .words = words_author,
	    .help = "Whose mail is signed: everyone's (any); only mail whose "
		"MAIL FROM domain is aligned with the domain of From: "
		"(aligned); or only mail where one domain section signs for "
		"both (strict: for hosts with several tenants, see TENANTS)." },
	{ .path = "sign.canonicalization", .kind = OPTION_WORD,
	    .initial = "relaxed/relaxed", .field = FIELD(sign.canonicalization),
	    .words = words_canonicalization,
	    .help = "Canonicalization of header and body: which changes the "
		"signature survives (RFC 6376, 3.4)." },
	{ .path = "sign.expire", .kind = OPTION_DURATION, .initial = "0",
	    .field = FIELD(sign.expire_ms), .min = 7LL * DAY,
	    .max = 3650LL * DAY, .zero = true, .allowed = "0, or 7d to 3650d",
	    .help = "Signature lifetime (x=); 0 means no expiry." },
	{ .path = "sign.headers", .kind = OPTION_LIST,
	    .initial = "From,Sender,Reply-To,To,Cc,Subject,Date,Message-ID,"
		"In-Reply-To,References,MIME-Version,Content-Type,"
		"Content-Transfer-Encoding,Content-Disposition,Resent-Date,"
		"Resent-From,Resent-Sender,Resent-To,Resent-Cc,"
		"Resent-Message-ID,List-Id,List-Help,List-Unsubscribe,"
		"List-Unsubscribe-Post,List-Subscribe,List-Post,List-Owner,"
		"List-Archive,Feedback-ID",
	    .field = FIELD(sign.headers_written), .min = 1, .max = ITEMS_MAX,
	    .check = value_signed_field, .allowed = "names of header fields",
	    .help = "Header fields that are signed if they are present. From, "
		"the stamps and the fields of sign.oversign are always "
		"signed." },
	{ .path = "sign.oversign", .kind = OPTION_LIST,
	    .initial = "From,Reply-To,To,Cc,Subject,Date,Message-ID,"
		"In-Reply-To,References,MIME-Version,Content-Type,"
		"Content-Transfer-Encoding",
	    .field = FIELD(sign.oversign_written), .max = ITEMS_MAX,
	    .check = value_oversigned_field,
	    .allowed = "names of header fields, but Sender and List-*",
	    .help = "Header fields that are oversigned: adding another one "
		"later breaks the signature. The stamps are always "
		"oversigned." },

	{ .path = "headers.prefix", .kind = OPTION_TEXT,
	    .initial = "X-Waybill-", .field = FIELD(headers.prefix),
	    .check = value_prefix,
	    .allowed = "letters, digits and \"-\" between \"X-\" and \"-\"",
	    .help = "The prefix of the stamps' names." },
	{ .path = "headers.stamp", .kind = OPTION_LIST,
	    .initial = "sender,route", .field = FIELD(headers.stamp),
	    .max = 2, .words = words_stamp,
	    .allowed = "sender, route, both or neither",
	    .help = "Which stamps are added to a message." },
	{ .path = "headers.max_routes", .kind = OPTION_NUMBER, .initial = "8",
	    .field = FIELD(headers.max_routes), .min = 1, .max = 100,
	    .help = "The maximum number of destinations of one message that "
		"are stamped; the log has all of them." },

	{ .path = "resolver.servers", .kind = OPTION_LIST, .initial = "",
	    .field = FIELD(resolver.servers), .max = 16, .check = value_server,
	    .allowed = "addresses, each with @PORT or without",
	    .help = "The DNS servers to query; if empty, those of the "
		"system." },
	{ .path = "resolver.wait", .kind = OPTION_DURATION, .initial = "2s",
	    .field = FIELD(resolver.wait_ms), .min = 100, .max = 30 * SECOND,
	    .help = "How long a message waits for DNS after its first "
		"recipient." },
	{ .path = "resolver.trust_anchor", .kind = OPTION_TEXT, .initial = "",
	    .field = FIELD(resolver.trust_anchor),
	    .check = value_path_or_none,
	    .allowed = "an absolute path, or \"\" for none",
	    .help = "The file of DNSSEC trust anchors; without one, answers "
		"are not validated here." },

	{ .path = "warn.every", .kind = OPTION_DURATION, .initial = "24h",
	    .field = FIELD(warn.every_ms), .min = SECOND, .max = 365LL * DAY,
	    .help = "Each warning is logged at most once in this time for the "
		"same subject." },
	{ .path = "warn.no_aaaa", .kind = OPTION_BOOL, .initial = "true",
	    .field = FIELD(warn.no_aaaa),
	    .help = "Whether to warn of destinations whose MX hosts have no "
		"IPv6 address." },
	{ .path = "warn.spf", .kind = OPTION_BOOL, .initial = "true",
	    .field = FIELD(warn.spf),
	    .help = "Whether to warn of outbound addresses that do not pass "
		"SPF." },
	{ .path = "warn.align", .kind = OPTION_BOOL, .initial = "true",
	    .field = FIELD(warn.align),
	    .help = "Whether to warn of a MAIL FROM that is not aligned with "
		"From:." },
	{ .path = "warn.unsigned", .kind = OPTION_BOOL, .initial = "true",
	    .field = FIELD(warn.unsigned_mail),
	    .help = "Whether to warn of outgoing mail that no key signs." },

	{ .path = "log.to", .kind = OPTION_WORD, .initial = "syslog",
	    .field = FIELD(log.to), .words = words_log_to,
	    .help = "Where the log is written (at start only)." },
	{ .path = "log.level", .kind = OPTION_WORD, .initial = "info",
	    .field = FIELD(log.level), .words = words_log_level,
	    .help = "The lowest level that is logged." },

	{ .path = "record.source", .kind = OPTION_LIST, .initial = "auto",
	    .field = FIELD(record.source), .max = 8, .check = value_source,
	    .allowed = "auto, journal and absolute paths",
	    .help = "The logs that the recorder reads; auto means each of "
		"these that exists: the journal, this Postfix's maillog_file "
		"and /var/log/mail.log." },
	{ .path = "record.store", .kind = OPTION_TEXT,
	    .initial = "/var/lib/waybill/waybill.db",
	    .field = FIELD(record.store), .check = value_store,
	    .allowed = "an absolute path, or "
		"postgresql://[USER@]HOST[:PORT]/DATABASE",
	    .help = "Where the record is kept: a file or, for several mail "
		"hosts, one PostgreSQL database, whose TLS certificate is "
		"verified." },
	{ .path = "record.password_file", .kind = OPTION_TEXT, .initial = "",
	    .field = FIELD(record.password_file),
	    .check = value_path_or_none,
	    .allowed = "an absolute path, or \"\" for none",
	    .help = "The file (0600, of waybill-record) that holds the "
		"password of the store; the password is never part of the "
		"URL." },
	{ .path = "record.keep", .kind = OPTION_DURATION, .initial = "400d",
	    .field = FIELD(record.keep_ms), .min = DAY, .max = 36500LL * DAY,
	    .zero = true,
	    .help = "How long attempts are kept; 0 means forever. Daily totals "
		"are always kept. If hosts share a store, the shortest value "
		"applies." },
	{ .path = "record.recipients", .kind = OPTION_WORD,
	    .initial = "domain", .field = FIELD(record.recipients),
	    .words = words_recipients,
	    .help = "What is kept of recipients: their domain, a keyed hash of "
		"the address, or the full address." },
};

const size_t option_count = sizeof option_rows / sizeof option_rows[0];

/* Sections that can occur several times, each with a title. */
static const char *const titled[] = { "domain", "domain.key", NULL };

const struct option_row *
option_find(const char *path)
{
	for (size_t i = 0; i < option_count; i++)
		if (strcmp(option_rows[i].path, path) == 0)
			return &option_rows[i];
	return NULL;
}

enum option_section
option_section(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; titled[i] != NULL; i++)
		if (strcmp(titled[i], path) == 0)
			return OPTION_TITLED;
	for (size_t i = 0; i < option_count; i++)
		if (strncmp(option_rows[i].path, path, len) == 0 &&
		    option_rows[i].path[len] == '.')
			return OPTION_SECTION;
	return OPTION_NO_SECTION;
}

static void
allowed_durations(const struct option_row *row, struct text *out)
{
	char from[24], to[24];

	text_addf(out, "%s%s to %s", row->zero ? "0, or " : "",
	    clock_format_duration(row->min, from, sizeof from),
	    clock_format_duration(row->max, to, sizeof to));
}

static void
allowed_words(const char *const *words, struct text *out)
{
	for (size_t i = 0; words[i] != NULL; i++)
		text_addf(out, "%s%s", i == 0 ? "" :
		    words[i + 1] == NULL ? " or " : ", ", words[i]);
}

void
option_allowed(const struct option_row *row, struct text *out)
{
	if (row->allowed != NULL) {
		text_add(out, row->allowed);
		return;
	}
	switch (row->kind) {
	case OPTION_BOOL:
		text_add(out, "true or false");
		break;
	case OPTION_NUMBER:
		text_addf(out, "%lld to %lld", row->min, row->max);
		break;
	case OPTION_MODE:
		text_addf(out, "an octal mode of %04llo to %04llo",
		    (unsigned long long)row->min, (unsigned long long)row->max);
		break;
	case OPTION_DURATION:
		allowed_durations(row, out);
		break;
	case OPTION_WORD:
	case OPTION_LIST:
		allowed_words(row->words, out);
		break;
	case OPTION_TEXT:
		text_add(out, "a text");
		break;
	}
}

static int
set_bool(const char *s, bool *out, struct err *err)
{
	static const char *const yes[] = { "true", "yes", "on" };
	static const char *const no[] = { "false", "no", "off" };

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		if (text_equal_fold(s, yes[i]) || text_equal_fold(s, no[i])) {
			*out = text_equal_fold(s, yes[i]);
			return 0;
		}
	}
	return err_set(err, EXIT_CONFIG, "\"%s\" is neither true nor false", s);
}

static int
set_number(const struct option_row *row, const char *s, long *out,
    struct err *err)
{
	long long n;

	if (text_number(s, row->min, row->max, &n) != 0)
		return err_set(err, EXIT_CONFIG,
		    text_number(s, 0, LLONG_MAX, &n) == 0 ?
		    "%s is out of range" : "\"%s\" is not a whole number", s);
	*out = (long)n;
	return 0;
}

static int
set_mode(const struct option_row *row, const char *s, unsigned *out,
    struct err *err)
{
	size_t len = strlen(s);
	long mode = 0;

	if (len < 3 || len > 4 || strspn(s, "01234567") != len)
		return err_set(err, EXIT_CONFIG, "\"%s\" is not an octal "
		    "mode", s);
	mode = strtol(s, NULL, 8);
	if (mode < row->min || mode > row->max)
		return err_set(err, EXIT_CONFIG, "%s is out of range", s);
	*out = (unsigned)mode;
	return 0;
}

static int
set_duration(const struct option_row *row, const char *s, int64_t *out,
    struct err *err)
{
	int64_t ms;

	if (clock_parse_duration(s, &ms) != 0)
		return err_set(err, EXIT_CONFIG, "invalid duration \"%s\" "
		    "(examples: 500ms, 2s, 10m, 24h, 7d)", s);
	if (!(ms == 0 && row->zero) && (ms < row->min || ms > row->max))
		return err_set(err, EXIT_CONFIG, "%s is out of range", s);
	*out = ms;
	return 0;
}

/* Returns the index of s in words, or -1. */
static int
word_place(const char *const *words, const char *s)
{
	for (int i = 0; words[i] != NULL; i++)
		if (text_equal_fold(words[i], s))
			return i;
	return -1;
}

/* Checks one text and appends the value to store to kept. */
static int
judge_text(const struct option_row *row, const char *s, struct text *kept,
    struct err *err)
{
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return err_set(err, EXIT_CONFIG,
			    "\"%s\" contains a control character", s);
	if (row->check != NULL) {
		if (row->check(s, kept, err) != 0)
			return -1;
	} else if (row->words != NULL) {
		int place = word_place(row->words, s);
		if (place < 0)
			return err_set(err, EXIT_CONFIG, "unknown value \"%s\"",
			    s);
		text_add(kept, row->words[place]);
	} else {
		text_add(kept, s);
	}
	return kept->cut ? err_set(err, EXIT_CONFIG,
	    "value longer than %d bytes", VALUE_MAX) : 0;
}

static int
set_text(const struct option_row *row, const char *s, char **out,
    struct err *err)
{
	struct text kept;
	char *copy = NULL;

	text_init(&kept, VALUE_MAX);
	if (judge_text(row, s, &kept, err) == 0) {
		copy = strdup(kept.buf);
		if (copy == NULL)
			err_set(err, EXIT_TEMPORARY, "out of memory");
	}
	text_free(&kept);
	if (copy == NULL)
		return -1;
	free(*out);
	*out = copy;
	return 0;
}

/* "auto" and "none" must be the only item where they are allowed, and no item
 * may occur twice; but networks may be combined with "auto". */
static int
judge_list(const struct option_row *row, const struct text_list *list,
    struct err *err)
{
	bool mixes = row->check == value_network;

	for (size_t i = 0; i < list->n; i++) {
		for (size_t j = 0; j < i; j++)
			if (text_equal_fold(list->v[i], list->v[j]))
				return err_set(err, EXIT_CONFIG,
				    "\"%s\" is given twice", list->v[i]);
		if (list->n > 1 && !mixes && (strcmp(list->v[i], "auto") == 0 ||
		    strcmp(list->v[i], "none") == 0))
			return err_set(err, EXIT_CONFIG,
			    "\"%s\" cannot be combined with other items", list->v[i]);
	}
	return 0;
}

static int
set_list(const struct option_row *row, const char *const *values, size_t n,
    struct text_list *out, struct err *err)
{
	struct text_list list = { 0 };
	struct text kept;
	int rc = -1;

	text_init(&kept, VALUE_MAX);
	if (n < (size_t)row->min) {
		err_set(err, EXIT_CONFIG, "the list is empty");
		goto out;
	}
	if (n > (size_t)row->max) {
		err_set(err, EXIT_CONFIG, "too many items: %zu; at most %lld",
		    n, row->max);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		text_clear(&kept);
		if (judge_text(row, values[i], &kept, err) != 0)
			goto out;
		if (text_list_add(&list, kept.buf) != 0) {
			err_set(err, EXIT_TEMPORARY, "out of memory");
			goto out;
		}
	}
	if (judge_list(row, &list, err) != 0)
		goto out;
	text_list_free(out);
	*out = list;
	list = (struct text_list){ 0 };
	rc = 0;
out:
	text_list_free(&list);
	text_free(&kept);
	return rc;
}

static int
set_word(const struct option_row *row, const char *s, int *out,
    struct err *err)
{
	int place = word_place(row->words, s);

	if (place < 0)
		return err_set(err, EXIT_CONFIG, "unknown value \"%s\"", s);
	*out = place;
	return 0;
}

static int
set_value(const struct option_row *row, char *field,
    const char *const *values, size_t n, struct err *err)
{
	const char *s = n > 0 ? values[0] : "";

	switch (row->kind) {
	case OPTION_BOOL:
		return set_bool(s, (bool *)(void *)field, err);
	case OPTION_NUMBER:
		return set_number(row, s, (long *)(void *)field, err);
	case OPTION_MODE:
		return set_mode(row, s, (unsigned *)(void *)field, err);
	case OPTION_DURATION:
		return set_duration(row, s, (int64_t *)(void *)field, err);
	case OPTION_WORD:
		return set_word(row, s, (int *)(void *)field, err);
	case OPTION_TEXT:
		return set_text(row, s, (char **)(void *)field, err);
	case OPTION_LIST:
		return set_list(row, values, n,
		    (struct text_list *)(void *)field, err);
	}
	return -1;
}

int
option_set(const struct option_row *row, void *base,
    const char *const *values, size_t n, struct err *err)
{
	struct err fault = { 0 };
	struct text allowed;

	if (set_value(row, (char *)base + row->field, values, n, &fault) == 0)
		return 0;
	text_init(&allowed, VALUE_MAX);
	option_allowed(row, &allowed);
	err_set(err, fault.code, "%s; allowed: %s", fault.text, allowed.buf);
	text_free(&allowed);
	return -1;
}

int
option_set_initial(const struct option_row *row, void *base, struct err *err)
{
	const char *values[ITEMS_MAX];
	size_t n = 0;
	char *copy, *rest, *item;
	int rc = -1;

	if (row->initial == NULL) {
		option_clear(row, base);
		return 0;
	}
	copy = strdup(row->initial);
	if (copy == NULL)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	if (row->kind == OPTION_LIST) {
		for (rest = copy; *copy != '\0' && n < ITEMS_MAX &&
		    (item = strsep(&rest, ",")) != NULL; n++)
			values[n] = item;
	} else {
		values[n++] = copy;
	}
	rc = option_set(row, base, values, n, err);
	free(copy);
	return rc;
}

void
option_clear(const struct option_row *row, void *base)
{
	char *field = (char *)base + row->field;

	if (row->kind == OPTION_TEXT) {
		free(*(char **)(void *)field);
		*(char **)(void *)field = NULL;
	} else if (row->kind == OPTION_LIST) {
		text_list_free((struct text_list *)(void *)field);
	}
}

/* In double quotes, as libconfuse reads it. */
static void
format_text(const char *s, struct text *out)
{
	text_add(out, "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\' || (*s == '$' && s[1] == '{'))
			text_add(out, "\\");
		text_add_bytes(out, s, 1);
	}
	text_add(out, "\"");
}

/* Prints the default exactly as in the table: "24h" must not become "1d". */
static const char *
duration_text(const struct option_row *row, int64_t ms, char *out, size_t size)
{
	int64_t initial;

	if (row->initial != NULL &&
	    clock_parse_duration(row->initial, &initial) == 0 && initial == ms)
		return row->initial;
	return clock_format_duration(ms, out, size);
}

static void
format_list(const struct text_list *list, struct text *out)
{
	if (list->n == 0) {
		text_add(out, "{}");
		return;
	}
	for (size_t i = 0; i < list->n; i++) {
		text_add(out, i == 0 ? "{ " : ", ");
		format_text(list->v[i], out);
	}
	text_add(out, " }");
}

void
option_format(const struct option_row *row, const void *base, struct text *out)
{
	const char *field = (const char *)base + row->field;
	char duration[24];

	switch (row->kind) {
	case OPTION_BOOL:
		text_add(out,
		    *(const bool *)(const void *)field ? "true" : "false");
		break;
	case OPTION_NUMBER:
		text_addf(out, "%ld", *(const long *)(const void *)field);
		break;
	case OPTION_MODE:
		text_addf(out, "\"%04o\"",
		    *(const unsigned *)(const void *)field);
		break;
	case OPTION_DURATION:
		format_text(duration_text(row,
		    *(const int64_t *)(const void *)field, duration,
		    sizeof duration), out);
		break;
	case OPTION_WORD:
		format_text(row->words[*(const int *)(const void *)field], out);
		break;
	case OPTION_TEXT:
		format_text(*(char *const *)(const void *)field, out);
		break;
	case OPTION_LIST:
		format_list((const struct text_list *)(const void *)field, out);
		break;
	}
}

void
option_format_initial(const struct option_row *row, struct text *out)
{
	struct config scratch = { 0 };

	if (row->initial == NULL)
		return;
	if (option_set_initial(row, &scratch, NULL) == 0)
		option_format(row, &scratch, out);
	option_clear(row, &scratch);
}
