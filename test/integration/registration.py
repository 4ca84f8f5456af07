# SPDX-License-Identifier: Apache-2.0
"""The registering half of a test phone. [TS 24.229 5.1.1, RFC 3261 10, RFC 7616, RFC 3310]"""
import base64

from digest import Session, challenges, empty_authorization
from transaction import new_token


class Registering:
    """Credentials, the nonce in use, what the 200 gave."""

    def begin_registering(self, user, password, impu, isim):
        self.user, self.password, self.impu, self.isim = user, password, impu, isim
        self.impi = user if "@" in user else "%s@%s" % (user, self.domain)
        self.algorithm = None           # the one wanted of those offered; None: the first known
        self.session = None             # Session of the nonce in use
        self.register_call_id, self.register_cseq = new_token("r"), 0
        self.service_route, self.associated, self.bindings = [], [], []

    def contact_header(self, expires=None, q=None, instance=None, reg_id=None, uri=None):
        value = "<%s>" % (uri or self.contact_uri)
        value += ";q=%s" % q if q is not None else ""
        value += ';+sip.instance="<%s>"' % instance if instance else ""
        value += ";reg-id=%d" % reg_id if reg_id else ""
        return value + (";expires=%d" % expires if expires is not None else "")

    def register_request(self, expires=None, contacts=None, authorization=None, headers=(), edit=None, to=None, uri=None):
        """`contacts`: header values, [] for none; default its own. `authorization`: a value, or None for none."""
        self.register_cseq += 1
        to = to or self.impu
        m = self.build("REGISTER", uri or "sip:" + self.domain, call_id=self.register_call_id, cseq=self.register_cseq,
                       sender=to, to="<%s>" % to, route=[])
        m.remove("Contact")
        for value in [self.contact_header()] if contacts is None else contacts:
            m.add("Contact", value)
        if expires is not None:
            m.add("Expires", str(expires))
        if authorization:
            m.add("Authorization", authorization)
        m.add("Supported", "path, gruu")
        for name, value in headers:
            m.add(name, value)
        if edit:
            edit(m)
        return m

    def unauthenticated(self, uri=None):
        return empty_authorization(self.impi, self.domain, uri or "sip:" + self.domain)

    def register_once(self, within=5, **kw):
        """One REGISTER as it is; its final response."""
        return self.send(self.register_request(**kw)).final(within)

    def secret_for(self, challenge):
        """("password" or RES, AUTS or None)"""
        if not challenge.is_aka:
            return self.password, None
        kind, value = self.isim.answer(*challenge.rand_autn)
        return (value, None) if kind == "res" else (b"", value)

    def choose(self, response):
        offered = challenges(response)
        assert offered, "a 401 without a challenge: %s" % response.text
        if self.algorithm:
            return next(c for c in offered if c.algorithm.lower() == self.algorithm.lower())
        return offered[0]

    def answer_challenge(self, unauthorized, password=None, uri=None, **change):
        """The Authorization that answers a 401, with `change` for parameters made wrong."""
        challenge = self.choose(unauthorized)
        secret, auts = self.secret_for(challenge)
        self.session = Session(challenge, self.impi, password if password is not None else secret)
        if auts:
            change.update(auts=base64.b64encode(auts).decode())
        return self.session.authorization("REGISTER", uri or "sip:" + self.domain, **change)

    def try_register(self, within=5, reuse=False, **kw):
        """REGISTER, and once more (twice after AUTS) with the answer to the challenge; the last response.
        `reuse`: the nonce of before with the next count."""
        uri = kw.get("uri") or "sip:" + self.domain
        first = self.session.authorization("REGISTER", uri) if reuse and self.session else self.unauthenticated(uri)
        response = self.register_once(within, authorization=first, **kw)
        for _ in range(2):
            if response.status != 401:
                break
            response = self.register_once(within, authorization=self.answer_challenge(response, uri=uri), **kw)
        if response.status == 200:
            self.registered(response)
        return response

    def registered(self, response):
        self.service_route = response.all("service-route")
        self.associated = response.associated
        self.bindings = response.contacts

    def register(self, expires=600, **kw):
        response = self.try_register(expires=expires, **kw)
        assert response.status == 200, "%s not registered: %s" % (self, response.text)
        return response

    def deregister(self, **kw):
        """Of its own contact. [TS 24.229 5.1.1.6]"""
        return self.register(expires=0, **kw)
