// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * report.c - findings as text and as JSON.
 *
 *	error: files.img: record 12 at byte 3456: reg.mnt_id: no such mount, 77 [file-mount]
 */
#include "check/check.h"
#include "report/json_writer.h"
#include "report/table.h"

struct printer {
	struct lines lines; /* TEXT */
	struct json_writer json;
	const char *path;
	bool colour;
	bool begun; /* JSON: the list is open */
};

static void print_severity(struct printer *p, enum crit_check_severity severity)
{
	static const char *const colours[] = { "", "\033[1;33m", "\033[1;31m" };

	if (p->colour)
		lines_str(&p->lines, colours[severity]);
	lines_str(&p->lines, crit_check_severity_name(severity));
	if (p->colour && severity)
		lines_str(&p->lines, "\033[0m");
	lines_str(&p->lines, ": ");
}

static bool print_text(void *ctx, const struct crit_finding *f)
{
	struct printer *p = ctx;
	struct lines *l = &p->lines;

	print_severity(p, f->severity);
	if (f->dir) {
		lines_safe(l, f->dir);
		lines_str(l, f->image ? "/" : ": ");
	}
	if (f->image) {
		lines_safe(l, f->image);
		lines_str(l, ": ");
	}
	if (f->has_record)
		lines_printf(l, "record %llu at byte %llu: ", (unsigned long long)f->record,
			     (unsigned long long)f->off);
	if (f->field) {
		lines_safe(l, f->field);
		lines_str(l, ": ");
	}
	lines_safe(l, f->text);
	lines_printf(l, " [%s]\n", f->rule->id);
	return !lines_failed(l);
}

/** When there is something to say: of what cannot be opened there is no report at all. */
static void begin_json(struct printer *p)
{
	if (p->begun)
		return;
	p->begun = true;
	json_writer_object(&p->json, NULL);
	json_writer_text(&p->json, "checkpoint", p->path);
	json_writer_list(&p->json, "findings");
}

static bool print_json(void *ctx, const struct crit_finding *f)
{
	struct printer *p = ctx;
	struct json_writer *w = &p->json;

	begin_json(p);
	json_writer_object(w, NULL);
	json_writer_text(w, "severity", crit_check_severity_name(f->severity));
	json_writer_text(w, "check", f->rule->id);
	if (f->dir)
		json_writer_text(w, "dir", f->dir);
	json_writer_text(w, "file", f->image);
	if (f->has_record) {
		json_writer_uint(w, "record", f->record);
		json_writer_uint(w, "offset", f->off);
	}
	if (f->field)
		json_writer_text(w, "field", f->field);
	json_writer_text(w, "text", f->text);
	json_writer_end(w);
	return !lines_failed(&w->lines);
}

static void print_number(struct lines *l, uint64_t number, const char *what)
{
	lines_printf(l, "%llu %s%s", (unsigned long long)number, what, number == 1 ? "" : "s");
}

static void sum_up_text(struct lines *l, const struct crit_check_result *r)
{
	print_number(l, r->nr_errors, "error");
	lines_str(l, ", ");
	print_number(l, r->nr_warnings, "warning");
	lines_str(l, ", ");
	print_number(l, r->nr_notes, "note");
	lines_str(l, r->nr_errors ? ": it will not restore\n" : "\n");
}

static void sum_up_json(struct printer *p, const struct crit_check_result *r)
{
	struct json_writer *w = &p->json;

	begin_json(p);
	json_writer_end(w);
	json_writer_uint(w, "errors", r->nr_errors);
	json_writer_uint(w, "warnings", r->nr_warnings);
	json_writer_uint(w, "notes", r->nr_notes);
	json_writer_end(w);
}

/** The check failed half-way: what was written stays JSON, and says so. */
static void break_off_json(struct printer *p, const struct crit_error *err)
{
	struct json_writer *w = &p->json;

	if (!p->begun)
		return;
	json_writer_end(w);
	json_writer_text(w, "failed", err ? err->message : "");
	json_writer_end(w);
}

static enum crit_status report_json(const char *path, const struct crit_check_options *options,
				    struct crit_output *out, struct crit_check_result *result,
				    struct crit_error *err)
{
	struct printer p = { .path = path };
	enum crit_status status, written;

	json_writer_init(&p.json, out, true);
	status = crit_check(path, options, print_json, &p, result, err);
	if (status)
		break_off_json(&p, err);
	else
		sum_up_json(&p, result);
	written = json_writer_finish(&p.json, status ? NULL : err);
	return status ? status : written;
}

static enum crit_status report_text(const char *path, const struct crit_check_options *options,
				    bool colour, struct crit_output *out,
				    struct crit_check_result *result, struct crit_error *err)
{
	struct printer p = { .colour = colour };
	enum crit_status status, written;

	lines_init(&p.lines, out);
	status = crit_check(path, options, print_text, &p, result, err);
	if (!status)
		sum_up_text(&p.lines, result);
	written = lines_finish(&p.lines, status ? NULL : err);
	return status ? status : written;
}

enum crit_status crit_check_report(const char *path, const struct crit_check_options *options,
				   const struct crit_report_options *report,
				   struct crit_output *out, struct crit_check_result *result,
				   struct crit_error *err)
{
	struct crit_check_options own = { 0 };
	struct crit_check_result unwanted;

	if (options)
		own = *options;
	own.keep_going = report ? report->keep_going : NULL;
	own.ctx = report ? report->ctx : NULL;
	if (!result)
		result = &unwanted;
	if (report && report->form == CRIT_REPORT_JSON)
		return report_json(path, &own, out, result, err);
	return report_text(path, &own, report && report->colour, out, result, err);
}

static enum crit_status rules_json(struct crit_output *out, struct crit_error *err)
{
	const struct crit_check_rule *rule;
	struct json_writer w;

	json_writer_init(&w, out, true);
	json_writer_list(&w, NULL);
	for (size_t i = 0; (rule = crit_check_rule_at(i)); i++) {
		json_writer_object(&w, NULL);
		json_writer_text(&w, "check", rule->id);
		json_writer_text(&w, "severity", crit_check_severity_name(rule->severity));
		json_writer_text(&w, "summary", rule->summary);
		json_writer_end(&w);
	}
	json_writer_end(&w);
	return json_writer_finish(&w, err);
}

enum crit_status crit_check_rules_report(const struct crit_report_options *report,
					 struct crit_output *out, struct crit_error *err)
{
	const struct crit_check_rule *rule;
	struct table t;
	struct lines l;

	if (report && report->form == CRIT_REPORT_JSON)
		return rules_json(out, err);
	table_init(&t);
	table_column(&t, "Check", TABLE_LEFT);
	table_column(&t, "Severity", TABLE_LEFT);
	table_column(&t, "In a sound checkpoint", TABLE_LEFT);
	for (size_t i = 0; (rule = crit_check_rule_at(i)); i++) {
		table_safe(&t, rule->id);
		table_safe(&t, crit_check_severity_name(rule->severity));
		table_safe(&t, rule->summary);
	}
	lines_init(&l, out);
	table_write(&t, &l);
	return lines_finish(&l, err);
}
