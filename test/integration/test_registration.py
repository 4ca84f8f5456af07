# SPDX-License-Identifier: Apache-2.0
"""A phone registers, refreshes, adds contacts, asks for them and goes. [TS 24.229 5.1.1, 5.2.2, 5.3.1, 5.4.1]"""
from digest import challenges
from sipmsg import Address

REGISTRATION, RE_REGISTRATION, USER_DEREGISTRATION = 1, 2, 5  # Server-Assignment-Type [TS 29.229 6.3.15]


def uris(response):
    return [c.uri.text for c in response.contacts]


# ---- the first time ----

def test_a_phone_is_challenged_with_the_stronger_algorithm_first(core):
    """[TS 24.229 5.4.1.2.1, RFC 8760 2.3]"""
    core.subscriber("strong")
    strong = core.phone("strong", "secret")
    answer = strong.register_once(authorization=strong.unauthenticated())
    assert answer.status == 401
    offered = challenges(answer)
    assert [c.algorithm for c in offered] == ["SHA-256", "MD5"]
    assert {(c.realm, tuple(c.qop), c.stale) for c in offered} == {("ims.test", ("auth",), False)}
    assert strong.register().status == 200 and strong.session.challenge.algorithm == "SHA-256"


def test_a_phone_registers_and_learns_its_identity_and_its_route(alice):
    """[TS 24.229 5.4.1.2.2F, RFC 3608, RFC 7315 4.1]"""
    answer = alice.register(expires=600)
    assert uris(answer) == [alice.contact_uri] and answer.contacts[0].params["expires"] == "600"
    assert answer.associated == [alice.impu]
    route = answer.service_route
    assert len(route) == 1 and "lr" in route[0].uri.params
    assert alice.session.proves_server(answer.get("authentication-info"), "sip:ims.test")


def test_a_phone_that_knows_only_md5_registers(core):
    """[TS 33.203 annex N]"""
    core.subscriber("weak")
    weak = core.phone("weak", "secret")
    weak.algorithm = "MD5"
    assert weak.register().status == 200


def test_a_registration_on_the_wire(core, alice):
    """[TS 24.229 5.2.2.1, 5.3.1.2, 5.4.1.2; TS 29.228 6.1.1, 6.3, 6.1.2] who asks what, and what the P-CSCF adds."""
    with core.wire() as wire:
        alice.register()
    first, second = wire.sip("REGISTER", at="icscf", by="pcscf")
    for m in (first, second):
        assert [p.host for p in m.path] == [core.address("pcscf")] and "lr" in m.path[0].uri.params
        assert "path" in m.all("require") and m.get("p-visited-network-id") == '"ims.test"'
        assert m.get("p-charging-vector").startswith("icid-value=")
    uars, mar, sar = wire.diameters("UAR", at="hss"), wire.diameter("MAR", by="scscf"), wire.diameter("SAR", by="scscf")
    assert [(u["User-Name"], u["Public-Identity"], u["Visited-Network-Identifier"]) for u in uars] == [(alice.impi, alice.impu, "ims.test")] * 2
    assert [u.result for u in wire.diameters("UAA", at="icscf")] == ["cx:FIRST_REGISTRATION", "cx:SUBSEQUENT_REGISTRATION"]
    assert mar["Server-Name"] == sar["Server-Name"] == "sip:scscf.ims.test"
    assert sar.number("Server-Assignment-Type") == REGISTRATION
    saa = wire.diameter("SAA", at="scscf")
    assert saa.result == "SUCCESS" and alice.impu in saa["User-Data"]
    assert [m.uri for m in wire.sip("REGISTER", at="scscf")] == ["sip:scscf.ims.test"] * 2


def test_the_icid_of_a_registration_is_never_the_same(core, alice):
    """[RFC 7315 4.6.2.1]"""
    with core.wire() as wire:
        alice.register()
    icids = [m.get("p-charging-vector").split(";")[0] for m in wire.sip("REGISTER", at="icscf")]
    assert len(icids) == 2 and len(set(icids)) == 2


def test_the_registered_contact_names_the_user_in_a_set(core):
    """[TS 23.228 5.2.1a, TS 24.229 5.4.1.2.2F] the implicit set comes back, the barred one of it does not."""
    core.subscriber("set", identities=[{"impu": "sip:set@ims.test", "set": 1}, {"impu": "tel:+15551001", "set": 1},
                                       {"impu": "sip:hidden@ims.test", "set": 1, "barred": True}])
    phone = core.phone("set", "secret")
    assert phone.register().associated == ["sip:set@ims.test", "tel:+15551001"]


def test_a_barred_identity_registers_others_of_its_set(core):
    """[TS 29.228 6.1.1.1 step 3]"""
    core.subscriber("half", identities=[{"impu": "sip:half@ims.test", "set": 1, "barred": True}, {"impu": "sip:open@ims.test", "set": 1}])
    assert core.phone("half", "secret").register().associated == ["sip:open@ims.test"]


