/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_VALUE_H
#define WAYBILL_FIND_POSTFIX_VALUE_H

#include "base/text.h"

/*
 * Expands $name, ${name}, $(name), ${name?text}, ${name?{a}:{b}}, ${name:text}
 * and ${{a} == {b} ? {c} : {d}} as described in postconf(5) ("main.cf file
 * format"). Names are looked up with look_up(arg, name), which returns NULL
 * for an unknown one (it is then empty). Appends to out. Expressions nested
 * deeper than 30 are left out and set out->cut; so a value that contains
 * itself ends there.
 */
void postfix_value_expand(const char *value,
    const char *(*look_up)(const void *arg, const char *name), const void *arg,
    struct text *out);

#endif
