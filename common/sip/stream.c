// SPDX-License-Identifier: Apache-2.0
/* A stream is read in pieces, and blank lines before a start line are ignored. [RFC 3261 7.5, RFC 5626 3.5.1]
 *
 * Sofia-SIP makes room for all that has come, and when that is more than one message may be long it never reads from the connection
 * again: what piled up while we had more to do than we could would cost the calls of a neighbour. So it is told of a piece.
 *
 * It takes blank lines off a stream when they come alone; in one segment with the message behind them (a ping, and at once a
 * request) its parser, asked to keep the text as received, copies from the wrong place, and the connection is deaf from then on.
 * So it is told of the blank lines first, and of the rest the next time. su_getmsgsize() of the library is found in this
 * executable first. */
#include "common/sip/engine.h"
#include <sofia-sip/su.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { BLANK_MAX = 8 }; /* as many as Sofia-SIP looks at by itself */

static _Thread_local bool in_pieces;

void stream_read_in_pieces(void)
{
	in_pieces = true;
}

/* The resolver's sockets are none of ours, nor streams. */
static bool is_stream(su_socket_t s)
{
	int type = 0;
	socklen_t len = sizeof type;

	return !getsockopt(s, SOL_SOCKET, SO_TYPE, &type, &len) && type == SOCK_STREAM;
}

issize_t su_getmsgsize(su_socket_t s)
{
	char first[BLANK_MAX];
	int all = -1;
	ssize_t n, blank = 0;

	if (datagram_is(s))
		return datagram_fetch(s);
	if (ioctl(s, FIONREAD, &all) < 0)
		return -1;
	if (!in_pieces || all <= 2)
		return all;
	if (all > STREAM_PIECE)
		all = STREAM_PIECE;
	n = recv(s, first, sizeof first, MSG_PEEK | MSG_DONTWAIT);
	while (blank < n && (first[blank] == '\r' || first[blank] == '\n'))
		blank++;
	return blank && is_stream(s) ? blank : all;
}
