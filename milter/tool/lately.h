/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_LATELY_H
#define WAYBILL_TOOL_LATELY_H

#include "config/config.h"
#include "tool/finding.h"

/*
 * What the record says of the last day, as findings: does the recorder keep up
 * (key "record"), which message was signed last and by which key ("signed"),
 * who rejected mail since yesterday ("bounced"), how many warnings there were
 * ("warnings"). A worker reads it: to be asked
 * before this process reads a key.
 */
void lately_find(const struct config *c, struct findings *f);

#endif
