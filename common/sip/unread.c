// SPDX-License-Identifier: Apache-2.0
/* A header that a proxy passes on and never reads is not taken apart: its text is its value. Record-Route is the one that costs, a URI
 * for each station, in every response. [RFC 3261 16.7 has nothing to do with what others wrote there] */
#include "common/sip/engine.h"
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/msg_parser.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_parser.h>

static struct msg_hclass_s record_route;

static void replace(msg_mclass_t *mclass, msg_hclass_t *old, struct msg_hclass_s *fresh)
{
	struct msg_mclass_s *table = (struct msg_mclass_s *)(uintptr_t)mclass;

	*fresh = *old;
	fresh->hc_parse = msg_generic_d;
	fresh->hc_print = msg_generic_e;
	fresh->hc_dxtra = msg_generic_dup_xtra;
	fresh->hc_dup_one = msg_generic_dup_one;
	fresh->hc_update = NULL;
	fresh->hc_params = 0;
	for (int i = 0; i < table->mc_hash_size; i++)
		if (table->mc_hash[i].hr_class == old)
			table->mc_hash[i].hr_class = fresh;
}

void unread_prepare(void)
{
	msg_mclass_t *mclass = sip_extend_mclass(NULL);

	replace(mclass, sip_record_route_class, &record_route);
	sip_update_default_mclass(mclass);
}

msg_header_t *unread_record_route(su_home_t *home, const char *value)
{
	msg_header_t *h = value ? msg_header_alloc(home, &record_route, 0) : NULL;

	if (h)
		h->sh_generic->g_string = value;
	return h;
}
