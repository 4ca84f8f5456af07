# SPDX-License-Identifier: Apache-2.0
"""The four procedures of Cx, as a CSCF sees them on the wire. [TS 29.228 6.1.1, 6.1.2, 6.1.4, 6.3; TS 29.229 6]"""
import hashlib
import os
import pathlib
import socket
import subprocess
import time
import xml.etree.ElementTree as xml

import pytest

from hss_alone import ADDRESS, CLIENT, cx, hss, make_user, until, user  # noqa: F401
from hss_alone import wire
from usim import Usim

pytestmark = pytest.mark.store("sqlite", "postgresql")

NO_ASSIGNMENT, REGISTRATION, RE_REGISTRATION, UNREGISTERED_USER, TIMEOUT_DEREGISTRATION, USER_DEREGISTRATION, TIMEOUT_STORE, USER_STORE, \
    ADMINISTRATIVE, AUTHENTICATION_FAILURE, AUTHENTICATION_TIMEOUT, TOO_MUCH_DATA, AAA_USER_DATA, PGW_UPDATE, RESTORATION = range(15)
ONE, TWO = "sip:scscf.ims.test", "sip:scscf2.ims.test"
DEREGISTRATIONS = [TIMEOUT_DEREGISTRATION, USER_DEREGISTRATION, ADMINISTRATIVE, TOO_MUCH_DATA]
SCHEMA = pathlib.Path(__file__).with_name("user_data.xsd")

SERVICES = """<ServiceProfile>
  <InitialFilterCriteria><Priority>0</Priority>
    <TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF>
      <SPT><ConditionNegated>0</ConditionNegated><Group>0</Group><Method>INVITE</Method></SPT>
      <SPT><ConditionNegated>1</ConditionNegated><Group>1</Group><SIPHeader><Header>From</Header><Content>.*"joe &amp; &lt;co&gt;"</Content></SIPHeader></SPT>
      <SPT><Group>0</Group><Group>2</Group><SessionCase>2</SessionCase></SPT>
      <SPT><Group>2</Group><SessionDescription><Line>m</Line><Content>video</Content></SessionDescription></SPT>
      <SPT><Group>3</Group><Method>REGISTER</Method><Extension><RegistrationType>0</RegistrationType><RegistrationType>2</RegistrationType></Extension></SPT>
    </TriggerPoint>
    <ApplicationServer><ServerName>sip:as.ims.test</ServerName><DefaultHandling>1</DefaultHandling><ServiceInfo>a&lt;b</ServiceInfo>
      <Extension><IncludeRegisterRequest/><IncludeRegisterResponse/></Extension></ApplicationServer>
    <ProfilePartIndicator>1</ProfilePartIndicator>
  </InitialFilterCriteria>
  <InitialFilterCriteria><Priority>1</Priority><ApplicationServer><ServerName>sip:as2.ims.test</ServerName></ApplicationServer></InitialFilterCriteria>
</ServiceProfile>"""


@pytest.fixture(scope="module", autouse=True)
def capture(tmp_path_factory):
    """All Diameter of this module; at its end tshark must find nothing malformed in it."""
    if os.geteuid():
        yield None
        return
    path = tmp_path_factory.mktemp("capture") / "cx.pcapng"
    dumpcap = subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-f", f"host {ADDRESS} and tcp port 3868", "-w", path],
                               stderr=subprocess.PIPE, text=True)
    for line in dumpcap.stderr:
        if line.startswith("File:"):
            break
    yield path
    dumpcap.terminate()
    dumpcap.wait(10)


def user_data(saa):
    """The document of an SAA: valid, and parsed."""
    document = saa.get(wire.USER_DATA).data
    checked = subprocess.run(["xmllint", "--noout", "--schema", SCHEMA, "-"], input=document, capture_output=True)
    assert checked.returncode == 0, (checked.stderr.decode(), document)
    return xml.fromstring(document)


def register(cx, user, server=ONE, **named):
    assert cx.mar(user.impi, user.impu, server=server).result == "SUCCESS"
    saa = cx.sar(user.impi, user.impu, REGISTRATION, server=server, **named)
    assert saa.result == "SUCCESS"
    return saa


def capabilities(answer):
    c = answer.inner(wire.SERVER_CAPABILITIES)
    return c.numbers(wire.MANDATORY_CAPABILITY), c.numbers(wire.OPTIONAL_CAPABILITY), c.texts(wire.SERVER_NAME)


# ---- UAR [TS 29.228 6.1.1] ----

def test_uar_of_a_new_user_gives_the_capabilities(hss, cx):
    user = make_user(hss, capabilities={"mandatory": [1, 2], "optional": [7], "servers": [TWO]})
    uaa = cx.uar(user.impi, user.impu)
    assert uaa.result == "cx:FIRST_REGISTRATION" and uaa.get(wire.SERVER_NAME) is None
    assert capabilities(uaa) == ([1, 2], [7], [TWO])
    assert uaa.get(wire.AUTH_SESSION_STATE).number == 1 and uaa.text(wire.ORIGIN_HOST) == "hss.ims.test"
    assert not uaa.is_request and not uaa.flags & wire.ERROR and uaa.flags & wire.PROXIABLE
    application = uaa.inner(wire.VENDOR_SPECIFIC_APPLICATION_ID)
    assert application.numbers(wire.VENDOR_ID) == [wire.VENDOR_3GPP] and application.numbers(wire.AUTH_APPLICATION_ID) == [wire.CX]


def test_uar_while_authentication_is_pending_gives_the_server_that_asked(cx, user):
    cx.mar(user.impi, user.impu)
    uaa = cx.uar(user.impi, user.impu)
    assert (uaa.result, uaa.text(wire.SERVER_NAME)) == ("cx:SUBSEQUENT_REGISTRATION", ONE)
    assert uaa.get(wire.SERVER_CAPABILITIES) is None


