// SPDX-License-Identifier: Apache-2.0
/* The tables of the bodies of Sh. Only under common/diameter. */
#pragma once
#include "common/diameter/field.h"
#include "common/diameter/sh.h"

extern const struct field sh_udr_fields[], sh_uda_fields[], sh_pur_fields[], sh_pua_fields[], sh_snr_fields[], sh_sna_fields[],
	sh_pnr_fields[], sh_pna_fields[];
