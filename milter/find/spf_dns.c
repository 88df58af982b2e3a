/* SPDX-License-Identifier: ISC */
/*
 * libspf2 over our resolver, one mechanism at a time.
 *
 * libspf2 as it is shipped gives the right answer in 143 of the 203 cases of
 * the RFC 7208 test suite and has open memory faults where it reads what
 * strangers write. So it gets no record of theirs: spf_record.c reads those,
 * spf_macro.c expands, spf.c walks from term to term, and libspf2 is asked
 * whether "a", "mx", "ptr" or "exists" of a name matches an address. What it
 * compiles is one of these words with a prefix length, nothing else; names
 * reach it as its "current domain". It asks DNS through lookup() below, which
 * keeps what it doesn't:
 *
 *	RFC 7208 4.6.4  10 terms and 2 void look-ups in all, includes too; a
 *			void is a term whose own question finds nothing
 *			of 11 MX hosts or more none is looked at, whichever
 *			of them would match
 *	RFC 7208 5.5	only the first 10 PTR names, failures are no match; a
 *			name that isn't answered for is skipped in time for
 *			the others
 *	RFC 7208 2.6.6  every failure of DNS is TRY_AGAIN (it takes others for
 *			"no records")
 *	/0		which it can't say: any address there is matches
 *	deadline	of the evaluation; past it nothing is asked any more
 *
 * It ends the process by abort() when a look-up gives it NULL, and when the
 * host's name has 64 bytes: neither happens here.
 */
#include "find/spf_dns.h"

#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>
#include <spf2/spf_dns_rr.h>
#include <spf2/spf_log.h>
#include <spf2/spf_record.h>
#include <spf2/spf_request.h>
#include <spf2/spf_response.h>
#include <spf2/spf_server.h>

#include "base/clock.h"
#include "base/domain.h"
#include "base/log.h"
#include "find/rdata.h"
#include "find/spf_macro.h"

enum {
	MX_MAX = 10,		/* RFC 7208 4.6.4 */
	PTR_MAX = 10,
	PTR_SHARES = 2,		/* the PTR query may take half the time */
	HOSTNAME_ROOM = 64,	/* libspf2's buffer for gethostname() */
	TTL_MAX = 3600,
};

struct spf_library {
	SPF_dns_server_t dns;
	SPF_server_t *server;
	SPF_request_t *request;
	SPF_dns_rr_t *spare;	/* used when there is no memory for another */
};

static pthread_once_t handlers_once = PTHREAD_ONCE_INIT;

/* libspf2 calls this before it aborts. */
static void __attribute__((noreturn))
on_error(const char *file, int line, const char *message)
{
	log_say(LOG_LEVEL_ERROR, "libspf2 gave up in %s line %d: %s", file,
	    line, message);
	abort();
}

static void
on_warning(const char *file, int line, const char *message)
{
	log_say(LOG_LEVEL_DEBUG, "libspf2: %s line %d: %s", file, line,
	    message);
}

static void
set_handlers(void)
{
	SPF_error_handler = on_error;
	SPF_warning_handler = on_warning;
	SPF_info_handler = NULL;
	SPF_debug_handler = NULL;
}

static bool
is_failure(enum answer_status s)
{
	switch (s) {
	case ANSWER_SERVFAIL:
	case ANSWER_TIMEOUT:
	case ANSWER_BOGUS:
		return true;
	case ANSWER_DATA:
	case ANSWER_NODATA:
	case ANSWER_NXDOMAIN:
	case ANSWER_BAD_NAME:
		break;
	}
	return false;
}

/* A name chosen by the zone, for people. */
static void
show_name(const char *name, char *out, size_t size)
{
	size_t n;

	for (n = 0; name[n] != '\0' && n + 1 < size; n++)
		out[n] = name[n] > 0x20 && name[n] < 0x7f ? name[n] : '?';
	out[n] = '\0';
}

static void
say_failure(struct spf_dns *d, const char *name, enum answer_status s)
{
	char shown[DOMAIN_SIZE];

	show_name(name, shown, sizeof shown);
	snprintf(d->why, sizeof d->why, "no DNS answer for %s (%s)", shown,
	    answer_status_name(s));
}

/* Sends a query and waits. Returns NULL after the question's share of the
 * remaining time, without memory, or on failure. Call resolver_done(q) in
 * either case. */
static const struct answer *
ask(struct spf_dns *d, const char *name, enum dns_type type,
    struct question **q)
{
	int64_t now_ms = clock_ms();
	const struct answer *a;

