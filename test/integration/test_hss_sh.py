# SPDX-License-Identifier: Apache-2.0
"""Sh as an application server sees it on the wire: reading, writing, permissions. [TS 29.328 6.1, 6.2, 7.6; TS 29.329 6]"""
import pathlib
import signal
import sqlite3
import subprocess
import xml.etree.ElementTree as xml

import pytest

from hss_alone import ADDRESS, CLIENT, another, hss, make_user, until  # noqa: F401
from hss_alone import wire
from test_hss_cx import ONE, REGISTRATION, SERVICES, UNREGISTERED_USER, USER_DEREGISTRATION
from wire_sh import Sh, features, repository, sh_data

SCHEMA = pathlib.Path(__file__).with_name("sh_data.xsd")
REPOSITORY, IDENTITIES, STATE, SCSCF, CRITERIA, LOCATION, CS_PS_STATE, CHARGING, MSISDN, PSI, DSAI = 0, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19
TRACE, BINDING, PRIORITY, REACHABILITY, T_ADS, REFERENCE_LOCATION, PRIVATES = 21, 22, 23, 25, 26, 31, 33
ALL, REGISTERED, IMPLICIT, ALIAS = range(4)
EVERYTHING = {name: ["pull", "update", "subscribe"] for name in ("RepositoryData", "PSIActivation", "DSAI", "CloudProfile")} | \
    {name: ["pull", "subscribe"] for name in ("IMSPublicIdentity", "IMSUserState", "S-CSCFName", "InitialFilterCriteria")} | \
    {name: ["pull"] for name in ("LocationInformation", "UserState", "ChargingInformation", "MSISDN", "ServiceLevelTraceInfo",
                                 "IPAddressSecureBindingInformation", "TADSInformation", "IMSPrivateUserIdentity")}
AS = "sip:as.ims.test"


def permit(hss, identity, permissions):
    r = hss.rest("PUT", f"/v1/application-servers/{identity}", {"permissions": permissions})
    assert r.status in (200, 201), r
    return r


def connect(hss, identity, permissions=None, **named):
    if permissions is not None:
        permit(hss, identity, permissions)
    c = Sh(hss.address, CLIENT, identity, **named)
    hss.connections.append(c)
    return c


def closed(hss, c):
    """One that is idle answers no watchdog: each test has its own."""
    yield c
    c.close()
    hss.connections.remove(c)


@pytest.fixture
def sh(hss):
    yield from closed(hss, connect(hss, "as.ims.test", EVERYTHING))


@pytest.fixture
def cx(hss):
    yield from closed(hss, hss.connect())


@pytest.fixture
def user(hss):
    return make_user(hss)


def check(document):
    """The document: valid, and parsed."""
    checked = subprocess.run(["xmllint", "--noout", "--schema", SCHEMA, "-"], input=document, capture_output=True)
    assert checked.returncode == 0, (checked.stderr.decode(), document)
    return xml.fromstring(document)


def data(answer):
    assert answer.result == "SUCCESS", answer.result
    return check(answer.get(wire.SH_USER_DATA).data)


def texts(document, path):
    return [e.text for e in document.findall(path)]


# ---- the messages themselves [TS 29.329 5, 6.1] ----

def test_capabilities_are_exchanged_for_both_applications(hss, sh, cx):
    for c in (sh, cx):
        groups = [g.inner for g in c.cea.all(wire.VENDOR_SPECIFIC_APPLICATION_ID)]
        assert {g.get(wire.AUTH_APPLICATION_ID).number for g in groups if g.get(wire.AUTH_APPLICATION_ID)} >= {wire.CX, wire.SH}


def test_an_answer_has_what_every_answer_of_sh_has(sh, user):
    uda = sh.udr(user.impu, STATE)
    assert uda.command == wire.UDR and uda.application == wire.SH and not uda.is_request and uda.flags & wire.PROXIABLE
    assert uda.text(wire.ORIGIN_HOST) == "hss.ims.test" and uda.get(wire.AUTH_SESSION_STATE).number == 1
    assert uda.inner(wire.VENDOR_SPECIFIC_APPLICATION_ID).numbers(wire.AUTH_APPLICATION_ID) == [wire.SH]


def test_what_is_needed_and_missing_is_named(sh, user):
    for command, avps, missing in ((wire.UDR, [wire.avp(wire.DATA_REFERENCE, STATE)], wire.USER_IDENTITY),
                                   (wire.UDR, [wire.avp(wire.USER_IDENTITY, [wire.avp(wire.PUBLIC_IDENTITY, user.impu)])], wire.DATA_REFERENCE),
                                   (wire.PUR, [wire.avp(wire.USER_IDENTITY, [wire.avp(wire.PUBLIC_IDENTITY, user.impu)]),
                                               wire.avp(wire.DATA_REFERENCE, 0)], wire.SH_USER_DATA),
                                   (wire.SNR, [wire.avp(wire.USER_IDENTITY, [wire.avp(wire.PUBLIC_IDENTITY, user.impu)]),
                                               wire.avp(wire.DATA_REFERENCE, 11)], wire.SUBS_REQ_TYPE)):
        answer = sh.ask(sh.build(command, avps))
        assert answer.result == "MISSING_AVP" and answer.failed.code == missing


