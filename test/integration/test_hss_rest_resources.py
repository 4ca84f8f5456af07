# SPDX-License-Identifier: Apache-2.0
"""Every resource of the REST door: what is put is got, what is wrong is named, and the S-CSCF of a registered user hears of it."""
import pytest

from hss_alone import another, hss, make_user, user  # noqa: F401
from rest import PROFILE, XML, assert_problem, etag, numbers
from test_hss_push import DEREGISTRATION_REASON, REASON_CODE, scscf, register, told  # noqa: F401
from test_hss_cx import user_data
from hss_alone import wire

pytestmark = pytest.mark.store("sqlite", "postgresql")

REASON_INFO, SERVER_CHANGE, REMOVE_SCSCF = 617, 2, 3


def identity(user, path="/v1/identities/"):
    return path + user.impu


# ---- public identities ----

def test_an_identity_is_shown_with_whose_it_is(hss, user):
    r = hss.rest("GET", identity(user))
    assert r.status == 200
    assert r.json == {"impu": user.impu, "barred": False, "set": 1, "subscription": user.impi, "impis": [user.impi],
                      "registration": {"state": "not registered"}}
    assert hss.rest("GET", "/v1/identities/" + user.impu.replace("@ims.test", "@IMS.TEST")).json == r.json
    assert_problem(hss.rest("GET", "/v1/identities/sip:nobody@ims.test"), 404)
    assert_problem(hss.rest("GET", "/v1/identities/nonsense"), 404)


def test_identities_are_listed_in_pages(hss):
    for i in range(5):
        make_user(hss, identities=[{"impu": f"sip:zy{i}@page.test"}])
    r = hss.rest("GET", "/v1/identities?limit=2&after=sip:zy0@page.test")
    assert [i["impu"] for i in r.json["identities"]] == ["sip:zy1@page.test", "sip:zy2@page.test"]
    following = hss.rest("GET", r.json["next"])
    assert r.headers["Link"] == f'<{r.json["next"]}>; rel="next"'
    assert [i["impu"] for i in following.json["identities"]][:2] == ["sip:zy3@page.test", "sip:zy4@page.test"]


def test_an_identity_is_changed_alone_and_its_server_told(hss, scscf, user):
    register(scscf, user)
    hss.rest("PUT", "/v1/profiles/ident", PROFILE.format(3), headers=XML)
    r = hss.rest("PATCH", identity(user), {"display_name": "Ida", "profile": "ident"})
    assert r.status == 200 and r.json["display_name"] == "Ida" and r.json["registration"]["state"] == "registered"
    ppr = told(scscf, wire.PPR)
    assert user_data(ppr).findtext(".//DisplayName") == "Ida" and user_data(ppr).findtext(".//Priority") == "3"
    assert hss.rest("PATCH", identity(user), {"display_name": None, "barred": True}).json.get("display_name") is None
    assert [b.text for b in user_data(told(scscf, wire.PPR)).iter("BarringIndication")] == ["1"]
    shown = hss.rest("GET", f"/v1/subscribers/{user.impi}").json["identities"]
    assert [(i["impu"], i["barred"]) for i in shown] == [(user.impu, True), (user.tel, False)]  # the other as before, the order, too
    r = hss.rest("PUT", identity(user), hss.rest("GET", identity(user)).json | {"barred": False})  # what was shown comes back
    assert r.status == 200 and r.json["profile"] == "ident"
    told(scscf, wire.PPR)


def test_an_identity_that_leaves_a_registered_set_is_told(hss, scscf, user):
    register(scscf, user)
    assert hss.rest("PATCH", "/v1/identities/" + user.tel, {"set": 2}).json["set"] == 2
    assert [i.text for i in user_data(told(scscf, wire.PPR)).iter("Identity")] == [user.impu]
    assert hss.rest("GET", "/v1/identities/" + user.tel).json["registration"]["state"] == "not registered"


