/*
 * status_json - a status for tools.
 *
 * Numbers are those of the metrics, under the names of these without
 * "portreeve_", so that there is one vocabulary.
 */
#include "tools/status.h"

#include "base/jdoc.h"

static void
put_number(struct jdoc *j, const char *key, double number)
{
	jdoc_u64(j, key, number < 0 ? 0 : (uint64_t)number);
}

static void
put_plain(struct jdoc *j, const struct status *status)
{
	static const size_t prefix = sizeof "portreeve_" - 1;

	jdoc_str(
	    j, "version", status_info(status, METRIC_BUILD_INFO, "version"));
	jdoc_str(j, "policy", status_info(status, METRIC_POLICY_INFO, "file"));
	jdoc_str(j, "fingerprint",
	    status_info(status, METRIC_POLICY_INFO, "fingerprint"));
	for (unsigned m = 0; m < METRIC_COUNT; m++)
		if (metric_rows[m].labels[0] == '\0')
			put_number(j, metric_rows[m].name + prefix,
			    status_number(status, (enum metric)m));
}

static void
put_verdicts(struct jdoc *j, const struct status *status)
{
	jdoc_object(j, "verdicts");
	for (unsigned s = 0; s < STAGE_COUNT; s++) {
		jdoc_object(j, stage_name((enum stage)s));
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			put_number(j, verdict_names[v], status->verdicts[s][v]);
		jdoc_end(j);
	}
	jdoc_end(j);
}

static void
put_rules(struct jdoc *j, const struct status *status)
{
	jdoc_array(j, "rules");
	for (size_t i = 0; i < status->n_rules; i++) {
		const struct status_rule *rule = &status->rules[i];

		jdoc_object(j, NULL);
		jdoc_str(j, "rule", rule->name);
		jdoc_array(j, "stages");
		for (unsigned s = 0; s < STAGE_COUNT; s++)
			if ((rule->stages & 1u << s) != 0)
				jdoc_str(
				    j, NULL, str_c(stage_name((enum stage)s)));
		jdoc_end(j);
		jdoc_str(j, "action", rule->action);
		put_number(j, "hits", rule->acted);
		put_number(j, "observed", rule->would);
		put_number(j, "undecided", rule->undecided);
		put_number(j, "last_hit_seconds", rule->last);
		jdoc_end(j);
	}
	jdoc_end(j);
}

static void
put_lists(struct jdoc *j, const struct status *status)
{
	jdoc_array(j, "lists");
	for (size_t i = 0; i < status->n_lists; i++) {
		const struct status_list *list = &status->lists[i];

		jdoc_object(j, NULL);
		jdoc_str(j, "list", list->name);
		jdoc_str(j, "kind", list->kind);
		put_number(j, "entries", list->entries);
		put_number(j, "file_modified_seconds", list->modified);
		jdoc_end(j);
	}
	jdoc_end(j);
}

bool
status_print_json(const struct status *status, FILE *out, struct why *why)
{
	struct jdoc *j = jdoc_new(why);
	bool ok;

	if (j == NULL)
		return false;
	jdoc_object(j, NULL);
	put_plain(j, status);
	put_verdicts(j, status);
	put_lists(j, status);
	put_rules(j, status);
	jdoc_end(j);
	ok = jdoc_print(j, out) || why_set(why, "out of memory");
	jdoc_free(j);
	return ok;
}