	*q = NULL;
	if (now_ms >= d->deadline_ms) {
		say_failure(d, name, ANSWER_TIMEOUT);
		return NULL;
	}
	*q = resolver_ask(d->resolver, name, type);
	if (*q == NULL) {
		snprintf(d->why, sizeof d->why, "out of memory");
		return NULL;
	}
	a = resolver_wait(*q, now_ms + (d->deadline_ms - now_ms) / d->shares);
	if (a == NULL || is_failure(a->status)) {
		say_failure(d, name, a == NULL ? ANSWER_TIMEOUT : a->status);
		return NULL;
	}
	if (a->ttl_s < d->ttl_s)
		d->ttl_s = a->ttl_s;
	return a;
}

/* Appends a record to the result for libspf2; false without memory. */
static bool
rr_add(SPF_dns_rr_t *rr, const void *data, size_t len)
{
	if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, len) != SPF_E_SUCCESS)
		return false;
	memcpy(rr->rr[rr->num_rr], data, len);
	rr->num_rr++;
	return true;
}

static bool
add_addresses(struct spf_dns *d, SPF_dns_rr_t *rr, const struct answer *a,
    enum dns_type type)
{
	size_t size = type == DNS_A ? 4 : 16;

	for (size_t i = 0; i < a->n; i++) {
		struct ip ip;

		if (rdata_ip(&a->rdata[i], type, &ip) < 0)
			continue;
		if (d->takes_any)
			return rr_add(rr, d->ip.b, size);
		if (!rr_add(rr, ip.b, size))
			return false;
	}
	return true;
}

/*
 * The name at data in the form that lookup() gets back. Unlike rdata_name() it
 * accepts labels that no host has ("foo:bar"), because RFC 7208 allows
 * querying them. One that contains a dot or NUL could be mistaken for another
 * name, so it becomes "", like a malformed one, and finds nothing.
 */
static void
raw_name(const uint8_t *data, size_t len, char *out)
{
	size_t at = 0, n = 0;

	out[0] = '\0';
	while (at < len && data[at] != 0) {
		size_t label = data[at++];

		if (label > 63 || label > len - at ||
		    n + label + 1 >= DOMAIN_SIZE ||
		    memchr(data + at, '.', label) != NULL ||
		    memchr(data + at, '\0', label) != NULL)
			return;
		memcpy(out + n, data + at, label);
		n += label;
		at += label;
		out[n++] = '.';
	}
	if (n > 0 && at < len)
		out[n - 1] = '\0';
	else
		out[0] = '\0';
}

static bool
add_mx(SPF_dns_rr_t *rr, const struct answer *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct rdata *r = &a->rdata[i];
		char host[DOMAIN_SIZE] = "";

		if (r->len > 2)
			raw_name(r->data + 2, r->len - 2, host);
		if (!rr_add(rr, host, strlen(host) + 1))
			return false;
	}
	return true;
}

/* The order in which a validated name is chosen (7.3): the domain itself, one
 * below it, any other. */
static unsigned
ptr_rank(const struct spf_dns *d, const char *name)
{
	size_t n = strlen(name);
	size_t len = d->domain == NULL ? 0 : strlen(d->domain);

	if (len == 0 || text_equal_fold(name, d->domain))
		return 0;
	return n > len && name[n - len - 1] == '.' &&
	    text_equal_fold(name + n - len, d->domain) ? 1 : 2;
}

static bool
add_ptr(struct spf_dns *d, SPF_dns_rr_t *rr, const struct answer *a)
{
	d->shares = 1 + (unsigned)(a->n < PTR_MAX ? a->n : PTR_MAX);
	for (unsigned rank = 0; rank <= 2; rank++) {
		for (size_t i = 0; i < a->n && i < PTR_MAX; i++) {
			char name[DOMAIN_SIZE];

			raw_name(a->rdata[i].data, a->rdata[i].len, name);
			if (name[0] == '\0' || ptr_rank(d, name) != rank)
				continue;
			if (!rr_add(rr, name, strlen(name) + 1))
				return false;
		}
	}
	return true;
}

/* Applies the rules at the top of this file to an answer or a missing one. */
static int
judge(struct spf_dns *d, const struct answer *a, bool is_own)
{
	if (a == NULL) {
		bool is_late = clock_ms() >= d->deadline_ms;
		bool is_forgiven = d->is_validating ||
		    d->mechanism == SPF_TERM_PTR;
		return is_forgiven && !is_late ? HOST_NOT_FOUND : TRY_AGAIN;
	}
	if (a->status == ANSWER_DATA && a->n > 0)
		return NETDB_SUCCESS;
	if (is_own && !d->is_validating && a->status != ANSWER_BAD_NAME)
		d->voids++;
	if (d->voids > SPF_VOIDS_MAX)
		return TRY_AGAIN;
	return a->status == ANSWER_NXDOMAIN ? HOST_NOT_FOUND : NO_DATA;
}