@pytest.mark.parametrize("reference,named,missing", [
    (REPOSITORY, {}, wire.SERVICE_INDICATION), (CRITERIA, {}, wire.SERVER_NAME), (DSAI, {}, wire.SERVER_NAME),
    (CS_PS_STATE, {}, wire.REQUESTED_DOMAIN), (LOCATION, {}, wire.REQUESTED_DOMAIN)])
def test_data_without_its_access_key_is_refused(sh, user, reference, named, missing):
    uda = sh.udr(user.impu, reference, **named)
    assert uda.result == "MISSING_AVP" and uda.failed.code == missing


def test_values_that_nobody_knows_are_refused(sh, user):
    for reference in (20, 99, 1000, 4000000000):
        uda = sh.udr(user.impu, reference)
        assert uda.result == "INVALID_AVP_VALUE" and uda.failed.code == wire.DATA_REFERENCE
    assert sh.udr(user.impu, IDENTITIES, sets=4).failed.code == wire.IDENTITY_SET
    assert sh.udr(user.impu, CS_PS_STATE, domain=2).failed.code == wire.REQUESTED_DOMAIN
    two = wire.avp(wire.USER_IDENTITY, [wire.avp(wire.PUBLIC_IDENTITY, user.impu), wire.avp(wire.MSISDN, b"\x21")])
    for wrong in (two, wire.avp(wire.USER_IDENTITY, []), wire.avp(wire.USER_IDENTITY, [wire.avp(wire.MSISDN, b"\x2a")])):
        uda = sh.ask(sh.build(wire.UDR, [wrong, wire.avp(wire.DATA_REFERENCE, STATE)]))
        assert uda.result == "INVALID_AVP_VALUE", uda


# ---- who may [TS 29.328 6.2] ----

def test_a_stranger_may_nothing(hss, user):
    c = connect(hss, "stranger.ims.test")
    assert c.udr(user.impu, STATE).result == "sh:OPERATION_NOT_ALLOWED"
    assert c.pur(user.impu, REPOSITORY, sh_data(repository("x", 0, "<a/>"))).result == "sh:OPERATION_NOT_ALLOWED"
    assert c.snr(user.impu, STATE).result == "sh:OPERATION_NOT_ALLOWED"


def test_each_operation_on_each_data_is_a_permission_of_its_own(hss, user):
    c = connect(hss, "some.ims.test", {"RepositoryData": ["pull"], "IMSUserState": ["subscribe"]})
    assert c.udr(user.impu, REPOSITORY, "x").result == "SUCCESS"
    pua = c.pur(user.impu, REPOSITORY, sh_data(repository("x", 0, "<a/>")))
    assert pua.result == "sh:USER_DATA_CANNOT_BE_MODIFIED"
    sna = c.snr(user.impu, REPOSITORY, "x")
    assert sna.result == "sh:USER_DATA_CANNOT_BE_NOTIFIED" and sna.failed.code == wire.DATA_REFERENCE
    uda = c.udr(user.impu, [REPOSITORY, STATE], "x")
    assert uda.result == "sh:USER_DATA_CANNOT_BE_READ" and uda.get(wire.SH_USER_DATA) is None
    assert c.snr(user.impu, STATE).result == "SUCCESS"
    permit(hss, "some.ims.test", {"IMSUserState": ["pull"]})
    assert c.udr(user.impu, STATE).result == "SUCCESS"
    assert c.udr(user.impu, REPOSITORY, "x").result == "sh:USER_DATA_CANNOT_BE_READ"
    assert hss.rest("DELETE", "/v1/application-servers/some.ims.test").status == 204
    assert c.udr(user.impu, STATE).result == "sh:OPERATION_NOT_ALLOWED"


def test_what_the_standard_does_not_let_anybody_write_or_watch_is_refused(sh, user):
    assert sh.pur(user.impu, STATE, sh_data("<Sh-IMS-Data><IMSUserState>1</IMSUserState></Sh-IMS-Data>")).result == "sh:USER_DATA_CANNOT_BE_MODIFIED"
    for reference in (LOCATION, CHARGING, MSISDN, REACHABILITY, PRIORITY):
        assert sh.snr(user.impu, reference).result == "sh:USER_DATA_CANNOT_BE_NOTIFIED"
    for reference in (REACHABILITY, PRIORITY, REFERENCE_LOCATION):
        assert sh.udr(user.impu, reference).result == "sh:USER_DATA_CANNOT_BE_READ"


def test_permissions_are_shown_and_wrong_ones_refused(hss):
    path = "/v1/application-servers/shown.ims.test"
    permissions = {"RepositoryData": ["pull", "update"], "IMSUserState": ["pull", "subscribe"]}
    assert hss.rest("PUT", path, {"permissions": permissions}).status == 201
    shown = hss.rest("GET", path)
    assert shown.json == {"identity": "shown.ims.test", "permissions": permissions}
    assert hss.rest("PUT", path, {"permissions": {}}, headers={"If-Match": '"0"'}).status == 412
    assert hss.rest("PUT", path, {"permissions": permissions}, headers={"If-Match": shown.headers["ETag"]}).status == 200
    assert "shown.ims.test" in [s["identity"] for s in hss.rest("GET", "/v1/application-servers").json["application_servers"]]
    for wrong, field in (({"permissions": {"Nonsense": ["pull"]}}, "permissions.Nonsense"), ({"permissions": {"MSISDN": ["update"]}}, "permissions.MSISDN"),
                         ({"permissions": {"MSISDN": "pull"}}, "permissions.MSISDN"), ({"permissions": []}, "permissions"), ({"x": 1, "permissions": {}}, "x"),
                         ({"identity": "other", "permissions": {}}, "identity")):
        r = hss.rest("PUT", path, wrong)
        assert r.status == 422 and r.json["field"] == field, r
    assert hss.rest("PUT", "/v1/application-servers/not%20a%20name", {"permissions": {}}).status == 422
    assert hss.rest("GET", path).json["permissions"] == permissions
    assert hss.rest("DELETE", path).status == 204 and hss.rest("GET", path).status == 404 and hss.rest("DELETE", path).status == 404


