# SPDX-License-Identifier: Apache-2.0
"""What the later releases brought to Cx: features that are negotiated, flags, indications, and what a profile says of them.
[TS 29.229 6.3, 7; TS 29.228 6.1-6.3, B.2.1]"""
import hashlib
import struct

import pytest

from hss_alone import ADDRESS, CLIENT, cx, hss, make_user, until, user  # noqa: F401
from hss_alone import wire
from test_hss_cx import ADMINISTRATIVE, NO_ASSIGNMENT, ONE, REGISTRATION, RE_REGISTRATION, SERVICES, TWO, UNREGISTERED_USER, USER_DEREGISTRATION
from test_hss_cx import capture, dissect, register, user_data  # noqa: F401

SHARED_IFC, ALIAS_INDICATION, IMS_RESTORATION, PCSCF_RESTORATION = 1, 2, 4, 8
OURS = 15
XML = {"headers": {"Content-Type": "application/xml"}}


def features(bits, demanded=False, list_id=1, vendor=wire.VENDOR_3GPP):
    return wire.avp(wire.SUPPORTED_FEATURES, [wire.avp(wire.VENDOR_ID, vendor), wire.avp(wire.FEATURE_LIST_ID, list_id, flags=0x80),
                                              wire.avp(wire.FEATURE_LIST, bits, flags=0x80)], flags=0xc0 if demanded else 0x80)


def own(answer):
    """The features of the answer, whose AVP never has the M bit [TS 29.229 7.2.2]."""
    group = answer.get(wire.SUPPORTED_FEATURES)
    assert not group.flags & 0x40 and group.inner.get(wire.VENDOR_ID).number == wire.VENDOR_3GPP
    assert group.inner.get(wire.FEATURE_LIST_ID).number == 1
    return group.inner.get(wire.FEATURE_LIST).number


ASKS = {"UAR": lambda c, u, more: c.uar(u.impi, u.impu, more=more), "LIR": lambda c, u, more: c.lir(u.impu, more=more),
        "MAR": lambda c, u, more: c.mar(u.impi, u.impu, more=more), "SAR": lambda c, u, more: c.sar(u.impi, u.impu, REGISTRATION, more=more)}


@pytest.mark.parametrize("command", ASKS)
def test_an_answer_says_what_the_hss_supports_when_the_question_says_what_the_asker_does(cx, user, command):
    plain = ASKS[command](cx, user, [])
    assert plain.get(wire.SUPPORTED_FEATURES) is None  # nobody asked
    for more in ([features(0)], [features(IMS_RESTORATION)], [features(OURS, demanded=True)], [features(1 << 20)], [features(7, list_id=9)]):
        answer = ASKS[command](cx, user, more)
        assert own(answer) == OURS and answer.result != "cx:FEATURE_UNSUPPORTED", (command, more)


@pytest.mark.parametrize("command", ASKS)
def test_a_feature_that_is_demanded_and_not_known_is_refused(cx, command, hss):
    user = make_user(hss)
    for more in ([features(1 << 4, demanded=True)], [features(OURS | 1 << 31, demanded=True)], [features(1, demanded=True, list_id=2)],
                 [features(1, demanded=True, vendor=4711)], [features(1), features(1 << 9, demanded=True)]):
        answer = ASKS[command](cx, user, more)
        assert answer.result == "cx:FEATURE_UNSUPPORTED" and own(answer) == OURS, (command, more)
    assert cx.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"  # nothing has changed


def test_a_feature_list_that_is_incomplete_is_refused_by_name(cx, user):
    broken = wire.avp(wire.SUPPORTED_FEATURES, [wire.avp(wire.VENDOR_ID, wire.VENDOR_3GPP), wire.avp(wire.FEATURE_LIST_ID, 1, flags=0x80)], flags=0x80)
    answer = cx.uar(user.impi, user.impu, more=[broken])
    assert answer.result == "MISSING_AVP" and answer.failed.code == wire.FEATURE_LIST


