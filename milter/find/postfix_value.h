/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_VALUE_H
#define WAYBILL_FIND_POSTFIX_VALUE_H

#include "base/text.h"

/*
 * Expands $name, ${name}, $(name), ${name?text}, ${name?{a}:{b}},
 * ${name:text} and ${{a} == {b} ? {c} : {d}} as postconf(5) says ("main.cf
 * file format"), looking names up by look_up(arg, name), which returns NULL
 * for one that is unknown (then it is empty). Appends to out. What nests
 * deeper than 30 is left out and sets out->cut: a value that names itself
 * ends there.
 */
void postfix_value_expand(const char *value,
    const char *(*look_up)(const void *arg, const char *name), const void *arg,
    struct text *out);

#endif
