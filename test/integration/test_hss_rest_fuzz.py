# SPDX-License-Identifier: Apache-2.0
"""Mutated REST requests, over TLS as anybody sends them. FUZZ_REST: how many, default 400."""
import os
import sys

from hss_alone import BIN, CLIENT, ROOT, another  # noqa: F401

sys.path.insert(0, str(ROOT / "test/fuzz"))
import rest_mutate  # noqa: E402

REQUESTS = int(os.environ.get("FUZZ_REST", "400"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SANITIZED = b"__asan_init" in (BIN / "hss").read_bytes()


def test_mutated_requests_are_answered_and_do_no_harm(another):
    h = another(options="trace: {mode: off}\n")
    rest_mutate.harass(h, CLIENT, SEED + 1000000, 200)  # its pools, and the fifty subscribers
    before = h.memory_kb()
    seen = rest_mutate.harass(h, CLIENT, SEED, REQUESTS, progress=REQUESTS // 10 if REQUESTS > 2000 else None)
    print(f"\nrest.answers={dict(seen)}")
    assert seen[200] + seen[201] + seen[204] > REQUESTS / 10 and seen[422] + seen[400] > REQUESTS / 10
    assert seen["closed"] < REQUESTS / 3
    assert SANITIZED or h.memory_kb() - before < 20000, (before, h.memory_kb())
    assert h.ops("/health").json["ready"] and h.ops("/live").status == 200
    text = h.log_text()
    assert "event=died" not in text and "fuzz-secret-word" not in text
    h.stop()
