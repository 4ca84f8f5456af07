# SPDX-License-Identifier: Apache-2.0
"""Many subscribers at once, in and out: NDJSON that streams, errors by line, imports that go on, exports of one moment."""
import base64
import http.client
import json
import threading

import pytest

from hss_alone import another, cx, hss, make_user, trusting, until, user  # noqa: F401
from rest import PROFILE, SANITIZED, XML, assert_problem

pytestmark = pytest.mark.store("sqlite", "postgresql")

NDJSON = {"Content-Type": "application/x-ndjson"}


def line(n, prefix="bulk", **members):
    return {"impi": f"{prefix}{n}@ims.test", "identities": [{"impu": f"sip:{prefix}{n}@ims.test"}],
            "credentials": {"scheme": "digest", "password": f"p{n}"}, **members}


def post(hss, body, query="", headers=None):
    return hss.rest("POST", "/v1/subscribers" + query, body, headers={**NDJSON, **(headers or {})})


def export(hss, headers=None):
    r = hss.rest("GET", "/v1/subscribers", headers={"Accept": "application/x-ndjson", **(headers or {})})
    assert r.status == 200 and r.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(text) for text in r.body.decode().splitlines()]


# ---- in ----

def test_a_bulk_load_stores_what_is_right_and_tells_what_is_wrong(hss):
    lines = [{"impi": f"bulk{i}@ims.test", "identities": [{"impu": f"sip:bulk{i}@ims.test"}],
              "credentials": {"scheme": "digest", "password": f"p{i}"}} for i in range(600)]
    lines[9]["identities"][0]["impu"] = "fax:9"
    lines[299] = '{"impi": '
    lines[400]["credentials"]["scheme"] = "rot13"
    lines[401] = ""
    r = hss.bulk(lines)
    assert r.status == 200, r
    assert (r.json["lines"], r.json["loaded"], r.json["failed"]) == (600, 596, 3)
    assert [(e["line"], e.get("field")) for e in r.json["errors"]] == [(10, "identities[0].impu"), (300, None), (401, "credentials.scheme")]
    assert all(e["detail"] for e in r.json["errors"])
    for i, there in ((8, True), (9, False), (298, True), (299, False), (400, False), (599, True)):
        assert (hss.rest("GET", f"/v1/subscribers/bulk{i}@ims.test").status == 200) == there, i
    again = hss.bulk(lines[:100])
    assert (again.json["loaded"], again.json["failed"]) == (99, 1)  # as by PUT


def test_a_wrong_line_is_pointed_at(hss):
    r = post(hss, json.dumps(line(1, "point", capabilities=["x"])) + "\n" + json.dumps(line(2, "point", cloud=[{}])))
    assert [(e["line"], e["field"], e["pointer"]) for e in r.json["errors"]] == [(1, "capabilities", "/capabilities"),
                                                                                (2, "cloud[0].provider", "/cloud/0/provider")]


@pytest.mark.store("sqlite")
def test_an_import_is_longer_than_any_other_body_and_takes_little_memory(another):
    h = another(options="rest: {body_mb: 1}\n")
    h.put("first@ims.test")
    before = h.memory_kb()
    pad = "x" * 250
    texts = (("\n".join(json.dumps(line(n, "long", identities=[{"impu": f"sip:long{n % 50}@ims.test", "display_name": pad}], subscription="s"))
                        for n in range(k, k + 50)) + "\n").encode() for k in range(0, 12000, 50))
    sizes = []

    def counted():
        for text in texts:
            sizes.append(len(text))
            yield text
    r = post(h, counted())
    assert r.status == 200 and (r.json["loaded"], r.json["failed"]) == (12000, 0), r
    assert sum(sizes) > 4 << 20
    assert SANITIZED or h.memory_kb() - before < 40 << 10  # caches included
    h.stop()


def test_lines_end_in_any_way_and_arrive_in_any_pieces(hss):
    text = "\r\n".join(json.dumps(line(n, "piece")) for n in range(5)).encode()  # the last without an end
    r = post(hss, (text[i:i + 7] for i in range(0, len(text), 7)))
    assert (r.json["lines"], r.json["loaded"], r.json["failed"]) == (5, 5, 0)
    assert post(hss, b"").json["lines"] == 0
    assert post(hss, b"\n\n").json == {"lines": 2, "loaded": 0, "failed": 0, "skipped": 0, "dry_run": False, "errors": []}


def test_a_line_that_never_ends_is_refused(hss):
    r = post(hss, iter([json.dumps(line(1, "endless")).encode() + b"\n"] + [b" " * 65536] * 60))
    assert_problem(r, 413, None, "line 2 ")
    assert hss.rest("GET", "/v1/subscribers/endless1@ims.test").status == 200


def test_who_may_not_is_told_before_the_body_comes(hss):
    c = http.client.HTTPSConnection(hss.address, 8443, context=trusting(hss.pki), timeout=10)
    c.putrequest("POST", "/v1/subscribers")
    for name, value in (("Authorization", "Bearer wrong"), ("Content-Type", "application/x-ndjson"), ("Content-Length", "1000000")):
        c.putheader(name, value)
    c.endheaders()
    assert c.getresponse().status == 401
    c.close()