/* A query from libspf2. */
static SPF_dns_rr_t *
lookup(SPF_dns_server_t *server, const char *name, ns_type type,
    int should_cache)
{
	struct spf_dns *d = server->hook;
	bool is_own = !d->has_asked;
	const struct answer *a = NULL;
	struct question *q = NULL;
	SPF_dns_rr_t *rr;
	bool fits = true;

	(void)should_cache;
	d->has_asked = true;
	rr = SPF_dns_rr_new_init(server, name, type, 0, HOST_NOT_FOUND);
	if (rr == NULL) {
		rr = d->library->spare;
		d->library->spare = NULL;
		return rr;
	}
	if (!spf_macro_is_name(name, strlen(name)))
		return rr;
	a = ask(d, name, (enum dns_type)type, &q);
	rr->herrno = judge(d, a, is_own);
	if (rr->herrno == NETDB_SUCCESS) {
		if (type == ns_t_a || type == ns_t_aaaa)
			fits = add_addresses(d, rr, a, (enum dns_type)type);
		else if (type == ns_t_mx && a->n <= MX_MAX)
			fits = add_mx(rr, a);
		else if (type == ns_t_mx)
			d->has_many_mx = true;
		else if (type == ns_t_ptr)
			fits = add_ptr(d, rr, a);
		if (!fits || d->has_many_mx)
			rr->herrno = TRY_AGAIN;
	}
	resolver_done(&q);
	return rr;
}

/* Sets the client's address; libspf2 then forgets the client's name. */
static void
set_address(struct spf_dns *d)
{
	struct in_addr ip4;
	struct in6_addr ip6;

	memcpy(&ip4, d->ip.b, sizeof ip4);
	memcpy(&ip6, d->ip.b, sizeof ip6);
	if (d->ip.family == IP_4)
		SPF_request_set_ipv4(d->library->request, ip4);
	else
		SPF_request_set_ipv6(d->library->request, ip6);
}

/* libspf2 aborts if the host name fills its buffer. */
static bool
hostname_fits(void)
{
	char name[HOSTNAME_ROOM];

	return gethostname(name, sizeof name) == 0;
}

static int
library_begin(struct spf_dns *d)
{
	struct spf_library *l = calloc(1, sizeof *l);
	SPF_response_t *response = NULL;
	SPF_errcode_t e;

	d->library = l;
	if (l == NULL || !hostname_fits())
		return -1;
	l->dns.lookup = lookup;
	l->dns.name = "waybill";
	l->dns.hook = d;
	l->server = SPF_server_new_dns(&l->dns, 0);
	if (l->server == NULL)
		return -1;
	/* it puts an explanation into each answer: this one is a constant */
	e = SPF_server_set_explanation(l->server, "-", &response);
	if (response != NULL)
		SPF_response_free(response);
	if (e != SPF_E_SUCCESS)
		return -1;
	SPF_server_set_max_dns_mx(l->server, MX_MAX);
	l->request = SPF_request_new(l->server);
	l->spare = SPF_dns_rr_new_init(&l->dns, "", ns_t_a, 0, TRY_AGAIN);
	if (l->request == NULL || l->spare == NULL)
		return -1;
	set_address(d);
	return 0;
}

int
spf_dns_begin(struct spf_dns *d, struct resolver *r, const struct ip *ip,
    int64_t deadline_ms)
{
	memset(d, 0, sizeof *d);
	d->resolver = r;
	d->ip = *ip;
	d->deadline_ms = deadline_ms;
	d->ttl_s = TTL_MAX;
	d->shares = 1;
	pthread_once(&handlers_once, set_handlers);
	if (library_begin(d) == 0)
		return 0;
	snprintf(d->why, sizeof d->why, "cannot use libspf2 (out of memory, or "
	    "a host name of %d bytes)", HOSTNAME_ROOM);
	return -1;
}

void
spf_dns_end(struct spf_dns *d)
{
	struct spf_library *l = d->library;

	if (l == NULL)
		return;
	if (l->request != NULL)
		SPF_request_free(l->request);
	if (l->spare != NULL)
		SPF_dns_rr_free(l->spare);
	if (l->server != NULL)
		SPF_server_free(l->server);
	free(l);
	d->library = NULL;
}

bool
spf_dns_count(struct spf_dns *d)
{
	d->lookups++;
	return d->lookups <= SPF_LOOKUPS_MAX;
}

