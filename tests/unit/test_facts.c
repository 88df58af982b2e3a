/* SPDX-License-Identifier: ISC */
/* Jobs: one a key, kept and refreshed, fair, and gone without a trace. */
#include "find/facts.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "fake_unbound.h"
#include "unit.h"

static const char zone[] =
    "*.ok.example A 192.0.2.1\n"
    "*.sf.example SERVFAIL\n";

static atomic_int args_live, results_live, runs;
static sem_t gate;

struct work {
	struct fact_job *job;
	char name[64];
};

static void *
make_args(const char *name)
{
	atomic_fetch_add(&args_live, 1);
	return strdup(name);
}

static void
free_args(void *args)
{
	atomic_fetch_sub(&args_live, 1);
	free(args);
}

static char *
make_result(const char *name, const char *what)
{
	char *s = malloc(100);

	assert_non_null(s);
	snprintf(s, 100, "%s %s", name, what);
	atomic_fetch_add(&results_live, 1);
	return s;
}

static void
free_result(void *result)
{
	atomic_fetch_sub(&results_live, 1);
	free(result);
}

static void
on_answer(void *arg, const struct answer *a)
{
	struct work *w = arg;
	bool ok = a->status == ANSWER_DATA;

	fact_finish(w->job, make_result(w->name, answer_status_name(a->status)),
	    ok ? a->ttl_s : FACT_FAILED);
	free(w);
}

/* Looks the name up in a continuation. */
static void
start_lookup(struct fact_job *job, const void *args)
{
	struct work *w = malloc(sizeof *w);

	assert_non_null(w);
	w->job = job;
	snprintf(w->name, sizeof w->name, "%s", (const char *)args);
	assert_int_equal(resolver_ask_then(fact_job_resolver(job), args, DNS_A,
	    on_answer, w), 0);
}

/* Names that begin with "block" wait at the gate; "nothing" has no result. */
static void *
run_slowly(struct resolver *r, const void *args, int64_t deadline_ms,
    unsigned *ttl_s)
{
	const char *name = args;

	assert_non_null(r);
	assert_true(deadline_ms > clock_ms());
	atomic_fetch_add(&runs, 1);
	if (strncmp(name, "block", 5) == 0)
		sem_wait(&gate);
	*ttl_s = 300;
	return strcmp(name, "nothing") == 0 ? NULL : make_result(name, "ran");
}

static const struct fact_kind lookup = {
	"lookup", start_lookup, NULL, free_result, free_args,
};
static const struct fact_kind slow = {
	"slow", NULL, run_slowly, free_result, free_args,
};

static struct resolver *resolver;
static struct facts *facts;

static void
begin(size_t max)
{
	struct facts_options o = { .max = max };
	struct err err;

	resolver = fake_unbound_resolver(zone);
	facts = facts_new(resolver, &o, &err);
	assert_non_null(facts);
	atomic_store(&runs, 0);
}

static void
end(void)
{
	facts_free(&facts);
	assert_null(facts);
	resolver_free(&resolver);
	assert_int_equal(atomic_load(&args_live), 0);
	assert_int_equal(atomic_load(&results_live), 0);
}

static struct fact *
start(const struct fact_kind *kind, const char *name, const char *who)
{
	return facts_start(facts, kind, name, make_args(name), who);
}

static const char *
patiently(struct fact *fact)
{
	return fact_wait(fact, clock_ms() + PATIENCE_MS);
}