def test_a_dry_import_checks_every_line_and_stores_none(hss):
    r = post(hss, json.dumps(line(1, "dryload")) + "\n{}\n" + json.dumps(line(2, "dryload")), "?dry_run=true")
    assert r.json["dry_run"] and (r.json["loaded"], r.json["failed"]) == (2, 1)
    assert hss.rest("GET", "/v1/subscribers/dryload1@ims.test").status == 404


def half(hss, texts, name, lines):
    """An import whose client goes away after `lines` lines are stored."""
    c = http.client.HTTPSConnection(hss.address, 8443, context=trusting(hss.pki), timeout=10)
    c.putrequest("POST", f"/v1/subscribers?import={name}")
    for key, value in (("Authorization", "Bearer " + hss.token()), ("Content-Type", "application/x-ndjson"), ("Content-Length", "100000000")):
        c.putheader(key, value)
    c.endheaders()
    c.send("".join(t + "\n" for t in texts[:lines]).encode())
    until(lambda: hss.rest("GET", f"/v1/imports/{name}").json.get("lines", 0) == lines, what="the first half")
    return c


def test_an_import_that_broke_off_goes_on_where_it_was(another):
    h = another()
    texts = [json.dumps(line(n, "resume")) for n in range(1200)]
    texts[100] = "{"
    half(h, texts, "night", 600).close()
    until(lambda: "the client has gone" in h.log_text())
    assert h.rest("GET", "/v1/imports").json["imports"] == [{"name": "night", "lines": 600, "loaded": 599, "failed": 1}]
    half(h, texts, "night", 900)
    h.kill()  # what is stored of it is known together with it
    h.start()
    r = post(h, "\n".join(texts), "?import=night")
    assert r.json["skipped"] == 900 and (r.json["lines"], r.json["loaded"], r.json["failed"]) == (1200, 1199, 1)
    assert_problem(h.rest("GET", "/v1/imports/night"), 404)  # it has ended
    assert h.rest("GET", "/v1/subscribers").json["total"] == 1199
    half(h, texts, "other", 300).close()
    assert h.rest("DELETE", "/v1/imports/other").status == 204
    assert_problem(post(h, "", "?import="), 400, "import")
    h.stop()


# ---- out ----

@pytest.mark.store("sqlite")
def test_an_export_is_what_an_import_takes(another, tmp_path):
    h = another()
    h.rest("PUT", "/v1/profiles/gold", PROFILE.format(1), headers=XML)
    h.put("a@ims.test", credentials={"scheme": "digest", "password": "first-secret"}, profile="gold", capabilities={"mandatory": [1]},
          cloud=[{"provider": "lab", "services": {"compute": None}}], charging={"primary_ccf": "aaa://c"}, visited_networks=["x.test"])
    h.put("b@ims.test", credentials={"scheme": "aka", "k": "0" * 31 + "1", "opc": "0" * 31 + "2", "amf": "1234", "sqn": 3200})
    h.put("c@ims.test", credentials={"scheme": "aka", "algorithm": "tuak", "k": "0" * 63 + "1", "topc": "0" * 63 + "2", "iterations": 3,
                                     "res_bits": 128})
    h.put("d@ims.test", credentials={"scheme": "digest", "realm": "other.test", "ha1": {"MD5": "ab" * 16}}, subscription="family")
    h.put("e@ims.test")
    lines = export(h)
    assert [o["impi"] for o in lines] == [f"{x}@ims.test" for x in "abcde"] and not any("registration" in o for o in lines)
    assert lines[1]["credentials"]["sqn"] == 3200 and lines[1]["credentials"]["amf"] == "1234"
    text = json.dumps(lines)
    for secret in ("first-secret", "0" * 31 + "1", "ab" * 16, base64.b64encode(b"ab" * 16).decode(), base64.b64encode(bytes(15) + b"\x01").decode()):
        assert secret not in text
    wanted = ha1_of(h.connect().mar("a@ims.test", "sip:a@ims.test", "Unknown"))
    body = "\n".join(json.dumps(o) for o in lines)
    key = (h.state / "master.key").read_text()
    other = another(directory=make_dir(tmp_path / "other"), address=h.address.rsplit(".", 1)[0] + ".16")
    other.stop()
    (other.state / "hss.db").unlink()
    (other.state / "master.key").write_text(key)
    other.start()
    other.rest("PUT", "/v1/profiles/gold", PROFILE.format(1), headers=XML)
    r = post(other, body)
    assert (r.json["loaded"], r.json["failed"]) == (5, 0), r.json
    again = export(other)
    assert [without_sealed(o) for o in again] == [without_sealed(o) for o in lines]
    c = other.connect()
    assert [c.mar(f"{x}@ims.test", f"sip:{x}@ims.test", s).result for x, s in
            (("a", "Unknown"), ("b", "Digest-AKAv1-MD5"), ("c", "Digest-AKAv1-MD5"), ("d", "Unknown"))] == 4 * ["SUCCESS"]
    assert ha1_of(c.mar("a@ims.test", "sip:a@ims.test", "Unknown")) == wanted
    stranger = another(directory=make_dir(tmp_path / "stranger"), address=h.address.rsplit(".", 1)[0] + ".17")
    r = post(stranger, body)  # another master key: each line says so
    assert (r.json["loaded"], r.json["failed"]) == (1, 4)
    assert [e["field"] for e in r.json["errors"]] == ["identities[0].profile", "credentials.sealed.k", "credentials.sealed.k", "credentials.sealed.MD5"]
    assert "another master key" in r.json["errors"][1]["detail"]
    for h in (h, other, stranger):
        h.stop()