# ---- shared iFC sets [TS 29.229 7.1.1, TS 29.228 B.2.2] ----

def test_shared_criteria_are_named_to_who_knows_them_and_spelt_out_to_others(hss, cx):
    hss.rest("PUT", "/v1/profiles/shared-ifc-set-12", SERVICES, **XML)
    user = make_user(hss, profile="<ServiceProfile><InitialFilterCriteria><Priority>7</Priority><ApplicationServer><ServerName>sip:own.ims.test"
                                  "</ServerName></ApplicationServer></InitialFilterCriteria><Extension><SharedIFCSetID>12</SharedIFCSetID>"
                                  "<SharedIFCSetID>13</SharedIFCSetID></Extension></ServiceProfile>")
    data = user_data(cx.sar(user.impi, user.impu, REGISTRATION, more=[features(SHARED_IFC)]))
    assert [i.text for i in data.iter("SharedIFCSetID")] == ["12", "13"]
    assert [n.text for n in data.iter("ServerName")] == ["sip:own.ims.test"]
    data = user_data(cx.sar(user.impi, user.impu, RE_REGISTRATION, more=[features(ALIAS_INDICATION)]))
    assert data.find(".//SharedIFCSetID") is None
    assert [n.text for n in data.iter("ServerName")] == ["sip:own.ims.test", "sip:as.ims.test", "sip:as2.ims.test"]


# ---- alias groups ----

def test_alias_groups_are_marked_for_who_knows_them_and_kept_apart_for_others(hss, cx):
    user = make_user(hss, identities=[{"impu": "sip:a1@alias.test", "alias_group": "a"}, {"impu": "sip:b1@alias.test", "alias_group": "b"},
                                      {"impu": "sip:a2@alias.test", "alias_group": "a"}, {"impu": "sip:none@alias.test"}])
    user.impu = "sip:a1@alias.test"

    def profiles(saa):
        return [[(i.findtext("Identity"), i.findtext(".//AliasIdentityGroupID")) for i in p.iter("PublicIdentity")]
                for p in user_data(saa).iter("ServiceProfile")]
    assert profiles(cx.sar(user.impi, user.impu, REGISTRATION, more=[features(ALIAS_INDICATION)])) == \
        [[("sip:a1@alias.test", "a"), ("sip:b1@alias.test", "b"), ("sip:a2@alias.test", "a"), ("sip:none@alias.test", None)]]
    assert profiles(cx.sar(user.impi, user.impu, RE_REGISTRATION)) == \
        [[("sip:a1@alias.test", None), ("sip:a2@alias.test", None)], [("sip:b1@alias.test", None)], [("sip:none@alias.test", None)]]


def test_what_else_a_profile_says_of_an_identity(hss, cx):
    """[TS 29.228 B.2.1] In the order and the depth of annex E: the schema is checked."""
    made = {"impu": "sip:all@extras.test", "display_name": "Zoë", "alias_group": "g", "trace": "<t/>", "priority_level": 0, "max_registrations": 3,
            "loose_route": True}
    user = make_user(hss, identities=[made, {"impu": "sip:some@extras.test", "max_registrations": 2}, {"impu": "sip:none@extras.test"}])
    assert {k: v for k, v in user.shown["identities"][0].items() if k in made} == made
    data = user_data(cx.sar(user.impi, "sip:all@extras.test", REGISTRATION, more=[features(ALIAS_INDICATION)]))
    everything, some, none = data.iter("PublicIdentity")
    assert [everything.findtext(f".//{e}") for e in ("DisplayName", "AliasIdentityGroupID", "ServiceLevelTraceInfo", "ServicePriorityLevel",
                                                     "MaxNumOfAllowedSimultRegistrations")] == ["Zoë", "g", "<t/>", "0", "3"]
    assert some.findtext(".//MaxNumOfAllowedSimultRegistrations") == "2" and none.find("Extension") is None


