/* SPDX-License-Identifier: ISC */
/*
 * The plan as a script. Its own part is a few lines that say what is wanted;
 * the rest is the same in every script, and made for a root shell of any
 * system that has Postfix: no waybill is needed to run it.
 *
 * Both files are kept as they were and as the script left them. Undone while
 * nobody changed them since, they are as before, byte for byte; else just our
 * entries are taken out (postconf -X, -MX). Run again it changes nothing; a
 * newer script takes the older one's entries out first. A run that fails or is
 * stopped half-way leaves all as it was. A service of the same name that is
 * another's is not overwritten, and one that is there just so is left there.
 *
 * BUGS: kill -9 half-way leaves our entries; undo takes them out.
 */
#include "tool/transport_plan.h"

static const char body[] =
	"kept=$conf/waybill-advise\t# the files before and after, and what is ours\n"
	"map=texthash:$table\n"
	"state=idle changed=\n"
	"\n"
	"say()\n"
	"{\n"
	"\tprintf '%s\\n' \"$*\"\n"
	"}\n"
	"\n"
	"fail()\n"
	"{\n"
	"\tprintf 'waybill: %s\\n' \"$*\" >&2\n"
	"\texit 1\n"
	"}\n"
	"\n"
	"# A parameter as main.cf has it, \"\" where there is none.\n"
	"parameter()\n"
	"{\n"
	"\tpostconf -c \"$conf\" -h \"$1\" 2>/dev/null\n"
	"}\n"
	"\n"
	"# transport_maps without our table\n"
	"maps_without()\n"
	"{\n"
	"\tparameter transport_maps | sed -e \"s|^${map}\\$||\" \\\n"
	"\t\t-e \"s|^${map}[, ][, ]*||\" -e \"s|[, ][, ]*${map}\\$||\" \\\n"
	"\t\t-e \"s|[, ][, ]*${map}\\([, ]\\)|\\1|g\"\n"
	"}\n"
	"\n"
	"# A service of master.cf on one line, \"\" where there is none.\n"
	"service()\n"
	"{\n"
	"\tpostconf -c \"$conf\" -M \"$1/unix\" 2>/dev/null | tr -s ' \\t' '  '\n"
	"}\n"
	"\n"
	"reload()\n"
	"{\n"
	"\tpostfix -c \"$conf\" status >/dev/null 2>&1 || return 0\n"
	"\tpostfix -c \"$conf\" reload >/dev/null 2>&1 ||\n"
	"\t\tfail \"postfix reload fails; the mail log says why\"\n"
	"}\n"
	"\n"
	"# Puts one of the two files back, if it is as this script left it.\n"
	"put_back()\n"
	"{\n"
	"\tcmp -s \"$conf/$1\" \"$kept/after/$1\" || return 1\n"
	"\tcp -p \"$kept/before/$1\" \"$conf/$1.waybill\" &&\n"
	"\t\tmv -f \"$conf/$1.waybill\" \"$conf/$1\"\n"
	"}\n"
	"\n"
	"# What is ours: as it was noted when it was set up, else as it would be.\n"
	"ours()\n"
	"{\n"
	"\tif [ -f \"$kept/$1\" ]; then\n"
	"\t\tcat \"$kept/$1\"\n"
	"\telse\n"
	"\t\t\"$1\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# Takes our entries out of main.cf, and nothing else.\n"
	"leave_main()\n"
	"{\n"
	"\twas=$(parameter transport_maps)\n"
	"\trest=$(maps_without)\n"
	"\tif [ -z \"$rest\" ] && [ -n \"$was\" ]; then\n"
	"\t\tpostconf -c \"$conf\" -X transport_maps || return 1\n"
	"\telif [ \"$rest\" != \"$was\" ]; then\n"
	"\t\tpostconf -c \"$conf\" -e \"transport_maps=$rest\" || return 1\n"
	"\tfi\n"
	"\tours settings | while IFS='=' read -r name value; do\n"
	"\t\t[ \"$(parameter \"$name\")\" != \"$value\" ] ||\n"
	"\t\t\tpostconf -c \"$conf\" -X \"$name\" || exit 1\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# The same for master.cf.\n"
	"leave_master()\n"
	"{\n"
	"\tours services | while read -r name rest; do\n"
	"\t\tis=$(service \"$name\")\n"
	"\t\t[ -n \"$is\" ] || continue\n"
	"\t\t[ -f \"$kept/services\" ] || [ \"$is\" = \"$name $rest\" ] || continue\n"
	"\t\tpostconf -c \"$conf\" -MX \"$name/unix\" || exit 1\n"
	"\tdone\n"
	"}\n"
	"\n"
	"take_out()\n"
	"{\n"
	"\tput_back main.cf || {\n"
	"\t\tleave_main || fail \"main.cf can't be changed\"\n"
	"\t\tchanged=main.cf\n"
	"\t}\n"
	"\tput_back master.cf || {\n"
	"\t\tleave_master || fail \"master.cf can't be changed\"\n"
	"\t\tchanged=\"$changed master.cf\"\n"
	"\t}\n"
	"\trm -rf \"$kept\" && rm -f \"$table\"\n"
	"}\n"
	"\n"
	"# Whatever ends a run half-way leaves both files as they were.\n"
	"clean_up()\n"
	"{\n"
	"\t[ \"$state\" = working ] || return 0\n"
	"\tcp -p \"$kept/before/main.cf\" \"$kept/before/master.cf\" \"$conf/\" &&\n"
	"\t\trm -rf \"$kept\" && rm -f \"$table\" \"$table.new\"\n"
	"\tsay \"waybill: it failed, and main.cf and master.cf are as before\" >&2\n"
	"}\n"
	"\n"
	"is_set_up()\n"
	"{\n"
	"\tcmp -s \"$conf/main.cf\" \"$kept/after/main.cf\" &&\n"
	"\t\tcmp -s \"$conf/master.cf\" \"$kept/after/master.cf\" &&\n"
	"\t\t[ \"$(cat \"$table\" 2>/dev/null)\" = \"$(entries)\" ] &&\n"
	"\t\t[ \"$(cat \"$kept/wanted\")\" = \"$(settings; services)\" ]\n"
	"}\n"
	"\n"
	"# Another's service of that name is not overwritten.\n"
	"look()\n"
	"{\n"
	"\tpostconf -m | grep -qx texthash || fail \"this Postfix reads no texthash\"\n"
	"\tservices | while read -r name rest; do\n"
	"\t\tis=$(service \"$name\")\n"
	"\t\t[ -z \"$is\" ] || [ \"$is\" = \"$name $rest\" ] ||\n"
	"\t\t\tgrep -q \"^$name \" \"$kept/services\" 2>/dev/null ||\n"
	"\t\t\tfail \"master.cf has another service $name: $is\"\n"
	"\tdone\n"
	"}\n"
	"\n"
	"add_settings()\n"
	"{\n"
	"\tsettings | while IFS='=' read -r name value; do\n"
	"\t\t[ -z \"$(parameter \"$name\")\" ] || continue\n"
	"\t\tsay \"$name=$value\" >>\"$kept/settings\" &&\n"
	"\t\t\tpostconf -c \"$conf\" -e \"$name=$value\" || exit 1\n"
	"\tdone\n"
	"}\n"
	"\n"
	"add_services()\n"
	"{\n"
	"\tservices | while read -r name rest; do\n"
	"\t\t[ -z \"$(service \"$name\")\" ] || continue\n"
	"\t\tsay \"$name $rest\" >>\"$kept/services\" &&\n"
	"\t\t\tpostconf -c \"$conf\" -M \"$name/unix=$name $rest\" || exit 1\n"
	"\tdone\n"
	"}\n"
	"\n"
	"add_table()\n"
	"{\n"
	"\t[ -n \"$(entries)\" ] || return 0\n"
	"\tentries >\"$table.new\" && mv -f \"$table.new\" \"$table\" || return 1\n"
	"\twas=$(parameter transport_maps)\n"
	"\t[ \"$was\" = \"$(maps_without)\" ] || return 0\n"
	"\tpostconf -c \"$conf\" -e \"transport_maps=$map${was:+, $was}\"\n"
	"}\n"
	"\n"
	"set_up()\n"
	"{\n"
	"\tif [ -z \"$(services)\" ]; then\n"
	"\t\tsay \"There is nothing to set up.\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif is_set_up; then\n"
	"\t\tsay \"It is so already; nothing was changed.\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tlook || exit 1\n"
	"\tlogin\n"
	"\t[ ! -d \"$kept\" ] || take_out\n"
	"\tif ! mkdir -m 700 \"$kept\" || ! mkdir \"$kept/before\" \"$kept/after\" ||\n"
	"\t\t! cp -p \"$conf/main.cf\" \"$conf/master.cf\" \"$kept/before/\"; then\n"
	"\t\tfail \"$kept can't be written\"\n"
	"\tfi\n"
	"\tstate=working\n"
	"\t{ settings; services; } >\"$kept/wanted\"\n"
	"\t: >\"$kept/settings\"\n"
	"\t: >\"$kept/services\"\n"
	"\tadd_settings && add_services && add_table || exit 1\n"
	"\tcp -p \"$conf/main.cf\" \"$conf/master.cf\" \"$kept/after/\" || exit 1\n"
	"\tstate=idle\n"
	"\treload\n"
	"\tsay \"Done. Taken out again by the argument: undo\"\n"
	"}\n"
	"\n"
	"undo()\n"
	"{\n"
	"\tif [ ! -d \"$kept\" ] && [ ! -f \"$table\" ]; then\n"
	"\t\tsay \"There is nothing to undo.\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\ttake_out\n"
	"\treload\n"
	"\tif [ -n \"$changed\" ]; then\n"
	"\t\tsay \"Taken out of: $changed, which others changed since.\"\n"
	"\telse\n"
	"\t\tsay \"main.cf and master.cf are as before.\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"umask 022\n"
	"LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
	"export LC_ALL PATH\n"
	"[ \"$(id -u)\" -eq 0 ] || fail \"run this as root\"\n"
	"[ -f \"$conf/main.cf\" ] || fail \"there is no $conf/main.cf\"\n"
	"trap clean_up EXIT\n"
	"trap 'exit 1' HUP INT TERM\n"
	"case ${1-} in\n"
	"'') set_up ;;\n"
	"undo) undo ;;\n"
	"*) fail \"the only argument is: undo\" ;;\n"
	"esac\n";