@pytest.mark.parametrize("may,read,write", [("read", "SUCCESS", "sh:USER_DATA_CANNOT_BE_MODIFIED"), ("all", "SUCCESS", "SUCCESS")])
def test_strangers_may_what_the_operator_says(another, may, read, write):
    h = another(options=f"sh: {{unknown_as: {may}, repository_kb: 1}}")
    h.put("u@ims.test")
    c = connect(h, "stranger.ims.test")
    assert c.udr("sip:u@ims.test", STATE).result == read
    assert c.pur("sip:u@ims.test", REPOSITORY, sh_data(repository("x", 0, "<a/>"))).result == write
    h.stop()


# ---- who it is about [TS 29.328 7.1] ----

def test_strangers_and_identities_that_do_not_match(hss, sh, user):
    other = make_user(hss)
    assert sh.udr("sip:nobody@ims.test", STATE).result == "sh:USER_UNKNOWN"
    assert sh.udr("15559999999", MSISDN).result == "sh:USER_UNKNOWN"
    assert sh.udr(("external", "u@ims.test"), MSISDN).result == "sh:USER_UNKNOWN"
    assert sh.udr(user.impu, STATE, impi="nobody@ims.test").result == "sh:USER_UNKNOWN"
    assert sh.udr(user.impu, STATE, impi=other.impi).result == "sh:IDENTITIES_DONT_MATCH"
    assert sh.udr(user.impu, STATE, impi=user.impi).result == "SUCCESS"
    for ask in (lambda u: sh.pur(u, REPOSITORY, sh_data(repository("x", 0, "<a/>"))), lambda u: sh.snr(u, STATE)):
        assert ask("sip:nobody@ims.test").result == "sh:USER_UNKNOWN"


def test_data_that_does_not_go_with_the_identity_is_refused(sh, user):
    number = user.tel[5:]
    assert sh.udr(number, STATE).result == "sh:OPERATION_NOT_ALLOWED"
    assert sh.udr(number, REPOSITORY, "x").result == "sh:OPERATION_NOT_ALLOWED"
    assert sh.udr(user.impu, PSI).result == "sh:OPERATION_NOT_ALLOWED"
    assert sh.snr(user.impu, PSI).result == "sh:OPERATION_NOT_ALLOWED"
    assert sh.pur(user.impu, PSI, sh_data("<Sh-IMS-Data><Extension><PSIActivation>0</PSIActivation></Extension></Sh-IMS-Data>")).result == \
        "sh:OPERATION_NOT_ALLOWED"


def test_a_user_is_found_however_the_identity_is_written(sh, user):
    assert sh.udr("sip:" + user.impu[4:].replace("ims.test", "IMS.TEST"), STATE).result == "SUCCESS"
    assert sh.udr(user.tel, STATE).result == "SUCCESS"


# ---- what is read [TS 29.328 7.6] ----

def test_identities_by_set(hss, sh, cx):
    user = make_user(hss)
    hss.put(user.impi, identities=[{"impu": user.impu}, {"impu": user.tel}, {"impu": f"sip:barred-{user.impi}", "barred": True},
                                   {"impu": f"sip:other-{user.impi}", "set": 2}])
    other = f"sip:other-{user.impi}"
    ids = "PublicIdentifiers/IMSPublicIdentity"
    assert texts(data(sh.udr(user.impu, IDENTITIES)), ids) == [user.impu, user.tel, other]
    assert texts(data(sh.udr(user.tel[5:], IDENTITIES, sets=ALL)), ids) == [user.impu, user.tel, other]
    assert texts(data(sh.udr(user.impu, IDENTITIES, sets=IMPLICIT)), ids) == [user.impu, user.tel]
    assert texts(data(sh.udr(other, IDENTITIES, sets=IMPLICIT)), ids) == [other]
    assert texts(data(sh.udr(user.impu, IDENTITIES, sets=ALIAS)), ids) == [user.impu]
    assert sh.udr(user.impu, IDENTITIES, sets=REGISTERED).get(wire.SH_USER_DATA) is None
    assert cx.sar(user.impi, other, REGISTRATION).result == "SUCCESS"
    assert texts(data(sh.udr(user.impu, IDENTITIES, sets=REGISTERED)), ids) == [other]
    several = data(sh.udr(user.impu, IDENTITIES, sets=[REGISTERED, IMPLICIT, ALL]))
    assert texts(several, "Extension/RegisteredIdentities/IMSPublicIdentity") == [other]
    assert texts(several, "Extension/ImplicitIdentities/IMSPublicIdentity") == [user.impu, user.tel]
    assert len(texts(several, "Extension/AllIdentities/IMSPublicIdentity")) == 3