@pytest.mark.parametrize("body,field", [({"barred": 1}, "barred"), ({"colour": 1}, "colour"), ({"set": -1}, "set"), ({"set": 1000001}, "set"),
                                        ({"profile": "no such"}, "profile"), ({"as": "tel:+1"}, "as"), ({"kind": "x"}, "kind"),
                                        ({"impu": "sip:other@ims.test"}, "impu"), ({"display_name": "\u0007"}, "display_name")])
def test_a_wrong_member_of_an_identity_is_named(hss, user, body, field):
    before = hss.rest("GET", identity(user))
    for method in ("PATCH", "PUT"):
        assert_problem(hss.rest(method, identity(user), body), 422, field)
    after = hss.rest("GET", identity(user))
    assert after.json == before.json and etag(after) == etag(before)


def test_a_change_of_one_member_of_an_identity_leaves_all_others(hss):
    whole = {"impu": f"sip:whole{next(numbers)}@ims.test", "barred": True, "set": 3, "display_name": "W", "kind": "psi", "as": "sip:as.ims.test",
             "loose_route": True, "alias_group": "g", "priority_level": 2, "max_registrations": 5, "trace": "ids"}
    user = make_user(hss, identities=[{"impu": "sip:first@whole.test"}, whole])
    before = hss.rest("GET", f"/v1/subscribers/{user.impi}").json
    assert hss.rest("PATCH", "/v1/identities/" + whole["impu"], {"barred": False}).status == 200
    before["identities"][1]["barred"] = False
    assert hss.rest("GET", f"/v1/subscribers/{user.impi}").json == before


def test_an_identity_is_made_with_its_subscriber_only(hss):
    assert_problem(hss.rest("PUT", "/v1/identities/sip:new@ims.test", {"barred": False}), 404)
    assert hss.rest("DELETE", "/v1/identities/sip:new@ims.test").status == 405


# ---- service profiles as JSON ----

WHOLE = {"media_profile": 4, "shared_ifc_sets": [1, 7], "criteria": [
    {"priority": 0, "server": "sip:first.ims.test", "default_handling": "terminate", "service_info": "<x>&amp;</x>", "part": "registered",
     "include_register_request": True, "include_register_response": True,
     "trigger": {"form": "dnf", "spts": [
         {"negated": False, "groups": [0], "registration_types": ["initial", "de"], "method": "REGISTER"},
         {"negated": True, "groups": [0, 31], "request_uri": "sip:.*@x"},
         {"negated": False, "groups": [1], "session_case": "originating-cdiv"},
         {"negated": False, "groups": [1], "header": "Subject", "content": "<&>"},
         {"negated": False, "groups": [2], "line": "m", "content": "audio"}]}},
    {"priority": 9, "server": "sip:last.ims.test", "default_handling": "continue", "include_register_request": False,
     "include_register_response": False}]}


def test_a_profile_is_the_same_as_json_and_as_xml(hss):
    r = hss.rest("PUT", "/v1/profiles/json", WHOLE)
    assert r.status == 201, r
    assert r.json == {"name": "json", **WHOLE}
    xml = hss.rest("GET", "/v1/profiles/json")
    assert xml.headers["Content-Type"] == "application/xml" and etag(xml) == etag(r)
    assert hss.rest("PUT", "/v1/profiles/json", {}).json["criteria"] == []
    assert hss.rest("PUT", "/v1/profiles/json", xml.body, headers=XML).status == 204
    r = hss.rest("GET", "/v1/profiles/json", headers={"Accept": "application/json"})
    assert r.headers["Content-Type"] == "application/json" and r.json == {"name": "json", **WHOLE}
    assert hss.rest("PATCH", "/v1/profiles/json", {"media_profile": None, "criteria": []}).json == {"name": "json", "shared_ifc_sets": [1, 7],
                                                                                                  "criteria": []}
    assert hss.rest("POST", "/v1/profiles", {"name": "json"}).status == 409
    assert hss.rest("POST", "/v1/profiles", {"name": "posted"}).status == 201
    assert hss.rest("DELETE", "/v1/profiles/posted").status == 204


