# SPDX-License-Identifier: Apache-2.0
"""Diameter by hand: bytes to AVPs and back, and one TCP connection that has shaken hands. [RFC 6733 3, 4; TS 29.229 6, TS 29.329 6]

It shares nothing with common/diameter, so that the two check each other; and it can write what no library would.
"""
import itertools
import socket
import struct
import time

CX, SH, VENDOR_3GPP = 16777216, 16777217, 10415
CER, DWR, DPR, UAR, SAR, LIR, MAR, RTR, PPR = 257, 280, 282, 300, 301, 302, 303, 304, 305
UDR, PUR, SNR, PNR = 306, 307, 308, 309
REQUEST, PROXIABLE, ERROR = 0x80, 0x40, 0x20

# AVP codes: of the base protocol, of Cx
USER_NAME, DIGEST_REALM, DIGEST_QOP, DIGEST_ALGORITHM, DIGEST_HA1 = 1, 104, 110, 111, 121
AUTH_APPLICATION_ID, VENDOR_SPECIFIC_APPLICATION_ID, SESSION_ID, ORIGIN_HOST, VENDOR_ID, RESULT_CODE = 258, 260, 263, 264, 266, 268
AUTH_SESSION_STATE, FAILED_AVP, DESTINATION_REALM, DESTINATION_HOST, ORIGIN_REALM = 277, 279, 283, 293, 296
EXPERIMENTAL_RESULT, EXPERIMENTAL_RESULT_CODE = 297, 298
VISITED_NETWORK_IDENTIFIER, PUBLIC_IDENTITY, SERVER_NAME, SERVER_CAPABILITIES, MANDATORY_CAPABILITY, OPTIONAL_CAPABILITY = range(600, 606)
USER_DATA, SIP_NUMBER_AUTH_ITEMS, SIP_AUTHENTICATION_SCHEME, SIP_AUTHENTICATE, SIP_AUTHORIZATION = range(606, 611)
SIP_AUTH_DATA_ITEM, SIP_ITEM_NUMBER, SERVER_ASSIGNMENT_TYPE = 612, 613, 614
CHARGING_INFORMATION, PRIMARY_ECF, SECONDARY_ECF, PRIMARY_CCF, SECONDARY_CCF = 618, 619, 620, 621, 622
USER_AUTHORIZATION_TYPE, USER_DATA_ALREADY_AVAILABLE, CONFIDENTIALITY_KEY, INTEGRITY_KEY = 623, 624, 625, 626
ASSOCIATED_IDENTITIES, ORIGINATING_REQUEST, SIP_DIGEST_AUTHENTICATE, UAR_FLAGS = 632, 633, 635, 637
SCSCF_RESTORATION_INFO, PATH, CONTACT, CALL_ID_SIP_HEADER, MULTIPLE_REGISTRATION, RESTORATION_INFO, INITIAL_CSEQ = \
    639, 640, 641, 643, 648, 649, 654
SUPPORTED_FEATURES, FEATURE_LIST_ID, FEATURE_LIST, WILDCARDED_PUBLIC_IDENTITY, LOOSE_ROUTE_INDICATION = 628, 629, 630, 634, 638
SUBSCRIPTION_INFO, FROM_SIP_HEADER, TO_SIP_HEADER, RECORD_ROUTE, ASSOCIATED_REGISTERED_IDENTITIES = 642, 644, 645, 646, 647
SESSION_PRIORITY, IDENTITY_WITH_EMERGENCY_REGISTRATION, PRIVILEDGED_SENDER_INDICATION, LIA_FLAGS = 650, 651, 652, 653
SAR_FLAGS, RTR_FLAGS, PCSCF_SUBSCRIPTION_INFO, REGISTRATION_TIME_OUT, ALTERNATE_DIGEST_ALGORITHM, ALTERNATE_DIGEST_HA1 = \
    655, 659, 660, 661, 662, 663
FAILED_PCSCF, PCSCF_FQDN, PCSCF_IP_ADDRESS, DEREGISTRATION_REASON, REASON_CODE, REASON_INFO = 664, 665, 666, 615, 616, 617

# of Sh
WILDCARDED_PSI, WILDCARDED_IMPU = 634, 636
USER_IDENTITY, MSISDN, SH_USER_DATA, DATA_REFERENCE, SERVICE_INDICATION, SUBS_REQ_TYPE, REQUESTED_DOMAIN, CURRENT_LOCATION, IDENTITY_SET, \
    EXPIRY_TIME, SEND_DATA_INDICATION, DSAI_TAG, ONE_TIME_NOTIFICATION = range(700, 713)
