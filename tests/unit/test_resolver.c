/* SPDX-License-Identifier: ISC */
/* The resolver against a server of its own on the loopback. */
#include "find/resolver.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "dns_server.h"
#include "unit.h"

static struct dns_server *server;
static struct resolver *resolver;

/* cache_max 0: as much as it likes. */
static struct resolver *
resolver_to(const char *address, size_t cache_max)
{
	char *v[1] = { (char *)(uintptr_t)address };
	struct text_list list = { v, 1 };
	struct resolver_options o = { .servers = &list,
		.cache_max = cache_max };
	struct err err = { 0 };
	struct resolver *r = resolver_new(&o, &err);

	if (r == NULL)
		fail_msg("%s", err.text);
	return r;
}

static int
setup(void **state)
{
	(void)state;
	server = dns_server_new();
	resolver = resolver_to(dns_server_address(server), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	resolver_free(&resolver);
	dns_server_free(&server);
	return 0;
}

static enum answer_status
ask_of(struct resolver *r, const char *name, enum dns_type type)
{
	struct question *q = resolver_ask(r, name, type);
	const struct answer *a = resolver_wait(q, clock_ms() + PATIENCE_MS);
	enum answer_status status;

	assert_non_null(a);
	status = a->status;
	resolver_done(&q);
	assert_null(q);
	return status;
}

static enum answer_status
ask(const char *name, enum dns_type type)
{
	return ask_of(resolver, name, type);
}

static void
statuses(void **state)
{
	static const struct {
		const char *name;
		enum dns_type type;
		enum answer_status want;
	} row[] = {
		{ "a1.example.org", DNS_A, ANSWER_DATA },
		{ "A1.Example.ORG.", DNS_A, ANSWER_DATA },
		{ "a3.example.org", DNS_AAAA, ANSWER_NODATA },
		{ "mute.example.org", DNS_MX, ANSWER_NODATA },
		{ "nx.example.org", DNS_A, ANSWER_NXDOMAIN },
		{ "sf.example.org", DNS_A, ANSWER_SERVFAIL },
		{ "ref.example.org", DNS_A, ANSWER_SERVFAIL },
		{ "a2.x.test", DNS_A, ANSWER_DATA },
		{ "a2.home.arpa", DNS_A, ANSWER_DATA },
		{ "a7.2.0.192.in-addr.arpa", DNS_A, ANSWER_DATA },
		{ "a7.10.in-addr.arpa", DNS_A, ANSWER_DATA },
		{ "a1.onion", DNS_A, ANSWER_NXDOMAIN },
		{ "a b.example.org", DNS_A, ANSWER_DATA },
		{ "back\\slash.example.org", DNS_A, ANSWER_DATA },
		{ "\303\274.example.org", DNS_A, ANSWER_DATA },
		{ "\"(;)@$*.example.org", DNS_A, ANSWER_DATA },
		{ "", DNS_A, ANSWER_BAD_NAME },
		{ ".", DNS_A, ANSWER_BAD_NAME },
		{ "a..b", DNS_A, ANSWER_BAD_NAME },
		{ ".a", DNS_A, ANSWER_BAD_NAME },
		{ "123456789-123456789-123456789-123456789-123456789-123456789-"
		    "1234.example", DNS_A, ANSWER_BAD_NAME },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("%s\n", row[i].name);
		assert_string_equal(answer_status_name(ask(row[i].name,
		    row[i].type)), answer_status_name(row[i].want));
	}
	/* one question for the two spellings; bytes as they are. (No data
	 * and no SOA: libunbound 1.26 asks once more.) */
	assert_int_equal(dns_server_count(server, "\2a1\7example\3org"), 1);
	assert_int_equal(dns_server_count(server, "\12back\\slash\7example\3org"),
	    1);
	assert_int_equal(dns_server_count(server, "\2\303\274\7example\3org"), 1);
	assert_int_equal(dns_server_count(server, "\2a1\5onion"), 0);
}

static void
name_of_253_bytes(void **state)
{
	char name[260];

	(void)state;
	for (int i = 0; i < 253; i++)
		name[i] = i % 50 == 49 ? '.' : 'x';
	name[253] = '\0';
	assert_int_equal(ask(name, DNS_A), ANSWER_DATA);
	name[253] = 'x';
	name[254] = '\0';
	assert_int_equal(ask(name, DNS_A), ANSWER_BAD_NAME);
}

static void
contents(void **state)
{
	struct question *q = resolver_ask(resolver, "cn.example.org", DNS_A);
	const struct answer *a = resolver_wait(q, clock_ms() + PATIENCE_MS);

	(void)state;
	assert_non_null(a);
	assert_int_equal(a->status, ANSWER_DATA);
	assert_string_equal(a->canonical, "a1.example.org");
	assert_int_equal(a->n, 1);
	assert_int_equal(a->rdata[0].len, 4);
	assert_memory_equal(a->rdata[0].data, "\300\0\2\1", 4);
	assert_in_range(a->ttl_s, 290, 300);
	assert_false(a->secure);
	resolver_done(&q);

	q = resolver_ask(resolver, "many.example.org", DNS_A);
	a = resolver_wait(q, clock_ms() + PATIENCE_MS);
	assert_non_null(a);
	assert_int_equal(a->n, 60);
	resolver_done(&q);
}

struct waiter {
	pthread_t thread;
	bool ok;
};

static void *
wait_for_one(void *arg)
{
	struct waiter *w = arg;
	struct question *q = resolver_ask(resolver, "a5.example.org", DNS_A);
	const struct answer *a = resolver_wait(q, clock_ms() + PATIENCE_MS);

	w->ok = a != NULL && a->status == ANSWER_DATA;
	resolver_done(&q);
	return NULL;
}

static void
one_in_flight(void **state)
{
	struct waiter w[50];

	(void)state;
	for (int i = 0; i < 50; i++)
		assert_int_equal(pthread_create(&w[i].thread, NULL,
		    wait_for_one, &w[i]), 0);
	for (int i = 0; i < 50; i++) {
		pthread_join(w[i].thread, NULL);
		assert_true(w[i].ok);
	}
	assert_int_equal(dns_server_count(server, "\2a5\7example\3org"), 1);
}

struct chain {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int links;
	enum answer_status last;
};

static void
next_link(void *arg, const struct answer *a)
{
	struct chain *c = arg;
	char name[32];
	int n;

	pthread_mutex_lock(&c->lock);
	c->last = a->status;
	n = ++c->links;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
	if (n >= 5)
		return;
	snprintf(name, sizeof name, "a%d.example.com", n / 2);
	assert_int_equal(resolver_ask_then(resolver, name, DNS_A, next_link, c),
	    0);
}

static void
continuations(void **state)
{
	struct chain c = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER };

	(void)state;
	assert_int_equal(resolver_ask_then(resolver, "nx.example.com", DNS_A,
	    next_link, &c), 0);
	pthread_mutex_lock(&c.lock);
	while (c.links < 5)
		pthread_cond_wait(&c.changed, &c.lock);
	pthread_mutex_unlock(&c.lock);
	assert_int_equal(c.last, ANSWER_DATA);

	/* what can't be asked is answered at once */
	c.links = 5;
	assert_int_equal(resolver_ask_then(resolver, "..", DNS_A, next_link,
	    &c), 0);
	assert_int_equal(c.last, ANSWER_BAD_NAME);
}