def test_the_access_network_reaches_the_home_network(core, alice):
    """[TS 24.229 5.1.1.2, 7.2A.4] what the UE says of its access passes, what only the network may say does not."""
    with core.wire() as wire:
        alice.register(headers=[("P-Access-Network-Info", "IEEE-802.11;i-wlan-node-id=00ab00cd00ef"),
                                ("P-Access-Network-Info", "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1;network-provided")])
    for m in wire.sip("REGISTER", at="scscf"):
        assert m.lines("p-access-network-info") == ["IEEE-802.11;i-wlan-node-id=00ab00cd00ef"]


# ---- AKA ----

def test_an_isim_registers_and_keys_stay_in_the_core(core):
    """[TS 24.229 5.4.1.2.1, 5.2.2, RFC 3310] the phone itself would complain of ck or ik."""
    phone = core.aka_phone()
    with core.wire() as wire:
        phone.register()
    inside = challenges(wire.sip((401, "REGISTER"), at="pcscf")[0])[0]
    outside = challenges(wire.sip((401, "REGISTER"), at=phone.ip)[0])[0]
    assert inside.algorithm == outside.algorithm == "AKAv1-MD5" and inside.nonce == outside.nonce
    assert len(inside.params["ck"]) == len(inside.params["ik"]) == 32 and not {"ck", "ik"} & set(outside.params)


def test_an_isim_that_is_ahead_brings_the_network_back_in_step(core):
    """[TS 33.102 6.3.5, TS 24.229 5.4.1.2.1] AUTS, a new vector, 200."""
    phone = core.aka_phone()
    phone.isim.sqn = 32 << 20
    with core.wire() as wire:
        phone.register()
    assert [m.status for m in phone.messages] == [401, 401, 200]
    assert len(wire.diameters("MAR")) == 2 and phone.isim.sqn > 32 << 20


def test_a_response_of_aka_serves_once(core):
    """[RFC 3310 3.4] the next REGISTER is challenged with another vector."""
    phone = core.aka_phone()
    phone.register()
    again = phone.register_once(expires=600, authorization=phone.session.authorization("REGISTER", "sip:ims.test"))
    assert again.status == 401 and challenges(again)[0].nonce != phone.session.challenge.nonce
    assert phone.register().status == 200


# ---- again ----

def test_a_nonce_is_used_again_with_a_higher_count(core, alice):
    """[RFC 7616 3.4, TS 24.229 5.4.1.2.3] no new challenge, SAR says re-registration."""
    alice.register()
    with core.wire() as wire:
        answer = alice.register(reuse=True, expires=300)
    assert answer.contacts[0].params["expires"] == "300"
    assert not wire.diameters("MAR") and wire.diameter("SAR").number("Server-Assignment-Type") == RE_REGISTRATION
    assert not wire.sip(401)


def test_a_refresh_over_tls_goes_unchallenged(core):
    """[TS 24.229 5.2.2.4, 5.4.1.2.2B-E] the P-CSCF vouches for the connection: tls-yes."""
    alice = core.new_phone("tls")
    alice.register()
    with core.wire() as wire:
        answer = alice.register_once(expires=900, authorization=alice.unauthenticated())
    assert answer.status == 200 and answer.contacts[0].params["expires"] == "900"
    assert 'integrity-protected="tls-yes"' in wire.sip("REGISTER", at="scscf")[0].get("authorization")
    assert not wire.diameters("MAR")


def test_a_refresh_over_udp_is_challenged(alice):
    """[TS 24.229 5.4.1.2.1] nobody vouches for a datagram."""
    alice.register()
    assert alice.register_once(expires=900, authorization=alice.unauthenticated()).status == 401


def test_another_tls_connection_is_challenged(core):
    """[TS 24.229 5.2.2.4, TS 33.203 O.2] what is vouched for is the connection, not the user."""
    alice = core.new_phone("tls")
    alice.register()
    alice.hang_up_connection()
    assert alice.register_once(expires=900, authorization=alice.unauthenticated()).status == 401
    assert alice.register().status == 200


# ---- several contacts ----

def test_two_phones_of_a_user_are_both_registered(core, alice):
    """[RFC 3261 10.3]"""
    desk = core.same_user(alice, "tcp")
    alice.register()
    assert sorted(uris(desk.register())) == sorted([alice.contact_uri, desk.contact_uri])
    assert uris(desk.deregister()) == [alice.contact_uri]


def test_one_register_brings_several_contacts(alice):
    """[RFC 3261 10.2.1] each with its expiry and its q."""
    two = [alice.contact_header(q="0.5", expires=300), alice.contact_header(q="0.9", uri="sip:other@%s:5099" % alice.ip)]
    answer = alice.register(expires=900, contacts=two)
    assert {c.uri.text: (c.params["q"], c.params["expires"]) for c in answer.contacts} == {
        alice.contact_uri: ("0.5", "300"), "sip:other@%s:5099" % alice.ip: ("0.9", "900")}