def test_uar_of_a_registered_user_gives_the_server_for_every_identity_of_the_subscription(hss, cx):
    user = make_user(hss)
    other = f"sip:other-{user.impi}"
    hss.put(user.impi, identities=[{"impu": user.impu}, {"impu": user.tel}, {"impu": other, "set": 2}])
    register(cx, user)
    for impu in (user.impu, user.tel, other):
        uaa = cx.uar(user.impi, impu)
        assert (uaa.result, uaa.text(wire.SERVER_NAME)) == ("cx:SUBSEQUENT_REGISTRATION", ONE)


def test_uar_of_strangers(hss, cx, user):
    other = make_user(hss)
    assert cx.uar("nobody@ims.test", user.impu).result == "cx:USER_UNKNOWN"
    assert cx.uar(user.impi, "sip:nobody@ims.test").result == "cx:USER_UNKNOWN"
    assert cx.uar(user.impi, other.impu).result == "cx:IDENTITIES_DONT_MATCH"


def test_uar_finds_an_identity_however_it_is_written(hss, cx):
    user = make_user(hss, identities=[{"impu": "sip:+1-555-77@IMS.test;user=phone"}, {"impu": "tel:+1(555)78"}])
    for impu in ("sip:+155577@ims.test", "sip:%2b155577@Ims.Test:5060", "tel:+1-555-78"):
        assert cx.uar(user.impi, impu).result == "cx:FIRST_REGISTRATION", impu


def test_uar_of_a_barred_identity_needs_another_in_its_set(hss, cx):
    user = make_user(hss, identities=[{"impu": "sip:barred1@ims.test", "barred": True},
                                      {"impu": "sip:barred2@ims.test", "barred": True, "set": 2}, {"impu": "sip:free@ims.test", "set": 2}])
    assert cx.uar(user.impi, "sip:barred1@ims.test").result == "AUTHORIZATION_REJECTED"
    assert cx.uar(user.impi, "sip:barred1@ims.test", flags=1).result == "cx:FIRST_REGISTRATION"  # an emergency
    assert cx.uar(user.impi, "sip:barred2@ims.test").result == "cx:FIRST_REGISTRATION"


def test_uar_from_where_the_subscription_may_not_roam(hss, cx):
    user = make_user(hss, visited_networks=["ims.test", "friends.test"])
    assert cx.uar(user.impi, user.impu, visited="friends.test").result == "cx:FIRST_REGISTRATION"
    assert cx.uar(user.impi, user.impu, visited="strangers.test").result == "cx:ROAMING_NOT_ALLOWED"
    assert cx.uar(user.impi, user.impu, visited="strangers.test", kind=2).result == "cx:ROAMING_NOT_ALLOWED"
    assert cx.uar(user.impi, user.impu, visited="strangers.test", flags=1).result == "cx:FIRST_REGISTRATION"
    register(cx, user)
    assert cx.uar(user.impi, user.impu, visited="strangers.test", kind=1).result == "SUCCESS"  # a de-registration


def test_uar_to_deregister(hss, cx):
    user = make_user(hss, identities=[{"impu": "sip:d1@ims.test"}, {"impu": "sip:d2@ims.test", "set": 2}])
    user.impu = "sip:d1@ims.test"
    assert cx.uar(user.impi, user.impu, kind=1).result == "cx:IDENTITY_NOT_REGISTERED"
    register(cx, user)
    uaa = cx.uar(user.impi, user.impu, kind=1)
    assert (uaa.result, uaa.text(wire.SERVER_NAME)) == ("SUCCESS", ONE)
    assert cx.uar(user.impi, "sip:d2@ims.test", kind=1).result == "cx:IDENTITY_NOT_REGISTERED"


def test_uar_for_capabilities_lets_another_server_take_over(hss, cx):
    user = make_user(hss, capabilities=[3])
    register(cx, user)
    assert cx.sar(user.impi, user.impu, REGISTRATION, server=TWO).result == "cx:IDENTITY_ALREADY_REGISTERED"
    uaa = cx.uar(user.impi, user.impu, kind=2)
    assert uaa.result == "SUCCESS" and uaa.get(wire.SERVER_NAME) is None and capabilities(uaa) == ([3], [], [])
    assert cx.sar(user.impi, user.impu, REGISTRATION, server=TWO).result == "SUCCESS"
    assert cx.uar(user.impi, user.impu).text(wire.SERVER_NAME) == TWO
    assert cx.sar(user.impi, user.impu, REGISTRATION, server=ONE).result == "cx:IDENTITY_ALREADY_REGISTERED"  # once only


def test_uar_of_a_service_identity_is_of_no_user(hss, cx):
    user = make_user(hss, identities=[{"impu": "sip:desk@ims.test", "kind": "psi"}])
    assert cx.uar(user.impi, "sip:desk@ims.test").result == "cx:USER_UNKNOWN"


# ---- MAR [TS 29.228 6.3] ----

def ha1(algorithm, user):
    return hashlib.new(algorithm, f"{user.impi}:ims.test:{user.password}".encode()).hexdigest()


@pytest.mark.parametrize("scheme", ["SIP Digest", "Unknown"])
def test_mar_of_digest_gives_an_item_for_each_algorithm_sha_256_first(cx, user, scheme):
    maa = cx.mar(user.impi, user.impu, scheme, items=2)
    assert maa.result == "SUCCESS" and maa.numbers(wire.SIP_NUMBER_AUTH_ITEMS) == [2]
    assert (maa.text(wire.USER_NAME), maa.text(wire.PUBLIC_IDENTITY)) == (user.impi, user.impu)
    items = [a.inner for a in maa.all(wire.SIP_AUTH_DATA_ITEM)]
    assert [i.get(wire.SIP_ITEM_NUMBER).number for i in items] == [1, 2]
    assert {i.text(wire.SIP_AUTHENTICATION_SCHEME) for i in items} == {"SIP Digest"}
    digests = [i.inner(wire.SIP_DIGEST_AUTHENTICATE) for i in items]
    assert [(d.text(wire.DIGEST_ALGORITHM), d.text(wire.DIGEST_HA1)) for d in digests] == \
        [("SHA-256", ha1("sha256", user)), ("MD5", ha1("md5", user))]
    assert {(d.text(wire.DIGEST_REALM), d.text(wire.DIGEST_QOP)) for d in digests} == {("ims.test", "auth")}