REPOSITORY_DATA_ID, SEQUENCE_NUMBER, EXTERNAL_IDENTIFIER = 715, 716, 3111

GROUPS = {USER_IDENTITY, REPOSITORY_DATA_ID, VENDOR_SPECIFIC_APPLICATION_ID, FAILED_AVP, EXPERIMENTAL_RESULT, SERVER_CAPABILITIES, SIP_AUTH_DATA_ITEM,
          CHARGING_INFORMATION, ASSOCIATED_IDENTITIES, SIP_DIGEST_AUTHENTICATE, SCSCF_RESTORATION_INFO, RESTORATION_INFO, SUPPORTED_FEATURES, SUBSCRIPTION_INFO,
          ASSOCIATED_REGISTERED_IDENTITIES, IDENTITY_WITH_EMERGENCY_REGISTRATION, PCSCF_SUBSCRIPTION_INFO, FAILED_PCSCF}

BASE_RESULTS = {2001: "SUCCESS", 3001: "COMMAND_UNSUPPORTED", 3002: "UNABLE_TO_DELIVER", 3003: "REALM_NOT_SERVED", 3004: "TOO_BUSY", 3006: "REDIRECT_INDICATION",
                3007: "APPLICATION_UNSUPPORTED", 3008: "INVALID_HDR_BITS", 3009: "INVALID_AVP_BITS", 3010: "UNKNOWN_PEER",
                5001: "AVP_UNSUPPORTED", 5003: "AUTHORIZATION_REJECTED", 5004: "INVALID_AVP_VALUE", 5005: "MISSING_AVP",
                5008: "AVP_NOT_ALLOWED", 5009: "AVP_OCCURS_TOO_MANY_TIMES", 5010: "NO_COMMON_APPLICATION", 5012: "UNABLE_TO_COMPLY", 5014: "INVALID_AVP_LENGTH"}
CX_RESULTS = {2001: "FIRST_REGISTRATION", 2002: "SUBSEQUENT_REGISTRATION", 2003: "UNREGISTERED_SERVICE", 2004: "SERVER_NAME_NOT_STORED",
              5001: "USER_UNKNOWN", 5002: "IDENTITIES_DONT_MATCH", 5003: "IDENTITY_NOT_REGISTERED", 5004: "ROAMING_NOT_ALLOWED",
              5005: "IDENTITY_ALREADY_REGISTERED", 5006: "AUTH_SCHEME_NOT_SUPPORTED", 5007: "IN_ASSIGNMENT_TYPE", 5008: "TOO_MUCH_DATA", 5009: "NOT_SUPPORTED_USER_DATA",
              5011: "FEATURE_UNSUPPORTED", 5012: "SERVING_NODE_FEATURE_UNSUPPORTED"}
SH_RESULTS = {**CX_RESULTS, 4100: "USER_DATA_NOT_AVAILABLE", 4101: "PRIOR_UPDATE_IN_PROGRESS", 5011: "FEATURE_UNSUPPORTED",
              5100: "USER_DATA_NOT_RECOGNIZED", 5101: "OPERATION_NOT_ALLOWED", 5102: "USER_DATA_CANNOT_BE_READ",
              5103: "USER_DATA_CANNOT_BE_MODIFIED", 5104: "USER_DATA_CANNOT_BE_NOTIFIED", 5105: "TRANSPARENT_DATA_OUT_OF_SYNC",
              5106: "SUBS_DATA_ABSENT", 5107: "NO_SUBSCRIPTION_TO_DATA", 5108: "DSAI_NOT_AVAILABLE"}


class Malformed(Exception):
    pass


# ---- AVPs ----

def avp(code, data, vendor=None, flags=None):
    """One AVP. `data`: text, octets, a number (Unsigned32, Enumerated) or a list of AVPs."""
    if isinstance(data, str):
        data = data.encode()
    elif isinstance(data, int):
        data = struct.pack("!I", data)
    elif isinstance(data, (list, tuple)):
        data = b"".join(data)
    if vendor is None:
        vendor = VENDOR_3GPP if 600 <= code < 800 or code == EXTERNAL_IDENTIFIER else 0
    if flags is None:
        flags = 0x40 | (0x80 if vendor else 0)
    head = struct.pack("!I", code) + struct.pack("!I", flags << 24 | len(data) + (12 if flags & 0x80 else 8))
    return head + (struct.pack("!I", vendor) if flags & 0x80 else b"") + data + bytes(-len(data) % 4)