def test_aliases_are_those_of_one_group_and_set(hss, sh):
    user = make_user(hss)
    third, other = f"sip:third-{user.impi}", f"sip:other-{user.impi}"
    hss.put(user.impi, identities=[{"impu": user.impu, "alias_group": "a"}, {"impu": user.tel, "alias_group": "a"}, {"impu": third, "alias_group": "b"},
                                   {"impu": other, "alias_group": "a", "set": 2}])
    for impu, aliases in ((user.impu, [user.impu, user.tel]), (third, [third]), (other, [other])):
        assert texts(data(sh.udr(impu, IDENTITIES, sets=ALIAS)), "PublicIdentifiers/IMSPublicIdentity") == aliases


def test_trace_information_is_read_as_it_was_provisioned(hss, sh):
    user = make_user(hss)
    hss.put(user.impi, identities=[{"impu": user.impu, "trace": "<t>&</t>"}, {"impu": user.tel}])
    assert data(sh.udr(user.impu, [TRACE, STATE])).findtext(".//ServiceLevelTraceInfo") == "<t>&</t>"
    assert sh.udr(user.tel, TRACE).get(wire.SH_USER_DATA) is None


def test_what_a_wildcarded_identity_stands_for_is_said(hss, sh):
    user = make_user(hss)
    hss.put(user.impi, identities=[{"impu": f"sip:list!.*!@{user.impi[:-9]}.test", "kind": "wildcarded-psi", "as": AS},
                                   {"impu": f"sip:room!.*!@{user.impi[:-9]}.test", "kind": "wildcarded-user"}, {"impu": user.impu}])
    uda = sh.udr(f"sip:list-7@{user.impi[:-9]}.test", PSI)
    assert data(uda).findtext(".//PSIActivation") == "1"
    assert uda.text(wire.WILDCARDED_PSI) == f"sip:list!.*!@{user.impi[:-9]}.test" and uda.get(wire.WILDCARDED_IMPU) is None
    uda = sh.udr(f"sip:room-7@{user.impi[:-9]}.test", STATE)
    assert uda.result == "SUCCESS" and uda.text(wire.WILDCARDED_IMPU) == f"sip:room!.*!@{user.impi[:-9]}.test"
    name = f"sip:list-8@{user.impi[:-9]}.test"
    assert sh.pur(name, REPOSITORY, sh_data(repository("x", 0, "<a>all</a>"))).text(wire.WILDCARDED_PSI)
    assert data(sh.udr(f"sip:list-9@{user.impi[:-9]}.test", REPOSITORY, "x")).findtext(".//a") == "all"  # it is that of the wildcarded one


def test_the_state_of_a_user_follows_cx(sh, cx, user):
    def state():
        return data(sh.udr(user.impu, STATE)).findtext("Sh-IMS-Data/IMSUserState")
    assert state() == "0"
    cx.mar(user.impi, user.impu)
    assert state() == "3"
    cx.sar(user.impi, user.impu, REGISTRATION)
    assert state() == "1"
    cx.sar(user.impi, user.impu, USER_DEREGISTRATION)
    assert state() == "0"
    cx.sar(None, user.impu, UNREGISTERED_USER)
    assert state() == "2"


def test_the_name_of_the_server_is_there_while_one_serves(sh, cx, user):
    assert sh.udr(user.impu, SCSCF).get(wire.SH_USER_DATA) is None
    cx.sar(user.impi, user.impu, REGISTRATION)
    assert data(sh.udr(user.impu, SCSCF)).findtext("Sh-IMS-Data/SCSCFName") == ONE


def test_an_as_reads_the_criteria_that_lead_to_it(hss, sh):
    user = make_user(hss, profile=SERVICES)
    one = data(sh.udr(user.impu, CRITERIA, server=AS))
    assert texts(one, ".//ServerName") == [AS] and len(one.findall(".//SPT")) == 5
    assert texts(data(sh.udr(user.impu, CRITERIA, server="sip:as2.ims.test")), ".//Priority") == ["1"]
    none = data(sh.udr(user.impu, CRITERIA, server="sip:as3.ims.test"))
    assert none.find("Sh-IMS-Data/IFCs") is not None and not none.findall(".//InitialFilterCriteria")
    plain = make_user(hss)
    assert not data(sh.udr(plain.impu, CRITERIA, server=AS)).findall(".//InitialFilterCriteria")


def test_charging_functions_msisdn_and_private_identities(hss, sh):
    user = make_user(hss, charging={"primary_ccf": "aaa://ccf.ims.test", "secondary_ecf": "aaa://ecf2.ims.test"})
    d = data(sh.udr(user.impu, [CHARGING, MSISDN, PRIVATES]))
    assert [(e.tag, e.text) for e in d.find("Sh-IMS-Data/ChargingInformation")] == [
        ("SecondaryEventChargingFunctionName", "aaa://ecf2.ims.test"), ("PrimaryChargingCollectionFunctionName", "aaa://ccf.ims.test")]
    assert texts(d, "PublicIdentifiers/MSISDN") == [user.tel[5:]]
    assert texts(d, ".//IMSPrivateUserIdentity") == [user.impi]
    assert texts(data(sh.udr(user.tel[5:], MSISDN)), "PublicIdentifiers/MSISDN") == [user.tel[5:]]
    assert sh.udr(make_user(hss).impu, CHARGING).get(wire.SH_USER_DATA) is None


