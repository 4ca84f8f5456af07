#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeded mutations of Cx and Sh messages, and those who send them: the same seed gives the same messages.

mutations(seed, n, corpus) yields n byte strings made of good messages: bits and lengths wrong, AVPs missing, doubled, moved,
foreign, nested, cut, far too long. harass() asks an HSS with them; EvilHss answers a client with them.
"""
import pathlib
import random
import socket
import struct
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "diameter"))
import wire  # noqa: E402
import wire_sh  # noqa: E402

NUMBERS = [0, 1, 2, 3, 8, 9, 14, 15, 255, 0x7fffffff, 0x80000000, 0xffffffff, wire.VENDOR_3GPP, wire.CX]
VALUES = [b"", b"\x00", b"\xff" * 4, b"%n%s", b"A" * 255, b"A" * 70000, b"sip:\x00@", b"\xc3\x28", b"tel:" + b"1" * 4000, b"'; DROP TABLE subscription;--",
          bytes(3), bytes(5), b"<" * 100]


def pad(data):
    return data + bytes(-len(data) % 4)


def framed(raw):
    """With the length that it has."""
    raw = pad(raw)
    return raw[:1] + struct.pack("!I", len(raw) & 0xffffff)[1:] + raw[4:]


def pieces(raw):
    """Header, and each AVP as its octets."""
    avps, at = [], 20
    while at + 8 <= len(raw):
        size = struct.unpack_from("!I", raw, at + 4)[0] & 0xffffff
        size = max(8, size + -size % 4)
        avps.append(raw[at:at + size])
        at += size
    return raw[:20], avps


def build(head, avps):
    return framed(head + b"".join(avps))


def _one(r, avps):
    return r.randrange(len(avps)) if avps else None


# ---- mutators: (random, message, corpus) -> message ----

def flip(r, raw, corpus):
    b = bytearray(raw)
    for _ in range(r.choice([1, 1, 2, 5])):
        b[r.randrange(4, len(b))] ^= 1 << r.randrange(8)
    return bytes(b)


def message_length(r, raw, corpus):
    return raw[:1] + struct.pack("!I", r.choice([0, 4, 19, 20, 21, len(raw) - 4, len(raw) + 4, 0xffffff]))[1:] + raw[4:]


def avp_length(r, raw, corpus):
    head, avps = pieces(raw)
    i = _one(r, avps)
    word = struct.unpack_from("!I", avps[i], 4)[0]
    size = r.choice([0, 1, 7, 8, 11, 12, 13, (word & 0xffffff) + r.choice([-4, -1, 1, 4, 100]), 0xffffff, len(raw)])
    avps[i] = avps[i][:4] + struct.pack("!I", word & 0xff000000 | size & 0xffffff) + avps[i][8:]
    return build(head, avps)


def drop(r, raw, corpus):
    head, avps = pieces(raw)
    del avps[_one(r, avps)]
    return build(head, avps)


def double(r, raw, corpus):
    head, avps = pieces(raw)
    i = _one(r, avps)
    return build(head, avps[:i] + [avps[i]] * r.choice([2, 2, 3, 17, 40]) + avps[i + 1:])


def shuffle(r, raw, corpus):
    head, avps = pieces(raw)
    r.shuffle(avps)
    return build(head, avps)


def graft(r, raw, corpus):
    head, avps = pieces(raw)
    avps.insert(r.randrange(len(avps) + 1), r.choice(pieces(r.choice(corpus))[1]))
    return build(head, avps)


def vendor(r, raw, corpus):
    head, avps = pieces(raw)
    i = _one(r, avps)
    code, word = struct.unpack_from("!II", avps[i])
    body = avps[i][12 if word >> 24 & 0x80 else 8:]
    avps[i] = wire.avp(code, body, vendor=r.choice([0, 1, 10415, 10416, 0xffffffff]), flags=r.choice([0x40, 0x80, 0xc0, 0xff, 0x20, 0]))
    return build(head, avps)


def foreign(r, raw, corpus):
    head, avps = pieces(raw)
    avps.insert(r.randrange(len(avps) + 1), wire.avp(r.choice([0, 4711, 0xffffffff, 257, 444]), r.choice(VALUES[:5]), vendor=r.choice([0, 99]),
                                                     flags=r.choice([0x40, 0xc0, 0x80, 0])))
    return build(head, avps)


def value(r, raw, corpus):
    head, avps = pieces(raw)
    i = _one(r, avps)
    code, word = struct.unpack_from("!II", avps[i])
    maker = struct.unpack_from("!I", avps[i], 8)[0] if word >> 24 & 0x80 and len(avps[i]) >= 12 else 0
    data = r.choice(NUMBERS) if r.random() < 0.4 else r.choice(VALUES)
    avps[i] = wire.avp(code, data, vendor=maker, flags=word >> 24)
    return build(head, avps)


def cut(r, raw, corpus):
    return framed(raw[:r.randrange(20, len(raw))])


def cut_open(r, raw, corpus):
    """The rest never comes."""
    return raw[:r.randrange(1, len(raw))]


def oversize(r, raw, corpus):
    head, avps = pieces(raw)
    avps.append(wire.avp(r.choice([wire.PUBLIC_IDENTITY, wire.USER_NAME, 4711]), b"A" * r.choice([60000, 190000, 260000]), flags=r.choice([0x80, 0xc0])))
    return build(head, avps)


def many(r, raw, corpus):
    head, avps = pieces(raw)
    return build(head, avps + [wire.avp(wire.PUBLIC_IDENTITY, f"sip:{i}@ims.test") for i in range(r.choice([17, 300, 3000]))])


def nest(r, raw, corpus):
    inner = r.choice(pieces(raw)[1])
    code = r.choice(sorted(wire.GROUPS))
    for _ in range(r.choice([1, 2, 30, 300])):
        inner = wire.avp(code, inner)
    head, avps = pieces(raw)
    avps[_one(r, avps)] = inner
    return build(head, avps)


def inside(r, raw, corpus):
    """A mutation of what a group holds."""
    head, avps = pieces(raw)
    groups = [i for i, a in enumerate(avps) if struct.unpack_from("!I", a)[0] in wire.GROUPS and len(a) > 20]
    if not groups:
        return flip(r, raw, corpus)
    i = r.choice(groups)
    code, word = struct.unpack_from("!II", avps[i])
    start = 12 if word >> 24 & 0x80 else 8
    body = r.choice([drop, double, value, vendor, foreign, avp_length, cut])(r, bytes(20) + avps[i][start:], corpus)[20:]
    avps[i] = avps[i][:4] + struct.pack("!I", word & 0xff000000 | start + len(body)) + avps[i][8:start] + body
    return build(head, avps)


def header(r, raw, corpus):
    b = bytearray(raw)
    which = r.randrange(4)
    if which == 0:
        b[4] = r.randrange(256)
    elif which == 1:
        b[5:8] = struct.pack("!I", r.choice([0, 257, 280, 271, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 0xffffff]))[1:]
    elif which == 2:
        b[8:12] = struct.pack("!I", r.choice(NUMBERS))
    else:
        b[0] = r.choice([0, 2, 255])
    return bytes(b)


MUTATORS = [flip, flip, message_length, avp_length, avp_length, drop, double, shuffle, graft, vendor, foreign, value, value, value, cut, cut_open,
            oversize, many, nest, inside, inside, inside, header]


def mutations(seed, n, corpus, mutators=MUTATORS):
    r = random.Random(seed)
    for _ in range(n):
        raw = r.choice(corpus)
        for _ in range(r.choice([1, 1, 1, 2, 3])):
            raw = r.choice(mutators)(r, raw, corpus)
            if len(raw) < 40 or not pieces(raw)[1]:
                break
        yield raw


# ---- against an HSS ----

def corpus_of(c, impi, impu, aka):
    """Good requests of every kind; c is a connection, aka the private identity of an AKA user."""
    item = [wire.avp(wire.SIP_AUTHENTICATION_SCHEME, "SIP Digest")]
    resynchronisation = [wire.avp(wire.SIP_AUTHENTICATION_SCHEME, "Digest-AKAv1-MD5"), wire.avp(wire.SIP_AUTHORIZATION, bytes(range(30)))]
    name, identity, server = wire.avp(wire.USER_NAME, impi), wire.avp(wire.PUBLIC_IDENTITY, impu), wire.avp(wire.SERVER_NAME, "sip:scscf.ims.test")
    return [c.build(wire.UAR, [name, identity, wire.avp(wire.VISITED_NETWORK_IDENTIFIER, "ims.test"), wire.avp(wire.USER_AUTHORIZATION_TYPE, 0),
                               wire.avp(wire.UAR_FLAGS, 1, flags=0x80)]),
            c.build(wire.LIR, [identity, wire.avp(wire.ORIGINATING_REQUEST, 0)]),
            c.build(wire.MAR, [name, identity, wire.avp(wire.SIP_AUTH_DATA_ITEM, item), wire.avp(wire.SIP_NUMBER_AUTH_ITEMS, 1), server]),
            c.build(wire.MAR, [wire.avp(wire.USER_NAME, aka), wire.avp(wire.PUBLIC_IDENTITY, f"sip:{aka}"),
                               wire.avp(wire.SIP_AUTH_DATA_ITEM, resynchronisation), wire.avp(wire.SIP_NUMBER_AUTH_ITEMS, 5), server]),
            c.build_sar(impi, impu, 1, multiple=1, restoration=[("<sip:a;lr>", "<sip:b>"), ("<sip:c;lr>", "<sip:d>")]),
            c.build_sar(impi, [impu, impu], 5), c.build_sar(None, impu, 3), c.build_sar(impi, impu, 0),
            wire.message(wire.DWR, c.origin(), flags=wire.REQUEST, application=0),
            wire.message(wire.DPR, c.origin() + [wire.avp(273, 1)], flags=wire.REQUEST, application=0)]


def sh_corpus_of(c, impu):
    """The same of Sh."""
    sh = object.__new__(wire_sh.Sh)
    sh.identity, sh.realm = c.identity, c.realm
    user, feature = wire_sh.user_identity(impu), wire_sh.features(7)
    document = wire_sh.sh_data(wire_sh.repository("fuzz", 0, "<a>b</a>"))
    subscribe = [wire.avp(wire.SUBS_REQ_TYPE, 0), wire.avp(wire.DATA_REFERENCE, 11), wire.avp(wire.DATA_REFERENCE, 10), wire.avp(wire.IDENTITY_SET, 2),
                 wire.avp(wire.EXPIRY_TIME, b"\xff" * 4, flags=0x80), wire.avp(wire.SEND_DATA_INDICATION, 1, flags=0x80)]
    return [sh.build(wire.UDR, [user, feature] + [wire.avp(wire.DATA_REFERENCE, d) for d in (0, 10, 11, 12, 13, 15, 16, 17, 33)] +
                     [wire.avp(wire.SERVICE_INDICATION, "fuzz"), wire.avp(wire.SERVER_NAME, "sip:as.ims.test"), wire.avp(wire.REQUESTED_DOMAIN, 0)]),
            sh.build(wire.UDR, [wire_sh.user_identity("15550001"), wire.avp(wire.DATA_REFERENCE, 17)]),
            sh.build_pur(impu, 0, document), sh.build_pur(impu, 0, document, more=[feature]), sh.build(wire.SNR, [user, feature] + subscribe),
            sh.build(wire.SNR, [user, wire.avp(wire.SUBS_REQ_TYPE, 1), wire.avp(wire.DATA_REFERENCE, 11)]),
            sh.build(wire.PNR, [user, wire.avp(wire.SH_USER_DATA, document)])]


def harass(address, source, users, seed, n, every=16, progress=None):
    """Sends n mutants; after every few a good LIR must be answered, on this connection or, when it was closed, on a new one.
    `users`: (impi, impu, aka impi). How often it was closed."""
    impi, impu, aka = users
    life = iter(range(1 << 30))
    closed = 0

    def connect():
        return wire.Connection(address, source, f"fuzz{seed}-{next(life)}.ims.test")
    c = connect()
    corpus = corpus_of(c, impi, impu, aka) + sh_corpus_of(c, impu)
    for i, raw in enumerate(mutations(seed, n, corpus), 1):
        try:
            c.send(raw)
            if len(raw) < 4 or struct.unpack_from("!I", raw)[0] & 0xffffff != len(raw):
                raise ConnectionError("what comes next would be taken for its rest")
            if i % every == 0 or i == n:
                c.lir(impu)
        except (OSError, wire.Malformed):
            closed += 1
            c.sock.close()
            c = connect()
            c.lir(impu)
        if progress and i % progress == 0:
            print(f"  diameter {i}/{n} closed={closed}", flush=True)
    c.close()
    return closed


# ---- against a client ----

class EvilHss(threading.Thread):
    """Connects to a client as its HSS and answers each question with a mutant, except those whose id it is told to spare: `good`
    questions, counted from the last. Ends with stop()."""

    FRAMED = [m for m in MUTATORS if m not in (message_length, cut_open, oversize)] + [oversize]

    def __init__(self, address, source, seed):
        super().__init__(daemon=True)
        self.address, self.source, self.random, self.spare, self.answered, self.ended = address, source, random.Random(seed), False, 0, False
        self.sock = None

    def origin(self):
        return [wire.avp(wire.ORIGIN_HOST, "hss.ims.test"), wire.avp(wire.ORIGIN_REALM, "ims.test")]

    def answer(self, q):
        body = [wire.avp(wire.SESSION_ID, q.avps.get(wire.SESSION_ID).data), wire.Connection.application(),
                wire.avp(wire.AUTH_SESSION_STATE, 1)] + self.origin()
        experimental = wire.avp(wire.EXPERIMENTAL_RESULT, [wire.avp(wire.VENDOR_ID, wire.VENDOR_3GPP), wire.avp(wire.EXPERIMENTAL_RESULT_CODE, 2001)])
        success = wire.avp(wire.RESULT_CODE, 2001)
        digest = wire.avp(wire.SIP_DIGEST_AUTHENTICATE, [wire.avp(wire.DIGEST_REALM, "ims.test"), wire.avp(wire.DIGEST_HA1, "0" * 32)], flags=0x80)
        item = wire.avp(wire.SIP_AUTH_DATA_ITEM, [wire.avp(wire.SIP_ITEM_NUMBER, 1), wire.avp(wire.SIP_AUTHENTICATION_SCHEME, "SIP Digest"), digest])
        kinds = {wire.UAR: [experimental, wire.avp(wire.SERVER_CAPABILITIES, [wire.avp(wire.MANDATORY_CAPABILITY, 1), wire.avp(wire.OPTIONAL_CAPABILITY, 2)])],
                 wire.LIR: [success, wire.avp(wire.SERVER_NAME, "sip:scscf.ims.test")],
                 wire.MAR: [success, wire.avp(wire.USER_NAME, "a@ims.test"), wire.avp(wire.SIP_NUMBER_AUTH_ITEMS, 2), item, item],
                 wire.SAR: [success, wire.avp(wire.USER_NAME, "a@ims.test"), wire.avp(wire.USER_DATA, "<IMSSubscription/>"),
                            wire.avp(wire.CHARGING_INFORMATION, [wire.avp(wire.PRIMARY_CCF, "aaa://ccf.ims.test")])]}
        return wire.message(q.command, body + kinds[q.command], flags=wire.PROXIABLE, hop=q.hop, end=q.end)

    def serve(self, sock):
        sock.sendall(wire.message(wire.CER, self.origin() + [wire.avp(257, b"\x00\x01" + socket.inet_aton(self.source)), wire.avp(wire.VENDOR_ID, 0),
                                                             wire.avp(269, "evil", flags=0), wire.avp(265, wire.VENDOR_3GPP), wire.Connection.application()],
                                  flags=wire.REQUEST, application=0))
        wire.read_message(sock)
        while not self.ended:
            q = wire.read_message(sock)
            if not q.is_request:
                continue
            if q.application == 0:
                sock.sendall(wire.message(q.command, [wire.avp(wire.RESULT_CODE, 2001)] + self.origin(), flags=0, application=0, hop=q.hop, end=q.end))
                continue
            good = self.answer(q)
            self.answered += 1
            if self.spare:
                sock.sendall(good)
                continue
            for raw in mutations(self.random.random(), 1, [good], self.FRAMED):
                sock.sendall(raw)

    def run(self):
        while not self.ended:
            try:
                self.sock = socket.create_connection((self.address, 3868), timeout=5, source_address=(self.source, 0))
                self.serve(self.sock)
            except (OSError, wire.Malformed, AttributeError):
                pass
            finally:
                if self.sock:
                    self.sock.close()

    def stop(self):
        self.ended = True
        if self.sock:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.join(10)
