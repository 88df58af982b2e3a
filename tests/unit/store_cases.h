/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TEST_STORE_CASES_H
#define WAYBILL_TEST_STORE_CASES_H

#include "record/store.h"

/*
 * What every store must do, whatever is behind it: cases for cmocka. The test
 * of a back end gives it an empty store before each case.
 */

/* Where the store is; set before the cases run. */
extern const char *store_cases_url;
extern const char *store_cases_password_file;

/* For cmocka: a directory of the test's own, store_cases_directory, and in it
 * the place of an SQLite store, which isn't there yet. */
extern char store_cases_directory[];
int store_cases_file_begin(void **state);

/* Removes them. -1 where the store has left more than its own files. */
int store_cases_file_end(void **state);

/* Opens it; fails the test when that fails. */
struct store *store_cases_open(const char *host, enum store_mode mode);

/* Each fails the test when the store does. */
void store_cases_begin(struct store *s);
void store_cases_put(struct store *s, const struct attempt *a);
void store_cases_commit(struct store *s);

/* A good row that a case can change. */
struct attempt store_cases_attempt(int64_t second, uint64_t identity);

/* A file of tests/data; malloc'd. Fails the test when it can't be read. */
char *store_cases_read(const char *name);

/* The store holds the rows of store-v1.sql as an earlier waybill wrote them: a
 * reader says what to do, a writer converts them. */
void store_cases_convert(void);

void a_row_is_read_back(void **state);
void the_same_line_counts_once(void **state);
void totals_are_summed_by_any_column(void **state);
void totals_of_rows_are_those_of_days(void **state);
void what_waits_is_known(void **state);
void positions_are_kept_by_host(void **state);
void a_rollback_leaves_nothing(void **state);
void old_rows_go_and_totals_stay(void **state);
void the_last_text_stands_with_the_total(void **state);
void events_and_counters_are_kept(void **state);
void hostile_text_is_only_text(void **state);

#define STORE_CASES(setup, teardown) \
	cmocka_unit_test_setup_teardown(a_row_is_read_back, setup, teardown), \
	cmocka_unit_test_setup_teardown(the_same_line_counts_once, setup, \
	    teardown), \
	cmocka_unit_test_setup_teardown(totals_are_summed_by_any_column, \
	    setup, teardown), \
	cmocka_unit_test_setup_teardown(totals_of_rows_are_those_of_days, \
	    setup, teardown), \
	cmocka_unit_test_setup_teardown(what_waits_is_known, setup, \
	    teardown), \
	cmocka_unit_test_setup_teardown(positions_are_kept_by_host, setup, \
	    teardown), \
	cmocka_unit_test_setup_teardown(a_rollback_leaves_nothing, setup, \
	    teardown), \
	cmocka_unit_test_setup_teardown(old_rows_go_and_totals_stay, setup, \
	    teardown), \
	cmocka_unit_test_setup_teardown( \
	    the_last_text_stands_with_the_total, setup, teardown), \
	cmocka_unit_test_setup_teardown(events_and_counters_are_kept, setup, \
	    teardown), \
	cmocka_unit_test_setup_teardown(hostile_text_is_only_text, setup, \
	    teardown)

#endif