class Avp:
    def __init__(self, code, vendor, flags, data):
        self.code, self.vendor, self.flags, self.data = code, vendor, flags, data

    @property
    def number(self):
        return struct.unpack("!I", self.data)[0]

    @property
    def text(self):
        return self.data.decode()

    @property
    def inner(self):
        return Avps(self.data)

    def __repr__(self):
        return f"<AVP {self.code} {self.inner if self.code in GROUPS else self.data!r}>"


class Avps(list):
    """Those of a message or of a group; strict: a length that does not fit is Malformed."""

    def __init__(self, data):
        super().__init__()
        at = 0
        while at < len(data):
            if len(data) - at < 8:
                raise Malformed("an AVP's header is cut")
            code, word = struct.unpack_from("!II", data, at)
            flags, size = word >> 24, word & 0xffffff
            head = 12 if flags & 0x80 else 8
            if size < head or at + size > len(data):
                raise Malformed(f"AVP {code} says {size} octets")
            vendor = struct.unpack_from("!I", data, at + 8)[0] if flags & 0x80 else 0
            self.append(Avp(code, vendor, flags, data[at + head:at + size]))
            at += size + -size % 4

    def all(self, code):
        return [a for a in self if a.code == code]

    def get(self, code):
        found = self.all(code)
        if len(found) > 1:
            raise Malformed(f"AVP {code} occurs {len(found)} times")
        return found[0] if found else None

    def text(self, code):
        a = self.get(code)
        return a and a.text

    def texts(self, code):
        return [a.text for a in self.all(code)]

    def numbers(self, code):
        return [a.number for a in self.all(code)]

    def inner(self, code):
        a = self.get(code)
        return a.inner if a else Avps(b"")


# ---- messages ----

_ids = itertools.count(int(time.time()) << 8 & 0x7fffffff)


def message(command, avps, flags=REQUEST | PROXIABLE, application=CX, hop=None, end=None):
    body = b"".join(avps)
    hop = next(_ids) & 0xffffffff if hop is None else hop
    return struct.pack("!IIIII", 1 << 24 | 20 + len(body), flags << 24 | command, application, hop, hop if end is None else end) + body


class Message:
    def __init__(self, raw):
        first, second, self.application, self.hop, self.end = struct.unpack_from("!IIIII", raw)
        if first >> 24 != 1 or first & 0xffffff != len(raw) or len(raw) % 4:
            raise Malformed("a message's header")
        self.raw, self.flags, self.command = raw, second >> 24, second & 0xffffff
        self.avps = Avps(raw[20:])

    @property
    def is_request(self):
        return bool(self.flags & REQUEST)

    @property
    def result(self):
        """"SUCCESS", or "cx:FIRST_REGISTRATION", "sh:SUBS_DATA_ABSENT" for an experimental one."""
        base, experimental = self.avps.get(RESULT_CODE), self.avps.get(EXPERIMENTAL_RESULT)
        if (base is None) == (experimental is None):
            raise Malformed("neither or both of Result-Code and Experimental-Result")
        if base:
            return BASE_RESULTS.get(base.number, str(base.number))
        if experimental.inner.get(VENDOR_ID).number != VENDOR_3GPP:
            raise Malformed("an experimental result of another vendor")
        code = experimental.inner.get(EXPERIMENTAL_RESULT_CODE).number
        return "sh:" + SH_RESULTS.get(code, str(code)) if self.application == SH else "cx:" + CX_RESULTS.get(code, str(code))

    @property
    def failed(self):
        """The AVP in Failed-AVP, or None."""
        group = self.avps.get(FAILED_AVP)
        return group.inner[0] if group else None

    def __getattr__(self, name): # text(), texts(), inner() … of the message's own AVPs
        return getattr(self.avps, name)

    def __repr__(self):
        return f"<{self.command} {self.avps}>"


def read_message(sock):
    head = _read(sock, 4)
    size = struct.unpack("!I", head)[0] & 0xffffff
    return Message(head + _read(sock, size - 4))