# ---- indications of an SAA ----

def test_a_set_that_is_reached_by_loose_routes_says_so(hss, cx):
    """Loose-Route-Indication [TS 29.229 6.3.45]"""
    user = make_user(hss, identities=[{"impu": "sip:pbx@loose.test"}, {"impu": "sip:+1555@loose.test", "loose_route": True},
                                      {"impu": "sip:plain@loose.test", "set": 2}])
    assert cx.sar(user.impi, "sip:pbx@loose.test", REGISTRATION).get(wire.LOOSE_ROUTE_INDICATION).number == 1
    assert cx.sar(user.impi, "sip:plain@loose.test", REGISTRATION).get(wire.LOOSE_ROUTE_INDICATION) is None


def test_a_privileged_sender_is_told_as_one(hss, cx, user):
    """Priviledged-Sender-Indication [TS 29.229 6.3.58]"""
    assert register(cx, user).get(wire.PRIVILEDGED_SENDER_INDICATION) is None
    gateway = make_user(hss, privileged_sender=True)
    assert gateway.shown["privileged_sender"] is True
    assert register(cx, gateway).get(wire.PRIVILEDGED_SENDER_INDICATION).number == 1
    assert "privileged_sender" not in hss.rest("PATCH", f"/v1/subscribers/{gateway.impi}", {"privileged_sender": None}).json
    assert cx.sar(gateway.impi, gateway.impu, RE_REGISTRATION).get(wire.PRIVILEDGED_SENDER_INDICATION) is None


def test_who_registered_an_identity_is_told_to_who_restores(hss, cx, user):
    """Associated-Registered-Identities [TS 29.229 6.3.50]"""
    second, third = f"phone-{user.impi}", f"pad-{user.impi}"
    for impi in (second, third):
        hss.put(impi, subscription=user.impi, identities=[{"impu": user.impu}, {"impu": user.tel}])

    def registered(saa):
        group = saa.get(wire.ASSOCIATED_REGISTERED_IDENTITIES)
        return group and sorted(group.inner.texts(wire.USER_NAME))
    more = [features(IMS_RESTORATION)]
    assert registered(cx.sar(user.impi, user.impu, REGISTRATION)) is None
    assert registered(cx.sar(user.impi, user.impu, RE_REGISTRATION, more=more)) == [user.impi]
    assert registered(cx.sar(second, user.impu, REGISTRATION, more=more)) == sorted([user.impi, second])
    assert registered(cx.sar(None, user.tel, NO_ASSIGNMENT, more=more)) == sorted([user.impi, second])


def test_the_private_identities_of_a_subscription_are_told_when_they_are_several(hss, cx, user):
    assert register(cx, user).get(wire.ASSOCIATED_IDENTITIES) is None
    hss.put(f"phone-{user.impi}", subscription=user.impi, identities=[{"impu": user.impu}])
    saa = cx.sar(user.impi, user.impu, RE_REGISTRATION)
    assert sorted(saa.inner(wire.ASSOCIATED_IDENTITIES).texts(wire.USER_NAME)) == sorted([user.impi, f"phone-{user.impi}"])


# ---- flags ----

def test_a_service_identity_that_is_routed_to_its_server_is_marked(hss, cx):
    """LIA-Flags [TS 29.229 6.3.59]"""
    make_user(hss, identities=[{"impu": "sip:direct@flag.test", "kind": "psi", "as": "sip:as.ims.test"}, {"impu": "sip:served@flag.test", "kind": "psi"}])
    assert cx.lir("sip:direct@flag.test").get(wire.LIA_FLAGS).number == 1
    assert cx.lir("sip:served@flag.test").get(wire.LIA_FLAGS) is None
    assert cx.lir("sip:direct@flag.test", originating=True).get(wire.LIA_FLAGS) is None


