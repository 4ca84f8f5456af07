# SPDX-License-Identifier: Apache-2.0
"""What the tests of the REST door share."""
import itertools

from hss_alone import BIN

numbers = itertools.count(1)
SANITIZED = b"__asan_init" in (BIN / "hss").read_bytes()  # which keeps what is freed

PROFILE = "<ServiceProfile><InitialFilterCriteria><Priority>{}</Priority><ApplicationServer><ServerName>sip:as.ims.test</ServerName>" \
          "</ApplicationServer></InitialFilterCriteria></ServiceProfile>"
XML = {"Content-Type": "application/xml"}


def assert_problem(r, status, field=None, words=""):
    """A problem detail [RFC 9457] that names the field, in our words and as JSON pointer [RFC 6901]."""
    assert r.status == status, r
    assert r.headers["Content-Type"] == "application/problem+json"
    assert r.json["status"] == status and r.json["title"]
    assert r.json.get("field") == field, r
    assert words in r.json["detail"], r
    if field and status == 422:
        assert r.json["pointer"] == "/" + field.replace("[", "/").replace("]", "").replace(".", "/")


def etag(r):
    tag = r.headers["ETag"]
    assert tag.startswith('"') and tag.endswith('"')  # strong
    return tag