def test_mar_of_digest_for_one_item_gives_that_of_md5(cx, user):
    """Kamailio's S-CSCF takes each item for a vector of MD5. [TS 29.229 6.3.8]"""
    maa = cx.mar(user.impi, user.impu, items=1)
    digests = [a.inner.inner(wire.SIP_DIGEST_AUTHENTICATE) for a in maa.all(wire.SIP_AUTH_DATA_ITEM)]
    assert [(d.text(wire.DIGEST_ALGORITHM), d.text(wire.DIGEST_HA1)) for d in digests] == [("MD5", ha1("md5", user))]
    assert maa.numbers(wire.SIP_NUMBER_AUTH_ITEMS) == [1]


def test_mar_gives_the_one_item_that_was_provisioned(hss, cx):
    user = make_user(hss, credentials={"scheme": "digest", "ha1": {"MD5": "A" * 32}})
    items = cx.mar(user.impi, user.impu).all(wire.SIP_AUTH_DATA_ITEM)
    assert [i.inner.inner(wire.SIP_DIGEST_AUTHENTICATE).text(wire.DIGEST_HA1) for i in items] == ["a" * 32]


class AkaUser:
    def __init__(self, hss, **credentials):
        self.usim = Usim(os.urandom(16), op=hashlib.sha256(b"OP:ims.test").digest()[:16])
        self.user = make_user(hss, credentials={"scheme": "aka", "k": self.usim.k.hex(), "opc": self.usim.opc.hex(), "amf": "8000",
                                                **credentials})
        self.impi, self.impu = self.user.impi, self.user.impu

    def vectors(self, maa):
        assert maa.result == "SUCCESS"
        items = [a.inner for a in maa.all(wire.SIP_AUTH_DATA_ITEM)]
        assert maa.numbers(wire.SIP_NUMBER_AUTH_ITEMS) == [len(items)]
        assert {i.text(wire.SIP_AUTHENTICATION_SCHEME) for i in items} == {"Digest-AKAv1-MD5"}
        assert [i.get(wire.SIP_ITEM_NUMBER).number for i in items] == list(range(1, len(items) + 1))
        return [tuple(i.get(c).data for c in (wire.SIP_AUTHENTICATE, wire.SIP_AUTHORIZATION, wire.CONFIDENTIALITY_KEY, wire.INTEGRITY_KEY))
                for i in items]

    def ask(self, cx, items=1, **named):
        return self.vectors(cx.mar(self.impi, self.impu, "Digest-AKAv1-MD5", items=items, **named))


def test_mar_of_aka_gives_vectors_that_a_usim_accepts_each_sequence_number_higher(hss, cx):
    user = AkaUser(hss, sqn=64)
    assert len(user.ask(cx, 3)) == 3
    vectors = [v for _ in range(4) for v in user.ask(cx, 5)]
    sqns = user.usim.check(vectors)
    assert all(a >> 5 < b >> 5 for a, b in zip(sqns, sqns[1:])) and sqns[0] >> 5 > 64 >> 5
    assert len({v[0][:16] for v in vectors}) == len(vectors)  # RAND


def test_mar_of_aka_with_op_is_that_with_opc(hss, cx):
    user = AkaUser(hss)
    hss.put(user.impi, credentials={"scheme": "aka", "k": user.usim.k.hex(), "op": hashlib.sha256(b"OP:ims.test").digest()[:16].hex()})
    user.usim.check(user.ask(cx))


def test_mar_with_auts_continues_above_the_usims_number(hss, cx):
    user = AkaUser(hss)
    first = user.ask(cx)[0]
    ahead = (1 << 30) + 5
    sqns = user.usim.check(user.ask(cx, 2, authorization=user.usim.resynchronise(first[0][:16], ahead)))
    assert ahead >> 5 < sqns[0] >> 5 < sqns[1] >> 5
    behind = user.usim.check(user.ask(cx, authorization=user.usim.resynchronise(first[0][:16], 32)))  # replayed
    assert behind[0] > sqns[1]


def test_mar_with_a_forged_auts_moves_nothing(hss, cx):
    user = AkaUser(hss)
    first = user.ask(cx)[0]
    auts = bytearray(user.usim.resynchronise(first[0][:16], 1 << 46))
    auts[-1] ^= 1
    assert cx.mar(user.impi, user.impu, "Digest-AKAv1-MD5", authorization=bytes(auts)).result == "UNABLE_TO_COMPLY"
    sqn = user.usim.check(user.ask(cx))[0]
    assert sqn >> 5 < 100
    short = cx.mar(user.impi, user.impu, "Digest-AKAv1-MD5", authorization=bytes(auts[:20]))
    assert short.result == "INVALID_AVP_VALUE" and short.failed.code == wire.SIP_AUTH_DATA_ITEM


def test_mar_with_auts_is_for_the_server_that_has_the_challenge(hss, cx):
    user = AkaUser(hss)
    auts = user.usim.resynchronise(user.ask(cx)[0][0][:16], 1 << 20)
    assert cx.mar(user.impi, user.impu, "Digest-AKAv1-MD5", server=TWO, authorization=auts).result == "UNABLE_TO_COMPLY"
    assert cx.uar(user.impi, user.impu).text(wire.SERVER_NAME) == ONE


def test_mar_with_another_scheme_than_the_users(hss, cx, user):
    none = make_user(hss, credentials=None)
    assert cx.mar(user.impi, user.impu, "Digest-AKAv1-MD5").result == "cx:AUTH_SCHEME_NOT_SUPPORTED"
    assert cx.mar(user.impi, user.impu, "NASS-Bundled").result == "cx:AUTH_SCHEME_NOT_SUPPORTED"
    assert cx.mar(none.impi, none.impu, "Unknown").result == "cx:AUTH_SCHEME_NOT_SUPPORTED"
    aka = AkaUser(hss)
    assert cx.mar(aka.impi, aka.impu, "SIP Digest").result == "cx:AUTH_SCHEME_NOT_SUPPORTED"
    assert len(aka.usim.check(aka.vectors(cx.mar(aka.impi, aka.impu, "Unknown", items=3)))) == 1
    assert cx.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"  # nobody was assigned


