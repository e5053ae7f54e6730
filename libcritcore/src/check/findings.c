// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * findings.c - from what an area saw to what the caller hears. A damaged image can be wrong in a
 * million places: of each rule the first ones are told, the others counted.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check/check.h"

enum { TOLD = 100, TEXT_MAX = 512 };

#define SEVERITY_NOTE CRIT_CHECK_NOTE
#define SEVERITY_WARNING CRIT_CHECK_WARNING
#define SEVERITY_ERROR CRIT_CHECK_ERROR

static const struct crit_check_rule rules[] = {
#define RULE(name, id, severity, summary) [RULE_##name] = { id, SEVERITY_##severity, summary },
#include "check/rules.h"
#undef RULE
};

const struct crit_check_rule *crit_check_rule_at(size_t index)
{
	return index < NR_RULES ? &rules[index] : NULL;
}

const struct crit_check_rule *rule_get(enum rule rule)
{
	return &rules[rule];
}

const char *crit_check_severity_name(enum crit_check_severity severity)
{
	static const char *const names[] = { "note", "warning", "error" };

	return (size_t)severity < 3 ? names[severity] : "?";
}

static enum rule rule_named(const char *id)
{
	for (unsigned int i = 0; i < NR_RULES; i++)
		if (!strcmp(rules[i].id, id))
			return (enum rule)i;
	return NR_RULES;
}

enum crit_status findings_init(struct check *c, struct crit_error *err)
{
	const char *const *only = c->options->only;

	for (unsigned int i = 0; i < NR_RULES; i++)
		c->wanted[i] = !only || !only[0];
	for (size_t i = 0; only && only[i]; i++) {
		enum rule rule = rule_named(only[i]);

		if (rule == NR_RULES)
			return error_set(err, CRIT_INVALID, "no check is called '%s'", only[i]);
		c->wanted[rule] = true;
	}
	return CRIT_OK;
}

void check_fail(struct check *c, enum crit_status status, const struct crit_error *err)
{
	if (c->status)
		return;
	c->status = status;
	if (err)
		c->err = *err;
}

void check_no_memory(struct check *c)
{
	struct crit_error err;

	check_fail(c, error_no_memory(&err), &err);
}

static void tell(struct check *c, enum rule rule, const struct found_as *as, const char *text)
{
	struct crit_finding finding = {
		.rule = &rules[rule],
		.severity = as->severity,
		.dir = as->dir,
		.image = as->image,
		.has_record = as->has_record,
		.record = as->record,
		.off = as->off,
		.field = as->field,
		.text = text,
	};
	struct crit_error err;

	if (c->hear && !c->hear(c->ctx, &finding))
		check_fail(c, error_set(&err, CRIT_INTERRUPTED, "interrupted"), &err);
}

static void count(struct check *c, enum crit_check_severity severity)
{
	switch (severity) {
	case CRIT_CHECK_NOTE:
		c->result.nr_notes++;
		break;
	case CRIT_CHECK_WARNING:
		c->result.nr_warnings++;
		break;
	case CRIT_CHECK_ERROR:
		c->result.nr_errors++;
		break;
	}
}

static PRINTF(4, 0) void vfound(struct check *c, enum rule rule, const struct found_as *as,
				const char *fmt, va_list ap)
{
	char text[TEXT_MAX];

	if (!goes_on(c) || !c->wanted[rule])
		return;
	count(c, as->severity);
	if (c->nr_found[rule]++ >= TOLD)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	tell(c, rule, as, text);
}

void found_as(struct check *c, enum rule rule, const struct found_as *as, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfound(c, rule, as, fmt, ap);
	va_end(ap);
}

void found(struct check *c, enum rule rule, const struct item *at, const char *field,
	   const char *fmt, ...)
{
	struct found_as as = { .severity = rules[rule].severity, .field = field };
	va_list ap;

	if (at) {
		as.image = at->image;
		as.has_record = at->msg;
		as.record = at->index;
		as.off = at->off;
	}
	va_start(ap, fmt);
	vfound(c, rule, &as, fmt, ap);
	va_end(ap);
}

void found_image(struct check *c, enum rule rule, const char *dir, const char *image,
		 const char *fmt, ...)
{
	struct found_as as = { .severity = rules[rule].severity, .dir = dir, .image = image };
	va_list ap;

	va_start(ap, fmt);
	vfound(c, rule, &as, fmt, ap);
	va_end(ap);
}

/** A message without what the finding says by itself: "IMAGE: " in front, " at byte N" behind. */
static void bare_message(const struct crit_error *err, const char *image, char *out, size_t size)
{
	size_t len = strlen(image);
	const char *text = err->message;
	char tail[48];

	if (!strncmp(text, image, len) && !strncmp(text + len, ": ", 2))
		text += len + 2;
	snprintf(out, size, "%s", text);
	snprintf(tail, sizeof(tail), " at byte %llu", (unsigned long long)err->off);
	len = strlen(out);
	if (err->has_off && len > strlen(tail) && !strcmp(out + len - strlen(tail), tail))
		out[len -= strlen(tail)] = '\0';
	if (len && out[len - 1] == ',')
		out[len - 1] = '\0';
}

void found_error(struct check *c, enum rule rule, const char *dir, const char *image,
		 const struct record *rec, const struct crit_error *err)
{
	struct found_as as = { .severity = rules[rule].severity, .dir = dir, .image = image };
	char text[sizeof(err->message)], prefix[48];
	const char *bare = text;

	if (err->status == CRIT_NO_MEMORY && !err->has_off) {
		check_fail(c, err->status, err);
		return;
	}
	bare_message(err, image, text, sizeof(text));
	if (err->has_off) {
		as.has_record = rec;
		as.record = rec ? rec->index : 0;
		as.off = err->off;
	}
	snprintf(prefix, sizeof(prefix), "record %llu: ", (unsigned long long)as.record);
	if (as.has_record && !strncmp(bare, prefix, strlen(prefix)))
		bare += strlen(prefix);
	if (err->has_off && !rec)
		found_as(c, rule, &as, "%s at byte %llu", bare, (unsigned long long)err->off);
	else
		found_as(c, rule, &as, "%s", bare);
}

void findings_finish(struct check *c)
{
	for (unsigned int i = 0; i < NR_RULES && goes_on(c); i++) {
		struct found_as as = { .severity = rules[i].severity };
		char text[64];

		if (c->nr_found[i] <= TOLD)
			continue;
		snprintf(text, sizeof(text), "%llu more like the %d above",
			 (unsigned long long)(c->nr_found[i] - TOLD), TOLD);
		tell(c, (enum rule)i, &as, text);
	}
}
