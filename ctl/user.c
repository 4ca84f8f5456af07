// SPDX-License-Identifier: Apache-2.0
/* `imsctl user deregister`: the S-CSCF forgets a user's contacts and tells the HSS. [TS 24.229 5.4.1.5] */
#include "ctl/client.h"
#include "ctl/name.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include <stdlib.h>

static int tell(const struct ctl *c, const struct answer *answers, const char *impu)
{
	for (unsigned d = 0; d < c->options->ops_count; d++) {
		if (answers[d].status != 200)
			continue;
		if (c->format == OUTPUT_TABLE)
			printf("%s: %s no longer registered, %lld contacts gone\n", c->options->ops[d].name, impu,
			       (long long)json_integer_value(json_object_get(answers[d].json, "contacts")));
		else
			output_list(c, NULL, 0, NULL, answers[d].json);
		return CTL_DONE;
	}
	if (answers_reached(c, answers) < c->options->ops_count)
		return CTL_NOT_REACHED;
	return ctl_complain(CTL_REFUSED, "%s is not registered", impu);
}

static int run_deregister(const struct ctl *c, const struct arguments *a)
{
	char impu[NAME_MAX_LEN], *path;
	struct answer *answers;
	int status;

	name_impu(c, a->operands[0], impu);
	path = url_path("/deregister?impu=", impu);
	answers = ops_ask_all(c, "POST", path);
	status = tell(c, answers, impu);
	answers_free(c, answers);
	free(path);
	return status;
}

static const struct verb verbs[] = {
	{ "deregister", "IMPU", 1, 1, "Ends the registration of a user", "All contacts of its registration set go.", NULL, run_deregister },
};

const struct noun user_noun = { "user", "what is done to a user: deregister", verbs, ARRAY_LEN(verbs) };