def test_a_device_has_one_contact_whatever_its_address(core, alice):
    """[TS 24.229 5.4.1.2.1, RFC 5626 6] +sip.instance"""
    urn = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    alice.register(contacts=[alice.contact_header(instance=urn)])
    moved = core.same_user(alice)
    answer = moved.register(contacts=[moved.contact_header(instance=urn)])
    assert uris(answer) == [moved.contact_uri] and answer.contacts[0].param("+sip.instance") == "<%s>" % urn


def test_bindings_are_fetched_without_changing_them(core, alice):
    """[RFC 3261 10.2.3] a REGISTER without a Contact."""
    alice.register(expires=600)
    with core.wire() as wire:
        answer = alice.register(expires=None, contacts=[])
    assert uris(answer) == [alice.contact_uri] and 590 <= int(answer.contacts[0].params["expires"]) <= 600
    assert not wire.diameters("SAR")


def test_a_user_without_contacts_fetches_none(alice):
    """[RFC 3261 10.2.3]"""
    assert uris(alice.register(expires=None, contacts=[])) == []


def test_two_private_identities_share_a_public_one(core, alice):
    """[TS 23.228 4.3.3.4] a family's number: all its phones ring; who goes with a star takes only what is its own."""
    for name in ("mother", "father"):
        core.subscriber(name, subscription="family", identities=[{"impu": "sip:family@ims.test", "set": 1}])
    mother, father = core.phone("mother", "secret", impu="sip:family@ims.test"), core.phone("father", "secret", impu="sip:family@ims.test")
    alice.register()
    mother.register()
    assert sorted(uris(father.register())) == sorted([mother.contact_uri, father.contact_uri])
    call = alice.invite("sip:family@ims.test")
    mother.ring()
    father.ring().accept()
    call.established().hang_up()
    mother.register(expires=0, contacts=["*"])
    call = alice.invite("sip:family@ims.test")
    father.ring().accept()
    call.established().hang_up()
    assert len(mother.all_received("INVITE")) == 1


# ---- expiry ----

def test_too_brief_an_expiry_is_423_with_the_least(alice):
    """[RFC 3261 10.3 step 7, TS 24.229 5.4.1.2]"""
    answer = alice.try_register(expires=30)
    assert (answer.status, answer.get("min-expires")) == (423, "60")
    assert alice.register(expires=60, reuse=True).contacts[0].params["expires"] == "60"


def test_too_long_an_expiry_is_shortened(alice):
    """[RFC 3261 10.3 step 7, TS 24.229 5.1.1.2]"""
    assert alice.register(expires=9999999).contacts[0].params["expires"] == "600000"


def test_no_expiry_gets_the_default(alice):
    """[TS 24.229 5.1.1.2] 600,000 s"""
    assert alice.register(expires=None).contacts[0].params["expires"] == "600000"


def test_the_contacts_own_expiry_goes_before_the_header(alice):
    """[RFC 3261 10.2.1.1]"""
    assert alice.register(expires=900, contacts=[alice.contact_header(expires=100)]).contacts[0].params["expires"] == "100"


# ---- going ----

def test_a_phone_deregisters(core, alice, bob):
    """[TS 24.229 5.1.1.6, 5.4.1.4, TS 29.228 6.1.2] nobody reaches it after that."""
    alice.register()
    bob.register()
    with core.wire() as wire:
        assert uris(alice.deregister()) == []
    assert wire.diameters("SAR")[-1].number("Server-Assignment-Type") == USER_DEREGISTRATION
    assert wire.diameters("UAR")[-1].number("User-Authorization-Type") == 1
    assert bob.invite(alice).final().status == 480
    assert alice.invite(bob).final().status == 403


def test_a_star_takes_all_contacts_of_the_user(core, alice):
    """[RFC 3261 10.2.2]"""
    desk = core.same_user(alice)
    alice.register()
    desk.register()
    with core.wire() as wire:
        assert uris(alice.register(expires=0, contacts=["*"])) == []
    assert wire.diameters("SAR")[-1].number("Server-Assignment-Type") == USER_DEREGISTRATION
    assert uris(alice.register(expires=None, contacts=[])) == []


def test_the_service_route_leads_to_the_server_and_says_orig(core, alice):
    """[RFC 3608, TS 24.229 5.4.1.2.2F]"""
    route = Address(alice.register().get("service-route"))
    assert route.host in (core.address("scscf"), "scscf.ims.test") and "orig" in route.uri.params


def test_a_deregistration_of_who_is_not_registered_is_refused_quietly(alice):
    """[TS 29.228 6.1.1.1 step 5, TS 24.229 5.3.1.2] the HSS knows no S-CSCF for it."""
    answer = alice.try_register(expires=0)
    assert answer.status == 403