def test_of_the_circuit_switched_and_packet_domains_nobody_tells_us(sh, user):
    assert data(sh.udr(user.impu, CS_PS_STATE, domain=0)).findtext("CSUserState") == "3"  # NotProvidedFromVLR
    assert data(sh.udr(user.impu, CS_PS_STATE, domain=1)).findtext("PSUserState") == "5"  # NotProvidedFromSGSN
    uda = sh.udr(user.impu, LOCATION, domain=0)
    assert uda.result == "sh:USER_DATA_NOT_AVAILABLE" and uda.failed.code == wire.DATA_REFERENCE
    assert sh.udr(user.impu, T_ADS).result == "sh:USER_DATA_NOT_AVAILABLE"


def test_data_that_nobody_keeps_here_is_absent(sh, user):
    for reference in (TRACE, BINDING):
        uda = sh.udr(user.impu, reference)
        assert uda.result == "SUCCESS" and uda.get(wire.SH_USER_DATA) is None
    d = data(sh.udr(user.impu, [TRACE, STATE, STATE]))
    assert len(d.findall(".//IMSUserState")) == 1


# ---- repository data [TS 29.328 7.6.1] ----

def put(sh, user, number, text=None, indication="book", **named):
    return sh.pur(user.impu, REPOSITORY, sh_data(repository(indication, number, text)), **named).result


def stored(sh, user, indication="book"):
    """(Sequence Number, the text in it) or None."""
    uda = sh.udr(user.impu, REPOSITORY, indication)
    if uda.get(wire.SH_USER_DATA) is None:
        assert uda.result == "SUCCESS"
        return None
    d = data(uda)
    assert d.findtext("RepositoryData/ServiceIndication") == indication
    return int(d.findtext("RepositoryData/SequenceNumber")), "".join(d.find("RepositoryData/ServiceData").itertext())


def test_repository_data_from_its_first_to_its_last_number(sh, user):
    assert stored(sh, user) is None
    assert put(sh, user, 0, "<a>one</a>") == "SUCCESS"
    assert stored(sh, user) == (0, "one")
    assert put(sh, user, 1, "<a>two</a>") == "SUCCESS"
    assert stored(sh, user) == (1, "two")
    assert put(sh, user, 2) == "SUCCESS"  # removed
    assert stored(sh, user) is None
    assert put(sh, user, 0, "<a>again</a>") == "SUCCESS"


def test_a_number_that_does_not_follow_is_out_of_sync(sh, user):
    for number, text in ((1, "<a/>"), (65535, "<a/>"), (0, None), (1, None)):
        assert put(sh, user, number, text) == "sh:TRANSPARENT_DATA_OUT_OF_SYNC"
    assert stored(sh, user) is None
    put(sh, user, 0, "<a>one</a>")
    for number in (0, 2, 65535):
        for text in ("<a>other</a>", None):
            assert put(sh, user, number, text) == "sh:TRANSPARENT_DATA_OUT_OF_SYNC"
    assert stored(sh, user) == (0, "one")


def test_the_number_after_65535_is_1(hss, sh, user):
    put(sh, user, 0, "<a>first</a>")
    with sqlite3.connect(hss.database, timeout=10) as db:
        db.execute("UPDATE repository_data SET sequence_number = 65535 WHERE service_data LIKE '%first%' AND public_identity_id ="
                   " (SELECT id FROM public_identity WHERE impu = ?)", (user.impu,))
    assert stored(sh, user) == (65535, "first")
    assert put(sh, user, 0, "<a/>") == "sh:TRANSPARENT_DATA_OUT_OF_SYNC"
    assert put(sh, user, 1, "<a>wrapped</a>") == "SUCCESS"
    assert stored(sh, user) == (1, "wrapped")


def test_each_identity_and_service_has_its_own(hss, sh, user):
    other = make_user(hss)
    put(sh, user, 0, "<a>book</a>")
    put(sh, user, 0, "<a>mail</a>", indication="mail")
    put(sh, other, 0, "<a>other</a>")
    assert stored(sh, user) == (0, "book") and stored(sh, user, "mail") == (0, "mail") and stored(sh, other) == (0, "other")
    d = data(sh.udr(user.impu, REPOSITORY, ["book", "mail", "absent"]))
    assert texts(d, "RepositoryData/ServiceIndication") == ["book", "mail"]


def test_service_data_comes_back_as_it_went(sh, user):
    text = '<x:a xmlns:x="urn:x" b="1 &amp; 2"><x:c>&lt;text&gt; \u00e4\u20ac</x:c><!-- note --><d xmlns="urn:d"/></x:a><second/>'
    assert put(sh, user, 0, text) == "SUCCESS"
    raw = sh.udr(user.impu, REPOSITORY, "book").get(wire.SH_USER_DATA).data.decode()
    check(raw.encode())
    assert f"<ServiceData>{text}</ServiceData>" in raw
    around = sh_data(repository("around", 0, "<y:a/>")).replace("<Sh-Data>", '<Sh-Data xmlns:y="urn:y">')
    assert sh.pur(user.impu, REPOSITORY, around).result == "SUCCESS"
    assert data(sh.udr(user.impu, REPOSITORY, "around")).find(".//{urn:y}a") is not None


