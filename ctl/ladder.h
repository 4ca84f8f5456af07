// SPDX-License-Identifier: Apache-2.0
/* The plan of a ladder: lanes from left to right, and a step for each message. Drawn by ladder_text.c and svg.c. Pure. */
#pragma once
#include "ctl/message.h"
#include <stdio.h>

enum { LABEL_MAX = 32 };

struct lane {
	char name[NODE_NAME_MAX];        /* of the node: "scscf", "127.0.0.9:5070" */
	char label[LABEL_MAX];           /* what stands above it: "scscf", "alice" */
	bool phone;
	unsigned phone_order;
};

struct step {
	size_t from, to;                 /* lanes */
	double ms;                       /* since the first */
	bool failure;                    /* a final answer that is none of success */
	const struct message *message;   /* borrowed */
};

struct ladder {
	struct lane *lanes;
	size_t lane_count;
	struct step *steps;
	size_t step_count;
};

/* Phones first, in the order of their appearance, then the daemons in the order of a request's way. */
void ladder_plan(struct ladder *l, const struct messages *m);
void ladder_free(struct ladder *l);

/* The summary, shortened so that it has at most `room` characters: "200 OK (INVITE)", "200 INVITE", "200 OK", "200". */
void ladder_label(const struct message *m, size_t room, char *out, size_t size);

struct ladder_look {
	unsigned width;                  /* columns of the terminal */
	bool utf8, colour, messages;     /* messages: each with its text */
};
void ladder_print(FILE *f, const struct ladder *l, const struct ladder_look *look);

void message_print(FILE *f, const struct message *m, const char *indent);

/* A picture of its own: SVG 1.1. */
void svg_write(FILE *f, const struct ladder *l, const char *title);
