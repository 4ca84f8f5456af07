# SPDX-License-Identifier: Apache-2.0
"""Bearer tokens with roles: reader, provisioner, security; the operator's file of them, and what each may. [RFC 6750]"""
import hashlib
import json
import signal
import time

import pytest

from hss_alone import another, hss, until, user  # noqa: F401
from rest import assert_problem
from test_hss_rest_bulk import export, line, post

TOKENS = {role: f"token-of-the-{role}-of-this-test" for role in ("reader", "provisioner", "security")}


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def give(hss, *lines, mode=0o600):
    """The tokens file as an operator writes it, read at once."""
    path = hss.state / "tokens"
    path.write_text("".join(text + "\n" for text in lines))
    path.chmod(mode)
    before = hss.log_text().count("tokens_file=")
    hss.process.send_signal(signal.SIGHUP)
    until(lambda: hss.log_text().count("tokens_file=") > before, what="the reload")


@pytest.fixture(scope="module")
def roles(hss):
    give(hss, "# who may what", *(f"the-{role} {role} {digest(token)}" for role, token in TOKENS.items()))
    return hss


ROUTES = [("GET", "/v1/subscribers", "reader"), ("GET", "/v1/subscribers/x@ims.test", "reader"), ("POST", "/v1/subscribers", "provisioner"),
          ("PUT", "/v1/subscribers/x@ims.test", "provisioner"), ("PATCH", "/v1/identities/sip:x@ims.test", "provisioner"),
          ("DELETE", "/v1/profiles/x", "provisioner"), ("PUT", "/v1/charging-default", "provisioner"), ("GET", "/v1/scscf", "reader"),
          ("POST", "/v1/filter-criteria", "provisioner"), ("DELETE", "/v1/cloud-profiles/x@ims.test/lab", "provisioner"),
          ("GET", "/v1/imports", "reader"), ("GET", "/v1/openapi.json", "reader")]


@pytest.mark.parametrize("method,path,least", ROUTES)
def test_each_role_may_what_is_its_own(roles, method, path, least):
    order = list(TOKENS)
    for role in order:
        r = roles.rest(method, path, None if method == "GET" else "{", token=TOKENS[role])
        if order.index(role) < order.index(least):
            assert_problem(r, 403, None, least)
            assert "insufficient_scope" in r.headers["WWW-Authenticate"]
        else:
            assert r.status not in (401, 403), r


def test_only_security_gives_credentials_and_nobody_gets_them(roles, user):
    path = f"/v1/subscribers/{user.impi}"
    digest_of = {"credentials": {"scheme": "digest", "password": "new-secret"}}
    for body in (digest_of, {"credentials": {"scheme": "aka", "k": "0" * 32, "opc": "0" * 32}}, {"credentials": None}):
        assert_problem(roles.rest("PATCH", path, body, token=TOKENS["provisioner"]), 403, "credentials", "security")
    new = {"identities": [{"impu": "sip:nocred@ims.test"}]}
    assert_problem(roles.rest("PUT", "/v1/subscribers/nocred@ims.test", {**new, **digest_of}, token=TOKENS["provisioner"]), 403, "credentials")
    assert roles.rest("PUT", "/v1/subscribers/nocred@ims.test", new, token=TOKENS["provisioner"]).status == 201
    shown = roles.rest("GET", path, token=TOKENS["provisioner"]).json
    assert roles.rest("PUT", path, {**shown, "visited_networks": ["a.test"]}, token=TOKENS["provisioner"]).status == 200  # they stay
    assert roles.rest("PATCH", path, digest_of, token=TOKENS["security"]).status == 200
    assert "new-secret" not in roles.rest("GET", path, token=TOKENS["security"]).body.decode()


def test_an_import_and_an_export_know_the_role(roles):
    bearer = {role: {"Authorization": "Bearer " + token} for role, token in TOKENS.items()}
    assert post(roles, "", headers=bearer["reader"]).status == 403
    text = json.dumps(line(1, "role")) + "\n" + json.dumps({**line(2, "role"), "credentials": None})[:-1].replace(', "credentials": null', "") + "}"
    r = post(roles, text, headers=bearer["provisioner"])
    assert (r.json["loaded"], r.json["failed"]) == (1, 1) and r.json["errors"][0]["pointer"] == "/credentials"
    post(roles, json.dumps(line(3, "role")), headers=bearer["security"])
    for role in TOKENS:
        mine = next(o for o in export(roles, bearer[role]) if o["impi"] == "role3@ims.test")
        assert ("sealed" in mine["credentials"]) == (role == "security")


def test_who_did_it_is_in_the_log_and_no_token_is(roles):
    roles.rest("PUT", "/v1/charging-default", {}, token=TOKENS["provisioner"])
    roles.rest("DELETE", "/v1/charging-default", token=TOKENS["security"])
    roles.rest("DELETE", "/v1/charging-default", token=TOKENS["reader"])
    log = roles.log_text()
    assert 'method=PUT path=/v1/charging-default name="" token=the-provisioner role=provisioner' in log
    assert "token=the-reader role=reader refused=403" in log
    assert not any(token in log for token in (*TOKENS.values(), roles.token()))


def test_tokens_expire_and_are_read_anew_by_sighup(another):
    h = another()
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    give(h, f"old reader {digest('old-token-of-long-ago')} 2001-01-01", f"soon reader {digest('soon-over-token')} {soon}", f"long reader {digest('long-token')} 2099-12-31")
    assert_problem(h.rest("GET", "/v1/subscribers", token="old-token-of-long-ago"), 401, None, "expired")
    assert h.rest("GET", "/v1/subscribers", token="long-token").status == 200
    assert h.rest("GET", "/v1/subscribers", token="soon-over-token").status == 200
    until(lambda: h.rest("GET", "/v1/subscribers", token="soon-over-token").status == 401, what="the expiry")
    give(h, f"other reader {digest('another-token')}")
    assert h.rest("GET", "/v1/subscribers", token="long-token").status == 401
    for text, mode, words in (("x reader 12", 0o600, "line=1"), (f"x root {digest('y')}", 0o600, "no role 'root'"),
                              (f"x reader {digest('y')}", 0o644, "others may read it")):
        give(h, text, mode=mode)  # wrong: the old ones stand
        assert words in h.log_text()
        assert h.rest("GET", "/v1/subscribers", token="another-token").status == 200
        assert h.rest("GET", "/v1/subscribers").status == 200
    h.stop()
    with pytest.raises(AssertionError, match="ended with 1"):
        h.start()  # at the start a wrong file is an end
