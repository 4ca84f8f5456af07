// SPDX-License-Identifier: Apache-2.0
/* Messages as a capture file for Wireshark. */
#pragma once
#include "ctl/message.h"
#include <stdio.h>

/* SIP in UDP (in TCP when it is too long for that), Diameter in TCP at 3868, under IP made up for it; times in nanoseconds. */
void pcap_write(FILE *f, const struct ctl_options *o, const struct messages *m);
