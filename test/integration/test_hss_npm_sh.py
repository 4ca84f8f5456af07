# SPDX-License-Identifier: Apache-2.0
"""The whole of Sh by the npm package `diameter`, as an application server: see test_hss_npm.py. [TS 29.329 6.1]"""
import itertools
import time

import pytest

from hss_alone import hss, make_user, user  # noqa: F401
from npm_client import CX, SH, Client, needs_npm, scscf  # noqa: F401
from test_hss_npm import REGISTRATION, USER_DEREGISTRATION, S, sar
from test_hss_sh import (AS, CHARGING, CRITERIA, DSAI, EVERYTHING, IDENTITIES, LOCATION, MSISDN, PSI, REPOSITORY, SCSCF, STATE, activation, check, dsai,
                         permit, texts)
from test_hss_cx import SERVICES
from wire_sh import repository, sh_data, tbcd

names = itertools.count(1)


@pytest.fixture(scope="module")
def server(hss):
    """Makes independent ASs with every permission, each under a name of its own."""
    needs_npm()
    made = []

    def make(permissions=EVERYTHING):
        identity = f"npm-as{next(names)}.ims.test"
        if permissions is not None:
            permit(hss, identity, permissions)
        made.append(Client(hss, identity))
        return made[-1]
    yield make
    for c in made:
        c.close()


@pytest.fixture(scope="module")
def sh(server):
    return server()


def identity(name):
    return ["User-Identity", [["MSISDN", tbcd(name).hex()] if name.isdigit() else ["Public-Identity", name]]]


def udr(client, name, reference, *more):
    return client.ask(SH, "User-Data", identity(name), *more, ["Data-Reference", reference])


def pur(client, name, reference, document):
    return client.ask(SH, "Profile-Update", identity(name), ["Data-Reference", reference], ["Sh-User-Data", document])


def snr(client, name, reference, *more, end=0):
    return client.ask(SH, "Subscribe-Notifications", identity(name), *more, ["Subs-Req-Type", end], ["Data-Reference", reference])


def data(answer):
    assert answer.result == 2001, answer.avps
    return check(answer.get("Sh-User-Data").encode())


def told(client, user):
    push = client.pushed("Push-Notification")
    assert push.get("User-Identity", "Public-Identity") == user.impu and push.get("Auth-Session-State") == 1
    return check(push.get("Sh-User-Data").encode())


# ---- UDR ----

def test_the_hss_says_that_it_speaks_sh(sh):
    assert 16777217 in [dict(map(tuple, group)).get("Auth-Application-Id") for group in sh.cea.all("Vendor-Specific-Application-Id")]


def test_udr_of_what_cx_knows(hss, sh, scscf, user):
    assert data(udr(sh, user.impu, STATE)).findtext("Sh-IMS-Data/IMSUserState") == "0"
    assert sar(scscf, user, REGISTRATION).result == 2001
    answer = udr(sh, user.impu, STATE)
    assert answer.proxiable and not answer.error and data(answer).findtext("Sh-IMS-Data/IMSUserState") == "1"
    assert data(udr(sh, user.impu, SCSCF)).findtext("Sh-IMS-Data/SCSCFName") == S
    assert texts(data(udr(sh, user.impu, IDENTITIES, ["Identity-Set", 2])), "PublicIdentifiers/IMSPublicIdentity") == [user.impu, user.tel]


def test_udr_of_what_is_provisioned(hss, sh):
    user = make_user(hss, profile=SERVICES, charging={"primary_ccf": "aaa://ccf.ims.test"})
    assert texts(data(udr(sh, user.impu, CRITERIA, ["Server-Name", AS])), ".//ServerName") == [AS]
    assert data(udr(sh, user.impu, CHARGING)).findtext(".//PrimaryChargingCollectionFunctionName") == "aaa://ccf.ims.test"
    assert texts(data(udr(sh, user.impu, MSISDN)), "PublicIdentifiers/MSISDN") == [user.tel[5:]]
    assert texts(data(udr(sh, user.tel[5:], MSISDN)), "PublicIdentifiers/MSISDN") == [user.tel[5:]]  # asked by number


def test_udr_of_what_nobody_tells_us(sh, user):
    answer = udr(sh, user.impu, LOCATION, ["Requested-Domain", 0])
    assert answer.result == ("3GPP", 4100) and answer.get("Failed-AVP", "Data-Reference") == LOCATION