def test_mar_of_strangers(hss, cx, user):
    other = make_user(hss)
    assert cx.mar("nobody@ims.test", user.impu).result == "cx:USER_UNKNOWN"
    assert cx.mar(user.impi, "sip:nobody@ims.test").result == "cx:USER_UNKNOWN"
    assert cx.mar(user.impi, other.impu).result == "cx:IDENTITIES_DONT_MATCH"


def test_mar_of_another_server_overwrites_the_name(cx, user):
    """[TS 29.228 8.1]"""
    register(cx, user)
    assert cx.mar(user.impi, user.impu, server=TWO).result == "SUCCESS"
    assert cx.uar(user.impi, user.impu).text(wire.SERVER_NAME) == TWO


# ---- SAR [TS 29.228 6.1.2] ----

def test_sar_registers_the_implicit_set_together_and_gives_its_profile(hss, cx, user):
    saa = register(cx, user)
    assert saa.text(wire.USER_NAME) == user.impi and saa.get(wire.ASSOCIATED_IDENTITIES) is None
    data = user_data(saa)
    assert data.findtext("PrivateID") == user.impi
    assert [i.text for i in data.iter("Identity")] == [user.impu, user.tel]
    for impu in (user.impu, user.tel):
        lia = cx.lir(impu)
        assert (lia.result, lia.text(wire.SERVER_NAME)) == ("SUCCESS", ONE)
    assert hss.rest("GET", f"/v1/subscribers/{user.impi}").json["registration"] == {"state": "registered", "scscf": ONE}


def test_sar_leaves_the_profile_out_when_the_server_has_it(cx, user):
    register(cx, user)
    saa = cx.sar(user.impi, user.impu, RE_REGISTRATION, available=1)
    assert saa.result == "SUCCESS" and saa.get(wire.USER_DATA) is None
    assert cx.sar(user.impi, user.impu, RE_REGISTRATION).get(wire.USER_DATA) is not None


def test_user_data_of_everything_is_valid(hss, cx):
    hss.rest("PUT", "/v1/profiles/everything", SERVICES, headers={"Content-Type": "application/xml"})
    user = make_user(hss, identities=[
        {"impu": "sip:everything@ims.test", "profile": "everything", "display_name": "Joe <&> \"Co\" Ünïcödé", "kind": "user"},
        {"impu": "sip:barred-too@ims.test", "barred": True}, {"impu": "tel:+15559999", "profile": "everything"},
        {"impu": "sip:wild-!.*!@ims.test", "kind": "wildcarded-user", "wildcard": "sip:wild-!.*!@ims.test"}])
    user.impu = "sip:everything@ims.test"
    data = user_data(register(cx, user))
    profiles = data.findall("ServiceProfile")
    assert [[i.text for i in p.iter("Identity")] for p in profiles] == \
        [["sip:everything@ims.test", "tel:+15559999"], ["sip:barred-too@ims.test", "sip:wild-!.*!@ims.test"]]
    assert [p.findtext("BarringIndication") for p in profiles[1].findall("PublicIdentity")] == ["1", None]
    first = profiles[0].find("InitialFilterCriteria")
    assert [s.findtext("Method") for s in first.iter("SPT")] == ["INVITE", None, None, None, "REGISTER"]
    assert [[g.text for g in s.findall("Group")] for s in first.iter("SPT")] == [["0"], ["1"], ["0", "2"], ["2"], ["3"]]
    assert [t.text for t in first.iter("RegistrationType")] == ["0", "2"]
    assert first.findtext(".//Content") == '.*"joe & <co>"' and first.findtext(".//ServiceInfo") == "a<b"
    assert first.findtext("ProfilePartIndicator") == "1" and first.find(".//IncludeRegisterResponse") is not None
    assert data.findtext(".//DisplayName") == "Joe <&> \"Co\" Ünïcödé"


def test_the_first_identity_that_is_not_barred_is_the_first_such_of_the_document(hss, cx):
    hss.rest("PUT", "/v1/profiles/plain", "<ServiceProfile/>", headers={"Content-Type": "application/xml"})
    user = make_user(hss, identities=[{"impu": "sip:a@first.test", "barred": True, "profile": "plain"}, {"impu": "sip:b@first.test"},
                                      {"impu": "sip:c@first.test", "profile": "plain"}])
    user.impu = "sip:a@first.test"
    data = user_data(register(cx, user))
    free = [i.findtext("Identity") for i in data.iter("PublicIdentity") if i.findtext("BarringIndication") != "1"]
    assert free == ["sip:b@first.test", "sip:c@first.test"]


def test_sar_gives_charging_functions_and_the_other_private_identities(hss, cx):
    one = make_user(hss, charging={"primary_ccf": "aaa://ccf1.ims.test", "secondary_ecf": "aaa://ecf2.ims.test"})
    second = f"phone-{one.impi}"
    hss.put(second, subscription=one.impi, identities=[{"impu": one.impu}, {"impu": one.tel}])
    saa = register(cx, one)
    charging = saa.inner(wire.CHARGING_INFORMATION)
    assert (charging.text(wire.PRIMARY_CCF), charging.text(wire.SECONDARY_ECF)) == ("aaa://ccf1.ims.test", "aaa://ecf2.ims.test")
    assert saa.inner(wire.ASSOCIATED_IDENTITIES).texts(wire.USER_NAME) == [one.impi, second]


@pytest.mark.parametrize("kind", DEREGISTRATIONS + [TIMEOUT_STORE, USER_STORE])
def test_sar_deregisters_the_set_and_clears_the_name(cx, user, kind):
    register(cx, user)
    stored = kind in (TIMEOUT_STORE, USER_STORE)
    assert cx.sar(user.impi, user.tel, kind).result == ("cx:SERVER_NAME_NOT_STORED" if stored else "SUCCESS")
    assert cx.lir(user.impu).result == "cx:IDENTITY_NOT_REGISTERED"
    assert cx.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"
    assert cx.sar(user.impi, user.impu, kind).result == "UNABLE_TO_COMPLY"  # it has nothing any more


