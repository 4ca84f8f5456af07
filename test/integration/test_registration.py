# SPDX-License-Identifier: Apache-2.0
"""A phone registers, refreshes, adds contacts, asks for them and goes. [TS 24.229 5.1.1, 5.2.2, 5.3.1, 5.4.1]"""


def test_a_phone_registers_with_digest(core, alice):
    """[TS 24.229 5.4.1.2.1, 5.4.1.2.2F] challenged with SHA-256 first, then 200 with what a phone needs."""
    with core.wire() as wire:
        answer = alice.register(expires=600)
    assert [m.status for m in alice.messages] == [401, 200]
    assert answer.contacts[0].uri.text == alice.contact_uri and answer.contacts[0].params["expires"] == "600"
