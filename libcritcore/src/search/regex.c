// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * regex.c - see regex.h. PCRE2 does the work, with its JIT compiler where that is allowed.
 *
 * It is given REGEX_MAX bytes at a time, so that no call takes long and the search can be stopped
 * between two. A match that could go on behind them is "partial", and is tried again from its
 * beginning with what follows:
 *
 *	first call   |---------------------[par|
 *	next call                          [partial match]-----------|
 *
 * If it needs more than REGEX_MAX bytes even so, it is tried a last time as if they were all.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "search/regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "util/error.h"

enum {
	MIN_KEEP = 256, /* PCRE2 does not add up nested lookbehinds */
	MATCH_LIMIT = 100 * 1000 * 1000, /* PCRE2's steps in one call: about a second */
	HEAP_LIMIT_KIB = 64 * 1024,
	MAX_WORK_FACTOR = 4096,	    /* bytes looked at in vain for each byte of memory; */
	FREE_PROGRESS = 256 * 1024, /* so many do not count */
	JIT_STACK_MIN = 32 * 1024,
	JIT_STACK_MAX = 4 * 1024 * 1024,
};

struct regex {
	pcre2_code *code;
	size_t keep;
};

struct regex_run {
	const struct regex *regex;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	uint64_t work, progress; /* see count_work() */
};

/* ---- Compiling ------------------------------------------------------------------------------ */

static enum crit_status compile(pcre2_compile_context *context, const void *text, size_t len,
				bool ignore_case, pcre2_code **out, struct crit_error *err)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_USE_OFFSET_LIMIT;
	PCRE2_UCHAR why[160];
	PCRE2_SIZE at;
	int number;

	if (ignore_case)
		options |= PCRE2_CASELESS;
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	*out = pcre2_compile(text, len, options, &number, &at, context);
	if (*out)
		return CRIT_OK;
	pcre2_get_error_message(number, why, sizeof(why));
	return error_set(err, CRIT_INVALID, "regular expression: %s (at character %zu)", why,
			 (size_t)at);
}

enum crit_status regex_new(const void *text, size_t len, bool ignore_case, struct regex **out,
			   struct crit_error *err)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	struct regex *regex = calloc(1, sizeof(*regex));
	enum crit_status status;
	uint32_t lookbehind = 0;

	if (!context || !regex) {
		pcre2_compile_context_free(context);
		free(regex);
		return error_no_memory(err);
	}
	status = compile(context, text, len, ignore_case, &regex->code, err);
	pcre2_compile_context_free(context);
	if (status) {
		free(regex);
		return status;
	}
	pcre2_pattern_info(regex->code, PCRE2_INFO_MAXLOOKBEHIND, &lookbehind);
	regex->keep = lookbehind + MIN_KEEP;
	// Where it is not to be had or not allowed the interpreter does the same, only slower.
	pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
	*out = regex;
	return CRIT_OK;
}

void regex_free(struct regex *regex)
{
	if (!regex)
		return;
	pcre2_code_free(regex->code);
	free(regex);
}

size_t regex_keep(const struct regex *regex)
{
	return regex->keep;
}

/* ---- Matching ------------------------------------------------------------------------------- */

struct regex_run *regex_run_new(const struct regex *regex)
{
	struct regex_run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	run->regex = regex;
	run->data = pcre2_match_data_create(1, NULL);
	run->context = pcre2_match_context_create(NULL);
	run->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	if (!run->data || !run->context || !run->stack) {
		regex_run_free(run);
		return NULL;
	}
	pcre2_set_match_limit(run->context, MATCH_LIMIT);
	pcre2_set_heap_limit(run->context, HEAP_LIMIT_KIB);
	pcre2_jit_stack_assign(run->context, NULL, run->stack);
	return run;
}

void regex_run_free(struct regex_run *run)
{
	if (!run)
		return;
	pcre2_match_data_free(run->data);
	pcre2_match_context_free(run->context);
	pcre2_jit_stack_free(run->stack);
	free(run);
}

enum outcome { FITS, FITS_SO_FAR, FITS_NOT };