@pytest.mark.parametrize("kind", [TIMEOUT_STORE, USER_STORE])
def test_sar_keeps_the_name_of_who_is_served_unregistered(hss, cx, kind):
    user = make_user(hss, profile=SERVICES)
    register(cx, user)
    assert cx.sar(user.impi, user.impu, kind).result == "SUCCESS"
    lia = cx.lir(user.impu)
    assert (lia.result, lia.text(wire.SERVER_NAME)) == ("SUCCESS", ONE)
    assert hss.rest("GET", f"/v1/subscribers/{user.impi}").json["registration"]["state"] == "unregistered"
    assert cx.sar(user.impi, user.impu, TIMEOUT_DEREGISTRATION).result == "SUCCESS"
    assert cx.lir(user.impu).result == "cx:UNREGISTERED_SERVICE"


def test_sar_deregisters_every_set_of_a_private_identity_that_names_no_public_one(hss, cx):
    user = make_user(hss, identities=[{"impu": f"sip:set{n}@all.test", "set": n} for n in (1, 2, 3)])
    for n in (1, 2):
        assert cx.sar(user.impi, f"sip:set{n}@all.test", REGISTRATION).result == "SUCCESS"
    assert cx.sar(user.impi, [], ADMINISTRATIVE).result == "SUCCESS"
    assert {cx.lir(f"sip:set{n}@all.test").result for n in (1, 2, 3)} == {"cx:IDENTITY_NOT_REGISTERED"}
    assert cx.uar(user.impi, "sip:set1@all.test").result == "cx:FIRST_REGISTRATION"


def test_sar_deregisters_several_named_ones_or_none_of_them(hss, cx):
    user = make_user(hss, identities=[{"impu": f"sip:n{n}@named.test", "set": n} for n in (1, 2, 3)])
    names = [f"sip:n{n}@named.test" for n in (1, 2, 3)]
    for name in names:
        cx.sar(user.impi, name, REGISTRATION)
    assert cx.sar(user.impi, [names[0], "sip:nobody@named.test"], USER_DEREGISTRATION).result == "cx:USER_UNKNOWN"
    assert cx.lir(names[0]).result == "SUCCESS"
    assert cx.sar(user.impi, names[:2], USER_DEREGISTRATION).result == "SUCCESS"
    assert [cx.lir(name).result for name in names] == ["cx:IDENTITY_NOT_REGISTERED", "cx:IDENTITY_NOT_REGISTERED", "SUCCESS"]


def test_a_set_stays_registered_as_long_as_one_private_identity_has_it(hss, cx):
    user = make_user(hss)
    second = f"phone-{user.impi}"
    hss.put(second, subscription=user.impi, identities=[{"impu": user.impu}, {"impu": user.tel}])
    register(cx, user)
    assert cx.sar(second, user.impu, REGISTRATION).result == "SUCCESS"
    assert cx.sar(user.impi, user.impu, USER_DEREGISTRATION).result == "SUCCESS"
    assert cx.lir(user.impu).result == "SUCCESS"
    register(cx, user)
    assert cx.sar(None, user.impu, TIMEOUT_DEREGISTRATION).result == "SUCCESS"  # of all, who are not named
    assert cx.lir(user.impu).result == "cx:IDENTITY_NOT_REGISTERED"


def test_sar_of_a_server_that_is_not_the_assigned_one(cx, user):
    register(cx, user)
    for kind in (REGISTRATION, RE_REGISTRATION, UNREGISTERED_USER):
        saa = cx.sar(user.impi, user.impu, kind, server=TWO)
        assert (saa.result, saa.text(wire.SERVER_NAME)) == ("cx:IDENTITY_ALREADY_REGISTERED", ONE)
    for kind in [NO_ASSIGNMENT, AUTHENTICATION_FAILURE, AUTHENTICATION_TIMEOUT, TIMEOUT_STORE] + DEREGISTRATIONS:
        assert cx.sar(user.impi, user.impu, kind, server=TWO).result == "UNABLE_TO_COMPLY"
    assert cx.lir(user.impu).text(wire.SERVER_NAME) == ONE


@pytest.mark.parametrize("kind", [AUTHENTICATION_FAILURE, AUTHENTICATION_TIMEOUT])
def test_sar_of_a_failed_authentication_forgets_the_server_of_who_is_not_registered(cx, user, kind):
    cx.mar(user.impi, user.impu)
    assert cx.sar(user.impi, user.impu, kind).result == "SUCCESS"
    assert cx.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"
    register(cx, user)
    cx.mar(user.impi, user.impu)
    saa = cx.sar(user.impi, user.impu, kind)
    assert saa.result == "SUCCESS" and saa.get(wire.USER_DATA) is None
    assert cx.lir(user.impu).text(wire.SERVER_NAME) == ONE


def test_sar_serves_a_user_who_is_not_registered(hss, cx):
    user = make_user(hss, profile=SERVICES)
    lia = cx.lir(user.impu)
    assert lia.result == "cx:UNREGISTERED_SERVICE"
    saa = cx.sar(None, user.impu, UNREGISTERED_USER)
    assert (saa.result, saa.text(wire.USER_NAME)) == ("SUCCESS", user.impi)
    assert user_data(saa).findtext(".//ServerName") == "sip:as.ims.test"
    assert cx.lir(user.tel).text(wire.SERVER_NAME) == ONE
    assert cx.uar(user.impi, user.impu).result == "cx:SUBSEQUENT_REGISTRATION"
    assert cx.uar(user.impi, user.impu, kind=1).result == "SUCCESS"
    register(cx, user)
    assert cx.sar(user.impi, user.impu, USER_DEREGISTRATION).result == "SUCCESS"
    assert cx.lir(user.impu).result == "cx:UNREGISTERED_SERVICE"  # the registration took its place


