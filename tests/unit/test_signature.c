/* SPDX-License-Identifier: ISC */
/* What is a DKIM signature at all (RFC 6376, 3.5). */

#include "signature.h"

#include "unit.h"

#define BEGIN " v=1; a=rsa-sha256; d=example.org; s=x; "

static const struct {
	const char *value;
	bool want;
} row[] = {
	{ BEGIN "h=From; bh=eA==; b=eHh4", true },
	{ BEGIN "h=From; bh=eA==; b=eHh4;", true },
	{ BEGIN "h=from : To;\n\tbh=e A\n\t=\t=;\n b=\n eH\n h4", true },
	{ " v=1; a=ed25519-sha256; d=b\xc3\xbc""cher.example; s=\xc3\xbc; "
	    "h=From; bh=eA==; b=eHh4", true },
	{ BEGIN "h=From; bh=eA==; b=", false },
	{ BEGIN "h=From; bh=; b=eHh4", false },
	{ BEGIN "h=From; b=eHh4", false },
	{ BEGIN "h=From; bh=eA==", false },
	{ BEGIN "bh=eA==; b=eHh4", false },
	{ BEGIN "h=; bh=eA==; b=eHh4", false },
	{ BEGIN "h=To:Subject; bh=eA==; b=eHh4", false },
	{ BEGIN "h=From:Sub ject; bh=eA==; b=eHh4", false },
	{ " a=rsa-sha256; d=example.org; s=x; h=From; bh=eA==; b=eHh4",
	    false },
	{ " v=2; a=rsa-sha256; d=example.org; s=x; h=From; bh=eA==; b=eHh4",
	    false },
	{ " v=1; d=example.org; s=x; h=From; bh=eA==; b=eHh4", false },
	{ " v=1; a=rsa-sha256; s=x; h=From; bh=eA==; b=eHh4", false },
	{ " v=1; a=rsa-sha256; d=a..b; s=x; h=From; bh=eA==; b=eHh4", false },
	{ " v=1; a=rsa-sha256; d=example.org; h=From; bh=eA==; b=eHh4",
	    false },
	{ " v=1; a=rsa-sha256; d=example.org; s=; h=From; bh=eA==; b=eHh4",
	    false },
	/* bytes that are no base64, and padding where there can be none */
	{ BEGIN "h=From; bh=eA==; b=eH!h4", false },
	{ BEGIN "h=From; bh=eA==; b=eHh4\xc3\xa9", false },
	{ BEGIN "h=From; bh=e-_=; b=eHh4", false },
	{ BEGIN "h=From; bh=eA==; b=eHh", false },
	{ BEGIN "h=From; bh=eA==; b=eA==eA==", false },
	{ BEGIN "h=From; bh=eA==; b=e===", false },
	{ BEGIN "h=From; bh=eA==; b====", false },
	{ BEGIN "h=From; bh=eA==; b=eH\vh4", false },
	{ BEGIN "h=From; bh=eA==; b=eH\rh4", false },
	{ BEGIN "h=From; bh=eA==;\r\n b=eHh4", false },
	/* controls anywhere */
	{ BEGIN "h=From; bh=eA==; b=eHh4; z=a\vb", false },
	{ BEGIN "h=From; bh=eA==; b=eHh4; z=a\x7f", false },
	{ BEGIN "h=From; bh=eA==; b=eHh4; z=a\rb", false },
	{ "", false }, { "x", false }, { ";;;==;;", false },
	{ BEGIN "h=From; bh=eA==; b=eHh4; b=eHh4", false },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		if (signature_is_well_formed(row[i].value) != row[i].want)
			fail_msg("\"%s\": want %d", row[i].value,
			    row[i].want);
}

static void
test_bound(void **state)
{
	static const char begin[] = BEGIN "h=From; bh=eA==; b=";
	char *value = malloc(SIGNATURE_MAX + 5);

	(void)state;
	assert_non_null(value);
	memset(value, 'A', SIGNATURE_MAX + 4);
	memcpy(value, begin, strlen(begin));
	value[SIGNATURE_MAX - (SIGNATURE_MAX - strlen(begin)) % 4] = '\0';
	assert_true(signature_is_well_formed(value));
	memset(value + strlen(begin), 'A', SIGNATURE_MAX - strlen(begin) + 4);
	value[SIGNATURE_MAX + 4 - (SIGNATURE_MAX - strlen(begin)) % 4] = '\0';
	assert_false(signature_is_well_formed(value));
	free(value);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_bound))
