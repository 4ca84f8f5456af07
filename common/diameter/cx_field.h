// SPDX-License-Identifier: Apache-2.0
/* The tables of the bodies of Cx. Only under common/diameter. */
#pragma once
#include "common/diameter/field.h"

extern const struct field cx_uar_fields[], cx_uaa_fields[], cx_mar_fields[], cx_maa_fields[], cx_sar_fields[], cx_saa_fields[],
	cx_lir_fields[], cx_lia_fields[], cx_rtr_fields[], cx_rta_fields[], cx_ppr_fields[], cx_ppa_fields[];
