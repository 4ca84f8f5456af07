# SPDX-License-Identifier: Apache-2.0
"""Provisioning over REST: who may, what a subscriber is, and what is said of what is wrong. [RFC 6750, RFC 7396, RFC 9110, RFC 9457]"""
import http.client
import json
import ssl

import pytest

from hss_alone import ADDRESS, ROOT, another, cx, hss, make_user, trusting, user  # noqa: F401
from hss_alone import wire
from rest import PROFILE, assert_problem

pytestmark = pytest.mark.store("sqlite", "postgresql")


# ---- who may ---- [RFC 6750]

@pytest.mark.parametrize("method,path", [("GET", "/v1/subscribers"), ("GET", "/v1/subscribers/a@ims.test"), ("PUT", "/v1/subscribers/a@ims.test"),
                                         ("PATCH", "/v1/subscribers/a@ims.test"), ("DELETE", "/v1/subscribers/a@ims.test"),
                                         ("POST", "/v1/subscribers"), ("GET", "/v1/profiles"), ("PUT", "/v1/profiles/x"),
                                         ("DELETE", "/v1/profiles/x"), ("GET", "/v1/profiles/x")])
def test_without_the_token_nothing_is_told_or_done(hss, method, path):
    body = '{"impi": "a@ims.test", "identities": [{"impu": "sip:a@ims.test"}]}' if method in ("PUT", "POST", "PATCH") else None
    for headers in ({"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}, {"Authorization": "Basic " + hss.token()},
                    {"Authorization": ""}, {"Authorization": "Bearer " + hss.token()[:-1]}, {"Authorization": "Bearer " + hss.token() + "0"},
                    {"Authorization": "Bearer " + "x" * 4000}):
        r = hss.rest(method, path, body, headers=headers)
        assert_problem(r, 401)
        assert r.headers["WWW-Authenticate"].startswith("Bearer")
    assert hss.rest("GET", "/v1/subscribers/a@ims.test").status == 404


def test_the_token_lies_in_a_file_for_its_owner_only(hss):
    for name in ("admin.token", "master.key"):
        assert (hss.state / name).stat().st_mode & 0o077 == 0
    assert len(hss.token()) >= 32


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_the_door_speaks_tls_only(hss):
    c = http.client.HTTPConnection(ADDRESS, 8443, timeout=5)
    with pytest.raises((http.client.HTTPException, OSError)):
        c.request("GET", "/v1/subscribers")
        c.getresponse()
    old = trusting(hss.pki)
    old.minimum_version, old.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    c = http.client.HTTPSConnection(ADDRESS, 8443, context=old, timeout=5)
    with pytest.raises(OSError):
        c.request("GET", "/v1/subscribers")


def test_an_address_that_nobody_has_is_404_and_a_method_405(hss):
    assert_problem(hss.rest("GET", "/v1/nothing"), 404)
    r = hss.rest("PUT", "/v1/subscribers", {})
    assert_problem(r, 405)
    assert "GET" in r.headers["Allow"]


# ---- a subscriber's life ----

WHOLE = {"impi": "whole@ims.test", "subscription": "family", "credentials": {"scheme": "digest", "password": "wholly-secret"},
         "identities": [{"impu": "sip:whole@ims.test", "barred": False, "set": 1, "display_name": "Whole \u00dc"},
                        {"impu": "tel:+15557000", "barred": True, "set": 2}, {"impu": "sip:psi@ims.test", "set": 3, "kind": "psi",
                                                                              "as": "sip:as.ims.test", "barred": False}],
         "capabilities": {"mandatory": [1], "optional": [2, 3], "servers": ["sip:scscf.ims.test"]}, "visited_networks": ["a.test", "b.test"],
         "charging": {"primary_ccf": "aaa://ccf.ims.test"},
         "cloud": [{"provider": "lab", "user": "whole", "project": "p", "domain": "d", "role": "member", "registration_guard": "window",
                    "second_factor": True, "services": {"compute": 3, "network": None}}]}


def test_what_was_put_is_got_but_for_the_secrets(hss):
    r = hss.rest("PUT", "/v1/subscribers/whole@ims.test", WHOLE)
    assert r.status == 201
    shown = hss.rest("GET", "/v1/subscribers/whole@ims.test")
    assert shown.status == 200 and shown.json == r.json
    expected = {**WHOLE, "credentials": {"scheme": "digest", "algorithms": ["SHA-256", "MD5"], "realm": "ims.test"},
                "registration": {"state": "not registered"}}
    assert shown.json == expected
    assert hss.rest("PUT", "/v1/subscribers/whole@ims.test", shown.json | {"credentials": WHOLE["credentials"]}).json == expected
    assert hss.rest("DELETE", "/v1/subscribers/whole@ims.test").status == 204
    for method in ("GET", "DELETE"):
        assert_problem(hss.rest(method, "/v1/subscribers/whole@ims.test"), 404)


def test_the_subscriber_of_the_manual_is_one(hss):
    text = (ROOT / "docs/provisioning.md").read_text()
    example = json.loads(text.split("```json")[1].split("```")[0])
    r = hss.rest("PUT", "/v1/subscribers/" + example["impi"], example)
    assert r.status == 201
    for member in example:
        if member not in ("credentials", "identities", "cloud"):
            assert r.json[member] == example[member]
    assert [i["impu"] for i in r.json["identities"]] == [i["impu"] for i in example["identities"]]


def test_post_creates_once(hss):
    body = {"impi": "once@ims.test", "identities": [{"impu": "sip:once@ims.test"}]}
    r = hss.rest("POST", "/v1/subscribers", body)
    assert r.status == 201 and r.json["identities"][0]["impu"] == "sip:once@ims.test"
    assert_problem(hss.rest("POST", "/v1/subscribers", body), 409, "impi")
    assert_problem(hss.rest("POST", "/v1/subscribers/once@ims.test", body), 409, "impi")
    assert_problem(hss.rest("POST", "/v1/subscribers", {"identities": body["identities"]}), 422, "impi")


def test_put_replaces_all_but_credentials_that_are_left_out(hss, cx):
    user = make_user(hss, capabilities=[1], visited_networks=["a.test"])
    r = hss.rest("PUT", f"/v1/subscribers/{user.impi}", {"identities": [{"impu": f"sip:new-{user.impi}"}]})
    assert r.status == 200
    assert [i["impu"] for i in r.json["identities"]] == [f"sip:new-{user.impi}"]
    assert "capabilities" not in r.json and "visited_networks" not in r.json
    assert cx.mar(user.impi, f"sip:new-{user.impi}").result == "SUCCESS"
    assert cx.uar(user.impi, user.impu).result == "cx:USER_UNKNOWN"


def test_patch_merges_and_null_takes_away(hss, cx):
    user = make_user(hss, capabilities=[1], charging={"primary_ccf": "aaa://x.test"})
    r = hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"capabilities": {"mandatory": [2]}, "charging": None})
    assert r.status == 200 and r.json["capabilities"]["mandatory"] == [2] and "charging" not in r.json
    assert [i["impu"] for i in r.json["identities"]] == [user.impu, user.tel]
    assert hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"credentials": None}).json["credentials"] == {"scheme": "none"}
    assert cx.mar(user.impi, user.impu).result == "cx:AUTH_SCHEME_NOT_SUPPORTED"
    assert_problem(hss.rest("PATCH", "/v1/subscribers/nobody@ims.test", {}), 404)


