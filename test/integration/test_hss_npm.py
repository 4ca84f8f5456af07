# SPDX-License-Identifier: Apache-2.0
"""The whole of Cx by a client that shares no line with the HSS: the npm package `diameter` with a dictionary written from the texts.

What it cannot decode, or finds no entry for, ends it and fails the test. [TS 29.229 6.1; RFC 6733]
"""
import hashlib
import subprocess
import xml.etree.ElementTree as xml

import pytest

from hss_alone import hss, make_user, until, user  # noqa: F401
from npm_client import CX, scscf  # noqa: F401
from test_hss_cx import SCHEMA, AkaUser

S = "sip:npm-scscf.ims.test"
REGISTRATION, RE_REGISTRATION, UNREGISTERED_USER, USER_DEREGISTRATION = 1, 2, 3, 5


def uar(client, user, impu=None, **more):
    return client.ask(CX, "User-Authorization", ["User-Name", user.impi], ["Public-Identity", impu or user.impu],
                      ["Visited-Network-Identifier", "ims.test"], *([k.replace("_", "-"), v] for k, v in more.items()))


def mar(client, user, scheme="SIP Digest", items=1, *in_item):
    return client.ask(CX, "Multimedia-Auth", ["User-Name", user.impi], ["Public-Identity", user.impu],
                      ["SIP-Auth-Data-Item", [["SIP-Authentication-Scheme", scheme], *in_item]], ["SIP-Number-Auth-Items", items], ["Server-Name", S])


def sar(client, user, kind, *more, name=True, available=0):
    return client.ask(CX, "Server-Assignment", *([["User-Name", user.impi]] if name else []), ["Public-Identity", user.impu], ["Server-Name", S],
                      ["Server-Assignment-Type", kind], ["User-Data-Already-Available", available], *more)


def lir(client, impu, *more):
    return client.ask(CX, "Location-Info", ["Public-Identity", impu], *more)


def identities(answer):
    """Of the document, which is valid by the schema of the text's annex."""
    document = answer.get("Cx-User-Data").encode()
    checked = subprocess.run(["xmllint", "--noout", "--schema", SCHEMA, "-"], input=document, capture_output=True)
    assert checked.returncode == 0, (checked.stderr, document)
    return [e.text for e in xml.fromstring(document).iter("Identity")]


# ---- the connection [RFC 6733 5.3, 5.5] ----

def test_the_hss_shakes_hands_and_answers_watchdogs(scscf):
    assert scscf.cea.result == 2001 and scscf.cea.get("Origin-Host") == "hss.ims.test"
    applications = [dict(map(tuple, group)).get("Auth-Application-Id") for group in scscf.cea.all("Vendor-Specific-Application-Id")]
    assert 16777216 in applications
    assert scscf.ask("base", "Device-Watchdog").result == 2001


# ---- CSCF to HSS ----

def test_uar_first_and_subsequent_registration_and_capabilities(hss, scscf):
    user = make_user(hss, capabilities={"mandatory": [3], "optional": [4], "servers": [S]})
    answer = uar(scscf, user)
    assert answer.result == ("3GPP", 2001) and answer.proxiable and not answer.error
    group = answer.get("Server-Capabilities")
    assert (answer.all("Mandatory-Capability", group), answer.all("Optional-Capability", group), answer.all("Server-Name", group)) == ([3], [4], [S])
    assert sar(scscf, user, REGISTRATION).result == 2001
    answer = uar(scscf, user)
    assert (answer.result, answer.get("Server-Name")) == (("3GPP", 2002), S)
    assert uar(scscf, user, User_Authorization_Type=1).result == 2001  # a de-registration
    answer = uar(scscf, user, User_Authorization_Type=2)
    assert answer.result == 2001 and answer.get("Server-Capabilities") is not None


def test_uar_refuses_whom_it_does_not_know(hss, scscf, user):
    other = make_user(hss)
    assert uar(scscf, user, "sip:nobody@ims.test").result == ("3GPP", 5001)
    assert uar(scscf, user, other.impu).result == ("3GPP", 5002)
    assert uar(scscf, user, User_Authorization_Type=1).result == ("3GPP", 5003)
    roaming = make_user(hss, visited_networks=["home.test"])
    assert uar(scscf, roaming).result == ("3GPP", 5004)


def test_mar_of_digest(scscf, user):
    answer = mar(scscf, user, items=2)
    assert (answer.result, answer.get("SIP-Number-Auth-Items"), answer.get("User-Name")) == (2001, 2, user.impi)
    groups = [dict(map(tuple, dict(map(tuple, g))["SIP-Digest-Authenticate"])) for g in answer.all("SIP-Auth-Data-Item")]
    text = f"{user.impi}:ims.test:{user.password}".encode()
    assert {g["Digest-Algorithm"]: g["Digest-HA1"] for g in groups} == \
        {"MD5": hashlib.md5(text).hexdigest(), "SHA-256": hashlib.sha256(text).hexdigest()}


def test_mar_of_aka_and_resynchronisation(hss, scscf):
    user = AkaUser(hss)

    def vectors(answer):
        assert answer.result == 2001
        groups = [dict(map(tuple, g)) for g in answer.all("SIP-Auth-Data-Item")]
        return [tuple(bytes.fromhex(g[n]) for n in ("SIP-Authenticate", "SIP-Authorization", "Confidentiality-Key", "Integrity-Key")) for g in groups]
    first = vectors(mar(scscf, user, "Digest-AKAv1-MD5", 3))
    assert len(user.usim.check(first)) == 3
    auts = user.usim.resynchronise(first[0][0][:16], 1 << 40).hex()
    again = vectors(mar(scscf, user, "Digest-AKAv1-MD5", 1, ["SIP-Authorization", auts]))
    assert user.usim.check(again)[0] > 1 << 40
    assert mar(scscf, user, "SIP Digest").result == ("3GPP", 5006)