static void
one_job_a_key(void **state)
{
	struct fact *a, *b, *c;

	(void)state;
	begin(0);
	fake_unbound_hold(true);
	a = start(&lookup, "x.ok.example", NULL);
	b = start(&lookup, "x.ok.example", NULL);
	c = start(&lookup, "y.sf.example", NULL);
	assert_non_null(a);
	assert_ptr_equal(a, b);
	assert_null(fact_wait(a, 0));
	assert_int_equal(facts_unanswered((struct fact *[]){ a, NULL, c }, 3), 2);
	assert_int_equal(fake_unbound_count(NULL, 0), 2);
	fake_unbound_hold(false);
	assert_string_equal(fact_wait(a, 0), "x.ok.example data");
	assert_string_equal(fact_wait(c, 0), "y.sf.example servfail");
	assert_int_equal(facts_unanswered((struct fact *[]){ a, NULL, c }, 3), 0);
	fact_done(&a);
	fact_done(&b);
	fact_done(&c);

	/* found again, failures too for a while */
	a = start(&lookup, "x.ok.example", NULL);
	c = start(&lookup, "y.sf.example", NULL);
	assert_non_null(fact_wait(a, 0));
	assert_non_null(fact_wait(c, 0));
	assert_int_equal(fake_unbound_count(NULL, 0), 2);
	fact_done(&a);
	fact_done(&c);
	end();
}

/* The same key of another kind is another fact. */
static void
kinds_differ(void **state)
{
	struct fact *a, *b;

	(void)state;
	begin(0);
	a = start(&lookup, "x.ok.example", NULL);
	b = start(&slow, "x.ok.example", "somebody");
	assert_ptr_not_equal(a, b);
	assert_string_equal(patiently(b), "x.ok.example ran");
	fact_done(&a);
	fact_done(&b);
	b = start(&slow, "nothing", "somebody");
	assert_null(fact_wait(b, clock_ms() + 200));
	fact_done(&b);
	end();
}

static void
nothing_waits_for_dead_dns(void **state)
{
	struct fact *a, *b;
	int64_t before;

	(void)state;
	begin(0);
	fake_unbound_hold(true);
	a = start(&lookup, "x.ok.example", NULL);
	fake_unbound_kill(resolver, true);
	before = clock_ms();
	assert_null(patiently(a));
	assert_true(clock_ms() - before < PATIENCE_MS / 2);
	/* what is asked for now isn't sent */
	b = start(&lookup, "y.ok.example", NULL);
	assert_string_equal(fact_wait(b, 0), "y.ok.example timeout");
	assert_int_equal(fake_unbound_count("y.ok.example", DNS_A), 0);
	fact_done(&a);
	fact_done(&b);
	end();
}

static void
deadline_holds(void **state)
{
	struct fact *a;
	int64_t before = clock_ms();

	(void)state;
	begin(0);
	fake_unbound_hold(true);
	a = start(&lookup, "x.ok.example", NULL);
	assert_null(fact_wait(a, before + 250));
	assert_in_range(clock_ms() - before, 250, PATIENCE_MS / 2);
	fact_done(&a);
	end();
}

/* Fifty dead domains of one party; another's one is served meanwhile. */
static void
one_party_holds_nobody_up(void **state)
{
	struct fact *a[50], *b;

	(void)state;
	sem_init(&gate, 0, 0);
	begin(0);
	for (int i = 0; i < 50; i++) {
		char name[32];

		snprintf(name, sizeof name, "block%d", i);
		a[i] = start(&slow, name, "mallory");
		assert_non_null(a[i]);
	}
	b = start(&slow, "good", "alice");
	assert_string_equal(patiently(b), "good ran");
	assert_int_equal(facts_unanswered(a, 50), 50);
	assert_in_range(atomic_load(&runs), 1, 3);
	for (int i = 0; i < 50; i++)
		sem_post(&gate);
	for (int i = 0; i < 50; i++) {
		assert_non_null(patiently(a[i]));
		fact_done(&a[i]);
	}
	fact_done(&b);
	end();
	sem_destroy(&gate);
}

/* So many of a party's names as it gets in flight, of n; held by their jobs. */
static int
ask_many(const struct fact_kind *kind, const char *who, int n)
{
	int taken = 0;

	for (int i = 0; i < n; i++) {
		char name[64];
		struct fact *a;

		snprintf(name, sizeof name, "block%d.%s.example", i, who);
		a = start(kind, name, who);
		taken += a != NULL;
		fact_done(&a);
	}
	return taken;
}