def make_dir(path):
    path.mkdir()
    return path


def without_sealed(o):
    return {**o, "credentials": {k: v for k, v in o["credentials"].items() if k != "sealed"}}


def ha1_of(maa):
    from hss_alone import wire
    return [i.inner.inner(wire.SIP_DIGEST_AUTHENTICATE).get(wire.DIGEST_HA1).data for i in maa.all(wire.SIP_AUTH_DATA_ITEM)]


def test_what_is_sealed_for_one_does_not_open_for_another(hss):
    hss.put("sealed1@ims.test", credentials={"scheme": "digest", "password": "x"})
    mine = next(o for o in export(hss) if o["impi"] == "sealed1@ims.test")
    theirs = {**mine, "impi": "sealed2@ims.test", "subscription": "sealed2@ims.test", "identities": [{"impu": "sip:sealed2@ims.test"}]}
    r = hss.rest("PUT", "/v1/subscribers/sealed2@ims.test", theirs)
    assert_problem(r, 422, "credentials.sealed.MD5", "for another subscriber")
    for wrong in ("", "!!!!", "AAAA", 5, "A" * 400):
        theirs["credentials"] = {"scheme": "digest", "sealed": {"MD5": wrong}}
        assert_problem(hss.rest("PUT", "/v1/subscribers/sealed2@ims.test", theirs), 422, "credentials.sealed.MD5")
    for wrong, field in (({}, "credentials.sealed"), ({"x": "y"}, "credentials.sealed.x"), ("x", "credentials.sealed")):
        theirs["credentials"] = {"scheme": "digest", "sealed": wrong}
        assert_problem(hss.rest("PUT", "/v1/subscribers/sealed2@ims.test", theirs), 422, field)
    theirs["credentials"] = {"scheme": "aka", "sealed": {"k": mine["credentials"]["sealed"]["MD5"]}}
    assert_problem(hss.rest("PUT", "/v1/subscribers/sealed2@ims.test", theirs), 422, "credentials.sealed.k")


@pytest.mark.store("sqlite")
def test_an_export_is_of_one_moment_and_takes_little_memory(another):
    h = another()
    n = 5000
    post(h, "\n".join(json.dumps(line(i, "snap", identities=[{"impu": f"sip:snap{i}@ims.test", "display_name": "x" * 200}])) for i in range(n)))
    before = h.memory_kb()
    c = http.client.HTTPSConnection(h.address, 8443, context=trusting(h.pki), timeout=30)
    c.request("GET", "/v1/subscribers", headers={"Authorization": "Bearer " + h.token(), "Accept": "application/x-ndjson"})
    r = c.getresponse()
    first = r.readline()
    for i in (0, n - 1):  # the last in the order of names is snap999
        h.rest("DELETE", f"/v1/subscribers/snap{i}@ims.test")
    h.rest("DELETE", "/v1/subscribers/snap999@ims.test")
    h.put("snap9999999@ims.test")
    names = [json.loads(t)["impi"] for t in [first] + r.read().splitlines()]
    assert names == sorted(f"snap{i}@ims.test" for i in range(n))
    assert SANITIZED or h.memory_kb() - before < 24 << 10
    c.close()
    c = http.client.HTTPSConnection(h.address, 8443, context=trusting(h.pki), timeout=30)  # one that goes away midway
    c.request("GET", "/v1/subscribers", headers={"Authorization": "Bearer " + h.token(), "Accept": "application/x-ndjson"})
    c.getresponse().readline()
    c.close()
    until(lambda: h.log_text().count("event=export") == 2, what="the end of both exports")
    h.stop()


def test_the_store_is_changed_while_an_import_comes_in(hss, user):
    """A slice at a time: what else is asked has its turn."""
    gate = threading.Event()

    def slowly():
        for n in range(0, 600, 50):
            yield ("\n".join(json.dumps(line(i, "slow")) for i in range(n, n + 50)) + "\n").encode()
            if n == 300:
                assert gate.wait(20)
    answers = []
    t = threading.Thread(target=lambda: answers.append(post(hss, slowly())))
    t.start()
    until(lambda: hss.rest("GET", "/v1/subscribers/slow299@ims.test").status == 200)
    assert hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"visited_networks": ["between.test"]}).status == 200
    gate.set()
    t.join(30)
    assert answers[0].json["loaded"] == 600