def test_a_change_of_the_password_counts_at_once(hss, cx, user):
    first = cx.mar(user.impi, user.impu).raw
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"credentials": {"scheme": "digest", "password": "another"}})
    digest = cx.mar(user.impi, user.impu).all(wire.SIP_AUTH_DATA_ITEM)[0].inner.inner(wire.SIP_DIGEST_AUTHENTICATE).get(wire.DIGEST_HA1)
    assert digest.data not in first


def test_a_subscriber_that_goes_takes_its_registration_along(hss, cx, user):
    cx.mar(user.impi, user.impu)
    cx.sar(user.impi, user.impu, 1)
    assert hss.rest("DELETE", f"/v1/subscribers/{user.impi}").status == 204
    assert cx.lir(user.impu).result == "cx:USER_UNKNOWN" and cx.uar(user.impi, user.impu).result == "cx:USER_UNKNOWN"


def test_identities_are_shared_within_a_subscription_only(hss):
    user = make_user(hss)
    r = hss.rest("PUT", "/v1/subscribers/thief@ims.test", {"identities": [{"impu": "sip:thief@ims.test"}, {"impu": user.impu.upper()
                                                                                                          .replace("SIP:U", "sip:u")}]})
    assert_problem(r, 409, "identities[1].impu", user.impi)
    assert_problem(hss.rest("GET", "/v1/subscribers/thief@ims.test"), 404)  # nothing of it stayed
    assert hss.put("brother@ims.test", subscription=user.impi, identities=[{"impu": user.impu}])["subscription"] == user.impi
    hss.rest("DELETE", f"/v1/subscribers/{user.impi}")
    assert [i["impu"] for i in hss.rest("GET", "/v1/subscribers/brother@ims.test").json["identities"]] == [user.impu]


