/* SPDX-License-Identifier: ISC */
/* What stands for the journal where libsystemd isn't. */
#include "record/source.h"

struct source *
source_open_journal(const char *position, struct err *err)
{
	(void)position;
	err_set(err, EXIT_UNAVAILABLE, "journal: this waybill was built "
	    "without libsystemd");
	return NULL;
}
