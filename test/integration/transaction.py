# SPDX-License-Identifier: Apache-2.0
"""Transactions of a test phone, client and server, with the timers that a phone has. [RFC 3261 17, RFC 3262 3, RFC 3261 13.3.1.4]"""
import itertools
import os
import time

from sipmsg import Message

T1, T2, GIVE_UP = 0.5, 4.0, 32.0
_numbers = itertools.count(1)


def new_token(prefix=""):
    return "%s%x%s" % (prefix, next(_numbers), os.urandom(4).hex())


def new_branch():
    return "z9hG4bK" + new_token()


class Client:
    """A request that we sent and what came back: .responses, .final(), .provisional()."""

    def __init__(self, phone, request, on_response=None):
        self.phone, self.loop, self.request, self.on_response = phone, phone.loop, request, on_response
        self.responses, self.cancelled, self.branch = [], False, request.branch
        self.sent_at = time.monotonic()
        self.via = phone.way()
        self.timer = None
        phone.clients[self.branch, request.method] = self
        self.transmit(T1)

    def transmit(self, interval):
        if self.phone.closed:
            return
        self.via.send(self.request.build(), self.phone.proxy)
        if self.via.reliable or self.over(interval):
            return
        longest = GIVE_UP if self.request.method == "INVITE" else T2
        self.timer = self.loop.later(interval, lambda: self.transmit(min(interval * 2, longest)))

    def over(self, interval):
        if any(r.status >= 200 for r in self.responses) or time.monotonic() - self.sent_at > GIVE_UP:
            return True
        return bool(self.responses) and self.request.method == "INVITE"

    def arrived(self, response):
        final = self.got_final
        if response.status >= 200 or self.request.method == "INVITE":
            if self.timer:
                self.timer.cancel()
        if self.request.method == "INVITE" and response.status >= 300:
            self.acknowledge(response)
        if final and response.status < 200:
            self.phone.complain("%d after the final response" % response.status)
        if final and not (response.status // 100 == 2 and self.request.method == "INVITE"):
            return  # a retransmission
        self.responses.append(response)
        if self.on_response:
            self.on_response(response)

    @property
    def got_final(self):
        return next((r for r in self.responses if r.status >= 200), None)

    def acknowledge(self, response):
        ack = Message("ACK %s SIP/2.0" % self.request.uri)
        ack.add("Via", self.request.get("via")).add("Max-Forwards", "70")
        for value in self.request.lines("route"):
            ack.add("Route", value)
        ack.add("From", self.request.get("from")).add("To", response.get("to")).add("Call-ID", self.request.call_id)
        ack.add("CSeq", "%d ACK" % self.request.cseq[0])
        self.via.send(ack.build(), self.phone.proxy)

    def story(self):
        return "%s waits: %s -> %s" % (self.phone, self.request.start, [r.start for r in self.responses])

    def final(self, within=5):
        return self.loop.wait(lambda: self.got_final, within, lambda: "no final response. " + self.story())

    def provisional(self, status=None, within=5):
        def find():
            return next((r for r in self.responses if 100 < r.status < 200 and status in (None, r.status)), None)
        return self.loop.wait(find, within, lambda: "no %s. %s" % (status or "1xx", self.story()))

    def silent(self):
        with self.loop.lock:
            return not self.responses

    def cancel(self):
        """CANCEL, after any 1xx as [RFC 3261 9.1] wants; its own transaction."""
        self.loop.wait(lambda: self.responses, 5, lambda: "nothing came that could be cancelled. " + self.story())
        self.cancelled = True
        m = Message("CANCEL %s SIP/2.0" % self.request.uri)
        m.add("Via", self.request.get("via")).add("Max-Forwards", "70")
        for value in self.request.lines("route"):
            m.add("Route", value)
        m.add("From", self.request.get("from")).add("To", self.request.get("to")).add("Call-ID", self.request.call_id)
        m.add("CSeq", "%d CANCEL" % self.request.cseq[0])
        return Client(self.phone, m)


class Server:
    """A request that came to us: .answer() with any status, .acked when its ACK came."""

    def __init__(self, phone, request, via, source):
        self.phone, self.loop, self.request, self.via, self.source = phone, phone.loop, request, via, source
        self.tag = request.to.tag or new_token("t")
        self.sent, self.acked, self.cancelled, self.timer = [], None, False, None
        self.branch = request.branch

    @property
    def is_answered(self):
        return any(r.status >= 200 for r in self.sent)

    def response(self, status, reason="", headers=(), body=b"", content_type=None):
        copied = [("Via", v) for v in self.request.lines("via")]
        if 100 < status < 300:
            copied += [("Record-Route", v) for v in self.request.lines("record-route")]
        to = self.request.get("to")
        copied += [("From", self.request.get("from")), ("To", to if ";tag=" in to or status == 100 else "%s;tag=%s" % (to, self.tag)),
                   ("Call-ID", self.request.call_id), ("CSeq", self.request.get("cseq"))]
        m = Message("SIP/2.0 %d %s" % (status, reason or REASONS.get(status, "Reason")), copied)
        if 100 < status < 300 and self.request.method in ("INVITE", "UPDATE", "SUBSCRIBE", "REFER", "NOTIFY"):
            m.add("Contact", self.phone.contact)
        for name, value in headers:
            m.add(name, value)
        if body:
            m.add("Content-Type", content_type or "application/sdp")
            m.body = body
        return m

    def answer(self, status, reason="", headers=(), body=b"", content_type=None, edit=None):
        """Sends it, and again until the ACK comes where that is the rule."""
        m = self.response(status, reason, headers, body, content_type)
        if edit:
            edit(m)
        with self.loop.lock:
            self.sent.append(m)
            self.transmit(m, T1, time.monotonic())
        return self

    def transmit(self, m, interval, since):
        self.via.send(m.build(), self.source)
        needs_ack = self.request.method == "INVITE" and m.status >= 200 and (m.status < 300 or not self.via.reliable)
        if needs_ack and not self.acked and time.monotonic() - since < GIVE_UP:
            self.timer = self.loop.later(interval, lambda: self.again(m, interval, since))

    def again(self, m, interval, since):
        if not self.acked and not self.phone.closed:
            self.transmit(m, min(interval * 2, T2), since)

    def retransmitted(self):
        if self.sent:
            self.via.send(self.sent[-1].build(), self.source)

    def confirmed(self, within=5):
        """The ACK."""
        return self.loop.wait(lambda: self.acked, within, lambda: "%s got no ACK after %s" % (self.phone, [r.start for r in self.sent]))


REASONS = {100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress", 200: "OK", 202: "Accepted",
           300: "Multiple Choices", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 407: "Proxy Authentication Required", 408: "Request Timeout", 415: "Unsupported Media Type", 420: "Bad Extension",
           480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 486: "Busy Here", 487: "Request Terminated",
           488: "Not Acceptable Here", 491: "Request Pending", 500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable",
           600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere"}