def test_sar_without_assignment_gives_the_profile_to_the_assigned_server(cx, user):
    assert cx.sar(user.impi, user.impu, NO_ASSIGNMENT).result == "UNABLE_TO_COMPLY"
    register(cx, user)
    saa = cx.sar(None, user.tel, NO_ASSIGNMENT)
    assert saa.result == "SUCCESS" and [i.text for i in user_data(saa).iter("Identity")] == [user.impu, user.tel]


CONTACTS = [("<sip:term@pcscf.ims.test;lr>", "<sip:u@127.0.0.1:5060>;expires=600000"),
            ("<sip:term@pcscf2.ims.test;lr>", "<sip:u@127.0.0.2:5060>;expires=600000")]


def restorations(saa):
    return {g.inner.text(wire.USER_NAME): [(i.inner.text(wire.PATH), i.inner.text(wire.CONTACT)) for i in g.inner.all(wire.RESTORATION_INFO)]
            for g in saa.all(wire.SCSCF_RESTORATION_INFO)}


def test_a_server_that_lost_its_memory_gets_back_what_it_stored(cx, user):
    """[TS 23.380 4.4, TS 29.228 6.1.2.1]"""
    register(cx, user, restoration=CONTACTS)
    cx.sar(user.impi, user.impu, RE_REGISTRATION)  # without restoration information: the old one stands
    for saa in (cx.sar(user.impi, user.impu, NO_ASSIGNMENT), cx.sar(user.impi, user.tel, RESTORATION)):
        assert saa.result == "SUCCESS" and restorations(saa) == {user.impi: CONTACTS}
    saa = cx.sar(user.impi, user.impu, UNREGISTERED_USER)
    assert saa.result == "cx:IN_ASSIGNMENT_TYPE" and restorations(saa) == {user.impi: CONTACTS}
    assert [i.text for i in user_data(saa).iter("Identity")] == [user.impu, user.tel]
    saa = cx.sar(user.impi, user.impu, REGISTRATION, multiple=1, restoration=CONTACTS[:1])
    assert saa.result == "cx:IN_ASSIGNMENT_TYPE" and restorations(saa) == {user.impi: CONTACTS}
    assert cx.sar(user.impi, user.impu, REGISTRATION, multiple=0, restoration=CONTACTS[:1]).result == "SUCCESS"
    assert restorations(cx.sar(user.impi, user.impu, NO_ASSIGNMENT)) == {user.impi: CONTACTS[:1]}
    cx.sar(user.impi, user.impu, USER_DEREGISTRATION)
    register(cx, user)
    assert restorations(cx.sar(user.impi, user.impu, NO_ASSIGNMENT)) == {}


def test_a_successor_takes_over_what_the_dead_server_stored(cx, user):
    register(cx, user, restoration=CONTACTS)
    assert cx.sar(user.impi, user.impu, RESTORATION, server=TWO).result == "cx:IDENTITY_ALREADY_REGISTERED"
    cx.lir(user.impu, kind=2)
    saa = cx.sar(user.impi, user.impu, NO_ASSIGNMENT, server=TWO)
    assert saa.result == "SUCCESS" and restorations(saa) == {user.impi: CONTACTS}
    assert cx.sar(user.impi, user.impu, RESTORATION, server=TWO).result == "SUCCESS"
    assert cx.lir(user.impu).text(wire.SERVER_NAME) == TWO


def test_sar_of_a_type_that_does_not_fit(hss, cx, user):
    psi = make_user(hss, identities=[{"impu": "sip:room@psi.test", "kind": "psi"}])
    for kind in (REGISTRATION, RE_REGISTRATION, USER_DEREGISTRATION, AUTHENTICATION_FAILURE):
        assert cx.sar(psi.impi, "sip:room@psi.test", kind).result == "cx:IN_ASSIGNMENT_TYPE"
    assert cx.sar(psi.impi, "sip:room@psi.test", UNREGISTERED_USER).result == "SUCCESS"
    for kind in (AAA_USER_DATA, PGW_UPDATE):
        assert cx.sar(user.impi, user.impu, kind).result == "cx:IN_ASSIGNMENT_TYPE"


def test_sar_of_strangers(hss, cx, user):
    other = make_user(hss)
    for kind in (REGISTRATION, USER_DEREGISTRATION, NO_ASSIGNMENT):
        assert cx.sar("nobody@ims.test", user.impu, kind).result == "cx:USER_UNKNOWN"
        assert cx.sar(user.impi, "sip:nobody@ims.test", kind).result == "cx:USER_UNKNOWN"
        assert cx.sar(user.impi, other.impu, kind).result == "cx:IDENTITIES_DONT_MATCH"
    assert cx.sar("nobody@ims.test", [], ADMINISTRATIVE).result == "cx:USER_UNKNOWN"


# ---- LIR [TS 29.228 6.1.4] ----

def test_lir_by_the_state_of_the_identity(hss, cx):
    user = make_user(hss, capabilities=[5])
    assert cx.lir("sip:nobody@ims.test").result == "cx:USER_UNKNOWN"
    assert cx.lir(user.impu).result == "cx:IDENTITY_NOT_REGISTERED"
    originating = cx.lir(user.impu, originating=True)  # an AS acts for the user
    assert originating.result == "cx:UNREGISTERED_SERVICE" and capabilities(originating) == ([5], [], [])
    register(cx, user)
    lia = cx.lir(user.tel)
    assert (lia.result, lia.text(wire.SERVER_NAME)) == ("SUCCESS", ONE) and lia.get(wire.SERVER_CAPABILITIES) is None


def test_lir_with_services_for_the_unregistered_state(hss, cx):
    user = make_user(hss, profile=SERVICES, capabilities={"optional": [9]})
    lia = cx.lir(user.impu)
    assert lia.result == "cx:UNREGISTERED_SERVICE" and capabilities(lia) == ([], [9], []) and lia.get(wire.SERVER_NAME) is None
    cx.sar(None, user.impu, UNREGISTERED_USER)
    assert cx.lir(user.impu).text(wire.SERVER_NAME) == ONE


