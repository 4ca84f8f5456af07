# SPDX-License-Identifier: Apache-2.0
"""SIP messages for the test harness: parsed strictly, built in plain text. [RFC 3261 7, 20, 25]"""
import re

COMPACT = {"i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length", "c": "content-type", "f": "from",
           "s": "subject", "k": "supported", "t": "to", "v": "via", "o": "event", "r": "refer-to", "b": "referred-by", "u": "allow-events"}
LISTS = {"via", "route", "record-route", "path", "service-route", "contact", "p-associated-uri", "p-asserted-identity", "supported",
         "require", "unsupported", "proxy-require", "allow"}
SINGLE = ["from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type", "expires", "min-expires", "rseq", "rack"]


class Malformed(Exception):
    """What the sender of the message did wrong."""


def split_outside(text, separator):
    """Split at `separator`, not inside quotes or angle brackets."""
    parts, start, quoted, angle, i = [], 0, False, False, 0
    while i < len(text):
        c = text[i]
        if quoted and c == "\\":
            i += 1
        elif c == '"' and not angle:
            quoted = not quoted
        elif not quoted and c in "<>":
            angle = c == "<"
        elif c == separator and not quoted and not angle:
            parts.append(text[start:i].strip())
            start = i + 1
        i += 1
    return parts + [text[start:].strip()]


def unquote(value):
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') and value.endswith('"') and len(value) > 1 else value


def read_params(parts):
    out = {}
    for part in parts:
        name, _, value = part.partition("=")
        out[name.strip().lower()] = value.strip() if "=" in part else None
    return out


class Uri:
    """sip:user@host:port;params?headers, or tel:number;params."""

    def __init__(self, text):
        self.text = text
        self.scheme, _, rest = text.partition(":")
        self.scheme = self.scheme.lower()
        rest, _, self.headers = rest.partition("?")
        at = rest.rfind("@")
        userinfo, hostport = (rest[:at], rest[at + 1:]) if at >= 0 else ("", rest)
        hostport, *params = hostport.split(";")
        self.params = read_params(params)
        if self.scheme not in ("sip", "sips"):
            self.user, self.host, self.port = hostport, "", None
            return
        self.user = userinfo
        m = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::(\d+))?", hostport)
        if not m:
            raise Malformed("not a URI: %r" % text)
        self.host, self.port = m.group(1), int(m.group(2)) if m.group(2) else None

    def __str__(self):
        return self.text

    def __repr__(self):
        return "Uri(%r)" % self.text


class Address:
    """A name-addr or addr-spec with its parameters; the URI's parts at hand."""

    def __init__(self, text):
        self.text = text
        m = re.fullmatch(r'\s*("(?:[^"\\]|\\.)*"|[^<"]*)\s*<([^<>]*)>\s*(?:;(.*))?', text, re.S)
        if m:
            self.display, uri, rest = unquote(m.group(1).strip()), m.group(2), m.group(3)
            parts = split_outside(rest, ";") if rest else []
        else:
            self.display = ""
            uri, *parts = split_outside(text, ";")
        self.params = read_params(parts)
        self.star = uri == "*"
        self.uri = None if self.star else Uri(uri)

    @property
    def host(self):
        return self.uri.host

    @property
    def user(self):
        return self.uri.user

    @property
    def tag(self):
        return self.params.get("tag")

    def param(self, name):
        value = self.params.get(name)
        return unquote(value) if value else value

    def __str__(self):
        return self.text

    def __repr__(self):
        return "Address(%r)" % self.text


class Via:
    def __init__(self, text):
        self.text = text
        m = re.fullmatch(r"SIP\s*/\s*2\.0\s*/\s*(\w+)\s+([^;]+?)\s*(?:;(.*))?", text, re.S)
        if not m:
            raise Malformed("not a Via: %r" % text)
        self.transport, self.sent_by = m.group(1).upper(), m.group(2)
        self.params = read_params(split_outside(m.group(3), ";")) if m.group(3) else {}
        self.host = self.sent_by.rsplit(":", 1)[0] if re.search(r":\d+$", self.sent_by) else self.sent_by

    @property
    def branch(self):
        return self.params.get("branch")