def test_the_list_comes_in_pages_in_the_order_of_names(hss):
    for i in range(5):
        hss.put(f"zz{i}@page.test")
    page = hss.rest("GET", "/v1/subscribers?limit=2&after=zz0@page.test").json
    assert [s["impi"] for s in page["subscribers"]] == ["zz1@page.test", "zz2@page.test"] and page["total"] >= 5
    for limit in ("0", "1001", "x", "-1", "", "10x", "99999999999999999999"):
        assert_problem(hss.rest("GET", f"/v1/subscribers?limit={limit}"), 400, "limit")


# ---- what is wrong ---- [RFC 9457]

ID = [{"impu": "sip:wrong@ims.test"}]


@pytest.mark.parametrize("body,field", [
    ({}, "identities"), ({"identities": []}, "identities"), ({"identities": ID, "colour": "red"}, "colour"),
    ({"identities": [{"impu": "mailto:x"}]}, "identities[0].impu"), ({"identities": ID + [{"barred": True}]}, "identities[1].impu"),
    ({"identities": [{"impu": "sip:a b@ims.test"}]}, "identities[0].impu"), ({"identities": [{"impu": "tel:nobody"}]}, "identities[0].impu"),
    ({"identities": [{"impu": "sip:" + "x" * 300 + "@ims.test"}]}, "identities[0].impu"),
    ({"identities": [{**ID[0], "barred": "yes"}]}, "identities[0].barred"), ({"identities": [{**ID[0], "set": -1}]}, "identities[0].set"),
    ({"identities": [{**ID[0], "profile": "no such"}]}, "identities[0].profile"), ({"identities": [{**ID[0], "kind": "x"}]}, "identities[0].kind"),
    ({"identities": [{**ID[0], "extra": 1}]}, "identities[0].extra"), ({"identities": [{**ID[0], "display_name": "a\u0001b"}]},
                                                                       "identities[0].display_name"),
    ({"identities": [{**ID[0], "display_name": ""}]}, "identities[0].display_name"),
    ({"identities": [{**ID[0], "as": "tel:+1555"}]}, "identities[0].as"),
    ({"identities": ID, "capabilities": {"servers": ["scscf.ims.test"]}}, "capabilities.servers"),
    ({"identities": ID, "credentials": {"scheme": "digest", "password": ""}}, "credentials.password"),
    ({"identities": ID, "profile": "<ServiceProfile>"}, "profile"), ({"identities": ID, "profile": PROFILE.format(-1)}, "profile"),
    ({"identities": ID, "impi": "other@ims.test"}, "impi"), ({"identities": ID, "credentials": {}}, "credentials.scheme"),
    ({"identities": ID, "credentials": {"scheme": "basic"}}, "credentials.scheme"),
    ({"identities": ID, "credentials": {"scheme": "digest"}}, "credentials.password"),
    ({"identities": ID, "credentials": {"scheme": "digest", "password": "x", "ha1": {}}}, "credentials.password"),
    ({"identities": ID, "credentials": {"scheme": "digest", "ha1": {"MD5": "12"}}}, "credentials.ha1"),
    ({"identities": ID, "credentials": {"scheme": "digest", "password": "x", "k": "0" * 32}}, "credentials.k"),
    ({"identities": ID, "credentials": {"scheme": "aka", "opc": "0" * 32}}, "credentials.k"),
    ({"identities": ID, "credentials": {"scheme": "aka", "k": "0" * 31, "opc": "0" * 32}}, "credentials.k"),
    ({"identities": ID, "credentials": {"scheme": "aka", "k": "0" * 32}}, "credentials.opc"),
    ({"identities": ID, "credentials": {"scheme": "aka", "k": "0" * 32, "opc": "0" * 32, "op": "0" * 32}}, "credentials.opc"),
    ({"identities": ID, "credentials": {"scheme": "aka", "k": "0" * 32, "opc": "0" * 32, "amf": "80"}}, "credentials.amf"),
    ({"identities": ID, "credentials": {"scheme": "aka", "k": "0" * 32, "opc": "0" * 32, "sqn": 1 << 48}}, "credentials.sqn"),
    ({"identities": ID, "capabilities": ["1"]}, "capabilities"), ({"identities": ID, "capabilities": {"optional": [-1]}}, "capabilities.optional"),
    ({"identities": ID, "capabilities": {"servers": [1]}}, "capabilities.servers"), ({"identities": ID, "visited_networks": "x"}, "visited_networks"),
    ({"identities": ID, "charging": {"x": "y"}}, "charging.x"), ({"identities": ID, "cloud": [{}]}, "cloud[0].provider"),
    ({"identities": ID, "cloud": [{"provider": "a", "registration_guard": "x"}]}, "cloud[0].registration_guard"),
    ({"identities": ID, "cloud": [{"provider": "a", "services": {"compute": -2}}]}, "cloud[0].services.compute"),
    ({"identities": ID, "cloud": [{"provider": "a"}, {"provider": "a"}]}, "cloud[1].provider")])
