// SPDX-License-Identifier: Apache-2.0
/* The one table of causes. Its texts are parts of what request_answer() in the CSCFs and refuse() in the HSS are given; the first
 * that fits counts. */
#include "ctl/advice.h"
#include <string.h>

static const struct {
	const char *part, *scheme;       /* scheme NULL: any */
	struct advice advice;
} whys[] = {
	/* who is it */
	{ "the public identity is not provisioned", NULL, { "No subscriber has the identity IMPU.",
		"Correct the identity in the phone, or make the subscriber: imsctl subscriber add NAME@DOMAIN --impu IMPU --password-file F" } },
	{ "the private identity is not provisioned", NULL, { "The HSS knows no subscriber of the user name that the phone gave for authentication.",
		"Correct the phone's authentication name (IMPI), or make the subscriber: imsctl subscriber add IMPI --impu IMPU --password-file F" } },
	{ "the private identity may not use this public identity", NULL, { "The phone's authentication name and its identity belong to different subscribers.",
		"Correct one of the two in the phone, or give the identity to the subscriber: imsctl subscriber set IMPI --impu IMPU" } },
	{ "IDENTITIES_DONT_MATCH", NULL, { "The phone's authentication name and its identity belong to different subscribers.",
		"Correct one of the two in the phone, or give the identity to the subscriber: imsctl subscriber set IMPI --impu IMPU" } },
	{ "USER_UNKNOWN", NULL, { "The HSS does not know the user.",
		"Correct the identity, or make the subscriber: imsctl subscriber add NAME@DOMAIN --impu IMPU --password-file F" } },
	{ "no such user", NULL, { "Nobody has the identity that was called.", "Correct the number or address; imsctl subscriber list shows who there is." } },
	{ "not of this network", NULL, { "The identity that was called is not of this network.", "Correct the address: the domain here is DOMAIN." } },
	{ "neither a public service identity nor a wildcarded one registers", NULL, { "IMPU is the identity of a service, or stands for many: it "
		"cannot register.", "Register with an identity of a user." } },
	{ "the public service identity is not active", NULL, { "The service that was called has been switched off, by its application server or the "
		"operator.", "Switch it on: psi_active of /v1/service-activation/IMPU." } },
	{ "no public or private identity", NULL, { "The REGISTER names no usable identity.", "Set identity (sip:NAME@DOMAIN) and authentication name in the phone." } },
	/* does it prove it */
	{ "wrong password or key", "aka", { "The answer to the challenge is wrong: the USIM's key K or OPc is not the one that the HSS has.",
		"Compare K and OPc (OP or OPc?) with the USIM's: imsctl subscriber set IMPI --k HEX --opc HEX" } },
	{ "wrong password or key", NULL, { "The password of the phone is not that of the subscriber.",
		"Correct it in the phone, or set it: imsctl subscriber set IMPI --password-file F" } },
	{ "AUTS does not verify", NULL, { "The USIM asked for another sequence number (SQN), but its proof does not verify: K or OPc differ from the USIM's.",
		"Compare K and OPc (OP or OPc?) with the USIM's: imsctl subscriber set IMPI --k HEX --opc HEX" } },
	{ "a resynchronisation from an S-CSCF", NULL, { "A sequence number (SQN) was to be set by an S-CSCF that does not serve the user.",
		"Register anew; when it stays, look for a second S-CSCF of the same name." } },
	{ "sequence number leaves none above it", NULL, { "The USIM's sequence number (SQN) is so high that none is left above it.",
		"Give the subscriber another USIM." } },
	{ "the sequence numbers of the subscriber are used up", NULL, { "No sequence number (SQN) is left for the USIM.", "Give the subscriber another USIM." } },
	{ "AUTS is not 14 octets", NULL, { "The phone's AUTS, by which a sequence number (SQN) is corrected, is not well-formed.", "That is a fault of the phone." } },
	{ "nonce is not RAND and AUTN", NULL, { "The phone sent AUTS for a challenge that was none of AKA.", "That is a fault of the phone." } },
	{ "the subscriber has no credentials", NULL, { "The subscriber has neither password nor key in the HSS.",
		"Give one: imsctl subscriber set IMPI --password-file F, or --k HEX --opc HEX for AKA" } },
	{ "the subscriber has no password", NULL, { "SIP Digest was asked for, but the subscriber has no password.", "Give one: imsctl subscriber set IMPI --password-file F" } },
	{ "the subscriber has no AKA key", NULL, { "AKA was asked for, but the subscriber has no key.", "Give one: imsctl subscriber set IMPI --k HEX --opc HEX" } },
	{ "is provisioned for", NULL, { "The scheme that was asked for is not the one that the subscriber is provisioned for.",
		"Set the phone to the subscriber's scheme (imsctl subscriber show IMPI), or provision the other: imsctl subscriber set IMPI --scheme digest|aka ..." } },
	{ "AUTH_SCHEME_NOT_SUPPORTED", NULL, { "The scheme that was asked for is not provisioned for the subscriber.",
		"imsctl subscriber show IMPI tells which one is; provision the other: imsctl subscriber set IMPI --scheme digest|aka ..." } },
	{ "no usable vector", NULL, { "The HSS gave nothing that the subscriber could be challenged with.", "Set the credentials anew: imsctl subscriber set IMPI --password-file F, or --k HEX --opc HEX" } },
	{ "do not open under the master key", NULL, { "The HSS cannot open the credentials: they were sealed under another master key.",
		"Give the HSS the key file that belongs to its store (option master_key)." } },
	{ "digest uri is not of the home network", NULL, { "The phone computed its answer for another address (digest uri) than this network's.",
		"Set the phone's registrar (domain) to DOMAIN." } },
	{ "AKA needs ipsec-3gpp", NULL, { "AKA without IPsec is not allowed by the P-CSCF.", "In a lab: access.aka_without_ipsec: true in pcscf.yaml." } },
	/* may it */
	{ "barred", NULL, { "The identity is barred.", "Lift the bar of the identity, or use another one of the subscriber: imsctl subscriber show IMPI" } },
	{ "AUTHORIZATION_REJECTED", NULL, { "The HSS does not allow it: all identities of the set are barred.", "imsctl subscriber show IMPI tells which are barred." } },
	{ "may not roam", NULL, { "The subscriber may not use the network that the phone is in.", "Add the network to its visited_networks." } },
	{ "ROAMING_NOT_ALLOWED", NULL, { "The subscriber may not use the network that the phone is in.", "Add the network to its visited_networks." } },
	{ "REGISTER for a network we have no agreement with", NULL, { "The phone registers with a domain that the P-CSCF does not serve.", "Set the phone's domain to DOMAIN." } },
	{ "REGISTER for another domain", NULL, { "The phone registers with another domain.", "Set the phone's domain to DOMAIN." } },
	{ "outside the trust domain", NULL, { "The request did not come through a P-CSCF.", "Set the phone's outbound proxy to the P-CSCF; a P-CSCF of ours must stand in `trust` of the I-CSCF." } },
	{ "not a peer of the core", NULL, { "The request did not come from a server of the core.", "Set the phone's outbound proxy to the P-CSCF; a server of ours must stand in `trust` of the S-CSCF." } },
	{ "too many contacts", NULL, { "The user has as many contacts as are allowed.", "imsctl user deregister IMPU removes them; registration.contacts_max of the S-CSCF is the bound." } },
	{ "expiry too brief", NULL, { "The phone asked for too short a registration.", "It should try again with the Min-Expires of the answer; else raise its registration interval." } },
	{ "an older CSeq", NULL, { "A REGISTER came that is older than what is registered.", "It is a late copy, or a phone that began to count anew under the same Call-ID." } },
	{ "extension not known", NULL, { "The phone requires an extension that the S-CSCF does not know.", "Switch that extension off in the phone; the trace shows it in Require." } },
	/* is it registered */
	{ "not registered over this connection", NULL, { "The phone called from an address that it did not register from.", "Register first, from the same address and port." } },
	{ "caller not registered", NULL, { "The caller is not registered.", "Register first; imsctl registration show IMPU tells whether it is." } },
	{ "not registered", NULL, { "The called user is not registered, so nothing rings.", "Switch the called phone on; imsctl registration list shows who is registered." } },
	{ "IDENTITY_NOT_REGISTERED", NULL, { "The user is not registered.", "Switch the phone on; imsctl registration list shows who is registered." } },
	{ "no such registration any more", NULL, { "The registration ended at the P-CSCF, while the S-CSCF still has it.", "Register anew." } },
	{ "the connection of", NULL, { "The TCP or TLS connection to the called phone is gone.", "The phone reconnects when it registers anew; keep-alives (RFC 5626) hold the connection." } },
	{ "no contact of", NULL, { "No phone of the called user could be reached.", "Switch the called phone on; imsctl registration show tells where it should be." } },
	{ "no asserted identity", NULL, { "The request reached the S-CSCF without an asserted identity.", "It must come through the P-CSCF that the phone registered over." } },
	{ "a dialog that did not begin through us", NULL, { "The phone sent a request inside a call that did not go through this P-CSCF.",
		"End the call and begin anew; else that is a fault of the phone." } },
	{ "Route", NULL, { "The phone did not send its request along the Service-Route of its registration.", "Register anew; else that is a fault of the phone." } },
	/* does the network work */
	{ "HSS not reached", NULL, { "The HSS did not answer.", "imsctl status tells whether it runs and who has lost it; make restart D=hss in the lab." } },
	{ "the HSS is silent", NULL, { "The HSS did not answer.", "imsctl status tells whether it runs and who has lost it; make restart D=hss in the lab." } },
	{ "HSS not told", NULL, { "The HSS did not take what the S-CSCF told it.", "imsctl status tells whether it runs; its log has more." } },
	{ "the disk of the store is full", NULL, { "The disk of the HSS's store is full.", "Make room; nothing was lost." } },
	{ "the store", NULL, { "The store of the HSS does not work, or has too much to do.", "The log of the HSS says why." } },
	{ "the I-CSCF does not answer", NULL, { "The P-CSCF reached no I-CSCF.", "imsctl status tells whether it runs; does DNS know its name?" } },
	{ "the S-CSCF does not answer", NULL, { "The S-CSCF did not answer.", "imsctl status tells whether it runs." } },
	{ "no S-CSCF has the capabilities", NULL, { "No S-CSCF has what the subscription demands.", "Compare its capabilities (imsctl subscriber show IMPI) with scscfs in icscf.yaml." } },
	{ "S-CSCF", NULL, { "No S-CSCF could be reached.", "imsctl status tells whether one runs; does DNS know its name?" } },
	{ "the next hop does not answer", NULL, { "The next server did not answer.", "The trace shows which one; imsctl status tells whether it runs." } },
	{ "out of memory", NULL, { "A server had no memory left.", "Look at its log and its limits." } },
};

