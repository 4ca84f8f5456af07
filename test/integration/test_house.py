# SPDX-License-Identifier: Apache-2.0
"""The house keeps its shape. [STYLE]"""
import glob
import os
import subprocess

import pytest

from core import ROOT


@pytest.mark.parametrize("daemon", ["pcscf", "icscf", "scscf", "hss"])
def test_a_main_is_short(daemon):
    with open(os.path.join(ROOT, daemon, "main.c")) as f:
        assert len(f.readlines()) <= 130


def test_include_arrows_run_one_way():
    p = subprocess.run([os.path.join(ROOT, "test", "check-arrows.sh")], capture_output=True, text=True)
    assert p.returncode == 0, p.stdout + p.stderr


def test_no_file_is_too_long():
    """500 lines at most: what grows beyond is two things."""
    files = [f for d in ("pcscf", "icscf", "scscf", "hss/**", "ctl", "common/**") for ext in ("c", "h")
             for f in glob.glob(os.path.join(ROOT, d, "*." + ext), recursive=True)]
    lengths = {}
    for path in files:
        with open(path) as f:
            lengths[os.path.relpath(path, ROOT)] = len(f.readlines())
    assert len(lengths) > 100 and not {p: n for p, n in lengths.items() if n > 500}