class Message:
    """One message: .start, .headers as [(name, value)], .body; .raw as it was on the wire."""

    def __init__(self, start, headers=(), body=b"", raw=None):
        self.start, self.headers, self.body, self.raw = start, list(headers), body, raw
        self.time = None        # of arrival or capture, seconds
        self.src = self.dst = None  # (address, port), where known
        self.protocol = None    # udp, tcp, tls
        self.without_length = False  # a datagram needs no Content-Length
        self.is_request = not start.startswith("SIP/2.0 ")
        self.method = self.uri = self.status = self.reason = None
        if self.is_request:
            self.method, self.uri, version = (start.split(" ") + ["", ""])[:3]
            if version != "SIP/2.0":
                raise Malformed("not a request line: %r" % start)
        else:
            m = re.fullmatch(r"SIP/2\.0 (\d{3}) (.*)", start)
            if not m:
                raise Malformed("not a status line: %r" % start)
            self.status, self.reason = int(m.group(1)), m.group(2)
            self.method = self.cseq[1]

    # ---- headers ----

    @staticmethod
    def long(name):
        name = name.lower()
        return COMPACT.get(name, name)

    def lines(self, name):
        """The values of each line of that name."""
        name = self.long(name)
        return [v for n, v in self.headers if self.long(n) == name]

    def all(self, name):
        """Values; those of a list header taken apart."""
        lines = self.lines(name)
        return [v for line in lines for v in split_outside(line, ",")] if self.long(name) in LISTS else lines

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def __contains__(self, name):
        return bool(self.lines(name))

    def set(self, name, value):
        self.remove(name)
        self.headers.append((name, value))
        return self

    def add(self, name, value, first=False):
        self.headers.insert(0 if first else len(self.headers), (name, value))
        return self

    def remove(self, name):
        name = self.long(name)
        self.headers = [(n, v) for n, v in self.headers if self.long(n) != name]
        return self

    # ---- what tests speak of ----

    via = property(lambda self: [Via(v) for v in self.all("via")])
    route = property(lambda self: [Address(v) for v in self.all("route")])
    record_route = property(lambda self: [Address(v) for v in self.all("record-route")])
    path = property(lambda self: [Address(v) for v in self.all("path")])
    service_route = property(lambda self: [Address(v) for v in self.all("service-route")])
    contacts = property(lambda self: [Address(v) for v in self.all("contact")])
    associated = property(lambda self: [Address(v).uri.text for v in self.all("p-associated-uri")])
    asserted = property(lambda self: [Address(v).uri.text for v in self.all("p-asserted-identity")])
    sender = property(lambda self: Address(self.get("from", "")))
    to = property(lambda self: Address(self.get("to", "")))
    call_id = property(lambda self: self.get("call-id"))
    branch = property(lambda self: self.via[0].branch)
    text = property(lambda self: (self.raw or self.build()).decode("utf-8", "backslashreplace"))

    @property
    def cseq(self):
        m = re.fullmatch(r"(\d+)\s+(\S+)", self.get("cseq", ""))
        if not m or int(m.group(1)) >= 2 ** 31:
            raise Malformed("CSeq %r" % self.get("cseq"))
        return int(m.group(1)), m.group(2)

    def build(self):
        lines = [self.start] + ["%s: %s" % h for h in self.headers]
        if "content-length" not in self and not self.without_length:
            lines.append("Content-Length: %d" % len(self.body))
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + self.body

    def copy(self):
        return Message(self.start, self.headers, self.body)

    def __repr__(self):
        return "<%s>" % self.start

    # ---- the strict reading ----

    def complaints(self):
        """What a careful reader holds against it, as sentences."""
        out = ["%s without %s" % (self.start, name) for name in ("via", "from", "to", "call-id", "cseq") if name not in self]
        out += ["%d times %s" % (len(self.lines(n)), n) for n in SINGLE if len(self.lines(n)) > 1]
        if out:
            return out
        if self.is_request and self.cseq[1] != self.method:
            out.append("CSeq %s in a %s" % (self.cseq[1], self.method))
        if self.is_request and not 0 <= int(self.get("max-forwards", "-1")) <= 70:
            out.append("Max-Forwards %r" % self.get("max-forwards"))
        out += ["Via branch %r" % v.branch for v in self.via if not (v.branch or "").startswith("z9hG4bK")]
        if not self.sender.tag:
            out.append("From without a tag")
        if not self.is_request and self.status > 100 and not self.to.tag:
            out.append("%d without a To tag" % self.status)
        if self.body and "content-type" not in self:
            out.append("a body without Content-Type")
        for name in ("record-route", "route"):
            out += ["%s without lr: %s" % (name, a) for a in map(Address, self.all(name)) if a.star or "lr" not in a.uri.params]
        return out


def sdp_complaints(m):
    """Of an SDP body. [RFC 4566 5, 9]"""
    if not m.body or m.get("content-type", "").split(";")[0].strip().lower() != "application/sdp":
        return []
    if not m.body.endswith(b"\r\n"):
        return ["SDP without an end of line"]
    lines = m.body.decode("utf-8", "backslashreplace")[:-2].split("\r\n")
    out = ["not a line of SDP: %r" % x for x in lines if not re.fullmatch(r"[a-z]=.+", x)]
    if [x[:2] for x in lines[:3]] != ["v=", "o=", "s="] or not any(x.startswith("t=") for x in lines):
        out.append("SDP without v, o, s, t")
    shapes = {"v=": r"v=0", "o=": r"o=\S+ \d+ \d+ IN IP[46] \S+", "c=": r"c=IN IP[46] \S+", "t=": r"t=\d+ \d+",
              "m=": r"m=\w+ \d+(/\d+)? [\w/]+( \S+)+"}
    return out + ["wrong in SDP: %r" % x for x in lines if not re.fullmatch(shapes.get(x[:2], ".*"), x)]


def read_head(head):
    lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    headers = []
    for line in lines[1:]:
        if line[:1] in " \t" and headers:
            headers[-1] = (headers[-1][0], headers[-1][1] + " " + line.strip())
            continue
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[-A-Za-z0-9.!%*_+`'~]+\s*", name):
            raise Malformed("not a header line: %r" % line)
        headers.append((name.strip(), value.strip()))
    return lines[0], headers


def parse(raw):
    """A datagram, or one message of a stream that frame() cut out."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    if not blank:
        raise Malformed("no end of the headers: %r" % raw[:200])
    if b"\n" in head.replace(b"\r\n", b""):
        raise Malformed("a line ends in a bare LF: %r" % head[:200])
    start, headers = read_head(head)
    m = Message(start, headers, body, raw)
    length = m.get("content-length")
    if length is not None and int(length) != len(body):
        raise Malformed("Content-Length %s and %d octets of body" % (length, len(body)))
    return m


def frame(buffer):
    """(message, rest) cut from the front of a stream, or (None, buffer) while it is not whole. [RFC 3261 18.3]"""
    while buffer[:2] == b"\r\n":
        buffer = buffer[2:]
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None, buffer
    m = re.search(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)", buffer[:end], re.I)
    if not m:
        raise Malformed("a stream needs Content-Length: %r" % buffer[:end])
    size = end + 4 + int(m.group(1))
    return (buffer[:size], buffer[size:]) if len(buffer) >= size else (None, buffer)