def failed_pcscf():
    return wire.avp(wire.FAILED_PCSCF, [wire.avp(wire.PCSCF_FQDN, "pcscf.ims.test", flags=0x80),
                                        wire.avp(wire.PCSCF_IP_ADDRESS, b"\x00\x01\x7f\x00\x00\x0b", flags=0x80),
                                        wire.avp(wire.PCSCF_IP_ADDRESS, b"\x00\x02" + bytes(15) + b"\x01", flags=0x80)], flags=0x80)


def test_a_restoration_of_the_p_cscf_finds_no_node_that_takes_part(hss, cx):
    """SAR-Flags, Failed-PCSCF [TS 29.229 6.2.2.12, 6.3.63, 6.3.78; TS 23.380 5.4]: this HSS speaks with no MME and no SGSN."""
    user = make_user(hss, profile=SERVICES)
    flag = wire.avp(wire.SAR_FLAGS, 1, flags=0x80)
    register(cx, user)
    for kind, impi in ((ADMINISTRATIVE, user.impi), (UNREGISTERED_USER, None)):
        assert cx.sar(impi, user.impu, kind, more=[flag, failed_pcscf()]).result == "cx:SERVING_NODE_FEATURE_UNSUPPORTED"
    assert cx.lir(user.impu).text(wire.SERVER_NAME) == ONE and cx.uar(user.impi, user.impu, kind=1).result == "SUCCESS"  # still registered
    assert cx.sar(user.impi, user.impu, RE_REGISTRATION, more=[flag]).result == "SUCCESS"  # the flag is of those two types only
    assert cx.sar(user.impi, user.impu, ADMINISTRATIVE, more=[wire.avp(wire.SAR_FLAGS, 2, flags=0x80), failed_pcscf()]).result == "SUCCESS"
    too_many = wire.avp(wire.FAILED_PCSCF, [wire.avp(wire.PCSCF_IP_ADDRESS, b"\x00\x01\x7f\x00\x00\x0b", flags=0x80)] * 3, flags=0x80)
    answer = cx.sar(user.impi, user.impu, REGISTRATION, more=[too_many])
    assert answer.result == "AVP_OCCURS_TOO_MANY_TIMES" and answer.failed.code == wire.PCSCF_IP_ADDRESS


@pytest.mark.parametrize("priority", range(5))
def test_a_priority_is_a_priority(cx, user, priority):
    more = [wire.avp(wire.SESSION_PRIORITY, priority, flags=0x80)]
    assert cx.sar(user.impi, user.impu, REGISTRATION, more=more).result == "SUCCESS"
    assert cx.lir(user.impu, more=more).result == "SUCCESS"


def test_a_priority_that_is_none_is_refused_by_name(cx, user):
    more = [wire.avp(wire.SESSION_PRIORITY, 5, flags=0x80)]
    for answer in (cx.sar(user.impi, user.impu, REGISTRATION, more=more), cx.lir(user.impu, more=more)):
        assert answer.result == "INVALID_AVP_VALUE" and answer.failed.code == wire.SESSION_PRIORITY


def test_who_takes_one_digest_item_finds_the_stronger_one_inside(cx, user):
    """Alternate-Digest-Algorithm, Alternate-Digest-HA1 [TS 29.229 6.3.36, 6.3.76, 6.3.77]"""
    one = cx.mar(user.impi, user.impu, items=1).all(wire.SIP_AUTH_DATA_ITEM)
    assert len(one) == 1
    digest = one[0].inner.inner(wire.SIP_DIGEST_AUTHENTICATE)
    assert digest.text(wire.DIGEST_ALGORITHM) == "MD5" and digest.text(wire.ALTERNATE_DIGEST_ALGORITHM) == "SHA-256"
    assert digest.text(wire.ALTERNATE_DIGEST_HA1) == hashlib.sha256(f"{user.impi}:ims.test:{user.password}".encode()).hexdigest()
    for item in cx.mar(user.impi, user.impu, items=2).all(wire.SIP_AUTH_DATA_ITEM):
        assert item.inner.inner(wire.SIP_DIGEST_AUTHENTICATE).get(wire.ALTERNATE_DIGEST_ALGORITHM) is None


