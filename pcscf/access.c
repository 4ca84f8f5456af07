// SPDX-License-Identifier: Apache-2.0
/* What the P-CSCF adds to every request that enters the network here. [TS 24.229 4.5.4, 5.2.6.3.3] */
#include "pcscf/access.h"
#include "common/sip/start.h"
#include "pcscf/binding.h"
#include <inttypes.h>
#include <sys/random.h>

/* Never the same again, in this network or another: 96 random bits. [RFC 7315 4.6.2.1] */
static const char *new_icid(su_home_t *home)
{
	uint32_t n[3] = { 0 };

	if (getrandom(n, sizeof n, 0) != sizeof n) {
		uint64_t t = clock_wall_ns();

		n[0] = (uint32_t)(t >> 32), n[1] = (uint32_t)t, n[2] = (uint32_t)clock_ns();
	}
	return home_format(home, "%08" PRIx32 "%08" PRIx32 "%08" PRIx32, n[0], n[1], n[2]);
}

int access_charge(struct request *r)
{
	const struct pcscf_options *o = pcscf_of(r)->options;
	struct sip_message *m = request_message(r);
	const char *icid = new_icid(request_home(r));

	if (!icid || header_set(m, HEADER_P_CHARGING_VECTOR, "icid-value=\"%s\";icid-generated-at=%s", icid, o->sip.name))
		return -ENOMEM;
	request_set_trace_id(r, icid);
	if (!o->access.network_info)
		return 0;
	return header_add_text(m, home_format(request_home(r), "P-Access-Network-Info: %s;network-provided", o->access.network_info));
}

const struct endpoint *access_core_endpoint(const struct request *r)
{
	const struct endpoint *e = endpoint_find(request_agent(r), "mw", sip_transport_of(pcscf_of(r)->options->mw.transport));

	return e ? e : request_endpoint(r);
}

void access_count(struct pcscf *p)
{
	metric_set(p->bindings_gauge, (int64_t)bindings_count(p->bindings));
}