def test_lir_for_capabilities_when_the_server_is_dead(hss, cx):
    user = make_user(hss, capabilities=[4])
    register(cx, user)
    lia = cx.lir(user.impu, kind=2)
    assert lia.result == "SUCCESS" and lia.get(wire.SERVER_NAME) is None and capabilities(lia) == ([4], [], [])
    assert cx.sar(user.impi, user.impu, UNREGISTERED_USER, server=TWO).result == "cx:IN_ASSIGNMENT_TYPE"  # the flag lets it
    assert cx.lir(user.impu).text(wire.SERVER_NAME) == TWO


def test_lir_of_a_service_identity_is_the_server_it_is_routed_to(hss, cx):
    make_user(hss, identities=[{"impu": "sip:direct@psi.test", "kind": "psi", "as": "sip:as.ims.test"},
                               {"impu": "sip:served@psi.test", "kind": "psi", "set": 2}])
    lia = cx.lir("sip:direct@psi.test")
    assert (lia.result, lia.text(wire.SERVER_NAME)) == ("SUCCESS", "sip:as.ims.test")
    assert cx.lir("sip:direct@psi.test", originating=True).result == "cx:UNREGISTERED_SERVICE"
    assert cx.lir("sip:served@psi.test").result == "cx:UNREGISTERED_SERVICE"
    assert cx.sar(None, "sip:served@psi.test", UNREGISTERED_USER).result == "SUCCESS"
    assert cx.lir("sip:served@psi.test").text(wire.SERVER_NAME) == ONE


# ---- what is wrong with a request [RFC 6733 7] ----

def parts_of(cx, command, user):
    """The AVPs of a good request, each by its code."""
    item = [wire.avp(wire.SIP_AUTHENTICATION_SCHEME, "SIP Digest")]
    body = {wire.UAR: {wire.USER_NAME: user.impi, wire.PUBLIC_IDENTITY: user.impu, wire.VISITED_NETWORK_IDENTIFIER: "ims.test"},
            wire.LIR: {wire.PUBLIC_IDENTITY: user.impu},
            wire.MAR: {wire.USER_NAME: user.impi, wire.PUBLIC_IDENTITY: user.impu, wire.SIP_AUTH_DATA_ITEM: item,
                       wire.SIP_NUMBER_AUTH_ITEMS: 1, wire.SERVER_NAME: ONE},
            wire.SAR: {wire.USER_NAME: user.impi, wire.PUBLIC_IDENTITY: user.impu, wire.SERVER_NAME: ONE, wire.SERVER_ASSIGNMENT_TYPE: 1,
                       wire.USER_DATA_ALREADY_AVAILABLE: 0}}[command]
    return {code: wire.avp(code, value) for code, value in body.items()}


@pytest.mark.parametrize("command", [wire.UAR, wire.MAR, wire.SAR, wire.LIR])
def test_each_avp_that_is_needed_is_missed_by_name(cx, user, command):
    parts = parts_of(cx, command, user)
    for code in parts:
        answer = cx.ask(cx.build(command, [a for c, a in parts.items() if c != code]))
        assert answer.result == "MISSING_AVP" and answer.failed.code == code, (command, code)
        assert not answer.flags & wire.ERROR
    header = cx.header()
    for i, code in ((1, wire.VENDOR_SPECIFIC_APPLICATION_ID), (2, wire.AUTH_SESSION_STATE)):
        answer = cx.ask(wire.message(command, header[:i] + header[i + 1:] + list(parts.values())))
        assert answer.result == "MISSING_AVP" and answer.failed.code == code, (command, code)


@pytest.mark.parametrize("command", [wire.UAR, wire.MAR, wire.SAR, wire.LIR])
def test_an_avp_too_many_is_refused_by_name(cx, user, command):
    parts = parts_of(cx, command, user)
    for code in parts:
        answer = cx.ask(cx.build(command, list(parts.values()) + [parts[code]]))
        assert answer.result == "AVP_OCCURS_TOO_MANY_TIMES" and answer.failed.code == code, (command, code)


@pytest.mark.parametrize("command,code,value", [
    (wire.UAR, wire.USER_AUTHORIZATION_TYPE, 3), (wire.UAR, wire.PUBLIC_IDENTITY, ""), (wire.UAR, wire.USER_NAME, "a\x00b"),
    (wire.UAR, wire.VISITED_NETWORK_IDENTIFIER, "x\r\ny"), (wire.SAR, wire.SERVER_ASSIGNMENT_TYPE, 15),
    (wire.SAR, wire.SERVER_ASSIGNMENT_TYPE, 0xffffffff), (wire.SAR, wire.USER_DATA_ALREADY_AVAILABLE, 2), (wire.SAR, wire.SERVER_NAME, ""),
    (wire.LIR, wire.ORIGINATING_REQUEST, 1), (wire.LIR, wire.USER_AUTHORIZATION_TYPE, 7)])
def test_a_value_that_cannot_be_is_refused_by_name(cx, user, command, code, value):
    answer = cx.ask(cx.build(command, list({**parts_of(cx, command, user), code: wire.avp(code, value)}.values())))
    assert answer.result == "INVALID_AVP_VALUE" and answer.failed.code == code


@pytest.mark.parametrize("code,data", [(wire.SERVER_ASSIGNMENT_TYPE, b"\x01"), (wire.SERVER_ASSIGNMENT_TYPE, b""),
                                       (wire.USER_DATA_ALREADY_AVAILABLE, bytes(8))])
def test_a_number_of_a_wrong_length_is_refused_by_name(cx, user, code, data):
    answer = cx.ask(cx.build(wire.SAR, list({**parts_of(cx, wire.SAR, user), code: wire.avp(code, data)}.values())))
    assert answer.result == "INVALID_AVP_LENGTH" and answer.failed.code == code


