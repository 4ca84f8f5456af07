// SPDX-License-Identifier: Apache-2.0
/* The commands of both applications: their tables, structs and names. Only under common/diameter. */
#pragma once
#include "common/diameter/field.h"

/* Calls an asker's `done`, which is of another type for each command. `who`: the request, or the context of the HSS's own question. */
typedef void command_done(void);
typedef void command_end(command_done *done, void *who, const void *answer, int err);

struct command {
	uint32_t application, code;
	const char *name;                       /* "UAR" */
	const char *request_name, *answer_name; /* in freeDiameter's dictionary */
	const struct field *question, *answer;
	size_t question_size, answer_size;      /* every answer begins with its enum diameter_result */
	size_t origin_host_at;                  /* in the answer, or NOWHERE */
	size_t destination_host_at, trace_id_at;/* in the question, or NOWHERE */
	size_t question_origin_host_at;         /* of those that the HSS pushes */
	size_t destination_realm_at;            /* in the question, or NOWHERE: the asker's own */
	command_end *end;
};

extern const struct command commands[];
extern const size_t command_count;

/* NULL: no such command. By place in the table: no search. */
const struct command *command_find(uint32_t application, uint32_t code);
/* One of those that the table has. */
bool command_application(uint32_t application);

/* Of a question of ours. priority.c */
enum drmp command_priority(const struct command *c, const void *question);

/* One more of minims_diameter_total{command,result}. */
void command_count_result(const struct command *c, const char *result);