# ---- restoration information, every AVP of it [TS 29.229 6.3.46, 6.3.49-52, 6.3.74, 6.3.75] ----

def optional(code, value):
    return wire.avp(code, value, flags=0x80)


SUBSCRIPTION = {wire.CALL_ID_SIP_HEADER: "c1@ue", wire.FROM_SIP_HEADER: "<sip:u@ims.test>;tag=f", wire.TO_SIP_HEADER: "<sip:u@ims.test>;tag=t",
                wire.RECORD_ROUTE: "<sip:pcscf.ims.test;lr>, <sip:x;lr>", wire.CONTACT: "<sip:u@127.0.0.1>"}
OF_PCSCF = {wire.CALL_ID_SIP_HEADER: "c2@p", wire.FROM_SIP_HEADER: "<sip:pcscf.ims.test>;tag=f", wire.TO_SIP_HEADER: "<sip:u@ims.test>;tag=t2",
            wire.CONTACT: "<sip:pcscf.ims.test>"}


def restoration(impi, time_out=4000000000, scheme="SIP Digest", without=None):
    info = [optional(wire.PATH, "<sip:term@pcscf.ims.test;lr>"), optional(wire.CONTACT, "<sip:u@127.0.0.1>;q=0.5"),
            optional(wire.INITIAL_CSEQ, 4294967295), optional(wire.CALL_ID_SIP_HEADER, "reg@ue"),
            optional(wire.SUBSCRIPTION_INFO, [optional(k, v) for k, v in SUBSCRIPTION.items() if k != without]),
            optional(wire.PCSCF_SUBSCRIPTION_INFO, [optional(k, v) for k, v in OF_PCSCF.items()])]
    return wire.avp(wire.SCSCF_RESTORATION_INFO, [wire.avp(wire.USER_NAME, impi), optional(wire.RESTORATION_INFO, info),
                                                  optional(wire.REGISTRATION_TIME_OUT, struct.pack("!I", time_out)),
                                                  wire.avp(wire.SIP_AUTHENTICATION_SCHEME, scheme)], flags=0x80)


def test_restoration_information_comes_back_whole(cx, user):
    cx.mar(user.impi, user.impu)
    assert cx.sar(user.impi, user.impu, REGISTRATION, more=[restoration(user.impi)]).result == "SUCCESS"
    group = cx.sar(user.impi, user.impu, NO_ASSIGNMENT).inner(wire.SCSCF_RESTORATION_INFO)
    assert group.text(wire.USER_NAME) == user.impi and group.text(wire.SIP_AUTHENTICATION_SCHEME) == "SIP Digest"
    assert group.get(wire.REGISTRATION_TIME_OUT).data == struct.pack("!I", 4000000000)
    info = group.inner(wire.RESTORATION_INFO)
    assert (info.text(wire.PATH), info.text(wire.CONTACT)) == ("<sip:term@pcscf.ims.test;lr>", "<sip:u@127.0.0.1>;q=0.5")
    assert info.get(wire.INITIAL_CSEQ).number == 4294967295 and info.text(wire.CALL_ID_SIP_HEADER) == "reg@ue"
    assert {k: info.inner(wire.SUBSCRIPTION_INFO).text(k) for k in SUBSCRIPTION} == SUBSCRIPTION
    assert {k: info.inner(wire.PCSCF_SUBSCRIPTION_INFO).text(k) for k in OF_PCSCF} == OF_PCSCF