/* A function of the script that prints lines: the heredoc takes them as they
 * are. */
static void
print_function(const char *name, FILE *out)
{
	(void)fprintf(out, "%s()\n{\n\tcat <<'END'\n", name);
}

static void
print_wanted(const struct transport_plan *plan, FILE *out)
{
	print_function("services", out);
	for (size_t i = 0; i < plan->n_services; i++)
		(void)fprintf(out, "%s\n", plan->service[i].line);
	(void)fputs("END\n}\n\n", out);
	print_function("settings", out);
	for (size_t i = 0; i < plan->n_services; i++)
		for (size_t k = 0; k < plan->service[i].settings.n; k++)
			(void)fprintf(out, "%s\n",
			    plan->service[i].settings.v[k]);
	(void)fputs("END\n}\n\n", out);
	print_function("entries", out);
	for (size_t i = 0; i < plan->n_entries; i++)
		(void)fprintf(out, "%s %s\n", plan->entry[i].domain,
		    plan->entry[i].value);
	(void)fputs("END\n}\n\n", out);
}

/* The relay's login is never in the script. */
static void
print_login(const struct transport_plan *plan, FILE *out)
{
	(void)fputs("login()\n{\n", out);
	if (plan->relay == NULL) {
		(void)fputs("\t:\n}\n\n", out);
		return;
	}
	(void)fprintf(out, "\tgrep -qF '%s ' '%s' 2>/dev/null && return\n"
	    "\tfail 'first write the login into %s (mode 600): "
	    "%s USER:PASSWORD'\n}\n\n", plan->relay, plan->password,
	    plan->password, plan->relay);
}

void
transport_plan_script(const struct transport_plan *plan, const char *about,
    FILE *out)
{
	(void)fprintf(out, "#!/bin/sh\n# %s\n"
	    "#   sh FILE        sets it up; again: nothing changes\n"
	    "#   sh FILE undo   takes it out, main.cf and master.cf as before\n"
	    "set -u\nconf=%s\ntable=%s\n\n", about, plan->folder,
	    plan->table);
	print_wanted(plan, out);
	print_login(plan, out);
	(void)fputs(body, out);
}