def with_criterion(**members):
    return {"criteria": [{"priority": 1, "server": "sip:as.ims.test", **members}]}


def with_spt(**members):
    return with_criterion(trigger={"spts": [members]})


@pytest.mark.parametrize("body,field", [
    ({"x": 1}, "x"), ({"name": "other"}, "name"), ({"media_profile": -1}, "media_profile"), ({"shared_ifc_sets": [1 << 31]}, "shared_ifc_sets"),
    ({"criteria": {}}, "criteria"), ({"criteria": [1]}, "criteria[0]"), (with_criterion(priority=-1), "criteria[0].priority"),
    (with_criterion(priority=1 << 31), "criteria[0].priority"), (with_criterion(priority=None), "criteria[0].priority"),
    (with_criterion(server="as"), "criteria[0].server"), (with_criterion(server=None), "criteria[0].server"),
    (with_criterion(default_handling="x"), "criteria[0].default_handling"), (with_criterion(part="both"), "criteria[0].part"),
    (with_criterion(include_register_request=1), "criteria[0].include_register_request"), (with_criterion(y=1), "criteria[0].y"),
    (with_criterion(trigger={"spts": []}), "criteria[0].trigger.spts"), (with_criterion(trigger={"form": "x", "spts": [{}]}), "criteria[0].trigger.form"),
    (with_spt(), "criteria[0].trigger.spts[0]"), (with_spt(method="A", line="m"), "criteria[0].trigger.spts[0].line"),
    (with_spt(method="A", content="x"), "criteria[0].trigger.spts[0].content"), (with_spt(method="A", groups=[32]), "criteria[0].trigger.spts[0].groups"),
    (with_spt(session_case="x"), "criteria[0].trigger.spts[0].session_case"), (with_spt(method=""), "criteria[0].trigger.spts[0].method"),
    (with_spt(method="A", registration_types=["x"]), "criteria[0].trigger.spts[0].registration_types"),
    (with_spt(method="A", negated="no"), "criteria[0].trigger.spts[0].negated"), (with_spt(method="A", z=1), "criteria[0].trigger.spts[0].z")])
def test_a_wrong_member_of_a_profile_is_named(hss, body, field):
    assert_problem(hss.rest("PUT", "/v1/profiles/wrong", body), 422, field)
    assert hss.rest("GET", "/v1/profiles/wrong").status == 404


def test_two_criteria_of_one_priority_are_refused(hss):  # [TS 29.228 B.2.2]
    twice = {"criteria": 2 * with_criterion()["criteria"]}
    assert_problem(hss.rest("PUT", "/v1/profiles/wrong", twice), 422, None, "same Priority")


def test_a_profile_changed_as_json_is_pushed(hss, scscf):
    hss.rest("PUT", "/v1/profiles/pushed", with_criterion())
    user = make_user(hss, profile="pushed")
    register(scscf, user)
    assert hss.rest("PATCH", "/v1/profiles/pushed", with_criterion(priority=8)).status == 200
    assert user_data(told(scscf, wire.PPR)).findtext(".//Priority") == "8"


# ---- filter criteria ----