static void
deadline_holds(void **state)
{
	struct question *q = resolver_ask(resolver, "silent.example.org", DNS_A);
	int64_t begin = clock_ms();

	(void)state;
	assert_null(resolver_wait(q, begin + 50));
	assert_in_range(clock_ms() - begin, 50, PATIENCE_MS / 2);
	resolver_done(&q);
}

/* A free while questions wait ends them, continuations too. */
static void
freed_in_flight(void **state)
{
	struct resolver *other = resolver_to(dns_server_address(server), 0);
	struct chain c = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER, .links = 10 };

	(void)state;
	assert_int_equal(resolver_ask_then(other, "silent.example.net", DNS_A,
	    next_link, &c), 0);
	resolver_free(&other);
	assert_int_equal(c.links, 11);
	assert_int_equal(c.last, ANSWER_TIMEOUT);
}

/* Does it come to be dead, or alive? */
static bool
comes_to_be(struct resolver *r, bool dead)
{
	int64_t end = clock_ms() + PATIENCE_MS;

	while (resolver_is_dead(r) != dead && clock_ms() < end)
		nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
	return resolver_is_dead(r) == dead;
}

static void
a_dead_domain_is_not_dead_dns(void **state)
{
	struct question *q = resolver_ask(resolver, "silent.example.com", DNS_A);
	const struct answer *a = resolver_wait(q, clock_ms() + 3500);

	(void)state;
	/* Of a server that was quick before, libunbound awaits an answer for
	 * some seconds only; 1.26 for less than these. */
	assert_true(a == NULL || a->status == ANSWER_TIMEOUT ||
	    a->status == ANSWER_SERVFAIL);
	/* On a busy machine the living servers may be a little late too. */
	assert_true(comes_to_be(resolver, false));
	resolver_done(&q);
}

/* Each has a socket of its own: the next doesn't queue behind them. */
static void
silent_names_hold_up_nobody(void **state)
{
	enum { SILENT = 200 };
	struct resolver *other = resolver_to(dns_server_address(server), 0);
	struct question *q[SILENT];

	(void)state;
	for (int i = 0; i < SILENT; i++) {
		char name[40];

		snprintf(name, sizeof name, "silent.n%d.example.org", i);
		q[i] = resolver_ask(other, name, DNS_A);
		assert_non_null(q[i]);
	}
	assert_int_equal(ask_of(other, "a1.example.org", DNS_A), ANSWER_DATA);
	for (int i = 0; i < SILENT; i++) {
		/* Not given up yet, so nobody waited for that. */
		assert_null(resolver_wait(q[i], 0));
		resolver_done(&q[i]);
	}
	resolver_free(&other);
}