/** One call of PCRE2, on [from, to), for matches that begin at @p pos or behind it. */
static enum crit_status match(struct regex_run *run, const uint8_t *bytes, size_t from, size_t to,
			      size_t pos, uint32_t options, size_t hit[2], enum outcome *outcome,
			      struct crit_error *err)
{
	PCRE2_SIZE *at = pcre2_get_ovector_pointer(run->data);
	int result = pcre2_match(run->regex->code, bytes + from, to - from, pos - from,
				 options | PCRE2_NOTEMPTY, run->data, run->context);

	*outcome = FITS_NOT;
	if (result == PCRE2_ERROR_NOMATCH)
		return CRIT_OK;
	if (result == PCRE2_ERROR_NOMEMORY)
		return error_no_memory(err);
	if (result < 0 && result != PCRE2_ERROR_PARTIAL)
		return error_set(err, CRIT_INVALID, "the regular expression needs too much work");
	*outcome = result == PCRE2_ERROR_PARTIAL ? FITS_SO_FAR : FITS;
	hit[0] = from + at[0];
	hit[1] = from + at[1];
	return CRIT_OK;
}

/** A match that begins at @p pos, as if nothing followed REGEX_MAX bytes from there. */
static enum crit_status match_within(struct regex_run *run, const uint8_t *bytes, size_t from,
				     size_t pos, size_t hit[2], enum outcome *outcome,
				     struct crit_error *err)
{
	enum crit_status status;

	pcre2_set_offset_limit(run->context, pos - from);
	status = match(run, bytes, from, pos + REGEX_MAX, pos, PCRE2_NOTEOL, hit, outcome, err);
	pcre2_set_offset_limit(run->context, PCRE2_UNSET);
	return status;
}

/** Attempts that end without a result cost a look at up to REGEX_MAX bytes each. */
static enum crit_status count_work(struct regex_run *run, size_t seen, size_t progress,
				   struct crit_error *err)
{
	run->work += seen;
	run->progress += progress;
	if (run->work / MAX_WORK_FACTOR > run->progress + FREE_PROGRESS)
		return error_set(err, CRIT_INVALID, "the regular expression needs too much work");
	return CRIT_OK;
}

/** What is found may be no match after all, if \K has moved its begin behind its end. */
static void settle(const size_t hit[2], size_t *pos, enum regex_result *result)
{
	*result = hit[1] > hit[0] ? REGEX_FOUND : REGEX_GO_ON;
	if (*result == REGEX_GO_ON)
		++*pos;
}

enum crit_status regex_try(struct regex_run *run, const uint8_t *bytes, size_t len,
			   enum regex_end end, size_t *pos, enum regex_result *result,
			   size_t hit[2], struct crit_error *err)
{
	size_t start = *pos, from = start > run->regex->keep ? start - run->regex->keep : 0;
	size_t to = len - start > REGEX_MAX ? start + REGEX_MAX : len, next = to;
	enum crit_status status;
	enum outcome outcome;

	status = match(run, bytes, from, to, start,
		       end == REGEX_LAST && to == len ? 0 : PCRE2_PARTIAL_HARD, hit, &outcome, err);
	if (!status && outcome == FITS_SO_FAR) {
		next = hit[0] > start ? hit[0] : start; // again from there, with more behind it
		if (next == start && to - start == REGEX_MAX) {
			status = match_within(run, bytes, from, start, hit, &outcome, err);
			next = start + 1;
		}
	}
	if (status)
		return status;
	if (outcome == FITS) {
		settle(hit, pos, result);
		return CRIT_OK;
	}
	*pos = next;
	*result = outcome == FITS_SO_FAR && to == len ? REGEX_WAIT : REGEX_GO_ON;
	return count_work(run, to - start, next - start, err);
}

enum crit_status regex_fits_zeros(const struct regex *regex, bool *out, struct crit_error *err)
{
	struct regex_run *run = regex_run_new(regex);
	uint8_t *zeros = calloc(1, regex->keep + REGEX_MAX);
	enum outcome outcome = FITS;
	enum crit_status status = CRIT_OK;
	size_t hit[2];

	// What takes too long counts as a match: then nothing is skipped.
	if (run && zeros)
		match(run, zeros, 0, regex->keep + REGEX_MAX, regex->keep, PCRE2_NOTEOL, hit,
		      &outcome, NULL);
	else
		status = error_no_memory(err);
	*out = outcome != FITS_NOT;
	regex_run_free(run);
	free(zeros);
	return status;
}