def test_a_filter_criterion_has_a_life_of_its_own(hss, scscf):
    name = f"crit{next(numbers)}"
    hss.rest("PUT", f"/v1/profiles/{name}", with_criterion(priority=5))
    user = make_user(hss, profile=name)
    register(scscf, user)
    new = {"profile": name, "priority": 2, "server": "sip:second.ims.test", "trigger": {"spts": [{"method": "MESSAGE"}]}}
    r = hss.rest("POST", "/v1/filter-criteria", new)
    assert r.status == 201 and r.json["trigger"]["form"] == "cnf" and r.json["profile"] == name
    assert [p.text for p in user_data(told(scscf, wire.PPR)).iter("Priority")] == ["2", "5"]
    assert_problem(hss.rest("POST", "/v1/filter-criteria", new), 409)
    r = hss.rest("PATCH", f"/v1/filter-criteria/{name}/2", {"priority": 7, "trigger": None})
    assert r.status == 200 and r.json["priority"] == 7 and "trigger" not in r.json
    assert [p.text for p in user_data(told(scscf, wire.PPR)).iter("Priority")] == ["5", "7"]
    assert_problem(hss.rest("GET", f"/v1/filter-criteria/{name}/2"), 404)
    assert_problem(hss.rest("PATCH", f"/v1/filter-criteria/{name}/7", {"priority": 5}), 409, "priority")
    assert hss.rest("PUT", f"/v1/filter-criteria/{name}/7", {"server": "sip:third.ims.test"}).json["server"] == "sip:third.ims.test"
    told(scscf, wire.PPR)
    assert_problem(hss.rest("PUT", f"/v1/filter-criteria/{name}/7", {"priority": 6, "server": "sip:x"}), 422, "priority")
    listed = hss.rest("GET", f"/v1/filter-criteria?profile={name}")
    assert [c["priority"] for c in listed.json["filter_criteria"]] == [5, 7] and etag(listed) == etag(hss.rest("GET", f"/v1/profiles/{name}"))
    page = hss.rest("GET", f"/v1/filter-criteria?limit=1&after={name}/5").json["filter_criteria"]
    assert [(c["profile"], c["priority"]) for c in page] == [(name, 7)]
    assert hss.rest("DELETE", f"/v1/filter-criteria/{name}/5").status == 204
    assert [p.text for p in user_data(told(scscf, wire.PPR)).iter("Priority")] == ["7"]
    assert_problem(hss.rest("DELETE", f"/v1/filter-criteria/{name}/5"), 404)


@pytest.mark.parametrize("body,field", [({}, "profile"), ({"profile": "crit"}, "profile"), ({"profile": "crit", "priority": 1}, "server"),
                                        ({"profile": "crit", "priority": 1, "server": "x"}, "server"),
                                        ({"profile": "crit", "priority": 1, "server": "sip:as", "trigger": {"spts": [{"line": ""}]}}, "trigger.spts[0].line")])
def test_a_wrong_member_of_a_criterion_is_named(hss, body, field):
    hss.rest("PUT", "/v1/profiles/crit", {})
    assert_problem(hss.rest("POST", "/v1/filter-criteria", body), 422, field)
    assert hss.rest("GET", "/v1/profiles/crit", headers={"Accept": "application/json"}).json["criteria"] == []


def test_a_criterion_needs_its_profile(hss):
    assert_problem(hss.rest("PUT", "/v1/filter-criteria/no-such/1", {"server": "sip:as"}), 404)
    assert_problem(hss.rest("GET", "/v1/filter-criteria?profile=no-such"), 404, "profile")


# ---- charging ----

