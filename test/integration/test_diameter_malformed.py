# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a message of Cx or Sh is answered with the result that RFC 6733 has for it, naming the AVP; the connection stays.
[RFC 6733 4.1, 7.1.3, 7.1.5, 7.5; TS 29.229 6.2]"""
import socket
import struct

import pytest

from hss_alone import ADDRESS, CLIENT, cx, hss, make_user, user, wire  # noqa: F401

SH, VENDOR = 16777217, 10415
ONE = "sip:scscf.ims.test"


@pytest.fixture(autouse=True)
def goes_on(cx, user):
    """Whatever was asked, on the same connection the next question is served."""
    yield
    assert cx.uar(user.impi, user.impu).result in ("cx:FIRST_REGISTRATION", "cx:SUBSEQUENT_REGISTRATION")


def body(user):
    return [wire.avp(wire.USER_NAME, user.impi), wire.avp(wire.PUBLIC_IDENTITY, user.impu), wire.avp(wire.VISITED_NETWORK_IDENTIFIER, "ims.test")]


def ask(cx, avps, command=wire.UAR, header=None, **named):
    answer = cx.ask(wire.message(command, (cx.header() if header is None else header) + avps, **named))
    assert answer.flags & wire.PROXIABLE or not named.get("flags", wire.PROXIABLE) & wire.PROXIABLE  # that of the question [RFC 6733 6.2]
    assert bool(answer.flags & wire.ERROR) == (answer.avps.get(wire.RESULT_CODE) is not None and answer.get(wire.RESULT_CODE).number // 1000 == 3)
    assert answer.text(wire.ORIGIN_HOST) == "hss.ims.test" and answer.text(wire.ORIGIN_REALM) == "ims.test"
    return answer


def mar(user, item):
    return [wire.avp(wire.USER_NAME, user.impi), wire.avp(wire.PUBLIC_IDENTITY, user.impu), wire.avp(wire.SIP_AUTH_DATA_ITEM, item),
            wire.avp(wire.SIP_NUMBER_AUTH_ITEMS, 1), wire.avp(wire.SERVER_NAME, ONE)]


# ---- 3xxx: the E bit is set [RFC 6733 7.1.3] ----

def test_an_unknown_command_and_one_of_the_other_application(cx, user):
    assert ask(cx, body(user), command=399).result == "COMMAND_UNSUPPORTED"
    assert ask(cx, body(user), application=SH).result == "COMMAND_UNSUPPORTED"
    assert ask(cx, [], command=399, header=cx.header()[1:]).result == "COMMAND_UNSUPPORTED"  # without a Session-Id


@pytest.mark.parametrize("application", [0, 4, 16777999])
def test_an_unknown_application(cx, user, application):
    assert ask(cx, body(user), application=application).result == "APPLICATION_UNSUPPORTED"
    assert ask(cx, [wire.avp(wire.DESTINATION_HOST, "hss.ims.test")] + body(user), application=application).result == "APPLICATION_UNSUPPORTED"


def test_another_realm_and_another_host(cx, user):
    assert ask(cx, [wire.avp(wire.DESTINATION_REALM, "other.test")] + body(user), header=cx.header()[:-1]).result == "REALM_NOT_SERVED"
    assert ask(cx, [wire.avp(wire.DESTINATION_HOST, "hss9.ims.test")] + body(user)).result == "UNABLE_TO_DELIVER"


def test_header_bits_that_contradict_each_other(cx, user):
    assert ask(cx, body(user), flags=wire.REQUEST | wire.PROXIABLE | wire.ERROR).result == "INVALID_HDR_BITS"
    assert ask(cx, body(user), flags=wire.REQUEST | wire.PROXIABLE | 0x0f).result == "cx:FIRST_REGISTRATION"  # reserved: ignored [RFC 6733 3]
    assert ask(cx, body(user), flags=wire.REQUEST | wire.PROXIABLE | 0x10).result == "cx:FIRST_REGISTRATION"  # sent once more


@pytest.mark.parametrize("bit", [0x01, 0x02, 0x04, 0x08, 0x10])
def test_avp_bits_that_nobody_knows(cx, user, bit):
    answer = ask(cx, body(user)[:2] + [wire.avp(wire.VISITED_NETWORK_IDENTIFIER, "ims.test", flags=0xc0 | bit)])
    assert answer.result == "INVALID_AVP_BITS" and answer.failed.code == wire.VISITED_NETWORK_IDENTIFIER
    inside = ask(cx, mar(user, [wire.avp(wire.SIP_AUTHENTICATION_SCHEME, "SIP Digest", flags=0xc0 | bit)]), command=wire.MAR)
    assert inside.result == "INVALID_AVP_BITS" and inside.failed.code == wire.SIP_AUTHENTICATION_SCHEME
    unknown = ask(cx, body(user) + [wire.avp(4711, "x", vendor=99, flags=0x80 | bit)])
    assert unknown.result == "INVALID_AVP_BITS" and (unknown.failed.code, unknown.failed.vendor) == (4711, 99)


# ---- 5001: what the M bit demands [RFC 6733 4.1, 7.5] ----

@pytest.mark.parametrize("code, vendor", [(4711, 99), (47110, 0), (4711, VENDOR)])
@pytest.mark.parametrize("data", [b"x", b"", b"some octets \0\xff of it"])
def test_an_unknown_mandatory_avp_comes_back_whole(cx, user, code, vendor, data):
    strange = wire.avp(code, data, vendor=vendor)
    for answer in (ask(cx, body(user) + [strange]), ask(cx, [strange] + body(user)),
                   ask(cx, mar(user, [wire.avp(wire.SIP_AUTHENTICATION_SCHEME, "SIP Digest"), strange]), command=wire.MAR)):
        assert answer.result == "AVP_UNSUPPORTED"
        assert (answer.failed.code, answer.failed.vendor, answer.failed.data) == (code, vendor, data)


def test_an_unknown_avp_without_the_bit_is_passed_over_also_inside_a_group(cx, user):
    strange = wire.avp(4711, "x", vendor=99, flags=0x80)
    assert ask(cx, body(user) + [strange]).result == "cx:FIRST_REGISTRATION"
    assert ask(cx, mar(user, [wire.avp(wire.SIP_AUTHENTICATION_SCHEME, "SIP Digest"), strange]), command=wire.MAR).result == "SUCCESS"


def test_an_avp_of_3gpp_without_its_vendor_is_another_one(cx, user):
    answer = ask(cx, [body(user)[0], wire.avp(wire.PUBLIC_IDENTITY, user.impu, vendor=0), body(user)[2]])
    assert answer.result == "AVP_UNSUPPORTED" and (answer.failed.code, answer.failed.vendor) == (wire.PUBLIC_IDENTITY, 0)


# ---- the other 5xxx ----

def test_a_question_without_a_realm_misses_it(cx, user):
    for more in ([], [wire.avp(wire.DESTINATION_HOST, "hss.ims.test")]):
        answer = ask(cx, more + body(user), header=cx.header()[:-1])
        assert answer.result == "MISSING_AVP" and answer.failed.code == wire.DESTINATION_REALM


def test_what_a_group_lacks_is_missed_by_name(cx, user):
    restoration = wire.avp(wire.SCSCF_RESTORATION_INFO, [wire.avp(wire.USER_NAME, user.impi)], flags=0x80)
    sar = [wire.avp(wire.USER_NAME, user.impi), wire.avp(wire.PUBLIC_IDENTITY, user.impu), wire.avp(wire.SERVER_NAME, ONE),
           wire.avp(wire.SERVER_ASSIGNMENT_TYPE, 1), wire.avp(wire.USER_DATA_ALREADY_AVAILABLE, 0)]
    answer = ask(cx, sar + [restoration], command=wire.SAR)
    assert answer.result == "MISSING_AVP" and answer.failed.code == wire.RESTORATION_INFO


@pytest.mark.parametrize("avp", [wire.avp(wire.RESULT_CODE, 2001), wire.avp(wire.FAILED_AVP, [wire.avp(wire.USER_NAME, "x")]),
                                 wire.avp(wire.EXPERIMENTAL_RESULT, [wire.avp(wire.VENDOR_ID, VENDOR), wire.avp(wire.EXPERIMENTAL_RESULT_CODE, 2001)])])
def test_what_only_answers_have_is_not_allowed(cx, user, avp):
    answer = ask(cx, body(user) + [avp])
    assert answer.result == "AVP_NOT_ALLOWED" and answer.failed.code == struct.unpack_from("!I", avp)[0]


@pytest.mark.parametrize("data", [b"", b"abc", b"abcde", b"abcdefgh"])
def test_a_number_of_a_wrong_length_inside_a_group(cx, user, data):
    answer = ask(cx, mar(user, [wire.avp(wire.SIP_ITEM_NUMBER, data)]), command=wire.MAR)
    assert answer.result == "INVALID_AVP_LENGTH" and answer.failed.code == wire.SIP_ITEM_NUMBER and len(answer.failed.data) == 4


@pytest.mark.parametrize("code, flags, vendor", [(wire.USER_NAME, 0x40, b""), (wire.PUBLIC_IDENTITY, 0xc0, struct.pack("!I", VENDOR)),
                                                 (wire.SERVER_ASSIGNMENT_TYPE, 0xc0, struct.pack("!I", VENDOR)), (4711, 0x40, b"")])
@pytest.mark.parametrize("length", [0, 7, 400, 0xffffff])
def test_an_avp_longer_than_the_message_or_shorter_than_its_header(cx, user, code, flags, vendor, length):
    """[RFC 6733 7.1.5] the offending AVP's header, and zeroes where there must be some"""
    broken = struct.pack("!II", code, flags << 24 | length) + vendor
    for rest in (b"", b"left", b"and much more that is left"):
        rest += bytes(-len(rest) % 4)
        answer = ask(cx, body(user) + [broken + rest])
        assert answer.result == "INVALID_AVP_LENGTH"
        assert (answer.failed.code, answer.failed.vendor) == (code, VENDOR if vendor else 0)
        assert answer.failed.data == bytes(4 if code == wire.SERVER_ASSIGNMENT_TYPE else 0)


