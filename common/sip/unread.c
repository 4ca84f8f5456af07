// SPDX-License-Identifier: Apache-2.0
/* Headers that are passed on and read by few are not taken apart: their text is their value, and who wants it reads it with
 * header_list(). They are lists of URIs, one for each station of a way, in every message of a dialog or of a registration. */
#include "common/sip/unread.h"
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/msg_parser.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_parser.h>

static struct msg_hclass_s record_route, path, service_route;

static void replace(struct msg_mclass_s *table, msg_hclass_t *old, struct msg_hclass_s *fresh)
{
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
	struct msg_mclass_s *table = (struct msg_mclass_s *)(uintptr_t)mclass; /* it was made for us */

	replace(table, sip_record_route_class, &record_route);
	replace(table, sip_path_class, &path);
	replace(table, sip_service_route_class, &service_route);
	sip_update_default_mclass(mclass);
}

msg_header_t *unread_record_route(su_home_t *home, const char *value)
{
	msg_header_t *h = value ? msg_header_alloc(home, &record_route, 0) : NULL;

	if (h)
		h->sh_generic->g_string = value;
	return h;
}