def test_charging_of_a_subscription_and_by_default(another):
    hss = another()
    scscf = hss.connect("scscf.ims.test")
    plain, own = make_user(hss), make_user(hss, charging={"primary_ccf": "aaa://own.ims.test"})
    register(scscf, plain)
    register(scscf, own)
    assert hss.rest("GET", f"/v1/charging/{own.impi}").json == {"subscription": own.impi, "primary_ccf": "aaa://own.ims.test"}
    assert hss.rest("PUT", f"/v1/charging/{own.impi}", {"primary_ecf": "aaa://e.ims.test"}).status == 200
    assert told(scscf, wire.PPR).inner(wire.CHARGING_INFORMATION).get(wire.PRIMARY_CCF) is None
    assert hss.rest("PATCH", f"/v1/charging/{own.impi}", {"secondary_ccf": "aaa://s.ims.test"}).json["primary_ecf"] == "aaa://e.ims.test"
    told(scscf, wire.PPR)
    assert [c["subscription"] for c in hss.rest("GET", "/v1/charging").json["charging"]] == [own.impi]
    assert_problem(hss.rest("GET", "/v1/charging-default"), 404)
    assert hss.rest("PUT", "/v1/charging-default", {"primary_ccf": "aaa://all.ims.test"}).status == 201
    ppr = told(scscf, wire.PPR)  # of the one without its own alone
    assert ppr.text(wire.USER_NAME) == plain.impi and ppr.inner(wire.CHARGING_INFORMATION).text(wire.PRIMARY_CCF) == "aaa://all.ims.test"
    assert scscf.sar(plain.impi, plain.impu, 2).inner(wire.CHARGING_INFORMATION).text(wire.PRIMARY_CCF) == "aaa://all.ims.test"
    assert "charging" not in hss.rest("GET", f"/v1/subscribers/{plain.impi}").json
    assert hss.rest("DELETE", f"/v1/charging/{own.impi}").status == 204
    assert told(scscf, wire.PPR).inner(wire.CHARGING_INFORMATION).text(wire.PRIMARY_CCF) == "aaa://all.ims.test"
    assert hss.rest("DELETE", "/v1/charging-default").status == 204
    assert {told(scscf, wire.PPR).text(wire.USER_NAME) for _ in range(2)} == {plain.impi, own.impi}
    assert_problem(hss.rest("DELETE", "/v1/charging-default"), 404)
    assert_problem(hss.rest("PUT", f"/v1/charging/{own.impi}", {"x": "y"}), 422, "x")
    assert_problem(hss.rest("PUT", "/v1/charging-default", {"primary_ccf": 1}), 422, "primary_ccf")
    assert_problem(hss.rest("PUT", "/v1/charging/no-such", {}), 404)
    hss.stop()


# ---- cloud profiles ----

def test_a_cloud_profile_is_of_a_subscriber_and_a_provider(hss, user):
    path = f"/v1/cloud-profiles/{user.impi}/lab"
    body = {"user": "u", "project": "p", "registration_guard": "token", "services": {"compute": 2, "network": None}}
    r = hss.rest("PUT", path, body)
    assert r.status == 201 and r.json == {"impi": user.impi, "provider": "lab", "second_factor": False, **body}
    r = hss.rest("PATCH", path, {"services": {"compute": 5, "network": None, "volume": 1}, "second_factor": True})
    assert r.json["services"] == {"compute": 5, "volume": 1} and r.json["second_factor"]  # null takes away [RFC 7396]
    assert hss.rest("PUT", f"/v1/cloud-profiles/{user.impi}/other", {}).status == 201
    listed = hss.rest("GET", f"/v1/cloud-profiles?limit=1&after={user.impi}/lab").json["cloud_profiles"]
    assert [(c["impi"], c["provider"]) for c in listed] == [(user.impi, "other")]
    assert [c["provider"] for c in hss.rest("GET", f"/v1/subscribers/{user.impi}").json["cloud"]] == ["lab", "other"]
    assert hss.rest("DELETE", path).status == 204
    assert_problem(hss.rest("GET", path), 404)
    assert_problem(hss.rest("PUT", "/v1/cloud-profiles/nobody@ims.test/lab", {}), 404)
    assert_problem(hss.rest("PUT", "/v1/cloud-profiles/nobody", {}), 404)
    for wrong, field in (({"registration_guard": "x"}, "registration_guard"), ({"provider": "y"}, "provider"), ({"impi": "y"}, "impi"),
                         ({"services": {"compute": -1}}, "services.compute"), ({"x": 1}, "x"), ({"second_factor": 1}, "second_factor")):
        assert_problem(hss.rest("PUT", path, wrong), 422, field)


# ---- S-CSCFs ----

