# SPDX-License-Identifier: Apache-2.0
"""The master key: where it comes from, and that no other opens the store."""
import subprocess

import pytest

from hss_alone import BIN, another  # noqa: F401


def refused(h, env=None):
    """The log of a start that fails."""
    before = len(h.log_text())
    done = subprocess.run([BIN / "hss", "-c", h.config], capture_output=True, timeout=20, env=env)
    assert done.returncode == 1, done
    return h.log_text()[before:]


@pytest.mark.parametrize("with_subscriber", [True, False])
def test_a_store_opened_with_the_wrong_key_stops_the_start(another, with_subscriber):
    h = another()
    if with_subscriber:
        h.put("k@ims.test", credentials={"scheme": "digest", "password": "x"})
    h.stop()
    right = (h.state / "master.key").read_text()
    (h.state / "master.key").write_text("ab" * 32 + "\n")
    assert "master.key error=\"the wrong key: the secrets of the store are sealed under another key\"" in refused(h)
    (h.state / "master.key").unlink()
    assert "it is not there: the secrets of the store are sealed under another key" in refused(h)
    assert not (h.state / "master.key").exists()  # none is made for a store that has one
    (h.state / "master.key").write_text(right)
    (h.state / "master.key").chmod(0o600)
    h.start()
    if with_subscriber:
        assert h.connect().mar("k@ims.test", "sip:k@ims.test").result == "SUCCESS"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_is_not_used(another, mode):
    h = another()
    h.stop()
    (h.state / "master.key").chmod(mode)
    assert "others may read it" in refused(h)


@pytest.mark.parametrize("text", ["", "ab" * 31, "ab" * 33, "xy" * 32])
def test_a_key_with_a_mistake_is_told(another, text):
    h = another()
    h.stop()
    (h.state / "master.key").write_text(text)
    assert "64 hex digits are expected" in refused(h)