def test_what_is_no_message_ends_the_connection_and_hurts_nobody_else(hss, user):
    for i, spoil in enumerate([lambda m: m.__setitem__(0, 2), lambda m: m.__setitem__(3, m[3] - 1), lambda m: m.__setitem__(1, 0x7f)]):
        c = hss.connect(f"odd{i}.ims.test")
        raw = bytearray(c.build(wire.UAR, body(user)))
        spoil(raw)
        with pytest.raises((ConnectionError, wire.Malformed)):
            c.ask(bytes(raw))


# ---- who is let in [RFC 6733 5.3] ----

def shake_hands(name, *avps):
    with socket.create_connection((ADDRESS, 3868), 5, source_address=(CLIENT.rsplit(".", 1)[0] + ".61", 0)) as s:
        s.sendall(wire.message(wire.CER, [wire.avp(wire.ORIGIN_HOST, name), wire.avp(wire.ORIGIN_REALM, "ims.test"), wire.avp(
            257, b"\x00\x01" + socket.inet_aton(CLIENT)), wire.avp(wire.VENDOR_ID, 0), wire.avp(269, "test", flags=0), *avps],
            flags=wire.REQUEST, application=0))
        return wire.read_message(s)


def test_a_peer_is_told_why_it_is_not_let_in(hss):
    cx_application = wire.Connection.application()
    for stranger in ("scscf.evil.test", "hss.ims.test", "ims.test.evil.test", "ims.test"):
        refused = shake_hands(stranger, cx_application)
        assert refused.result == "UNKNOWN_PEER" and refused.flags & wire.ERROR
    assert shake_hands("n1.ims.test", wire.avp(wire.AUTH_APPLICATION_ID, 4)).result == "NO_COMMON_APPLICATION"
    assert shake_hands("n2.ims.test").result == "NO_COMMON_APPLICATION"
    with hss.connect("n3.ims.test") as c:
        assert c.cea.result == "SUCCESS" and c.lir("sip:nobody@ims.test").result == "cx:USER_UNKNOWN"