def test_s_cscfs_are_known_by_their_users_and_by_what_is_recorded(hss, scscf, user):
    name = "sip:one.ims.test"
    register(scscf, user)
    shown = hss.rest("GET", f"/v1/identities/{user.impu}").json["registration"]["scscf"]
    r = hss.rest("GET", f"/v1/scscf/{shown}")
    assert r.status == 200 and r.json["assigned"] >= 1 and scscf.identity in r.json["hosts"]
    users = hss.rest("GET", f"/v1/scscf/{shown}/users?limit=1000").json["users"]
    assert {"subscription": user.impi, "impis": [user.impi], "served": True} in users
    assert hss.rest("PUT", f"/v1/scscf/{name}", {"note": "in rack 2", "capabilities": [3, 1]}).status == 201
    assert hss.rest("GET", f"/v1/scscf/{name}").json == {"name": name, "note": "in rack 2", "capabilities": [1, 3], "hosts": [], "assigned": 0}
    assert hss.rest("PATCH", f"/v1/scscf/{name}", {"note": None}).json == {"name": name, "capabilities": [1, 3], "hosts": [], "assigned": 0}
    assert {name, shown} <= {s["name"] for s in hss.rest("GET", "/v1/scscf?limit=1000").json["scscf"]}
    assert hss.rest("DELETE", f"/v1/scscf/{name}").status == 204
    assert_problem(hss.rest("GET", f"/v1/scscf/{name}"), 404)
    for wrong, field in (({"capabilities": [-1]}, "capabilities"), ({"capabilities": "1"}, "capabilities"), ({"note": ""}, "note"), ({"x": 1}, "x"),
                         ({"name": "sip:other"}, "name")):
        assert_problem(hss.rest("PUT", f"/v1/scscf/{name}", wrong), 422, field)
    assert_problem(hss.rest("PUT", "/v1/scscf/one", {}), 422, "name")


def test_the_users_of_an_s_cscf_come_in_pages(hss, scscf):
    users = [make_user(hss) for _ in range(3)]
    name = None
    for u in users:
        register(scscf, u)
        name = hss.rest("GET", f"/v1/identities/{u.impu}").json["registration"]["scscf"]
    path, seen = f"/v1/scscf/{name}/users?limit=2", []
    while path:
        r = hss.rest("GET", path).json
        assert len(r["users"]) <= 2
        seen += [u["subscription"] for u in r["users"]]
        path = r.get("next")
    assert set(u.impi for u in users) <= set(seen) and len(seen) == len(set(seen))


# ---- what all have in common: ETags, dry runs ---- [RFC 9110 13.1]

def test_a_change_is_made_only_to_what_was_seen(hss, user):
    path = f"/v1/subscribers/{user.impi}"
    seen = hss.rest("GET", path)
    assert etag(hss.rest("GET", path)) == etag(seen)
    r = hss.rest("PATCH", path, {"visited_networks": ["a.test"]}, headers={"If-Match": f'"x", {etag(seen)}'})
    assert r.status == 200 and etag(r) != etag(seen)
    for method, body in (("PATCH", {"visited_networks": ["b.test"]}), ("PUT", {"identities": [{"impu": user.impu}]}), ("DELETE", None)):
        for tag in (etag(seen), "W/" + etag(r), '"0"'):
            assert_problem(hss.rest(method, path, body, headers={"If-Match": tag}), 412)
    assert hss.rest("GET", path).json == r.json
    assert hss.rest("PATCH", path, {}, headers={"If-Match": "*"}).status == 200
    assert_problem(hss.rest("PUT", "/v1/subscribers/absent@ims.test", {"identities": [{"impu": "sip:absent@ims.test"}]}, headers={"If-Match": "*"}), 412)
    body = {"identities": [{"impu": "sip:fresh@ims.test"}]}
    assert hss.rest("PUT", "/v1/subscribers/fresh@ims.test", body, headers={"If-None-Match": "*"}).status == 201
    assert_problem(hss.rest("PUT", "/v1/subscribers/fresh@ims.test", body, headers={"If-None-Match": "*"}), 412)
    gone = etag(hss.rest("GET", "/v1/subscribers/fresh@ims.test"))
    assert hss.rest("DELETE", "/v1/subscribers/fresh@ims.test", headers={"If-Match": gone}).status == 204
    assert etag(hss.rest("PUT", "/v1/subscribers/fresh@ims.test", body)) != gone  # the same again is another