def test_several_are_written_together_or_not_at_all(sh, user):
    both = sh_data(repository("one", 0, "<a>1</a>") + repository("two", 0, "<a>2</a>"))
    assert sh.pur(user.impu, REPOSITORY, both, more=[features(2)]).result == "SUCCESS"
    pua = sh.pur(user.impu, REPOSITORY, sh_data(repository("one", 1, "<a>changed</a>") + repository("two", 5, "<a>wrong</a>")))
    assert pua.result == "sh:TRANSPARENT_DATA_OUT_OF_SYNC"
    which = pua.inner(wire.REPOSITORY_DATA_ID)
    assert which.text(wire.SERVICE_INDICATION) == "two" and which.numbers(wire.SEQUENCE_NUMBER) == [5]
    assert stored(sh, user, "one") == (0, "1")


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'


@pytest.mark.parametrize("document", [
    "", "no xml", "<Sh-Data>", "<Other/>", sh_data(""), sh_data("<RepositoryData/>"), sh_data(repository("", 0, "<a/>")),
    sh_data(repository("x", 65536, "<a/>")), sh_data(repository("x", -1, "<a/>")), sh_data(repository("x", "", "<a/>")),
    sh_data(repository("x", 0, "text")), sh_data(repository("x", 0, "<a/>text")), sh_data(repository("x", 0, "<![CDATA[text]]>")),
    sh_data(repository("x", 0, "<a/>").replace("ServiceData", "Nonsense")), sh_data(repository("x", 0, "<a/>") + "<Nonsense/>"),
    sh_data(repository("x", 0, "<a/>") + "<Sh-IMS-Data><IMSUserState>1</IMSUserState></Sh-IMS-Data>"),
    sh_data(repository("x", 0, "<a/>") + "<Sh-IMS-Data><Extension><PSIActivation>1</PSIActivation></Extension></Sh-IMS-Data>"),
    BOMB + "<Sh-Data>" + repository("x", 0, "<a>&c;</a>") + "</Sh-Data>",
    sh_data("").replace("<Sh-Data>", '<Sh-Data xmlns="urn:x">' + repository("x", 0, "<a/>"))])
def test_a_document_that_is_none_is_not_recognized(sh, user, document):
    pua = sh.pur(user.impu, REPOSITORY, document)
    assert pua.result in ("sh:USER_DATA_NOT_RECOGNIZED", "MISSING_AVP", "INVALID_AVP_VALUE"), pua
    assert document == "" or pua.result == "sh:USER_DATA_NOT_RECOGNIZED"
    assert stored(sh, user, "x") is None


def test_too_much_data_is_refused(sh, user):
    most = 48 * 1024 - len("<ServiceData><a></a></ServiceData>")
    assert put(sh, user, 0, f"<a>{'x' * (most + 1)}</a>") == "sh:TOO_MUCH_DATA"
    assert put(sh, user, 0, f"<a>{'x' * most}</a>") == "SUCCESS"
    assert len(stored(sh, user)[1]) == most
    assert put(sh, user, 0, f"<a>{'x' * most}</a>", "more") == "SUCCESS"
    assert sh.udr(user.impu, REPOSITORY, ["book", "more"]).result == "sh:TOO_MUCH_DATA"  # more than one message of Diameter holds
    assert sh.snr(user.impu, REPOSITORY, ["book", "more"], send_data=True).result == "sh:TOO_MUCH_DATA"