def test_an_unknown_avp_counts_only_when_it_is_mandatory(cx, user):
    parts = list(parts_of(cx, wire.UAR, user).values())
    assert cx.ask(cx.build(wire.UAR, parts + [wire.avp(4711, "x", vendor=99, flags=0x80)])).result == "cx:FIRST_REGISTRATION"
    answer = cx.ask(cx.build(wire.UAR, parts + [wire.avp(4711, "x", vendor=99)]))
    assert answer.result == "AVP_UNSUPPORTED" and answer.failed.code == 4711


def test_a_command_or_an_application_that_is_not_ours_is_a_protocol_error(cx, user):
    answer = cx.ask(wire.message(399, cx.header()))
    assert answer.result == "COMMAND_UNSUPPORTED" and answer.flags & wire.ERROR
    answer = cx.ask(wire.message(wire.UAR, cx.header() + list(parts_of(cx, wire.UAR, user).values()), application=16777999))
    assert answer.result == "APPLICATION_UNSUPPORTED" and answer.flags & wire.ERROR
    assert cx.ask(cx.build(wire.RTR, [])).result in ("COMMAND_UNSUPPORTED", "MISSING_AVP")  # an HSS asks that, and answers it not
    assert cx.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"


def test_a_sar_without_the_identities_its_type_needs(cx, user):
    for impi, impus, kind, missing in ((None, user.impu, REGISTRATION, wire.USER_NAME), (user.impi, [], REGISTRATION, wire.PUBLIC_IDENTITY),
                                       (None, [], ADMINISTRATIVE, wire.PUBLIC_IDENTITY), (None, [], NO_ASSIGNMENT, wire.PUBLIC_IDENTITY)):
        answer = cx.sar(impi, impus, kind)
        assert answer.result == "MISSING_AVP" and answer.failed.code == missing
    answer = cx.sar(user.impi, [user.impu, user.tel], REGISTRATION)
    assert answer.result == "AVP_OCCURS_TOO_MANY_TIMES" and answer.failed.code == wire.PUBLIC_IDENTITY


def test_strangers_are_not_let_in(hss):
    for name in ("hss.evil.test", "hss.ims.test"):
        with pytest.raises(OSError):
            hss.connect(name, source=CLIENT.rsplit(".", 1)[0] + ".66")


def test_who_connects_and_says_nothing_holds_nobody_up(hss):
    """Nor does who sends half a CER, or no Diameter at all."""
    source = CLIENT.rsplit(".", 1)[0] + ".66"

    def open_and(say, port=3868):
        s = socket.create_connection((ADDRESS, port), timeout=5, source_address=(source, 0))
        s.sendall(say)
        return s
    strange = [open_and(say, port) for say in (b"", b"\x01\x00", b"\x01\x00\x01\x00" + bytes(16), b"GET / HTTP/1.0\r\n\r\n") for port in (3868, 5868)]
    began = time.monotonic()
    with hss.connect("patient.ims.test") as c:
        assert c.lir("sip:nobody@ims.test").result == "cx:USER_UNKNOWN"
    assert time.monotonic() - began < 1
    strange += [open_and(b"") for _ in range(40)]  # more than there are threads for
    with hss.connect("patient2.ims.test") as c:
        assert c.lir("sip:nobody@ims.test").result == "cx:USER_UNKNOWN"
    assert time.monotonic() - began < 10
    for s in strange:
        s.close()
    hss.connections[:] = [c for c in hss.connections if c.sock.fileno() >= 0]


# ---- what is seen from outside ----

def test_the_trace_id_of_the_session_is_that_of_the_procedure(hss, cx, user):
    cx.ask(cx.build(wire.UAR, [wire.avp(wire.USER_NAME, user.impi), wire.avp(wire.PUBLIC_IDENTITY, "sip:nobody@trace.test"),
                               wire.avp(wire.VISITED_NETWORK_IDENTIFIER, "ims.test")], trace="icid-4711"))
    assert "trace=icid-4711 result=DIAMETER_ERROR_USER_UNKNOWN" in until(lambda: "icid-4711" in hss.log_text() and hss.log_text())


def test_health_and_metrics_carry_the_names_others_build_on(hss, cx, user):
    health = hss.ops("/health").json
    assert health["ready"] is True and health["daemon"] == "hss" and health["version"]
    assert {(p["name"], p["protocol"], p["state"]) for p in health["peers"]} >= {("store", "sql", "up")}
    assert hss.ops("/live").status == 200
    before = hss.metric('minims_diameter_total{command="UAR",result="DIAMETER_FIRST_REGISTRATION"}')
    rejected = hss.metric('minims_rejected_total{procedure="hss.location_info"')
    count = hss.metric('minims_procedure_seconds_count{procedure="hss.user_authorization"}')
    cx.uar(user.impi, user.impu)
    cx.lir("sip:nobody@metrics.test")
    assert hss.metric('minims_diameter_total{command="UAR",result="DIAMETER_FIRST_REGISTRATION"}') == before + 1
    assert hss.metric('minims_rejected_total{procedure="hss.location_info"') == rejected + 1
    assert hss.metric('minims_procedure_seconds_count{procedure="hss.user_authorization"}') == count + 1
    assert hss.metric('minims_peer_up{peer="store"}') == 1
    assert user.impi not in hss.ops("/metrics").body.decode() and "ims.test" not in hss.ops("/metrics").body.decode()


def test_nothing_on_the_wire_is_malformed(hss, cx, capture, user):
    """Last: tshark reads what all tests above sent and got; ours that were meant to be wrong are not looked at, the answers are."""
    if capture is None:
        pytest.skip("only root captures")
    cx.uar(user.impi, user.impu)
    seen = until(lambda: dissect(capture, f"diameter.User-Name == \"{user.impi}\""), 10, "the capture's end")
    assert seen
    assert dissect(capture, f"(_ws.malformed || _ws.expert.severity == error) && !(ip.src == {CLIENT})") == ""
    assert int(dissect(capture, f"diameter.flags.request == 0 && ip.src == {ADDRESS}").count("\n")) > 150


def dissect(capture, which):
    return subprocess.run(["tshark", "-n", "-r", capture, "-Y", which], capture_output=True, text=True).stdout
