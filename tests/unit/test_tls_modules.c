// SPDX-License-Identifier: LGPL-2.1-or-later
/* crit_tls_modules() in a made-up process, and all questions to damaged ones: tls_process.h. */
#include "tls_process.h"

/* ---- all modules ----------------------------------------------------------------------------- */

enum { R_DEBUG = 0x12000, DYNAMIC = 0x12100, NAMES = 0x12400 };

/* What crit_tls_modules() tells, as text. */
struct told {
	char text[256];
	size_t most;
};

static bool tell(void *ctx, const struct crit_tls_module *module)
{
	struct told *told = ctx;
	size_t len = strlen(told->text);

	snprintf(told->text + len, sizeof(told->text) - len, "%u %x %s%s;",
		 (unsigned int)module->number, (unsigned int)module->link_map, module->name,
		 module->plain ? "" : " not plain");
	return --told->most > 0;
}

static void expect_modules(size_t most, const char *text)
{
	struct told told = { .most = most };
	struct crit_error err = { .message = "" };

	if (crit_tls_modules(&task, tell, &told, &err))
		fail_msg("%s", err.message);
	assert_string_equal(told.text, text);
}

static void expect_modules_error(enum crit_status status, const char *text)
{
	struct told told = { .most = 100000 };
	struct crit_error err;

	assert_int_equal(crit_tls_modules(&task, tell, &told, &err), status);
	assert_string_equal(err.message, text);
}

/* The executable, which has no number, a library of number 3 at MAP, and one of number 4. */
static struct glibc *start_list(void)
{
	struct glibc *g = start_glibc(&arch_x86_64, 3);
	struct tls_runtime *runtime = task.tls;

	runtime->has_exe = true;
	runtime->exe.dynamic = DYNAMIC;
	strcpy(runtime->exe.interp, "/lib/ld.so");
	put(DYNAMIC, 1); // DT_NEEDED
	put(DYNAMIC + 16, 21); // DT_DEBUG
	put(DYNAMIC + 24, R_DEBUG);
	put(R_DEBUG + 8, 0x10100);
	put(0x10100 + 16, DYNAMIC);
	put(0x10100 + 24, MAP);
	put(MAP + 8, NAMES);
	put(MAP + 24, 0x17000);
	put_field(0x17000, &g->modid, 4);
	put_field(0x17000, &g->offset, 0x40); // close by, and the table does not know of it
	put(LIST + 16 + 4 * 16, 5);
	put(LIST + 16 + 4 * 16 + 8, 0x17000);
	put(0x17000 + 8, NAMES + 0x80);
	put(DTV + 4 * 16, UINT64_MAX);
	strcpy((char *)memory + (NAMES - BASE), "/lib/liba.so");
	memset(memory + (NAMES + 0x80 - BASE), 'b', 100);
	return g;
}

static void test_modules(void **state)
{
	char text[256];

	(void)state;
	start_list();
	snprintf(text, sizeof(text), "3 11000 /lib/liba.so;4 17000 %.*s not plain;", 100,
		 (const char *)memory + (NAMES + 0x80 - BASE));
	expect_modules(100, text);
	expect_modules(1, "3 11000 /lib/liba.so;");
	put(0x17000 + 8, NOWHERE);
	expect_modules(100, "3 11000 /lib/liba.so;4 17000  not plain;");
	put(DTV, 4); // what is in the table is that of a module before
	expect_modules(1, "3 11000 /lib/liba.so not plain;");
	put(DTV + 3 * 16, UINT64_MAX);
	expect_modules(1, "3 11000 /lib/liba.so;");
}

static void test_modules_wild(void **state)
{
	(void)state;
	start_list();
	put(0x17000 + 24, 0x10100);
	expect_modules_error(CRIT_CORRUPT, "modules with thread-local storage: the list of link "
					   "maps goes round in a circle at 0x11000");
	put(0x17000 + 24, NOWHERE);
	expect_modules_error(CRIT_UNMAPPED, "modules with thread-local storage: link map 0x900000: "
					    "no mapping at 0x900000");
	put(R_DEBUG + 8, 0);
	expect_modules(100, "");
	put(DYNAMIC + 24, NOWHERE);
	expect_modules_error(CRIT_UNMAPPED, "modules with thread-local storage: r_debug: no "
					    "mapping at 0x900008");
	put(DYNAMIC + 16, 0); // no DT_DEBUG
	expect_modules_error(CRIT_NOT_FOUND,
			     "modules with thread-local storage: the executable's dynamic section "
			     "does not lead to a list of link maps");
	((struct tls_runtime *)task.tls)->library = TLS_UNKNOWN;
	expect_modules_error(CRIT_UNSUPPORTED,
			     "modules with thread-local storage: neither glibc's descriptors (in "
			     "libc.so.6, libpthread or the symbols of a static executable) nor "
			     "musl were found");
	library = "/lib/libz.so.1";
	start_unknown(&arch_x86_64);
	put_executable(0x24, 8, 0x4000);
	put(POINTER + 8, DTV);
	put(DTV + 16, POINTER - 0x28);
	expect_modules(100, "1 0 ;");
}

/* ---- whatever stands there ------------------------------------------------------------------- */

static uint64_t any(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* A word that is likely to lead somewhere. */
static uint64_t damage(uint64_t *seed)
{
	static const uint64_t words[] = {
		0, 1, 2, 62, UINT64_MAX, (uint64_t)1 << 63, MAP, LIST, DTV, POINTER, DYNAMIC,
		R_DEBUG, EXE, BASE, BASE + LEN - 8, 0x10100, 0x17000, 0x12000, 0x12400, NOWHERE,
	};
	uint64_t n = any(seed) % (sizeof(words) / sizeof(*words) + 2);

	return n < sizeof(words) / sizeof(*words) ? words[n] : any(seed) >> (any(seed) % 64);
}

static bool forget(void *ctx, const struct crit_tls_module *module)
{
	(void)ctx;
	return strlen(module->name) < 4096;
}

static void ask_everything(uint64_t *seed)
{
	const uint64_t maps[] = { 0, MAP, MAP + 0x100, MAP + 0x200, 0x17000, damage(seed) };
	struct crit_error err = { .message = "" };
	uint64_t vaddr;

	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		if (crit_tls_address(&thread, maps[i], 0, &vaddr, &err))
			assert_true(*err.message != '\0');
	if (crit_tls_modules(&task, forget, NULL, &err))
		assert_true(*err.message != '\0');
}

/* Every structure with a few words of it replaced: there is an answer, and soon. */
static void test_damaged(void **state)
{
	const size_t nr_archs = sizeof(archs) / sizeof(*archs);
	uint64_t seed = 0x9e3779b97f4a7c15;

	(void)state;
	for (size_t i = 0; i < 6000; i++) {
		if (i % 3 == 0) {
			start_list();
		} else if (i % 3 == 1) {
			start_musl(archs[i / 3 % nr_archs]);
		} else {
			start_unknown(&arch_x86_64);
			put_executable(0x24, 8, 0x4000);
		}
		for (uint64_t n = any(&seed) % 4 + 1; n; n--) {
			uint64_t at = any(&seed) % (LEN / 8);

			// Mostly where something was.
			for (size_t tries = 0; tries < LEN / 8; tries++, at = (at + 1) % (LEN / 8))
				if (endian_get(memory + at * 8, 8, false))
					break;
			put(BASE + at * 8, damage(&seed));
		}
		ask_everything(&seed);
	}
}

static int stop(void **state)
{
	(void)state;
	free(task.tls);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_modules_wild),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
