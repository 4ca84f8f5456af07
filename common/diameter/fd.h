// SPDX-License-Identifier: Apache-2.0
/* freeDiameter made fit: see fd.c. Only under common/diameter. */
#pragma once
#include "common/base.h"

/* Call once; also makes the linker take fd.o, whose functions stand before freeDiameter's and libc's. */
int fd_prepare(void);
/* Which peers have the questions that name nobody, others never; before fd_core_start. */
void fd_short_first(bool (*first)(const char *identity));
/* Instead of fd_core_shutdown: an end that is meant. */
void fd_end(void);
bool fd_answer_prepare(void); /* fd_answer.c, fd_short.c, fd_writer.c and fd_bound.c, of fd_prepare */
bool fd_short_prepare(void);
bool fd_writer_prepare(void);
bool fd_bound_prepare(void);
void fd_frame_mend(uint8_t *message, size_t len); /* fd_frame.c */
/* freeDiameter's, in none of its public headers: to a peer's queue. */
struct msg;
struct cnxctx;
struct fd_peer;
int fd_out_send(struct msg **msg, struct cnxctx *connection, struct fd_peer *peer, int count);
/* Until the process listens at the port. 0 or -ETIMEDOUT. */
int fd_wait_listening(uint16_t port);