def test_the_etag_changes_with_every_way_of_changing_it(hss, user):
    path, seen = f"/v1/subscribers/{user.impi}", set()
    for method, where, body in (("PATCH", path, {"capabilities": [1]}), ("PATCH", identity(user), {"barred": True}),
                                ("PUT", f"/v1/charging/{user.impi}", {}), ("PUT", f"/v1/cloud-profiles/{user.impi}/x", {}),
                                ("DELETE", f"/v1/cloud-profiles/{user.impi}/x", None),
                                ("PUT", "/v1/subscribers/sibling@ims.test", {"subscription": user.impi, "identities": [{"impu": user.impu}]}),
                                ("DELETE", "/v1/subscribers/sibling@ims.test", None)):
        seen.add(etag(hss.rest("GET", path)))
        assert hss.rest(method, where, body).status < 300
    seen.add(etag(hss.rest("GET", path)))
    assert len(seen) == 8


def test_what_get_shows_may_be_put_back(hss, user):
    path = f"/v1/subscribers/{user.impi}"
    shown = hss.rest("GET", path)
    r = hss.rest("PUT", path, shown.json, headers={"If-Match": etag(shown)})
    assert r.status == 200 and r.json == shown.json


def test_a_patch_merges_inside_of_members(hss):  # [RFC 7396]
    user = make_user(hss, capabilities={"mandatory": [1], "optional": [2]}, charging={"primary_ccf": "aaa://a", "primary_ecf": "aaa://b"})
    r = hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"capabilities": {"mandatory": [5]}, "charging": {"primary_ccf": None}})
    assert r.json["capabilities"] == {"mandatory": [5], "optional": [2], "servers": []} and r.json["charging"] == {"primary_ecf": "aaa://b"}


def test_a_dry_run_tells_and_changes_nothing(hss, scscf, user):
    register(scscf, user)
    path = f"/v1/subscribers/{user.impi}"
    before = hss.rest("GET", path)
    r = hss.rest("PATCH", path + "?dry_run=true", {"visited_networks": ["z.test"], "identities": [{"impu": user.impu, "display_name": "Dry"}]})
    assert r.status == 200 and r.json["dry_run"] is True and r.json["status"] == 200
    assert r.json["before"] == before.json and r.json["after"]["visited_networks"] == ["z.test"]
    assert set(r.json["change"]) == {"visited_networks", "identities"}
    assert [p["command"] for p in r.json["pushes"]] == ["PPR"] and r.json["pushes"][0]["scscf"] == scscf.identity
    after = hss.rest("GET", path)
    assert after.json == before.json and etag(after) == etag(before)  # and the fixture sees that nobody was told
    r = hss.rest("DELETE", path + "?dry_run=true")
    assert r.json["status"] == 204 and r.json["after"] is None and [p["command"] for p in r.json["pushes"]] == ["RTR"]
    assert hss.rest("GET", path).status == 200
    r = hss.rest("PUT", "/v1/subscribers/dry@ims.test?dry_run=true", {"identities": [{"impu": "sip:dry@ims.test"}]})
    assert r.json["status"] == 201 and r.json["before"] is None and r.json["after"]["impi"] == "dry@ims.test"
    assert hss.rest("GET", "/v1/subscribers/dry@ims.test").status == 404
    assert_problem(hss.rest("PUT", "/v1/subscribers/dry@ims.test?dry_run=true", {"identities": []}), 422, "identities")
    assert_problem(hss.rest("PUT", "/v1/subscribers/dry@ims.test?dry_run=yes", {}), 400, "dry_run")
    assert hss.rest("PUT", "/v1/profiles/dry?dry_run=true", PROFILE.format(1), headers=XML).json["status"] == 201
    assert hss.rest("GET", "/v1/profiles/dry").status == 404


