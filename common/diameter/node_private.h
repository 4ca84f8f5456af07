// SPDX-License-Identifier: Apache-2.0
/* What the node shows to ask.c and serve.c. Only under common/diameter. */
#pragma once
#include "common/diameter/node.h"
#include "common/diameter/question.h"

const struct diameter_options *diameter_node_options(const struct diameter_node *n);
struct questions *diameter_node_questions(struct diameter_node *n);
struct follow;
struct follow *diameter_node_follow(struct diameter_node *n);
struct shed;
struct shed *diameter_node_shed(struct diameter_node *n);
struct load *diameter_node_load(const struct diameter_node *n); /* NULL: it reports nothing */
bool diameter_node_has_slf(const struct diameter_node *n);
int node_speaks(uint32_t application); /* peers are told so in CER or CEA [RFC 6733 5.3]; 0 or -errno */
void diameter_node_serves(struct diameter_node *n); /* it answers others: its peers are not required */

/* freeDiameter's configuration for these options, in a file that only this process sees. The descriptor, or -errno. */
int node_config_write(const struct diameter_options *o);

/* wire.c: every message of Cx and Sh goes into the trace, from now on. 0 or -errno. */
int wire_watch(void);

/* Reports comings and goings of `peers`; a thread of its own. */
struct peers;
struct peers *peers_new(const struct diameter_options *o);
void peers_require(struct peers *p, bool required);
void peers_watch(struct peers *p, void (*on_look)(void *context), void *context);
int peers_start(struct peers *p);
void peers_stop(struct peers *p);
void peers_free(struct peers *p);
/* Is any peer open, configured or admitted? */
bool peers_reachable(void *peers);
