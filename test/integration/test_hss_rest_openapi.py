# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document: it says of each route what it is, and real answers are as it says."""
import json
import re

import jsonschema
import pytest

from hss_alone import hss, make_user  # noqa: F401
from rest import PROFILE, XML
from test_hss_rest_bulk import export, line, post
from test_hss_rest_resources import WHOLE


@pytest.fixture(scope="module")
def document(hss):
    r = hss.rest("GET", "/v1/openapi.json")
    assert r.status == 200 and r.json["openapi"].startswith("3.1.")
    return r.json


METHODS = ("get", "put", "post", "patch", "delete")


def test_each_route_is_in_it_and_nothing_else(hss, document):
    routes = {(r["method"], r["path"]) for r in hss.rest("GET", "/v1").json["routes"]}
    described = {(m.upper(), p.split("{")[0] + ("*" if "{" in p else "")) for p, item in document["paths"].items() for m in METHODS if m in item}
    assert routes == described


def test_each_path_answers_as_its_methods_say(hss, document):
    for path, item in document["paths"].items():
        name = re.sub("{[^}]*}", "x", path)
        for method in METHODS:
            r = hss.rest(method.upper(), name, None if method in ("get", "delete") else "{", token="nobody")
            expected = 401 if method in item else 405
            if "/users" in path or "/take-off" in path or "take-off" in name:
                continue  # they share the route of what is above them
            assert r.status == expected, (method, path, r)
        names = set(re.findall("{([^}]*)}", path))
        assert names == {p["name"] for p in item.get("parameters", [])}, path


def test_all_that_it_refers_to_is_there(document):
    def walk(v):
        if isinstance(v, dict):
            if "$ref" in v:
                target = document
                for part in v["$ref"].removeprefix("#/").split("/"):
                    target = target[part]
            for x in v.values():
                walk(x)
        elif isinstance(v, list):
            for x in v:
                walk(x)
    walk(document)
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)


def fits(document, path, method, r, is_request=False):
    """The answer is one that the document tells of, and has its form."""
    item = document["paths"][path][method.lower()]
    answer = item["responses"].get(str(r.status))
    assert answer, f"{method} {path} answers {r.status}, which nobody tells of: {r}"
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].split("/")[-1]]
    if not r.body:
        assert r.status in (204, 201)
        return
    schema = answer["content"][r.headers["Content-Type"]]["schema"]
    if r.headers["Content-Type"] != "application/xml":
        jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(r.json)