/* Nobody holds them, and their jobs go on: those too count for the party. And
 * when twenty parties are greedy, the next one has room. */
static void
each_party_has_a_share(void **state)
{
	struct fact *a;
	int taken = 0;

	(void)state;
	begin(0);
	fake_unbound_hold(true);
	assert_true(facts_wait_share(facts, "mallory", 0));
	assert_int_equal(ask_many(&lookup, "mallory", 5000),
	    2 * FACTS_UNANSWERED_MAX);
	assert_false(facts_wait_share(facts, "mallory", 0));
	assert_false(facts_wait_share(facts, "mallory", clock_ms() + 50));
	assert_true(facts_wait_share(facts, "alice", 0));
	for (int i = 0; i < 19; i++) {
		char who[16];

		snprintf(who, sizeof who, "m%d", i);
		taken += ask_many(&lookup, who, 200);
		assert_true(facts_wait_share(facts, "alice", 0));
	}
	assert_int_equal(taken, 19 * 2 * FACTS_UNANSWERED_MAX);
	/* joined, not begun: that is free */
	a = start(&lookup, "block0.mallory.example", "mallory");
	assert_non_null(a);
	fact_done(&a);
	a = start(&lookup, "x.ok.example", "alice");
	assert_non_null(a);
	/* waybilld's own */
	assert_int_equal(ask_many(&lookup, "", 300), 300);
	fake_unbound_hold(false);
	assert_string_equal(fact_wait(a, 0), "x.ok.example data");
	fact_done(&a);
	assert_true(facts_wait_share(facts, "mallory", 0));
	end();
}

/* The queue of the kinds that run is shared likewise. */
static void
each_party_has_a_place(void **state)
{
	struct fact *a;

	(void)state;
	sem_init(&gate, 0, 0);
	begin(0);
	assert_int_equal(ask_many(&slow, "mallory", 2000),
	    2 * FACTS_UNANSWERED_MAX);
	for (int i = 0; i < 4; i++) {
		char who[16];

		snprintf(who, sizeof who, "m%d", i);
		assert_in_range(ask_many(&slow, who, 200), 1, 128);
	}
	a = start(&slow, "good", "alice");
	assert_non_null(a);
	for (int i = 0; i < 5000; i++)
		sem_post(&gate);
	assert_string_equal(patiently(a), "good ran");
	fact_done(&a);
	end();
	sem_destroy(&gate);
}

/* Too many in the queue: refused at once, the args taken all the same. */
static void *
let_one_through(void *arg)
{
	struct timespec a_moment = { .tv_nsec = 50 * 1000 * 1000 };

	nanosleep(&a_moment, NULL);
	sem_post(&gate);
	return arg;
}

/* What is asked for meanwhile is room for the next. */
static void
room_is_waited_for(void **state)
{
	struct fact *a[4] = { NULL };
	pthread_t other;
	int64_t now = clock_ms();

	(void)state;
	sem_init(&gate, 0, 0);
	begin(0);
	assert_true(facts_wait_room(a, 4, 1, 0));
	assert_false(facts_wait_room(a, 4, 0, 0));
	a[1] = start(&slow, "block1", "a");
	a[3] = start(&slow, "block2", "b");
	assert_true(facts_wait_room(a, 4, 3, 0));
	assert_false(facts_wait_room(a, 4, 2, 0));
	assert_false(facts_wait_room(a, 4, 2, now + 100));
	assert_in_range(clock_ms() - now, 100, PATIENCE_MS / 2);
	assert_int_equal(pthread_create(&other, NULL, let_one_through, NULL),
	    0);
	assert_true(facts_wait_room(a, 4, 2, clock_ms() + PATIENCE_MS));
	assert_int_equal(facts_unanswered(a, 4), 1);
	assert_in_range(clock_ms() - now, 100, PATIENCE_MS / 2);
	pthread_join(other, NULL);
	sem_post(&gate);
	assert_true(facts_wait_room(a, 4, 1, clock_ms() + PATIENCE_MS));
	fact_done(&a[1]);
	fact_done(&a[3]);
	end();
	sem_destroy(&gate);
}

