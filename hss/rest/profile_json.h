// SPDX-License-Identifier: Apache-2.0
/* A ServiceProfile as JSON, beside the XML of TS 29.228 annex E:
 *
 *   {"name", "media_profile", "shared_ifc_sets": [1], "criteria": [
 *     {"priority", "part": "registered" | "unregistered", "server", "default_handling": "continue" | "terminate", "service_info",
 *      "include_register_request", "include_register_response",
 *      "trigger": {"form": "cnf" | "dnf", "spts": [
 *        {"negated", "groups": [0], "registration_types": ["initial", "re", "de"], and one of
 *         "method" | "request_uri" | "session_case" | "header", "content" | "line", "content"}]}}]} */
#pragma once
#include "hss/rest/problem.h"
#include "hss/store/store.h"
#include <jansson.h>

/* 0 with a new *out, or -errno. */
int profile_show(struct store *s, struct obstack *pool, int64_t profile, const char *name, json_t **out);
/* The object, checked member by member, as the text of a ServiceProfile in the pool. 0, or -EINVAL with the problem set. */
int profile_xml(const json_t *object, struct obstack *pool, struct problem *p, struct bytes *out);