static void
death_and_return(void **state)
{
	struct question *q;
	const struct answer *a;
	int64_t begin;

	(void)state;
	dns_server_sleep(server, true);
	q = resolver_ask(resolver, "a1.example.net", DNS_A);
	a = resolver_wait(q, clock_ms() + PATIENCE_MS);
	/* A library that shuns the server since the silent domain of the case
	 * before may give up first; that is no answer either. */
	assert_true(a == NULL || a->status == ANSWER_TIMEOUT ||
	    a->status == ANSWER_SERVFAIL);
	assert_true(comes_to_be(resolver, true));
	resolver_done(&q);

	/* nothing waits now, and what is known is still known */
	begin = clock_ms();
	assert_int_equal(ask("a2.example.net", DNS_A), ANSWER_TIMEOUT);
	assert_int_equal(ask("cn.example.org", DNS_A), ANSWER_DATA);
	assert_true(clock_ms() - begin < PATIENCE_MS / 2);

	dns_server_sleep(server, false);
	assert_true(comes_to_be(resolver, false));
	assert_int_equal(ask("a1.example.net", DNS_A), ANSWER_DATA);
	assert_int_equal(ask("a2.example.net", DNS_A), ANSWER_DATA);
}

/* Of three names a table for two keeps those used last. While DNS is dead only
 * the table can tell, not libunbound. */
static void
bounded_cache(void **state)
{
	struct resolver *small = resolver_to(dns_server_address(server), 2);
	struct question *q;

	(void)state;
	assert_int_equal(ask_of(small, "a1.example.org", DNS_A), ANSWER_DATA);
	assert_int_equal(ask_of(small, "a2.example.org", DNS_A), ANSWER_DATA);
	assert_int_equal(ask_of(small, "a1.example.org", DNS_A), ANSWER_DATA);
	assert_int_equal(ask_of(small, "a3.example.org", DNS_A), ANSWER_DATA);
	dns_server_sleep(server, true);
	q = resolver_ask(small, "a4.example.org", DNS_A);
	assert_true(comes_to_be(small, true));
	assert_int_equal(ask_of(small, "a1.example.org", DNS_A), ANSWER_DATA);
	assert_int_equal(ask_of(small, "a3.example.org", DNS_A), ANSWER_DATA);
	assert_int_equal(ask_of(small, "a2.example.org", DNS_A), ANSWER_TIMEOUT);
	dns_server_sleep(server, false);
	resolver_done(&q);
	resolver_free(&small);
}

static void
bad_options(void **state)
{
	static const struct {
		const char *server, *trust_anchor, *want;
	} row[] = {
		{ "ns.example.org", "", "\"ns.example.org\" is not ADDR" },
		{ "127.0.0.1@0", "", "\"127.0.0.1@0\" is not ADDR" },
		{ "127.0.0.1@65536", "", "\"127.0.0.1@65536\" is not ADDR" },
		{ "127.0.0.1@", "", "\"127.0.0.1@\" is not ADDR" },
		{ "", "", "\"\" is not ADDR" },
		{ "::1@53", "/nonexistent/root.key", "resolver.trust_anchor" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char *v[1] = { (char *)(uintptr_t)row[i].server };
		struct text_list list = { v, 1 };
		struct resolver_options o = { .servers = &list,
			.trust_anchor = row[i].trust_anchor };
		struct err err = { 0 };

		print_message("%s\n", row[i].want);
		assert_null(resolver_new(&o, &err));
		assert_int_equal(err.code == EXIT_CONFIG || i == 5, 1);
		assert_non_null(strstr(err.text, row[i].want));
	}
}

static void
write_conf(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* resolv.conf has no ports, so nobody answers here: it is read, also when it
 * is absent or empty, and a change of it disturbs nobody. */
static void
system_servers(void **state)
{
	char path[] = "/tmp/test_resolver.XXXXXX";
	int fd = mkstemp(path);
	struct resolver_options o = { .resolv_conf = path };
	struct resolver *r;
	struct err err;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_conf(path, "# none\nnameserver\nnameserver nonsense\n"
	    "nameserver ::1\nnameserver 127.0.0.1\noptions edns0");
	r = resolver_new(&o, &err);
	assert_non_null(r);
	resolver_free(&r);
	unlink(path);
	r = resolver_new(&o, &err);
	assert_non_null(r);
	resolver_free(&r);
}

UNIT_MAIN(setup, teardown,
    cmocka_unit_test(statuses),
    cmocka_unit_test(name_of_253_bytes),
    cmocka_unit_test(contents),
    cmocka_unit_test(one_in_flight),
    cmocka_unit_test(continuations),
    cmocka_unit_test(deadline_holds),
    cmocka_unit_test(freed_in_flight),
    cmocka_unit_test(a_dead_domain_is_not_dead_dns),
    cmocka_unit_test(silent_names_hold_up_nobody),
    cmocka_unit_test(death_and_return),
    cmocka_unit_test(bounded_cache),
    cmocka_unit_test(bad_options),
    cmocka_unit_test(system_servers))
