# SPDX-License-Identifier: Apache-2.0
"""Digest as a client does it: MD5, SHA-256 and AKAv1-MD5. [RFC 7616, RFC 3310, TS 24.229 5.1.1.5]"""
import base64
import hashlib
import hmac
import os

from sipmsg import Malformed, read_params, split_outside, unquote

HASHES = {"md5": hashlib.md5, "sha-256": hashlib.sha256, "akav1-md5": hashlib.md5}


class Challenge:
    """One WWW-Authenticate or Proxy-Authenticate."""

    def __init__(self, value):
        scheme, _, rest = value.partition(" ")
        if scheme.lower() != "digest":
            raise Malformed("scheme %s" % scheme)
        self.params = {k: unquote(v or "") for k, v in read_params(split_outside(rest, ",")).items()}
        self.realm, self.nonce = self.params.get("realm"), self.params.get("nonce")
        self.algorithm = self.params.get("algorithm", "MD5")
        self.qop = [q.strip() for q in self.params.get("qop", "").split(",") if q.strip()]
        self.stale = self.params.get("stale", "false").lower() == "true"
        self.opaque = self.params.get("opaque")

    @property
    def is_aka(self):
        return self.algorithm.lower().startswith("akav")

    @property
    def rand_autn(self):
        raw = base64.b64decode(self.nonce, validate=True)
        return raw[:16], raw[16:32]


def challenges(response):
    return [Challenge(v) for v in response.lines("www-authenticate") + response.lines("proxy-authenticate")]


def _h(algorithm, text):
    return HASHES[algorithm.lower()](text if isinstance(text, bytes) else text.encode()).hexdigest()


class Session:
    """The use of one nonce: counts nc, knows the secret."""

    def __init__(self, challenge, username, secret):
        """`secret`: a password, or the RES of AKA as bytes."""
        self.challenge, self.username, self.count = challenge, username, 0
        self.secret = secret.encode() if isinstance(secret, str) else secret
        self.cnonce = os.urandom(8).hex()

    @property
    def ha1(self):
        c = self.challenge
        return _h(c.algorithm, ("%s:%s:" % (self.username, c.realm)).encode() + self.secret)

    def response(self, method, uri, nc):
        c, qop = self.challenge, "auth" if "auth" in self.challenge.qop else None
        ha2 = _h(c.algorithm, "%s:%s" % (method, uri))
        if not qop:
            return _h(c.algorithm, ":".join([self.ha1, c.nonce, ha2]))
        return _h(c.algorithm, ":".join([self.ha1, c.nonce, nc, self.cnonce, qop, ha2]))

    def authorization(self, method, uri, **change):
        """An Authorization value; `change` overrides parameters (None leaves one out), nc= an own count."""
        self.count += 1
        c, nc = self.challenge, change.pop("nc", "%08x" % self.count)
        signed = change.get("uri", uri)
        p = {"username": self.username, "realm": c.realm, "nonce": c.nonce, "uri": uri, "algorithm": c.algorithm,
             "response": self.response(method, signed, nc)}
        if c.qop:
            p.update(qop="auth", nc=nc, cnonce=self.cnonce)
        if c.opaque is not None:
            p["opaque"] = c.opaque
        p.update(change)
        bare = {"algorithm", "qop", "nc"}
        return "Digest " + ", ".join('%s=%s' % (k, v if k in bare else '"%s"' % v) for k, v in p.items() if v is not None)

    def proves_server(self, info, uri):
        """Authentication-Info with the right rspauth. [RFC 7616 3.5]"""
        p = {k: unquote(v or "") for k, v in read_params(split_outside(info, ",")).items()}
        return hmac.compare_digest(p.get("rspauth", ""), self.response("", uri, p.get("nc", "")))


def empty_authorization(username, realm, uri):
    """The first REGISTER names the private identity. [TS 24.229 5.1.1.2.2]"""
    return 'Digest username="%s", realm="%s", nonce="", uri="%s", response=""' % (username, realm, uri)