def test_a_name_with_a_dot_in_it_is_pointed_at(hss, user):
    r = hss.rest("PUT", f"/v1/cloud-profiles/{user.impi}/lab", {"services": {"a.b/c~": "x"}})
    assert r.status == 422 and r.json["pointer"] == "/services/a.b~1c~0"


# ---- all users leave an S-CSCF ---- [TS 29.228 6.1.3]

def test_all_users_leave_an_s_cscf(another):
    hss = another()
    scscf = hss.connect("scscf.ims.test")
    scscf.sock.settimeout(30)  # an answer that came late has the HSS wait before it says the rest
    users = [make_user(hss) for _ in range(120)]  # more than one slice
    for u in users[:-1]:
        register(scscf, u)
    scscf.sar(users[-1].impi, users[-1].impu, 3)  # UNREGISTERED_USER: served, not registered
    name = hss.rest("GET", f"/v1/identities/{users[0].impu}").json["registration"]["scscf"]
    path = f"/v1/scscf/{name}/take-off"
    assert_problem(hss.rest("POST", path, {"reason": "boredom"}), 422, "reason")
    assert_problem(hss.rest("POST", path, {"x": 1}), 422, "x")
    r = hss.rest("POST", path + "?dry_run=true", {})
    assert r.json == {"name": name, "subscriptions": 120, "registrations": 120, "dry_run": True}
    assert hss.rest("GET", f"/v1/scscf/{name}").json["assigned"] == 120
    r = hss.rest("POST", path, {"info": "rack 2 goes"})
    assert (r.json["subscriptions"], r.json["registrations"]) == (120, 120)
    reasons = {}
    while len(reasons) < len(users):  # one may come again when its answer took long
        rtr = told(scscf, wire.RTR)
        reason = rtr.inner(DEREGISTRATION_REASON)
        assert reason.text(REASON_INFO) == "rack 2 goes"
        reasons[rtr.text(wire.USER_NAME)] = reason.numbers(REASON_CODE)
    assert reasons == {**{u.impi: [SERVER_CHANGE] for u in users[:-1]}, users[-1].impi: [REMOVE_SCSCF]}
    assert_problem(hss.rest("GET", f"/v1/scscf/{name}"), 404)  # nobody's any more
    uaa = scscf.uar(users[0].impi, users[0].impu)
    assert uaa.result == "cx:FIRST_REGISTRATION" and uaa.text(wire.SERVER_NAME) is None  # the I-CSCF chooses anew
    hss.stop()


# ---- bounds ----

@pytest.mark.parametrize("path", ["/v1/profiles/%ff", "/v1/profiles/a%01b", "/v1/profiles/" + "x" * 401, "/v1/scscf/sip:%c3%28", "/v1/identities/sip:%fe@x"])
def test_a_name_that_is_none_is_refused_in_the_address(hss, path):
    for method in ("GET", "PUT", "PATCH"):
        assert_problem(hss.rest(method, path, None if method == "GET" else "{}"), 400, None, "UTF-8")


def test_what_is_too_long_or_too_much_is_refused(hss, user):
    path = f"/v1/subscribers/{user.impi}"
    for body, field in (({"subscription": "x" * 4097}, "subscription"), ({"identities": [{"impu": f"sip:m{i}@x.test"} for i in range(257)]}, "identities"),
                        ({"cloud": [{"provider": f"p{i}"} for i in range(65)]}, "cloud"), ({"visited_networks": ["x"] * 17}, "visited_networks"),
                        ({"cloud": [{"provider": "p", "services": {f"s{i}": 1 for i in range(65)}}]}, "cloud[0].services")):
        assert_problem(hss.rest("PATCH", path, body), 422, field)
    assert hss.rest("PATCH", path, {"identities": [{"impu": user.impu, "display_name": "x" * 4096}]}).status == 200
    for query in ("?after=%ff", "?limit=1001", "?limit=0"):
        assert_problem(hss.rest("GET", "/v1/identities" + query), 400, query[1:6])
    assert_problem(hss.rest("POST", "/v1/profiles", {"name": "a\u0001"}), 422, "name")