static void
no_room_while_dns_is_dead(void **state)
{
	struct fact *a;
	int64_t now = clock_ms();

	(void)state;
	begin(0);
	fake_unbound_hold(true);
	a = start(&lookup, "x.ok.example", NULL);
	fake_unbound_kill(resolver, true);
	assert_false(facts_wait_room(&a, 1, 1, now + PATIENCE_MS));
	assert_in_range(clock_ms() - now, 0, PATIENCE_MS / 2);
	fact_done(&a);
	fake_unbound_kill(resolver, false);
	fake_unbound_hold(false);
	end();
}

/* Found or in flight; nothing is begun for it. */
static void
what_is_known(void **state)
{
	struct fact *a, *b;

	(void)state;
	begin(0);
	assert_null(facts_known(facts, &lookup, "x.ok.example"));
	fake_unbound_hold(true);
	a = start(&lookup, "x.ok.example", NULL);
	b = facts_known(facts, &lookup, "x.ok.example");
	assert_ptr_equal(a, b);
	fact_done(&b);
	assert_null(facts_known(facts, &slow, "x.ok.example"));
	fake_unbound_hold(false);
	fact_done(&a);
	b = facts_known(facts, &lookup, "x.ok.example");
	assert_string_equal(fact_wait(b, 0), "x.ok.example data");
	fact_done(&b);
	assert_int_equal(fake_unbound_count(NULL, 0), 1);
	end();
}

static void
queue_is_bounded(void **state)
{
	static struct fact *a[1100];
	int taken = 0;

	(void)state;
	sem_init(&gate, 0, 0);
	begin(0);
	for (int i = 0; i < 1100; i++) {
		char name[32];

		snprintf(name, sizeof name, "block%d", i);
		a[i] = start(&slow, name, NULL);
		taken += a[i] != NULL;
	}
	assert_in_range(taken, 1000, 1004);
	for (int i = 0; i < 1100; i++)
		fact_done(&a[i]);
	for (int i = 0; i < 1100; i++)
		sem_post(&gate);
	end();
	sem_destroy(&gate);
}

static void
table_is_bounded(void **state)
{
	struct fact *held;

	(void)state;
	begin(10);
	held = start(&lookup, "held.ok.example", NULL);
	for (int i = 0; i < 100; i++) {
		char name[32];
		struct fact *a;

		snprintf(name, sizeof name, "n%d.ok.example", i);
		a = start(&lookup, name, NULL);
		fact_done(&a);
		assert_true(atomic_load(&results_live) <= 11);
	}
	assert_string_equal(fact_wait(held, 0), "held.ok.example data");
	fact_done(&held);
	end();
}

static void
flight_is_bounded(void **state)
{
	int taken = 0;

	(void)state;
	begin(0);
	fake_unbound_hold(true);
	for (int i = 0; i < 5000; i++) {
		char name[32];
		struct fact *a;

		snprintf(name, sizeof name, "n%d.ok.example", i);
		a = start(&lookup, name, NULL);
		taken += a != NULL;
		fact_done(&a);
	}
	assert_int_equal(taken, 4096);
	end();
}

/* What is kept is asked for before anybody needs it. */
static void
kept(void **state)
{
	struct fact *a;

	(void)state;
	begin(1);
	for (int i = 0; i < 30; i++) {
		char name[32];

		snprintf(name, sizeof name, "k%d.ok.example", i);
		assert_int_equal(facts_keep(facts, &lookup, name,
		    make_args(name)), 0);
	}
	assert_int_equal(facts_keep(facts, &slow, "kept", make_args("kept")), 0);
	assert_true(fake_unbound_comes(NULL, 0, 30));
	assert_int_equal(fake_unbound_count(NULL, 0), 30);
	a = start(&lookup, "k29.ok.example", NULL);
	assert_string_equal(patiently(a), "k29.ok.example data");
	fact_done(&a);
	a = start(&lookup, "k0.ok.example", NULL);
	assert_string_equal(fact_wait(a, 0), "k0.ok.example data");
	fact_done(&a);
	a = start(&slow, "kept", NULL);
	assert_string_equal(patiently(a), "kept ran");
	fact_done(&a);
	assert_int_equal(fake_unbound_count(NULL, 0), 30);
	assert_int_equal(atomic_load(&runs), 1);
	end();
}