def test_udr_and_pur_of_service_activation(hss, sh, user):
    service = f"sip:npm-{make_user(hss).impi}"
    hss.put(f"psi-{service[4:]}", identities=[{"impu": service, "kind": "psi", "as": AS}])
    assert data(udr(sh, service, PSI)).findtext(".//PSIActivation") == "1"
    assert pur(sh, service, PSI, activation(0)).result == 2001
    assert data(udr(sh, service, PSI)).findtext(".//PSIActivation") == "0"
    own = f"sip:{sh.identity}"
    tags = [{"server_name": own, "tag": "book", "active": True}]
    assert hss.rest("PUT", f"/v1/service-activation/{user.impu}", {"dsai": tags}).status == 200
    assert pur(sh, user.impu, DSAI, dsai("book", 1)).result == 2001
    assert data(udr(sh, user.impu, DSAI, ["Server-Name", own])).findtext(".//DSAI-Value") == "1"
    assert pur(sh, user.impu, DSAI, dsai("none", 1)).result == ("3GPP", 5108)


# ---- PUR of repository data ----

def test_pur_keeps_repository_data_and_its_sequence(sh, user):
    def put(number, text):
        return pur(sh, user.impu, REPOSITORY, sh_data(repository("book", number, text))).result
    assert put(0, "<a>Zo\u00eb &amp; co</a>") == 2001
    d = data(udr(sh, user.impu, REPOSITORY, ["Service-Indication", "book"]))
    assert (d.findtext("RepositoryData/SequenceNumber"), d.findtext(".//a")) == ("0", "Zo\u00eb & co")
    assert put(2, "<a/>") == ("3GPP", 5105)
    assert put(1, "<a>next</a>") == 2001
    assert put(2, None) == 2001
    assert udr(sh, user.impu, REPOSITORY, ["Service-Indication", "book"]).get("Sh-User-Data") is None
    assert pur(sh, user.impu, REPOSITORY, "<Sh-Data>").result == ("3GPP", 5100)


# ---- SNR, PNR ----

def test_pnr_follows_a_registration_until_the_subscription_ends(sh, scscf, user):
    answer = snr(sh, user.impu, STATE, ["Expiry-Time", int(time.time()) + 2208988800 + 600])
    assert answer.result == 2001 and abs(answer.get("Expiry-Time") - 2208988800 - time.time() - 600) < 5
    sar(scscf, user, REGISTRATION)
    assert told(sh, user).findtext("Sh-IMS-Data/IMSUserState") == "1"
    sar(scscf, user, USER_DEREGISTRATION)
    assert told(sh, user).findtext("Sh-IMS-Data/IMSUserState") == "0"
    assert snr(sh, user.impu, STATE, end=1).result == 2001
    sar(scscf, user, REGISTRATION)
    assert udr(sh, user.impu, STATE).result == 2001 and sh.pushes.empty()


def test_pnr_of_repository_data_that_another_as_wrote(server, sh, user):
    writer = server()
    assert snr(sh, user.impu, REPOSITORY, ["Service-Indication", "mail"]).result == ("3GPP", 5106)
    pur(writer, user.impu, REPOSITORY, sh_data(repository("mail", 0, "<a>0</a>")))
    answer = snr(sh, user.impu, REPOSITORY, ["Service-Indication", "mail"], ["Send-Data-Indication", 1])
    assert data(answer).findtext(".//a") == "0"
    assert pur(writer, user.impu, REPOSITORY, sh_data(repository("mail", 1, "<a>1</a>"))).result == 2001
    assert told(sh, user).findtext(".//a") == "1"


# ---- what is refused ----

def test_permissions_are_each_as_own(server, user):
    some, stranger = server({"IMSUserState": ["pull"], "RepositoryData": ["pull"]}), server(None)
    assert udr(some, user.impu, STATE).result == 2001
    assert udr(some, user.impu, SCSCF).result == ("3GPP", 5102)
    assert pur(some, user.impu, REPOSITORY, sh_data(repository("x", 0, "<a/>"))).result == ("3GPP", 5103)
    assert snr(some, user.impu, STATE).result == ("3GPP", 5104)
    assert udr(stranger, user.impu, STATE).result == ("3GPP", 5101)


def test_who_is_unknown_and_what_is_missing(sh, user):
    assert udr(sh, "sip:nobody@ims.test", STATE).result == ("3GPP", 5001)
    for avps, missing in (([identity(user.impu)], "Data-Reference"), ([["Data-Reference", STATE]], "User-Identity")):
        answer = sh.ask(SH, "User-Data", *avps)
        assert answer.result == 5005 and [n for n, _ in answer.get("Failed-AVP")] == [missing]
    answer = sh.ask(SH, "User-Data", identity(user.impu), ["Data-Reference", 4000000000])
    assert answer.result == 5004 and answer.get("Failed-AVP", "Data-Reference") == 4000000000
    assert sh.ask(CX, "Location-Info", ["Public-Identity", "sip:nobody@ims.test"]).result == ("3GPP", 5001)  # one connection for both

