# SPDX-License-Identifier: Apache-2.0
"""A phone for tests: registers, calls, is called, and holds every message it gets against the standards.

    alice.register()
    call = alice.invite(bob)
    bob.ring().accept()
    call.established().hang_up()

What nobody asked about is answered as a phone would; `answers` changes that: {"MESSAGE": 603, "INFO": None (silent)}.
"""
import time

from call import Call, Leg, sdp
from digest import challenges
from registration import Registering
from sipmsg import Malformed, Message, parse
from transaction import Client, Server, new_branch, new_token
from transport import Datagrams, Listener, connect

ANSWERS = {"OPTIONS": 200, "MESSAGE": 200, "NOTIFY": 200, "SUBSCRIBE": 200, "PUBLISH": 200, "REFER": 202, "INFO": 200, "UPDATE": 200,
           "PRACK": 200, "BYE": 200}
# what the core says among itself only [TS 24.229 4.4, RFC 3325, RFC 7315]
SECRET = ["p-charging-vector", "p-charging-function-addresses", "p-visited-network-id", "p-served-user", "p-profile-key", "p-user-database",
          "p-asserted-service", "p-private-network-indication"]


class Phone(Registering):
    def __init__(self, loop, ip, proxy, user, password="", domain="ims.test", transport="udp", port=0, impu=None, tls=None, tls_name=None,
                 isim=None, behind=None, listen=None):
        """`proxy`: (address, port). `behind`: the (private) host:port that it claims in Via and Contact, as behind a NAT.
        `listen`: a server context or True, to be called over TCP or TLS without a proxy."""
        self.loop, self.ip, self.proxy, self.transport, self.port = loop, ip, proxy, transport, port
        self.domain, self.behind, self.tls, self.tls_name = domain, behind, tls, tls_name
        self.clients, self.servers, self.dialogs = {}, {}, {}
        self.messages, self.invites, self.complaints = [], [], []
        self.answers, self.closed, self.strict = dict(ANSWERS), False, True
        self.listener = self.socket = None
        self.begin_registering(user, password, impu or "sip:%s@%s" % (user, domain), isim)
        if transport == "udp":
            self.socket = Datagrams(loop, (ip, port), self.on_message)
        elif listen:
            self.listener = Listener(loop, (ip, port), self.on_message, None if listen is True else listen)

    def __repr__(self):
        return "%s(%s)" % (self.user, self.transport)

    # ---- where it is ----

    def way(self):
        """The socket that requests leave by; a connection is opened when there is none."""
        if self.transport == "udp":
            return self.socket
        if not self.socket or not self.socket.alive:
            self.socket = connect(self.loop, (self.ip, 0 if self.listener else self.port), self.proxy, self.on_message,
                                  tls=self.tls, name=self.tls_name)
        return self.socket

    def hang_up_connection(self):
        """The connection breaks; the next request opens another."""
        with self.loop.lock:
            self.socket.close()

    @property
    def host_port(self):
        if self.behind:
            return self.behind
        return "%s:%d" % (self.listener.local if self.listener else self.way().local)

    @property
    def contact_uri(self):
        return "sip:%s@%s%s" % (self.user.split("@")[0], self.host_port, "" if self.transport == "udp" else ";transport=" + self.transport)

    @property
    def contact(self):
        return "<%s>" % self.contact_uri

    def via_value(self, branch):
        return "SIP/2.0/%s %s;branch=%s;rport" % (self.transport.upper(), self.host_port, branch)

    # ---- what it sends ----

    def build(self, method, target, headers=(), body=b"", content_type=None, call_id=None, cseq=1, route=None, sender=None, to=None):
        """An initial request; `target` a phone or a URI. `route`: values; default the Service-Route behind the proxy."""
        uri = target if isinstance(target, str) else target.impu
        m = Message("%s %s SIP/2.0" % (method, uri))
        m.add("Via", self.via_value(new_branch())).add("Max-Forwards", "70")
        for value in (self.preloaded if route is None else route):
            m.add("Route", value)
        m.add("From", "<%s>;tag=%s" % (sender or self.impu, new_token("f"))).add("To", to or "<%s>" % uri)
        m.add("Call-ID", call_id or new_token() + "@" + self.ip).add("CSeq", "%d %s" % (cseq, method))
        if method in ("INVITE", "SUBSCRIBE", "REFER", "REGISTER", "UPDATE", "OPTIONS"):
            m.add("Contact", self.contact)
        if method == "INVITE":
            m.add("Supported", "100rel, timer").add("Allow", "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, REFER, MESSAGE, OPTIONS")
        for name, value in headers:
            m.add(name, value)
        if body:
            m.add("Content-Type", content_type or ("text/plain" if method == "MESSAGE" else "application/sdp"))
            m.body = body
        return m

    @property
    def preloaded(self):
        return ["<sip:%s:%d;%slr>" % (self.proxy + ("" if self.transport == "udp" else "transport=%s;" % self.transport,))] + self.service_route

    def request(self, method, target, edit=None, **kw):
        """An initial request of any method; .final() of what this returns is the answer."""
        m = self.build(method, target, **kw)
        if edit:
            edit(m)
        return self.send(m)

    def send(self, message):
        self.way()  # outside the lock: a handshake may need the loop on the other side
        with self.loop.lock:
            return Client(self, message)

    def send_raw(self, raw):
        """Any octets, no transaction."""
        way = self.way()
        with self.loop.lock:
            way.send(raw, self.proxy)

    def invite(self, target, body=None, edit=None, auto_ack=True, auto_prack=True, **kw):
        m = self.build("INVITE", target, body=sdp(self.ip) if body is None else body, **kw)
        if edit:
            edit(m)
        self.way()
        with self.loop.lock:
            return Call(self, m, auto_ack, auto_prack)

    # ---- what it gets ----

    def complain(self, text):
        if self.strict:
            self.complaints.append("%s: %s" % (self, text))

    def on_message(self, raw, via, source):
        if self.closed:
            return
        try:
            if isinstance(raw, Malformed):
                raise raw
            m = parse(raw)
            complaints = m.complaints() + self.secrets(m)
        except (Malformed, ValueError) as e:
            return self.complain("malformed: %s in\n%r" % (e, raw))
        m.time, m.src, m.dst, m.protocol = time.time(), source, via.local, via.protocol
        for text in complaints:
            self.complain("%s in\n%s" % (text, m.text))
        if any(name not in m for name in ("via", "from", "to", "call-id", "cseq")):
            return
        self.messages.append(m)
        (self.on_request if m.is_request else self.on_response)(m, via, source)

    @staticmethod
    def secrets(m):
        """What may not reach a UE."""
        out = ["%s towards a UE" % name for name in SECRET if name in m]
        out += ["%s towards a UE" % k for c in challenges(m) for k in ("ck", "ik", "integrity-protected") if k in c.params]
        out += ["network-provided towards a UE" for v in m.lines("p-access-network-info") if "network-provided" in v]
        return out

    def on_response(self, m, via, source):
        client = self.clients.get((m.branch, m.method))
        if not client:
            return self.complain("a response to nothing: %s" % m.text)
        sent = client.request
        if len(m.via) != 1 or m.call_id != sent.call_id or m.cseq != sent.cseq or m.sender.tag != sent.sender.tag:
            self.complain("Via, Call-ID, CSeq or From of another request in\n%s" % m.text)
        client.arrived(m)

    def on_request(self, m, via, source):
        key = (m.branch, m.via[0].sent_by)
        if m.method == "ACK":
            return self.on_ack(m, key)
        if m.method == "CANCEL":
            return self.on_cancel(m, via, source, key)
        server = self.servers.get(key + (m.method,))
        if server:
            return server.retransmitted()
        server = self.servers[key + (m.method,)] = Server(self, m, via, source)
        if m.to.tag:
            return self.inside(m, server)
        if m.method == "INVITE":
            self.invites.append(server)
            if self.answers.get("INVITE", 100):  # stops retransmission
                server.answer(self.answers.get("INVITE", 100))
            return
        self.answer_alone(server)

    def answer_alone(self, server):
        status = self.answers.get(server.request.method, 501)
        if status:
            server.answer(status)

    def inside(self, m, server):
        d = self.dialogs.get((m.call_id, m.to.tag, m.sender.tag))
        if not d:
            return server.answer(481)
        d.arrived(server)
        if m.method == "INVITE" and "INVITE" not in self.answers:
            return server.answer(200, body=sdp(self.ip, version=2))
        self.answer_alone(server)

    def on_ack(self, m, key):
        server = self.servers.get(key + ("INVITE",))
        if not server:  # to a 2xx: a transaction of its own, known by dialog and CSeq
            server = next((s for s in self.servers.values() if s.request.method == "INVITE" and s.request.call_id == m.call_id and
                           s.tag == m.to.tag and s.request.cseq[0] == m.cseq[0]), None)
        if not server:
            return self.complain("an ACK for nothing: %s" % m.text)
        if m.uri not in (server.request.uri, self.contact_uri):
            self.complain("ACK to %s, which is not our Contact %s" % (m.uri, self.contact_uri))
        server.acked = m

    def on_cancel(self, m, via, source, key):
        cancel = Server(self, m, via, source)
        server = self.servers.get(key + ("INVITE",))
        if not server:
            return cancel.answer(481)
        cancel.tag = server.tag
        cancel.answer(200)
        server.cancelled = True
        if not server.is_answered and self.answers.get("CANCEL", 487):
            server.answer(487)

    # ---- the story ----

    def received(self, method=None, within=5):
        """The newest request of that method."""
        def find():
            return next((m for m in reversed(self.messages) if m.is_request and method in (None, m.method)), None)
        return self.loop.wait(find, within, lambda: "%s got no %s, only %s" % (self, method, [m.start for m in self.messages]))

    def all_received(self, method):
        with self.loop.lock:
            return [m for m in self.messages if m.is_request and m.method == method]

    def incoming(self, method, within=5):
        """The newest request of that method outside a dialog, to be answered (with answers[method] = None)."""
        def find():
            return next((s for s in reversed(list(self.servers.values())) if s.request.method == method and not s.request.to.tag), None)
        return self.loop.wait(find, within, lambda: "%s got no %s" % (self, method))

    def called(self, within=5):
        """The next INVITE, not answered yet."""
        self.loop.wait(lambda: self.invites, within, lambda: "%s: nobody calls, only %s" % (self, [m.start for m in self.messages]))
        with self.loop.lock:
            return Leg(self, self.invites.pop(0))

    def ring(self, within=5, reliable=False, headers=()):
        return self.called(within).progress(180, reliable=reliable, headers=headers)

    def check(self):
        """Every message that came was as it has to be."""
        with self.loop.lock:
            assert not self.complaints, "\n".join(self.complaints)

    def close(self):
        with self.loop.lock:
            self.closed = True
            for thing in (self.socket, self.listener):
                if thing:
                    thing.close()