int
spf_dns_record(struct spf_dns *d, const char *name, char **text, size_t *len)
{
	struct question *q;
	const struct answer *a = ask(d, name, DNS_TXT, &q);
	int found = a == NULL ? -1 : 0;

	*text = NULL;
	*len = 0;
	for (size_t i = 0; a != NULL && i < a->n; i++) {
		size_t n;
		char *txt = rdata_txt(&a->rdata[i], &n);

		if (txt != NULL && spf_record_is(txt, n)) {
			found++;
			if (*text == NULL) {
				*text = txt;
				*len = n;
				continue;
			}
		}
		free(txt);
	}
	resolver_done(&q);
	return found;
}

/* The record that libspf2 gets for one mechanism. */
static void
write_mechanism(char *out, size_t size, const struct spf_dns *d,
    unsigned bits)
{
	const char *word = d->mechanism == SPF_TERM_A ? "a" :
	    d->mechanism == SPF_TERM_MX ? "mx" :
	    d->mechanism == SPF_TERM_PTR ? "ptr" : "exists:%{d}";
	bool has_prefix = (d->mechanism == SPF_TERM_A ||
	    d->mechanism == SPF_TERM_MX) && bits > 0 &&
	    bits < (d->ip.family == IP_4 ? 32u : 128u);

	if (has_prefix)
		snprintf(out, size, "v=spf1 +%s%s%u", word,
		    d->ip.family == IP_4 ? "/" : "//", bits);
	else
		snprintf(out, size, "v=spf1 +%s", word);
}

/* Compiles and runs it; SPF_RESULT_INVALID without memory. */
static SPF_result_t
run(struct spf_library *l, const char *text, const char *name)
{
	SPF_response_t *response = SPF_response_new(l->request);
	SPF_record_t *record = NULL;
	SPF_result_t result = SPF_RESULT_INVALID;

	if (response == NULL)
		return result;
	if (SPF_record_compile(l->server, response, &record, text) ==
	    SPF_E_SUCCESS && record != NULL && record->num_mech == 1) {
		l->request->cur_dom = name;
		response->spf_record_exp = record;
		SPF_record_interpret(record, l->request, response, 0);
		result = SPF_response_result(response);
		response->spf_record_exp = NULL;
		l->request->cur_dom = NULL;
	}
	if (record != NULL)
		SPF_record_free(record);
	SPF_response_free(response);
	return result;
}

enum spf_match
spf_dns_match(struct spf_dns *d, enum spf_mechanism m, const char *name,
    unsigned bits)
{
	char text[64];
	char shown[DOMAIN_SIZE];
	SPF_result_t result;

	d->mechanism = m;
	d->shares = m == SPF_TERM_PTR ? PTR_SHARES : 1;
	d->is_validating = false;
	d->domain = NULL;
	d->has_asked = false;
	d->has_many_mx = false;
	d->takes_any = bits == 0 && (m == SPF_TERM_A || m == SPF_TERM_MX);
	d->why[0] = '\0';
	if (name[0] == '\0')
		return SPF_MATCH_NO;
	write_mechanism(text, sizeof text, d, bits);
	result = run(d->library, text, name);
	d->shares = 1;
	if (d->voids > SPF_VOIDS_MAX) {
		snprintf(d->why, sizeof d->why,
		    "more than %d void look-ups (RFC 7208, 4.6.4)",
		    SPF_VOIDS_MAX);
		return SPF_MATCH_PERMERROR;
	}
	if (d->has_many_mx) {
		show_name(name, shown, sizeof shown);
		snprintf(d->why, sizeof d->why,
		    "%s has more than %d MX hosts (RFC 7208, 4.6.4)", shown,
		    MX_MAX);
		return SPF_MATCH_PERMERROR;
	}
	if (result == SPF_RESULT_PASS)
		return SPF_MATCH_YES;
	if (result == SPF_RESULT_NEUTRAL)
		return SPF_MATCH_NO;
	if (d->why[0] == '\0')
		snprintf(d->why, sizeof d->why, "libspf2 failed");
	return SPF_MATCH_TEMPERROR;
}

const char *
spf_dns_validated(struct spf_dns *d, const char *domain)
{
	const char *name;

	d->is_validating = true;
	d->shares = PTR_SHARES;
	d->domain = domain;
	d->takes_any = false;
	d->has_asked = false;
	/*
	 * it keeps a name that it has found, but the choice depends on domain
	 */
	set_address(d);
	name = SPF_request_get_client_dom(d->library->request);
	d->is_validating = false;
	d->shares = 1;
	d->domain = NULL;
	return name != NULL ? name : "unknown";
}
