// SPDX-License-Identifier: Apache-2.0
/* Where the daemons are: imsctl.yaml. Found by --config, $IMSCTL_CONFIG, run/conf/imsctl.yaml, /etc/minims/imsctl.yaml. */
#pragma once
#include "common/config.h"
#include "common/options.h"

struct ctl_daemon {
	char *name;              /* of the instance: "scscf", "scscf2" */
	char *address;           /* its ops door, "127.0.0.13:9090" */
};

struct ctl_options {
	char *domain;            /* home network; needed */
	struct ctl_daemon *ops;
	unsigned ops_count;      /* 0 becomes the four daemons of the six-VM layout */
	char *hss;               /* "https://127.0.0.14:8443" */
	char *slf;               /* the same of the SLF; default `hss` */
	char *hss_address;       /* NULL: the host of `hss` is resolved */
	char *ca;                /* PEM file; NULL: the system's */
	char *token_file;
	unsigned timeout_s;      /* default 10 */
};

extern const struct config_schema ctl_schema;
