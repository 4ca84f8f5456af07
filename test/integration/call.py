# SPDX-License-Identifier: Apache-2.0
"""Dialogs of a test phone: the calling half (Call) and the called half (Leg). [RFC 3261 12-15, RFC 3262, RFC 3311]"""
from sipmsg import Message
from transaction import Client, new_branch

SDP = """v=0
o=- 1 {version} IN IP4 {ip}
s=-
c=IN IP4 {ip}
t=0 0
m=audio {port} RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a={direction}
"""


def sdp(ip, port=40000, version=1, direction="sendrecv", pad=0):
    """An offer or answer; `pad` octets longer by attributes that nobody needs."""
    text = SDP.format(ip=ip, port=port, version=version, direction=direction)
    for i in range(pad // 40 + (pad > 0)):
        text += "a=x-padding:%027d\n" % i
    return text.replace("\n", "\r\n").encode()


class Dialog:
    """State of [RFC 3261 12]; requests inside it go where its route set says."""

    def __init__(self, phone, call_id, local, remote, remote_tag, routes, target, cseq):
        self.phone, self.loop, self.call_id, self.local, self.remote = phone, phone.loop, call_id, local, remote
        self.remote_tag, self.routes, self.target, self.cseq = remote_tag, routes, target, cseq
        self.requests = []      # Server transactions that came inside it
        self.has_ended = False
        self.remote_cseq = None

    def build(self, method, headers=(), body=b"", content_type=None, cseq=None):
        if cseq is None and method != "ACK":
            self.cseq += 1
        m = Message("%s %s SIP/2.0" % (method, self.target))
        m.add("Via", self.phone.via_value(new_branch())).add("Max-Forwards", "70")
        for route in self.routes:
            m.add("Route", route)
        m.add("From", self.local).add("To", self.remote).add("Call-ID", self.call_id)
        m.add("CSeq", "%d %s" % (cseq or self.cseq, method))
        if method in ("INVITE", "UPDATE", "SUBSCRIBE", "REFER", "NOTIFY"):
            m.add("Contact", self.phone.contact)
        for name, value in headers:
            m.add(name, value)
        if body:
            m.add("Content-Type", content_type or "application/sdp")
            m.body = body
        return m

    def request(self, method, headers=(), body=b"", content_type=None, edit=None, cseq=None):
        """Sent inside the dialog; .final() of what this returns is the answer."""
        m = self.build(method, headers, body, content_type, cseq)
        if edit:
            edit(m)
        on_response = self.reinvited if method == "INVITE" else None
        self.phone.way()
        with self.loop.lock:
            return Client(self.phone, m, on_response)

    def reinvited(self, response):
        if response.status // 100 == 2:
            self.refresh(response)
            self.send_ack(response.cseq[0])

    def refresh(self, message):
        """The remote target moves with the Contact. [RFC 3261 12.2]"""
        if message.contacts:
            self.target = message.contacts[0].uri.text

    def send_ack(self, cseq, headers=(), body=b"", edit=None):
        m = self.build("ACK", headers, body, cseq=cseq)
        if edit:
            edit(m)
        self.phone.way().send(m.build(), self.phone.proxy)

    def hang_up(self, within=5):
        """BYE, answered 200."""
        answer = self.request("BYE").final(within)
        assert answer.status == 200, "BYE got %s" % answer.text
        self.has_ended = True
        return answer

    def ended(self, within=5):
        """The other side hung up."""
        return self.loop.wait(lambda: self.has_ended, within, "%s: no BYE in %s" % (self.phone, self.call_id))

    def incoming(self, method, within=5):
        """The newest request of that method inside the dialog, as a Server transaction."""
        def find():
            return next((s for s in reversed(self.requests) if s.request.method == method), None)
        return self.loop.wait(find, within, lambda: "%s: no %s in the dialog, only %s" % (self.phone, method, self.requests))

    def arrived(self, server):
        """A request of the peer; called by the phone before it is answered."""
        number = server.request.cseq[0]
        if self.remote_cseq is not None and number <= self.remote_cseq:
            self.phone.complain("CSeq %d after %d in a dialog" % (number, self.remote_cseq))
        self.remote_cseq = number
        self.requests.append(server)
        if server.request.method in ("INVITE", "UPDATE"):
            self.refresh(server.request)
        if server.request.method == "BYE":
            self.has_ended = True


class InDialog:
    """What either side does inside its `dialog`."""

    def hang_up(self, within=5):
        return self.dialog.hang_up(within)

    def request(self, *a, **kw):
        return self.dialog.request(*a, **kw)

    def ended(self, within=5):
        return self.dialog.ended(within)

    def incoming(self, method, within=5):
        return self.dialog.incoming(method, within)


class Call(InDialog):
    """The caller's side of one INVITE: early dialogs by To tag, then the one that answered."""

    def __init__(self, phone, invite, auto_ack=True, auto_prack=True):
        self.phone, self.loop, self.invite = phone, phone.loop, invite
        self.auto_ack, self.auto_prack = auto_ack, auto_prack
        self.dialogs, self.pracks, self.seen_rseq = {}, [], set()
        self.answered = None
        self.transaction = Client(phone, invite, self.on_response)

    def on_response(self, r):
        if r.status == 100 or r.status >= 300 or not r.to.tag:
            return
        d = self.dialogs.get(r.to.tag)
        if not d:
            routes = [v for v in reversed(r.all("record-route"))]
            d = Dialog(self.phone, r.call_id, self.invite.get("from"), r.get("to"), r.to.tag, routes, self.invite.uri, self.invite.cseq[0])
            self.dialogs[r.to.tag] = d
            self.phone.dialogs[r.call_id, self.invite.sender.tag, r.to.tag] = d
        d.refresh(r)
        if r.status < 200:
            return self.on_provisional(r, d)
        if not self.answered:
            self.answered = d
        if self.auto_ack:
            d.send_ack(r.cseq[0])

    def on_provisional(self, r, d):
        """[RFC 3262 4] each reliable one is acknowledged by a PRACK, once."""
        if "100rel" not in [v.lower() for v in r.all("require")]:
            return
        key = (r.to.tag, r.get("rseq"))
        if key in self.seen_rseq or not self.auto_prack:
            return
        self.seen_rseq.add(key)
        self.pracks.append(d.request("PRACK", [("RAck", "%s %s" % (r.get("rseq"), r.get("cseq")))]))

    # ---- the story ----

    def final(self, within=5):
        return self.transaction.final(within)

    def progress(self, status=None, within=5):
        return self.transaction.provisional(status, within)

    def ringing(self, within=5):
        self.progress(180, within)
        return self

    def established(self, within=5):
        answer = self.final(within)
        assert answer.status == 200, "no call: %s" % answer.text
        return self

    def early(self):
        """The first early dialog."""
        return self.loop.wait(lambda: next(iter(self.dialogs.values()), None), 5, "no early dialog")

    @property
    def dialog(self):
        return self.answered or self.early()

    def cancel(self):
        """CANCEL answered 200; the INVITE ends with 487 when the callee had not answered."""
        answer = self.transaction.cancel().final()
        assert answer.status == 200, "CANCEL got %s" % answer.text
        return self


class Leg(InDialog):
    """The callee's side of one INVITE."""

    def __init__(self, phone, server):
        self.phone, self.loop, self.server, self.invite = phone, phone.loop, server, server.request
        self.rseq = 0
        local = "%s;tag=%s" % (self.invite.get("to"), server.tag)
        self.dialog = Dialog(phone, self.invite.call_id, local, self.invite.get("from"), self.invite.sender.tag,
                             self.invite.all("record-route"), self.invite.contacts[0].uri.text, 100)
        self.dialog.remote_cseq = self.invite.cseq[0]
        phone.dialogs[self.invite.call_id, server.tag, self.invite.sender.tag] = self.dialog

    def progress(self, status=183, body=b"", reliable=False, headers=()):
        extra = list(headers)
        if reliable:
            self.rseq += 1
            extra += [("Require", "100rel"), ("RSeq", str(self.rseq))]
        self.server.answer(status, headers=extra, body=body)
        return self

    def pracked(self, within=5):
        """The PRACK of the newest reliable response. [RFC 3262 3]"""
        want = "%d %s" % (self.rseq, self.invite.get("cseq"))

        def find():
            return next((s for s in self.dialog.requests if s.request.get("rack") == want), None)
        return self.loop.wait(find, within, "%s: no PRACK with RAck %s" % (self.phone, want))

    def accept(self, body=None, headers=()):
        self.server.answer(200, headers=[("Supported", "100rel, timer")] + list(headers), body=sdp(self.phone.ip) if body is None else body)
        return self

    def reject(self, status, headers=()):
        self.server.answer(status, headers=headers)
        return self

    def confirmed(self, within=5):
        return self.server.confirmed(within)

    def cancelled(self, within=5):
        return self.loop.wait(lambda: self.server.cancelled, within, "%s: no CANCEL" % self.phone)
