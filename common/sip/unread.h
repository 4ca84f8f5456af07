// SPDX-License-Identifier: Apache-2.0
/* Path, Service-Route and Record-Route are not taken apart when a message is parsed: see unread.c, and header_list(). */
#pragma once
#include <sofia-sip/sip.h>

void unread_prepare(void);                                             /* once, before the first message is parsed */
msg_header_t *unread_record_route(su_home_t *home, const char *value); /* one entry, its text taken over; NULL: out of memory */