def test_a_bad_field_is_named_and_nothing_is_stored(hss, body, field):
    assert_problem(hss.rest("PUT", "/v1/subscribers/wrong@ims.test", body), 422, field)
    assert hss.rest("GET", "/v1/subscribers/wrong@ims.test").status == 404


@pytest.mark.parametrize("body", ["", "{", "[1,]", '{"a": 1, "a": 2}', b"\xef\xbb\xbf{}", '{"impi": "\ud800"}'.encode("utf-8", "surrogatepass"), b"\xff\xfe",
                                  "[" * 5000])
def test_what_is_no_json_is_400_with_its_place(hss, body):
    assert_problem(hss.rest("PUT", "/v1/subscribers/wrong@ims.test", body), 400, None, "line")


@pytest.mark.parametrize("impi", ["alice", "a@b@c", "%00a@ims.test", "a%20b@ims.test", "x" * 250 + "@ims.test", "%ff@ims.test"])
def test_a_bad_name_is_refused(hss, impi):
    assert hss.rest("PUT", f"/v1/subscribers/{impi}", {"identities": ID}).status in (400, 422)


def test_json_that_is_no_object_is_refused(hss):
    for body in ("1", "null", "[]", '"x"'):
        assert hss.rest("PUT", "/v1/subscribers/wrong@ims.test", body).status in (400, 422)
        assert hss.rest("POST", "/v1/subscribers", body).status in (400, 422)


# ---- service profiles ----