def test_answers_are_as_it_says(hss, document):
    user = make_user(hss, capabilities={"mandatory": [1], "servers": ["sip:s.test"]}, charging={"primary_ccf": "aaa://c"}, visited_networks=["a"],
                     identities=[{"impu": "sip:open@ims.test", "display_name": "O"}, {"impu": "sip:psi-open@ims.test", "kind": "psi", "as": "sip:as"}],
                     cloud=[{"provider": "lab", "services": {"compute": None, "x": 1}}])
    one, crit, cloud, scscf = f"/v1/subscribers/{user.impi}", "/v1/filter-criteria/oas/0", f"/v1/cloud-profiles/{user.impi}/lab", "/v1/scscf/sip:oas.test"
    asked = [
        ("GET", "/v1", "/v1", None), ("GET", "/v1/subscribers", "/v1/subscribers?limit=5", None), ("GET", "/v1/subscribers/{impi}", one, None),
        ("GET", "/v1/subscribers", "/v1/subscribers?limit=0", None), ("GET", "/v1/subscribers/{impi}", "/v1/subscribers/nobody", None),
        ("PUT", "/v1/subscribers/{impi}", one, {"identities": []}), ("PUT", "/v1/subscribers/{impi}", one, {"identities": [{"impu": user.impu}]}),
        ("PUT", "/v1/subscribers/{impi}", "/v1/subscribers/oas@ims.test", {"identities": [{"impu": "sip:oas@ims.test"}]}),
        ("PATCH", "/v1/subscribers/{impi}", one + "?dry_run=true", {"cloud": None}), ("PATCH", "/v1/subscribers/{impi}", one, {"visited_networks": None}),
        ("POST", "/v1/subscribers", "/v1/subscribers", {"impi": "oas@ims.test", "identities": []}),
        ("DELETE", "/v1/subscribers/{impi}", "/v1/subscribers/oas@ims.test?dry_run=true", None),
        ("DELETE", "/v1/subscribers/{impi}", "/v1/subscribers/oas@ims.test", None), ("GET", "/v1/identities", "/v1/identities?limit=1000", None),
        ("GET", "/v1/identities/{impu}", f"/v1/identities/{user.impu}", None), ("PATCH", "/v1/identities/{impu}", f"/v1/identities/{user.impu}", {"barred": True}),
        ("PATCH", "/v1/identities/{impu}", f"/v1/identities/{user.impu}", {"barred": 3}), ("PUT", "/v1/profiles/{name}", "/v1/profiles/oas", WHOLE),
        ("PATCH", "/v1/profiles/{name}", "/v1/profiles/oas", {"media_profile": 2}), ("GET", "/v1/profiles", "/v1/profiles", None),
        ("GET", "/v1/profiles/{name}", "/v1/profiles/oas", None), ("GET", "/v1/filter-criteria", "/v1/filter-criteria", None),
        ("GET", "/v1/filter-criteria", "/v1/filter-criteria?profile=oas", None), ("GET", "/v1/filter-criteria/{profile}/{priority}", crit, None),
        ("PATCH", "/v1/filter-criteria/{profile}/{priority}", crit, {"priority": 3}), ("POST", "/v1/filter-criteria", "/v1/filter-criteria", {"profile": "oas"}),
        ("DELETE", "/v1/filter-criteria/{profile}/{priority}", "/v1/filter-criteria/oas/3", None), ("GET", "/v1/charging", "/v1/charging", None),
        ("PUT", "/v1/charging/{subscription}", f"/v1/charging/{user.impi}", {"primary_ecf": "aaa://e"}),
        ("GET", "/v1/charging/{subscription}", f"/v1/charging/{user.impi}", None), ("DELETE", "/v1/charging/{subscription}", f"/v1/charging/{user.impi}", None),
        ("PUT", "/v1/charging-default", "/v1/charging-default?dry_run=true", {"primary_ecf": "aaa://e"}), ("GET", "/v1/charging-default", "/v1/charging-default", None),
        ("PUT", "/v1/cloud-profiles/{impi}/{provider}", cloud, {"services": {"y": None}}), ("GET", "/v1/cloud-profiles", "/v1/cloud-profiles", None),
        ("GET", "/v1/cloud-profiles/{impi}/{provider}", cloud, None), ("PUT", "/v1/scscf/{name}", scscf, {"capabilities": [1], "note": "n"}),
        ("GET", "/v1/scscf/{name}", scscf, None), ("GET", "/v1/scscf", "/v1/scscf", None), ("GET", "/v1/scscf/{name}/users", scscf + "/users", None),
        ("POST", "/v1/scscf/{name}/take-off", scscf + "/take-off", {}), ("POST", "/v1/scscf/{name}/take-off", scscf + "/take-off", {"reason": "x"}),
        ("DELETE", "/v1/scscf/{name}", scscf, None), ("GET", "/v1/imports", "/v1/imports", None), ("GET", "/v1/imports/{name}", "/v1/imports/x", None),
        ("GET", "/v1/slf", "/v1/slf", None), ("PUT", "/v1/slf/{name}", "/v1/slf/oas.test", {"hss": ["hss.oas.test"]}), ("GET", "/v1/slf/{name}", "/v1/slf/oas.test", None),
        ("PUT", "/v1/application-servers/{identity}", "/v1/application-servers/as.oas.test", {"permissions": {"MSISDN": ["pull"]}}),
        ("POST", "/v1/application-servers", "/v1/application-servers", {"identity": "as.oas.test", "permissions": {}}),
        ("GET", "/v1/application-servers", "/v1/application-servers", None),
        ("PATCH", "/v1/application-servers/{identity}", "/v1/application-servers/as.oas.test", {"permissions": {"MSISDN": ["update"]}}),
        ("GET", "/v1/application-servers/{identity}", "/v1/application-servers/as.oas.test", None),
        ("DELETE", "/v1/application-servers/{identity}", "/v1/application-servers/as.oas.test", None),
        ("PUT", "/v1/service-activation/{impu}", f"/v1/service-activation/{user.impu}", {"dsai": [{"server_name": "sip:as.oas.test", "tag": "t"}]}),
        ("GET", "/v1/service-activation/{impu}", f"/v1/service-activation/{user.impu}", None),
        ("PATCH", "/v1/service-activation/{impu}", f"/v1/service-activation/{user.impu}", {"psi_active": True}),
        ("DELETE", "/v1/slf/{name}", "/v1/slf/oas.test", None), ("GET", "/v1/key", "/v1/key", None),
        ("DELETE", "/v1/registrations/{impu}", f"/v1/registrations/{user.impu}", None)]
    for method, path, where, body in asked:
        fits(document, path, method, hss.rest(method, where, body))
    fits(document, "/v1/profiles/{name}", "GET", hss.rest("GET", "/v1/profiles/oas", headers={"Accept": "application/json"}))
    fits(document, "/v1/profiles/{name}", "PUT", hss.rest("PUT", "/v1/profiles/oas", PROFILE.format(1), headers=XML))
    fits(document, "/v1/subscribers", "POST", post(hss, json.dumps(line(1, "oas")) + "\n{}"))
    fits(document, "/v1/subscribers/{impi}", "PATCH", hss.rest("PATCH", one, {}, headers={"If-Match": '"x"'}))
    validator = jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Subscriber", "components": document["components"]})
    for o in export(hss):
        validator.validate(o)
    example = (__import__("pathlib").Path(__file__).parents[2] / "docs/provisioning.md").read_text().split("```json")[1].split("```")[0]
    validator.validate(json.loads(example))