def test_an_update_while_another_is_under_way_is_refused(hss, sh, user):
    """The writer is held up by a lock on the store; meanwhile the same data is asked to change again. [TS 29.328 6.1.2.1]"""
    other = connect(hss, "as-two.ims.test", EVERYTHING)
    lock = sqlite3.connect(hss.database, timeout=10, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    first = sh.build_pur(user.impu, REPOSITORY, sh_data(repository("book", 0, "<a>first</a>")))
    sh.send(first)
    assert sh.udr(user.impu, STATE).result == "SUCCESS"  # it comes behind the first, which therefore is under way
    said = other.pur(user.impu, REPOSITORY, sh_data(repository("book", 0, "<a>second</a>"))).result
    assert other.udr(user.impu, REPOSITORY, "book").result == "SUCCESS"  # as it is before
    lock.execute("ROLLBACK")
    lock.close()
    assert said == "sh:PRIOR_UPDATE_IN_PROGRESS"
    assert sh.receive().result == "SUCCESS"
    assert stored(sh, user) == (0, "first")
    assert put(other, user, 1, "<a>third</a>") == "SUCCESS"


def test_an_acknowledged_update_survives_a_kill(another):
    h = another(options="sh: {unknown_as: all}")
    h.put("u@ims.test")
    for n in range(20):
        with connect(h, "as.ims.test") as c:
            assert c.pur("sip:u@ims.test", REPOSITORY, sh_data(repository("kept", n, f"<a>{n}</a>"))).result == "SUCCESS"
            h.process.send_signal(signal.SIGKILL)
        h.kill()
        h.start()
    c = connect(h, "as.ims.test")
    d = data(c.udr("sip:u@ims.test", REPOSITORY, "kept"))
    assert d.findtext("RepositoryData/SequenceNumber") == "19" and d.findtext(".//a") == "19"
    h.stop()


def test_it_goes_with_the_identity_and_stays_when_that_is_provisioned_again(hss, sh, user):
    put(sh, user, 0, "<a>kept</a>")
    hss.put(user.impi, identities=[{"impu": user.impu, "display_name": "new"}, {"impu": user.tel}])
    assert stored(sh, user) == (0, "kept")
    hss.rest("DELETE", f"/v1/subscribers/{user.impi}")
    hss.put(user.impi, identities=[{"impu": user.impu}])
    assert stored(sh, user) is None


# ---- PSI activation, DSAI [TS 29.328 7.6.10, 7.6.11, 7.14] ----

def activation(value):
    return sh_data(f"<Sh-IMS-Data><Extension><PSIActivation>{value}</PSIActivation></Extension></Sh-IMS-Data>")


def test_a_service_identity_is_switched_off_and_on(hss, sh, cx):
    service = f"sip:service-{make_user(hss).impi}"
    hss.put(f"psi-{service[4:]}", identities=[{"impu": service, "kind": "psi", "as": AS}])

    def active():
        return data(sh.udr(service, PSI)).findtext(".//PSIActivation")
    assert active() == "1"
    assert sh.pur(service, PSI, activation(0)).result == "SUCCESS"
    assert active() == "0"
    assert cx.lir(service).result == "cx:USER_UNKNOWN"  # [TS 29.228 6.1.4.1]
    assert hss.rest("GET", f"/v1/service-activation/{service}").json == {"impu": service, "psi_active": False, "dsai": []}
    assert hss.rest("PUT", f"/v1/service-activation/{service}", {"psi_active": True}).status == 200
    assert active() == "1" and cx.lir(service).result == "SUCCESS"
    for wrong in ("2", "", "on"):
        assert sh.pur(service, PSI, activation(wrong)).result == "sh:USER_DATA_NOT_RECOGNIZED"
    assert active() == "1"


def dsai(tag, value):
    return sh_data(f"<Sh-IMS-Data><Extension><Extension><DSAI><DSAI-Tag>{tag}</DSAI-Tag><DSAI-Value>{value}</DSAI-Value></DSAI>"
                   "</Extension></Extension></Sh-IMS-Data>")


def test_dynamic_service_activation(hss, sh, user):
    path = f"/v1/service-activation/{user.impu}"
    assert sh.udr(user.impu, DSAI, server=AS).get(wire.SH_USER_DATA) is None
    tags = [{"server_name": AS, "tag": "book", "active": True}, {"server_name": AS, "tag": "mail", "active": False},
            {"server_name": "sip:as2.ims.test", "tag": "mail", "active": True}]
    assert hss.rest("PUT", path, {"dsai": tags}).json["dsai"] == tags

    def values(**named):
        d = data(sh.udr(user.impu, DSAI, server=AS, **named))
        return {e.findtext("DSAI-Tag"): e.findtext("DSAI-Value") for e in d.iter("DSAI")}
    assert values() == {"book": "0", "mail": "1"} and values(tags="mail") == {"mail": "1"}
    uda = sh.udr(user.impu, DSAI, server=AS, tags=["book", "none"])
    assert uda.result == "sh:DSAI_NOT_AVAILABLE" and uda.failed.code == wire.DSAI_TAG
    assert sh.pur(user.impu, DSAI, dsai("mail", 0)).result == "SUCCESS"  # of the AS that asks: its name is as.ims.test
    assert values() == {"book": "0", "mail": "0"}
    assert hss.rest("GET", path).json["dsai"][2]["active"] is True
    assert sh.pur(user.impu, DSAI, dsai("none", 0)).result == "sh:DSAI_NOT_AVAILABLE"
    assert sh.pur(user.impu, DSAI, dsai("book", 2)).result == "sh:USER_DATA_NOT_RECOGNIZED"
    assert sh.snr(user.impu, DSAI, server=AS, tags="none").result == "sh:DSAI_NOT_AVAILABLE"
    for wrong in ({"dsai": [{"tag": "x"}]}, {"dsai": [{"server_name": "no uri", "tag": "x"}]}, {"psi_active": True}, {"x": 1}):
        assert hss.rest("PUT", path, wrong).status == 422, wrong
    assert hss.rest("PUT", "/v1/service-activation/sip:nobody@ims.test", {"dsai": []}).status == 404


# ---- the cloud profile, ours ----

CLOUD = "minims-cloud-profile"
NS = "{urn:minims:cloud-profile:1}"


def cloud(impi, provider="openstack", more=""):
    return f'<CloudProfiles xmlns="{NS[1:-1]}"><CloudProfile><PrivateIdentity>{impi}</PrivateIdentity><Provider>{provider}</Provider>' \
           f"<User>anna</User><RegistrationGuard>token</RegistrationGuard><SecondFactor>true</SecondFactor>" \
           f'<Service most="3">compute</Service><Service>storage</Service>{more}</CloudProfile></CloudProfiles>'


def test_the_cloud_profile_is_repository_data(hss, sh):
    user = make_user(hss, cloud=[{"provider": "openstack", "user": "anna", "role": "member", "services": {"compute": 3, "storage": None}}])
    d = data(sh.udr(user.impu, REPOSITORY, CLOUD))
    assert d.findtext(f".//{NS}PrivateIdentity") == user.impi and d.findtext(f".//{NS}Role") == "member"
    assert {(e.text, e.get("most")) for e in d.iter(f"{NS}Service")} == {("compute", "3"), ("storage", None)}
    number = int(d.findtext("RepositoryData/SequenceNumber"))
    update = sh_data(repository(CLOUD, number + 1, cloud(user.impi)))
    assert sh.pur(user.impu, REPOSITORY, sh_data(repository(CLOUD, number, cloud(user.impi)))).result == "sh:TRANSPARENT_DATA_OUT_OF_SYNC"
    assert sh.pur(user.impu, REPOSITORY, update).result == "SUCCESS"
    shown = hss.rest("GET", f"/v1/subscribers/{user.impi}").json["cloud"]
    assert len(shown) == 1 and shown[0]["user"] == "anna" and shown[0]["registration_guard"] == "token" and shown[0]["second_factor"] is True
    assert shown[0]["services"] == {"compute": 3, "storage": None} and "role" not in shown[0]
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"cloud": [{"provider": "other"}]})
    d = data(sh.udr(user.impu, REPOSITORY, CLOUD))
    assert int(d.findtext("RepositoryData/SequenceNumber")) == number + 2 and d.findtext(f".//{NS}Provider") == "other"
    assert sh.pur(user.impu, REPOSITORY, sh_data(repository(CLOUD, number + 3))).result == "SUCCESS"
    assert sh.udr(user.impu, REPOSITORY, CLOUD).get(wire.SH_USER_DATA) is None
    assert not hss.rest("GET", f"/v1/subscribers/{user.impi}").json.get("cloud")