/* A failure that is kept is asked for again after a few seconds; whoever held
 * the old result goes on reading it. */
static void
kept_is_refreshed(void **state)
{
	struct fact *a;

	(void)state;
	begin(0);
	assert_int_equal(facts_keep(facts, &lookup, "k.sf.example",
	    make_args("k.sf.example")), 0);
	assert_true(fake_unbound_comes(NULL, 0, 1));
	a = start(&lookup, "k.sf.example", NULL);
	assert_string_equal(patiently(a), "k.sf.example servfail");
	assert_true(fake_unbound_comes(NULL, 0, 2));
	assert_string_equal(fact_wait(a, 0), "k.sf.example servfail");
	fact_done(&a);
	end();
}

/* Freed with jobs of all sorts in flight: they end in resolver_free(). */
static void
freed_in_flight(void **state)
{
	struct fact *a;

	(void)state;
	begin(0);
	fake_unbound_hold(true);
	a = start(&lookup, "x.ok.example", NULL);
	fact_done(&a);
	assert_int_equal(facts_keep(facts, &lookup, "k.ok.example",
	    make_args("k.ok.example")), 0);
	assert_true(fake_unbound_comes(NULL, 0, 2));
	facts_free(&facts);
	assert_int_equal(atomic_load(&args_live), 2);
	end();
}

static void *
hammer(void *arg)
{
	unsigned seed = *(unsigned *)arg;

	for (int i = 0; i < 1000; i++) {
		char name[32];
		struct fact *a;
		const char *got;
		int n = (int)(seed = seed * 1103515245u + 12345u) & 63;

		snprintf(name, sizeof name, "n%d.ok.example", n);
		a = start(n % 4 == 0 ? &slow : &lookup, name,
		    n % 8 == 0 ? "alice" : "bob");
		got = a != NULL ? patiently(a) : "";
		if (got == NULL)
			return "no result";
		fact_done(&a);
	}
	return NULL;
}

static void
many_threads(void **state)
{
	pthread_t t[8];
	unsigned seed[8];

	(void)state;
	begin(20);
	for (unsigned i = 0; i < 8; i++) {
		char name[32];

		snprintf(name, sizeof name, "n%u.ok.example", i);
		assert_int_equal(facts_keep(facts, &lookup, name,
		    make_args(name)), 0);
		seed[i] = i + 1;
		assert_int_equal(pthread_create(&t[i], NULL, hammer, &seed[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		void *fault;

		pthread_join(t[i], &fault);
		assert_null(fault);
	}
	end();
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(one_job_a_key),
    cmocka_unit_test(kinds_differ),
    cmocka_unit_test(nothing_waits_for_dead_dns),
    cmocka_unit_test(deadline_holds),
    cmocka_unit_test(one_party_holds_nobody_up),
    cmocka_unit_test(each_party_has_a_share),
    cmocka_unit_test(each_party_has_a_place),
    cmocka_unit_test(room_is_waited_for),
    cmocka_unit_test(no_room_while_dns_is_dead),
    cmocka_unit_test(what_is_known),
    cmocka_unit_test(queue_is_bounded),
    cmocka_unit_test(table_is_bounded),
    cmocka_unit_test(flight_is_bounded),
    cmocka_unit_test(kept),
    cmocka_unit_test(kept_is_refreshed),
    cmocka_unit_test(freed_in_flight),
    cmocka_unit_test(many_threads))
