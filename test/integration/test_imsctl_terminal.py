# SPDX-License-Identifier: Apache-2.0
"""imsctl at a terminal: a bar while many are loaded, a password without echo; nothing of that in a pipe. [INTERFACES]"""
import os
import pty
import re
import select
import subprocess
import time

from core import BIN, SLOW
from imsctl import DONE, imsctl, values


def at_a_terminal(core, *arguments, typed=None):
    """(exit status, all that the terminal showed); `typed` after the first ": " that it shows."""
    master, slave = pty.openpty()
    p = subprocess.Popen([os.path.join(BIN, "imsctl"), "--config", core.run + "/conf/imsctl.yaml", *arguments], stdin=slave, stdout=slave, stderr=slave,
                         start_new_session=True, env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"})
    os.close(slave)
    shown, end = b"", time.monotonic() + 20 * SLOW
    while time.monotonic() < end:
        if select.select([master], [], [], 0.2)[0]:
            try:
                shown += os.read(master, 65536)
            except OSError:  # it is gone
                break
        if typed and b": " in shown:
            os.write(master, typed.encode() + b"\n")
            typed = None
    status = p.wait(10)
    os.close(master)
    return status, shown.decode()


def test_a_load_has_a_bar_at_a_terminal(core):
    status, shown = at_a_terminal(core, "subscriber", "load", "--count", "6000", "--first", "700001")
    steps = [int(done) for done in re.findall(r"\r\[[#.]{40}\] (\d+)/6000 +\d+/s", shown)]
    assert status == DONE and len(steps) >= 2 and steps == sorted(steps) and steps[-1] == 6000
    assert "6000 loaded" in shown.splitlines()[-1]


def test_a_load_has_none_in_a_pipe(core):
    done = imsctl(core, "subscriber", "load", "--count", "50", "--first", "710001")
    assert done.status == DONE and "[" not in done.out + done.err and "50 loaded" in done.out + done.err


def test_a_password_is_asked_for_without_echo(core, tmp_path):
    status, shown = at_a_terminal(core, "subscriber", "add", "typist@ims.test", "--password-file", "-", typed="word-of-mine")
    assert status == DONE and "word-of-mine" not in shown
    assert values(core, "subscriber", "show", "typist@ims.test")["impi"] == "typist@ims.test"
    assert core.phone("typist", "word-of-mine").register().status == 200
