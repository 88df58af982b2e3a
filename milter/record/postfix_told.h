/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_POSTFIX_TOLD_H
#define WAYBILL_RECORD_POSTFIX_TOLD_H

#include <stddef.h>

/*
 * A parameter of this Postfix by postconf(1), into value (size bytes): "" where
 * it is empty, or where there is no Postfix to ask. folder is that of its
 * configuration. Takes two seconds at most. Before confinement.
 */
void postfix_told(const char *folder, const char *parameter, char *value,
    size_t size);

#endif
