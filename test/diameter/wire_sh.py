# SPDX-License-Identifier: Apache-2.0
"""An application server by hand: the questions of Sh, and what it is told. [TS 29.329 6.1]"""
import struct
import time

import wire
from wire import avp

NTP_1970 = 2208988800


def tbcd(digits):
    """Two digits an octet, the first one low. [TS 29.329 6.3.2]"""
    digits += "f" * (len(digits) % 2)
    return bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))


def user_identity(name):
    """A URI, the digits of an wire.MSISDN, or an external identifier as ("external", name)."""
    if isinstance(name, tuple):
        return avp(wire.USER_IDENTITY, [avp(wire.EXTERNAL_IDENTIFIER, name[1])])
    return avp(wire.USER_IDENTITY, [avp(wire.MSISDN, tbcd(name)) if name.isdigit() else avp(wire.PUBLIC_IDENTITY, name)])


def features(bits, required=False, list_id=1):
    return avp(wire.SUPPORTED_FEATURES, [avp(wire.VENDOR_ID, wire.VENDOR_3GPP), avp(wire.FEATURE_LIST_ID, list_id, flags=0x80), avp(wire.FEATURE_LIST, bits, flags=0x80)],
               flags=0xc0 if required else 0x80)


def repeat(code, values):
    return [avp(code, v) for v in ([values] if isinstance(values, (int, str)) else values or [])]


class Sh(wire.Connection):
    @staticmethod
    def application():
        return avp(wire.VENDOR_SPECIFIC_APPLICATION_ID, [avp(wire.VENDOR_ID, wire.VENDOR_3GPP), avp(wire.AUTH_APPLICATION_ID, wire.SH)])

    def build(self, command, avps, trace=None):
        return wire.message(command, self.header(trace) + avps, application=wire.SH)

    def udr(self, user, references, indications=None, server=None, sets=None, domain=None, tags=None, impi=None, more=()):
        return self.ask(self.build(wire.UDR, [user_identity(user)] + repeat(wire.SERVER_NAME, server) + repeat(wire.SERVICE_INDICATION, indications) +
                                   repeat(wire.DATA_REFERENCE, references) + repeat(wire.IDENTITY_SET, sets) + repeat(wire.REQUESTED_DOMAIN, domain) +
                                   repeat(wire.DSAI_TAG, tags) + repeat(wire.USER_NAME, impi) + list(more)))

    def build_pur(self, user, references, data, impi=None, more=()):
        return self.build(wire.PUR, [user_identity(user)] + repeat(wire.DATA_REFERENCE, references) + [avp(wire.SH_USER_DATA, data)] + repeat(wire.USER_NAME, impi) +
                          list(more))

    def pur(self, *args, **named):
        return self.ask(self.build_pur(*args, **named))

    def snr(self, user, references, indications=None, server=None, sets=None, tags=None, end=False, expiry=None, send_data=False, one_time=False,
            impi=None, more=()):
        avps = [user_identity(user)] + repeat(wire.SERVICE_INDICATION, indications) + repeat(wire.SERVER_NAME, server) + [avp(wire.SUBS_REQ_TYPE, int(end))]
        avps += repeat(wire.DATA_REFERENCE, references) + repeat(wire.IDENTITY_SET, sets) + repeat(wire.DSAI_TAG, tags) + repeat(wire.USER_NAME, impi) + list(more)
        if send_data:
            avps.append(avp(wire.SEND_DATA_INDICATION, 1, flags=0x80))
        if expiry is not None:
            avps.append(avp(wire.EXPIRY_TIME, struct.pack("!I", int(expiry) + NTP_1970 & 0xffffffff), flags=0x80))
        if one_time:
            avps.append(avp(wire.ONE_TIME_NOTIFICATION, 0))
        return self.ask(self.build(wire.SNR, avps))

    def answer(self, m, result=2001, experimental=False):
        said = avp(wire.EXPERIMENTAL_RESULT, [avp(wire.VENDOR_ID, wire.VENDOR_3GPP), avp(wire.EXPERIMENTAL_RESULT_CODE, result)]) if experimental else \
            avp(wire.RESULT_CODE, result)
        self.send(wire.message(m.command, [avp(wire.SESSION_ID, m.text(wire.SESSION_ID)), self.application(), avp(wire.AUTH_SESSION_STATE, 1), said] + self.origin(),
                          flags=wire.PROXIABLE, application=wire.SH, hop=m.hop, end=m.end))

    def told(self, result=2001, experimental=False):
        """The next wire.PNR, answered."""
        m = self.receive()
        assert m.is_request and m.command == wire.PNR and m.application == wire.SH
        self.answer(m, result, experimental)
        return m


def expiry_of(answer):
    """Expiry-Time as seconds since 1970, or None."""
    found = answer.get(wire.EXPIRY_TIME)
    return found and struct.unpack("!I", found.data)[0] - NTP_1970


def repository(indication, number, data=None):
    """The element RepositoryData; data None: to be removed."""
    inner = "" if data is None else f"<ServiceData>{data}</ServiceData>"
    return f"<RepositoryData><ServiceIndication>{indication}</ServiceIndication><SequenceNumber>{number}</SequenceNumber>{inner}</RepositoryData>"


def sh_data(inner):
    return f'<?xml version="1.0" encoding="UTF-8"?><Sh-Data>{inner}</Sh-Data>'


def now():
    return int(time.time())