static const struct {
	int status;
	struct advice advice;
} statuses[] = {
	{ 403, { "The request was forbidden.", "The trace shows who refused it." } },
	{ 404, { "Nobody has the identity that was called.", "Correct the number or address." } },
	{ 408, { "Nobody answered in time.", "The trace shows who was silent." } },
	{ 480, { "The called user cannot be reached at the moment.", "imsctl registration show tells whether it is registered." } },
	{ 481, { "The call was already over for the other side.", "Nothing, unless it comes again: then look at the trace." } },
	{ 486, { "The called phone is busy.", "Call later." } },
	{ 488, { "The two phones have no codec or medium in common.", "The SDP in `imsctl trace ID --messages` shows what each can do." } },
	{ 500, { "A server failed.", "The trace shows which one; its log has more." } },
	{ 503, { "A server is overloaded or going down.", "Try again after the Retry-After of the answer; imsctl status." } },
	{ 504, { "A server did not get an answer from another one.", "The trace shows which one was silent; imsctl status." } },
	{ 600, { "The called user is busy everywhere.", "Call later." } },
	{ 603, { "The called user declined.", "Nothing is wrong with the network." } },
};

const struct advice *advice_of_why(const char *why, const char *scheme)
{
	for (size_t i = 0; i < ARRAY_LEN(whys); i++)
		if (strstr(why, whys[i].part) && (!whys[i].scheme || !strcmp(whys[i].scheme, scheme)))
			return &whys[i].advice;
	return NULL;
}

const struct advice *advice_of_status(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].status == status)
			return &statuses[i].advice;
	return NULL;
}