def test_the_cloud_profile_has_a_permission_of_its_own(hss, user):
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"cloud": [{"provider": "openstack"}]})
    reader = connect(hss, "cloud-reader.ims.test", {"CloudProfile": ["pull"]})
    number = int(data(reader.udr(user.impu, REPOSITORY, CLOUD)).findtext("RepositoryData/SequenceNumber"))
    update = sh_data(repository(CLOUD, number + 1, cloud(user.impi)))
    assert reader.pur(user.impu, REPOSITORY, update).result == "sh:USER_DATA_CANNOT_BE_MODIFIED"
    assert reader.udr(user.impu, REPOSITORY, "book").result == "sh:USER_DATA_CANNOT_BE_READ"
    assert reader.udr(user.impu, REPOSITORY, [CLOUD, "book"]).result == "sh:USER_DATA_CANNOT_BE_READ"
    plain = connect(hss, "plain.ims.test", {"RepositoryData": ["pull", "update"]})
    assert plain.udr(user.impu, REPOSITORY, CLOUD).result == "sh:USER_DATA_CANNOT_BE_READ"
    assert plain.pur(user.impu, REPOSITORY, update).result == "sh:USER_DATA_CANNOT_BE_MODIFIED"


@pytest.mark.parametrize("wrong", ["<a/>", "", cloud("nobody@ims.test"), cloud("IMPI", more="<Nonsense/>"), cloud("IMPI", more='<Service most="x">a</Service>'),
                                   cloud("IMPI", provider=""), cloud("IMPI").replace("token", "nonsense")])
def test_a_cloud_profile_that_is_none_changes_nothing(hss, sh, user, wrong):
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"cloud": [{"provider": "kept"}]})
    number = int(data(sh.udr(user.impu, REPOSITORY, CLOUD)).findtext("RepositoryData/SequenceNumber"))
    update = sh_data(repository(CLOUD, number + 1, wrong.replace("IMPI", user.impi)))
    assert sh.pur(user.impu, REPOSITORY, update).result == "sh:USER_DATA_NOT_RECOGNIZED"
    d = data(sh.udr(user.impu, REPOSITORY, CLOUD))
    assert d.findtext(f".//{NS}Provider") == "kept" and d.findtext("RepositoryData/SequenceNumber") == str(number)


# ---- features [TS 29.229 7.2, TS 29.329 7.1.1] ----

def test_features_are_negotiated(sh, user):
    assert sh.udr(user.impu, STATE).get(wire.SUPPORTED_FEATURES) is None
    for ask in (lambda more: sh.udr(user.impu, STATE, more=more), lambda more: sh.snr(user.impu, STATE, more=more),
                lambda more: sh.pur(user.impu, REPOSITORY, sh_data(repository("feature", 5, "<a/>")), more=more)):
        answer = ask([features(1), features(0x100, list_id=2)])
        assert answer.result != "sh:FEATURE_UNSUPPORTED"
        ours = answer.inner(wire.SUPPORTED_FEATURES)
        assert (ours.numbers(wire.VENDOR_ID), ours.numbers(wire.FEATURE_LIST_ID), ours.numbers(wire.FEATURE_LIST)) == ([10415], [1], [7])
        for required in (features(0x80, required=True), features(1, required=True, list_id=9)):
            answer = ask([required])
            assert answer.result == "sh:FEATURE_UNSUPPORTED" and answer.failed.code == wire.SUPPORTED_FEATURES
            assert answer.inner(wire.SUPPORTED_FEATURES).numbers(wire.FEATURE_LIST) == [7]
    assert sh.udr(user.impu, STATE, more=[features(7, required=True)]).result == "SUCCESS"