def test_sar_gives_user_data_and_takes_it_back(hss, scscf, user):
    answer = sar(scscf, user, REGISTRATION)
    assert answer.result == 2001 and identities(answer) == [user.impu, user.tel] and answer.get("User-Name") == user.impi
    assert sar(scscf, user, RE_REGISTRATION, available=1).get("Cx-User-Data") is None
    assert sar(scscf, user, USER_DEREGISTRATION).result == 2001
    assert lir(scscf, user.impu).result == ("3GPP", 5003)
    assert sar(scscf, user, 12).result == ("3GPP", 5007)
    shown = hss.rest("GET", f"/v1/subscribers/{user.impi}").json
    assert shown["registration"]["state"] == "not registered"


def test_sar_of_an_unregistered_user_and_restoration_information(hss, scscf, user):
    assert sar(scscf, user, UNREGISTERED_USER, name=False).result == 2001
    restoration = ["Restoration-Info", [["Path", "<sip:p.ims.test;lr>"], ["Contact", "<sip:u@192.0.2.1>"]]]
    info = ["SCSCF-Restoration-Info", [["User-Name", user.impi], restoration]]
    assert sar(scscf, user, REGISTRATION, info).result == 2001
    answer = sar(scscf, user, 0)  # NO_ASSIGNMENT asks for what is kept
    assert answer.result == 2001 and user.impu in identities(answer)
    kept = answer.get("SCSCF-Restoration-Info", "Restoration-Info")
    assert ["Path", "<sip:p.ims.test;lr>"] in kept and ["Contact", "<sip:u@192.0.2.1>"] in kept


def test_lir_finds_the_s_cscf_or_what_it_has_to_be_able_to(hss, scscf):
    user = make_user(hss, capabilities={"mandatory": [7]})
    assert lir(scscf, user.impu).result == ("3GPP", 5003)
    answer = lir(scscf, user.impu, ["Originating-Request", 0])
    assert answer.result == ("3GPP", 2003) and answer.get("Server-Capabilities", "Mandatory-Capability") == 7
    sar(scscf, user, REGISTRATION)
    assert (lir(scscf, user.impu).result, lir(scscf, user.tel).get("Server-Name")) == (2001, S)
    assert lir(scscf, "sip:nobody@ims.test").result == ("3GPP", 5001)


# ---- HSS to CSCF ----

def test_ppr_brings_a_change_of_the_profile_to_the_assigned_s_cscf(hss, scscf, user):
    sar(scscf, user, REGISTRATION)
    new = f"sip:new-{user.impi}"
    hss.put(user.impi, credentials={"scheme": "digest", "password": user.password}, identities=[{"impu": i} for i in (user.impu, user.tel, new)])
    push = scscf.pushed("Push-Profile")
    assert push.get("User-Name") == user.impi and new in identities(push)
    assert (push.get("Destination-Host"), push.get("Auth-Session-State")) == ("npm-scscf.ims.test", 1)
    until(lambda: f"command=PPR scscf=npm-scscf.ims.test impi={user.impi} result=DIAMETER_SUCCESS" in hss.log_text(), 10, "the PPA")


def test_rtr_takes_back_a_registration_when_the_subscriber_goes(hss, scscf, user):
    sar(scscf, user, REGISTRATION)
    assert hss.rest("DELETE", f"/v1/subscribers/{user.impi}").status == 204
    push = scscf.pushed("Registration-Termination")
    assert push.get("User-Name") == user.impi and push.get("Deregistration-Reason", "Reason-Code") == 0
    assert user.impu in push.all("Public-Identity") or push.all("Public-Identity") == []
    until(lambda: f"command=RTR scscf=npm-scscf.ims.test impi={user.impi} result=DIAMETER_SUCCESS" in hss.log_text(), 10, "the RTA")
    assert lir(scscf, user.impu).result == ("3GPP", 5001)


# ---- what is wrong is named [RFC 6733 7.1.3, 7.1.5] ----

@pytest.mark.parametrize("command,avps,missing", [("User-Authorization", [["User-Name", "a@ims.test"], ["Public-Identity", "sip:a@ims.test"]],
                                                   "Visited-Network-Identifier"),
                                                  ("Location-Info", [], "Public-Identity"),
                                                  ("Multimedia-Auth", [["User-Name", "a@ims.test"]], "Public-Identity"),
                                                  ("Server-Assignment", [["Public-Identity", "sip:a@ims.test"]], "Server-Name")])
def test_a_missing_avp_is_named(scscf, command, avps, missing):
    answer = scscf.ask(CX, command, *avps)
    assert answer.result == 5005 and not answer.error
    assert [name for name, _ in answer.get("Failed-AVP")] == [missing]


def test_what_the_hss_does_not_serve_is_told_with_the_e_bit(scscf):
    answer = scscf.ask(CX, "Push-Profile", ["User-Name", "a@ims.test"], ["Destination-Host", "hss.ims.test"])
    assert answer.result == 3001 and answer.error
    answer = scscf.ask("S6a", "User-Authorization", ["User-Name", "a@ims.test"])
    assert answer.result == 3007 and answer.error