def test_restoration_information_is_replaced_refreshed_and_removed_with_the_registration(hss, cx, user):
    """[TS 29.228 6.1.2.1] One for each private identity; a re-registration may bring a new one, and one that brings none leaves the old."""
    second = f"phone-{user.impi}"
    hss.put(second, subscription=user.impi, identities=[{"impu": user.impu}, {"impu": user.tel}])

    def schemes():
        return {g.inner.text(wire.USER_NAME): g.inner.text(wire.SIP_AUTHENTICATION_SCHEME)
                for g in cx.sar(user.impi, user.impu, NO_ASSIGNMENT).all(wire.SCSCF_RESTORATION_INFO)}
    cx.sar(user.impi, user.impu, REGISTRATION, more=[restoration(user.impi, scheme="one")])
    cx.sar(second, user.impu, REGISTRATION, more=[restoration(second, scheme="two")])
    assert schemes() == {user.impi: "one", second: "two"}
    cx.sar(user.impi, user.impu, RE_REGISTRATION, more=[restoration(user.impi, scheme="three")])
    cx.sar(second, user.impu, RE_REGISTRATION)
    assert schemes() == {user.impi: "three", second: "two"}
    cx.sar(second, user.impu, USER_DEREGISTRATION)
    assert schemes() == {user.impi: "three"}
    cx.sar(user.impi, user.impu, USER_DEREGISTRATION)
    cx.sar(user.impi, user.impu, REGISTRATION)
    assert schemes() == {}


@pytest.mark.parametrize("without", SUBSCRIPTION)
def test_restoration_information_that_lacks_a_part_is_refused_by_name(cx, user, without):
    answer = cx.sar(user.impi, user.impu, REGISTRATION, more=[restoration(user.impi, without=without)])
    assert answer.result == "MISSING_AVP" and answer.failed.code == without
    assert cx.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"


def test_restoration_information_that_is_no_text_is_refused_by_name(cx, user):
    latin = wire.avp(wire.SCSCF_RESTORATION_INFO, [wire.avp(wire.USER_NAME, user.impi), optional(wire.RESTORATION_INFO, [
        optional(wire.PATH, "<sip:p>"), optional(wire.CONTACT, b'"\xe9" <sip:u@x>')])], flags=0x80)
    answer = cx.sar(user.impi, user.impu, REGISTRATION, more=[latin])
    assert answer.result == "INVALID_AVP_VALUE" and answer.failed.code == wire.SCSCF_RESTORATION_INFO
    assert cx.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"


def test_a_successor_is_told_all_that_the_dead_one_stored(hss, cx, user):
    """[TS 23.380 4.3, 4.4]"""
    assert cx.sar(user.impi, user.impu, REGISTRATION, more=[restoration(user.impi), features(IMS_RESTORATION)]).result == "SUCCESS"
    assert cx.uar(user.impi, user.impu, kind=2, more=[features(IMS_RESTORATION)]).result == "SUCCESS"
    saa = cx.sar(user.impi, user.impu, REGISTRATION, server=TWO, multiple=1, more=[features(IMS_RESTORATION)])
    assert saa.result == "cx:IN_ASSIGNMENT_TYPE" and saa.inner(wire.SCSCF_RESTORATION_INFO).text(wire.USER_NAME) == user.impi
    assert cx.lir(user.impu).text(wire.SERVER_NAME) == TWO


def test_nothing_on_the_wire_is_malformed(cx, capture, user):
    """Last: what all tests above got, as tshark reads it. An AVP of a later release than its own is unknown to it, and no error."""
    if capture is None:
        pytest.skip("only root captures")
    cx.uar(user.impi, user.impu)
    assert until(lambda: dissect(capture, f"diameter.User-Name == \"{user.impi}\""), 10, "the capture's end")
    assert dissect(capture, f"(_ws.malformed || _ws.expert.severity == error) && !(ip.src == {CLIENT})") == ""
    assert dissect(capture, f"diameter.flags.request == 0 && ip.src == {ADDRESS}").count("\n") > 100
