/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_KERNEL_H
#define WAYBILL_FIND_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"

/* What the kernel knows about the addresses of this host. No packet is sent. */

/* The source address that it would use for mail to dest. Returns false if
 * there is no route. */
bool kernel_source(const struct ip *dest, struct ip *out);

/* The same for a host somewhere on the internet. */
bool kernel_source_global(enum ip_family family, struct ip *out);

/* The addresses of all interfaces including loopback, at most max. Returns how
 * many were written to out. */
size_t kernel_addresses(struct ip *out, size_t max);

#endif