def test_a_profile_has_a_life_of_its_own(hss, cx):
    put = {"headers": {"Content-Type": "application/xml"}}
    assert hss.rest("PUT", "/v1/profiles/gold", PROFILE.format(1), **put).status == 201
    assert hss.rest("PUT", "/v1/profiles/gold", PROFILE.format(7), **put).status == 204
    assert "<Priority>7</Priority>" in hss.rest("GET", "/v1/profiles/gold").body.decode()
    assert "gold" in hss.rest("GET", "/v1/profiles").json["profiles"]
    user = make_user(hss, profile="gold")
    assert user.shown["identities"][0]["profile"] == "gold"
    assert b"<Priority>7</Priority>" in cx.sar(user.impi, user.impu, 1).get(wire.USER_DATA).data
    hss.rest("PUT", "/v1/profiles/gold", PROFILE.format(9), **put)
    assert b"<Priority>9</Priority>" in cx.sar(user.impi, user.impu, 1).get(wire.USER_DATA).data
    assert_problem(hss.rest("DELETE", "/v1/profiles/gold"), 409)
    hss.rest("DELETE", f"/v1/subscribers/{user.impi}")
    assert hss.rest("DELETE", "/v1/profiles/gold").status == 204
    assert_problem(hss.rest("GET", "/v1/profiles/gold"), 404)
    assert_problem(hss.rest("DELETE", "/v1/profiles/gold"), 404)


@pytest.mark.parametrize("xml", ["", "<x/>", "<ServiceProfile>", "<ServiceProfile/><ServiceProfile/>",
                                 PROFILE.format(1).replace("sip:as.ims.test", ""),
                                 "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><ServiceProfile>&a;</ServiceProfile>",
                                 PROFILE.format(1).replace("<ApplicationServer>", "<TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF></TriggerPoint>"
                                                           "<ApplicationServer>")])
def test_a_profile_that_is_none_is_refused(hss, xml):
    assert_problem(hss.rest("PUT", "/v1/profiles/bad", xml, headers={"Content-Type": "application/xml"}), 422)
    assert hss.rest("GET", "/v1/profiles/bad").status == 404


# ---- secrets ----

def test_secrets_go_in_and_never_come_out(hss, cx):
    secrets = ["Correct-Horse-Battery", "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100", "0123456789abcdef" * 2]
    hss.put("s1@ims.test", credentials={"scheme": "digest", "password": secrets[0]})
    hss.put("s2@ims.test", credentials={"scheme": "aka", "k": secrets[1], "opc": secrets[2]})
    hss.put("s3@ims.test", credentials={"scheme": "digest", "ha1": {"MD5": secrets[3]}})
    r = hss.rest("PUT", "/v1/subscribers/s4@ims.test", {"identities": ID, "credentials": {"scheme": "aka", "k": secrets[1], "op": secrets[0]}})
    assert r.status == 422
    for i in (1, 2, 3):
        cx.mar(f"s{i}@ims.test", f"sip:s{i}@ims.test", "Unknown")
    outside = [r.body] + [hss.rest("GET", f"/v1/subscribers/s{i}@ims.test").body for i in (1, 2, 3)]
    outside += [hss.rest("GET", "/v1/subscribers?limit=1000").body, hss.ops("/trace").body, hss.ops("/metrics").body]
    outside += [p.read_bytes() for p in hss.dir.rglob("*") if p.is_file()]
    for secret in [s.encode() for s in secrets] + [bytes.fromhex(s) for s in secrets[1:]] + [hss.token().encode()]:
        found = [data[:40] for data in outside if secret in data and data.strip() != hss.token().encode()]
        assert not found, secret
    assert len(outside) > 10


# ---- bounds ----

def test_a_body_that_is_too_long_is_413(another):
    h = another(options="rest: {body_mb: 1}\n")
    headers = {"Authorization": "Bearer " + h.token(), "Content-Type": "application/json"}
    c = http.client.HTTPSConnection(h.address, 8443, context=trusting(h.pki), timeout=10)
    c.request("POST", "/v1/subscribers", headers={**headers, "Content-Length": str(2 << 20)})  # the length alone
    assert c.getresponse().status == 413
    c.close()
    assert h.rest("POST", "/v1/subscribers", iter([b"\n" * 65536] * 20), headers=headers).status == 413  # in chunks
    assert h.rest("GET", "/v1/subscribers").json["total"] == 0