def _read(sock, n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise ConnectionError("closed by the peer")
        data += more
    return data


# ---- a connection ----

class Connection:
    """To an HSS from `source`, under the name `identity`; answers watchdogs while it waits."""

    sessions = itertools.count(1)

    def __init__(self, address, source, identity="scscf.ims.test", realm="ims.test", port=3868, timeout=5):
        self.identity, self.realm = identity, realm
        self.source = source
        self.sock = self.open(address, port, timeout, source)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send(message(CER, self.origin() + [avp(257, b"\x00\x01" + socket.inet_aton(source)), avp(VENDOR_ID, 0),
                                                avp(269, "minims test", flags=0), avp(265, VENDOR_3GPP), self.application()],
                          flags=REQUEST, application=0))
        self.cea = read_message(self.sock)
        if self.cea.result != "SUCCESS":
            self.close()
            raise ConnectionError(f"CEA {self.cea.result}")

    def open(self, address, port, timeout, source):
        return socket.create_connection((address, port), timeout=timeout, source_address=(source, 0))

    def origin(self):
        return [avp(ORIGIN_HOST, self.identity), avp(ORIGIN_REALM, self.realm)]

    @staticmethod
    def application():
        return avp(VENDOR_SPECIFIC_APPLICATION_ID, [avp(VENDOR_ID, VENDOR_3GPP), avp(AUTH_APPLICATION_ID, CX)])

    def header(self, trace=None):
        session = f"{self.identity};{int(time.time())};{next(self.sessions)}" + (f";{trace}" if trace else "")
        return [avp(SESSION_ID, session), self.application(), avp(AUTH_SESSION_STATE, 1)] + self.origin() + \
            [avp(DESTINATION_REALM, self.realm)]

    def send(self, raw):
        self.sock.sendall(raw)

    def receive(self):
        """The next message that is no watchdog."""
        while True:
            m = read_message(self.sock)
            if m.command == DWR and m.is_request:
                self.send(message(DWR, [avp(RESULT_CODE, 2001)] + self.origin(), flags=0, application=0, hop=m.hop, end=m.end))
            elif m.command != DWR:
                return m

    def ask(self, raw):
        self.send(raw)
        while True:
            m = self.receive()
            if m.hop == struct.unpack_from("!I", raw, 12)[0]:
                return m

    def close(self):
        """As a peer does that will be back: DPR, so that the other side forgets the connection. [RFC 6733 5.4]"""
        try:
            self.send(message(DPR, self.origin() + [avp(273, 0)], flags=REQUEST, application=0))
            while read_message(self.sock).command != DPR:
                pass
        except (OSError, Malformed):
            pass
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- the questions of Cx [TS 29.229 6.1] ----

    def build(self, command, avps, trace=None):
        return message(command, self.header(trace) + avps)

    def uar(self, impi, impu, visited="ims.test", kind=None, flags=None, more=()):
        return self.ask(self.build(UAR, [avp(USER_NAME, impi), avp(PUBLIC_IDENTITY, impu), avp(VISITED_NETWORK_IDENTIFIER, visited)] +
                                   ([] if kind is None else [avp(USER_AUTHORIZATION_TYPE, kind)]) +
                                   ([] if flags is None else [avp(UAR_FLAGS, flags, flags=0x80)]) + list(more)))

    def lir(self, impu, originating=False, kind=None, more=()):
        return self.ask(self.build(LIR, [avp(PUBLIC_IDENTITY, impu)] + ([avp(ORIGINATING_REQUEST, 0)] if originating else []) +
                                   ([] if kind is None else [avp(USER_AUTHORIZATION_TYPE, kind)]) + list(more)))

    def mar(self, impi, impu, scheme="SIP Digest", server="sip:scscf.ims.test", items=1, authorization=None, more=()):
        item = [avp(SIP_AUTHENTICATION_SCHEME, scheme)] + ([avp(SIP_AUTHORIZATION, authorization)] if authorization is not None else [])
        return self.ask(self.build(MAR, [avp(USER_NAME, impi), avp(PUBLIC_IDENTITY, impu), avp(SIP_AUTH_DATA_ITEM, item),
                                         avp(SIP_NUMBER_AUTH_ITEMS, items), avp(SERVER_NAME, server), *more]))

    def build_sar(self, impi, impus, kind, server="sip:scscf.ims.test", available=0, multiple=None, restoration=None, more=()):
        """`restoration`: a list of (path, contact) pairs."""
        avps = ([avp(USER_NAME, impi)] if impi else []) + [avp(PUBLIC_IDENTITY, u) for u in ([impus] if isinstance(impus, str) else impus)]
        avps += [avp(SERVER_NAME, server), avp(SERVER_ASSIGNMENT_TYPE, kind), avp(USER_DATA_ALREADY_AVAILABLE, available)]
        if multiple is not None:
            avps.append(avp(MULTIPLE_REGISTRATION, multiple, flags=0x80))
        if restoration is not None:
            avps.append(avp(SCSCF_RESTORATION_INFO, [avp(USER_NAME, impi)] + [
                avp(RESTORATION_INFO, [avp(PATH, path, flags=0x80), avp(CONTACT, contact, flags=0x80)], flags=0x80)
                for path, contact in restoration], flags=0x80))
        return self.build(SAR, avps + list(more))

    def sar(self, *args, **named):
        return self.ask(self.build_sar(*args, **named))
