// SPDX-License-Identifier: Apache-2.0
// The package's dictionary replaced by one of the base protocol, Cx and Sh, written from the tables of the texts: an AVP that is
// not in them is an error. [RFC 6733 4.5, RFC 4740 9.5, TS 29.229 6.3, TS 29.329 6.3]
'use strict';
const dictionary = require('diameter/lib/diameter-dictionary');
const types = require('diameter/lib/diameter-types');

const V = 10415;
const applications = [{ code: 0, name: 'base' }, { code: 16777216, name: 'Cx' }, { code: 16777217, name: 'Sh' }, { code: 16777251, name: 'S6a' }];
const commands = Object.entries({
	'Capabilities-Exchange': 257, 'Device-Watchdog': 280, 'Disconnect-Peer': 282,
	'User-Authorization': 300, 'Server-Assignment': 301, 'Location-Info': 302, 'Multimedia-Auth': 303, 'Registration-Termination': 304,
	'Push-Profile': 305, 'User-Data': 306, 'Profile-Update': 307, 'Subscribe-Notifications': 308, 'Push-Notification': 309,
}).map(([name, code]) => ({ name, code, vendorId: 0 }));

// code, name, type; the types of the package, and Octets: hexadecimal digits
const base = [
	[1, 'User-Name', 'OctetString'], [104, 'Digest-Realm', 'OctetString'], [110, 'Digest-QoP', 'OctetString'],
	[111, 'Digest-Algorithm', 'OctetString'], [121, 'Digest-HA1', 'OctetString'], [257, 'Host-IP-Address', 'IPAddress'],
	[258, 'Auth-Application-Id', 'Unsigned32'], [260, 'Vendor-Specific-Application-Id', 'Grouped'], [263, 'Session-Id', 'OctetString'],
	[264, 'Origin-Host', 'OctetString'], [265, 'Supported-Vendor-Id', 'Unsigned32'], [266, 'Vendor-Id', 'Unsigned32'],
	[267, 'Firmware-Revision', 'Unsigned32', '-'], [268, 'Result-Code', 'Unsigned32'], [269, 'Product-Name', 'OctetString', '-'],
	[273, 'Disconnect-Cause', 'Unsigned32'], [277, 'Auth-Session-State', 'Unsigned32'], [278, 'Origin-State-Id', 'Unsigned32'],
	[279, 'Failed-AVP', 'Grouped'], [281, 'Error-Message', 'OctetString', '-'], [282, 'Route-Record', 'OctetString'],
	[283, 'Destination-Realm', 'OctetString'], [293, 'Destination-Host', 'OctetString'], [294, 'Error-Reporting-Host', 'OctetString', '-'],
	[296, 'Origin-Realm', 'OctetString'], [297, 'Experimental-Result', 'Grouped'], [298, 'Experimental-Result-Code', 'Unsigned32'],
	[299, 'Inband-Security-Id', 'Unsigned32'], [301, 'DRMP', 'Unsigned32', '-'], [621, 'OC-Supported-Features', 'Grouped', '-'],
	[622, 'OC-Feature-Vector', 'Unsigned64', '-'], [623, 'OC-OLR', 'Grouped', '-'], [624, 'OC-Sequence-Number', 'Unsigned64', '-'],
	[625, 'OC-Validity-Duration', 'Unsigned32', '-'], [626, 'OC-Report-Type', 'Unsigned32', '-'],
	[627, 'OC-Reduction-Percentage', 'Unsigned32', '-'],
];
const threegpp = [
	[600, 'Visited-Network-Identifier', 'OctetString'], [601, 'Public-Identity', 'OctetString'], [602, 'Server-Name', 'OctetString'],
	[603, 'Server-Capabilities', 'Grouped'], [604, 'Mandatory-Capability', 'Unsigned32'], [605, 'Optional-Capability', 'Unsigned32'],
	[606, 'Cx-User-Data', 'OctetString'], [607, 'SIP-Number-Auth-Items', 'Unsigned32'], [608, 'SIP-Authentication-Scheme', 'OctetString'],
	[609, 'SIP-Authenticate', 'Octets'], [610, 'SIP-Authorization', 'Octets'], [611, 'SIP-Authentication-Context', 'Octets'],
	[612, 'SIP-Auth-Data-Item', 'Grouped'], [613, 'SIP-Item-Number', 'Unsigned32'], [614, 'Server-Assignment-Type', 'Unsigned32'],
	[615, 'Deregistration-Reason', 'Grouped'], [616, 'Reason-Code', 'Unsigned32'], [617, 'Reason-Info', 'OctetString'],
	[618, 'Charging-Information', 'Grouped'], [619, 'Primary-Event-Charging-Function-Name', 'OctetString'],
	[620, 'Secondary-Event-Charging-Function-Name', 'OctetString'], [621, 'Primary-Charging-Collection-Function-Name', 'OctetString'],
	[622, 'Secondary-Charging-Collection-Function-Name', 'OctetString'], [623, 'User-Authorization-Type', 'Unsigned32'],
	[624, 'User-Data-Already-Available', 'Unsigned32'], [625, 'Confidentiality-Key', 'Octets'], [626, 'Integrity-Key', 'Octets'],
	[628, 'Supported-Features', 'Grouped'], [629, 'Feature-List-ID', 'Unsigned32', '-'], [630, 'Feature-List', 'Unsigned32', '-'],
	[631, 'Supported-Applications', 'Grouped', '-'], [632, 'Associated-Identities', 'Grouped', '-'], [633, 'Originating-Request', 'Unsigned32'],
	[634, 'Wildcarded-Public-Identity', 'OctetString', '-'], [635, 'SIP-Digest-Authenticate', 'Grouped', '-'], [636, 'Wildcarded-IMPU', 'OctetString', '-'],
	[637, 'UAR-Flags', 'Unsigned32', '-'], [638, 'Loose-Route-Indication', 'Unsigned32', '-'], [639, 'SCSCF-Restoration-Info', 'Grouped', '-'],
	[640, 'Path', 'OctetString', '-'], [641, 'Contact', 'OctetString', '-'], [642, 'Subscription-Info', 'Grouped', '-'],
	[643, 'Call-ID-SIP-Header', 'OctetString', '-'], [644, 'From-SIP-Header', 'OctetString', '-'], [645, 'To-SIP-Header', 'OctetString', '-'],
	[646, 'Record-Route', 'OctetString', '-'], [647, 'Associated-Registered-Identities', 'Grouped', '-'],
	[648, 'Multiple-Registration-Indication', 'Unsigned32', '-'], [649, 'Restoration-Info', 'Grouped', '-'], [650, 'Session-Priority', 'Unsigned32', '-'],
	[651, 'Identity-with-Emergency-Registration', 'Grouped', '-'], [652, 'Priviledged-Sender-Indication', 'Unsigned32', '-'],
	[653, 'LIA-Flags', 'Unsigned32', '-'], [654, 'Initial-CSeq-Sequence-Number', 'Unsigned32', '-'], [655, 'SAR-Flags', 'Unsigned32', '-'],
	[659, 'RTR-Flags', 'Unsigned32', '-'], [660, 'P-CSCF-Subscription-Info', 'Grouped', '-'], [661, 'Registration-Time-Out', 'Time', '-'],
	[662, 'Alternate-Digest-Algorithm', 'OctetString', '-'], [663, 'Alternate-Digest-HA1', 'OctetString', '-'],
	[664, 'Failed-PCSCF', 'Grouped', '-'], [665, 'PCSCF-FQDN', 'OctetString', '-'], [666, 'PCSCF-IP-Address', 'IPAddress', '-'],
	[700, 'User-Identity', 'Grouped'], [701, 'MSISDN', 'Octets'], [702, 'Sh-User-Data', 'OctetString'], [703, 'Data-Reference', 'Unsigned32'],
	[704, 'Service-Indication', 'OctetString'], [705, 'Subs-Req-Type', 'Unsigned32'], [706, 'Requested-Domain', 'Unsigned32'],
	[707, 'Current-Location', 'Unsigned32'], [708, 'Identity-Set', 'Unsigned32', '-'], [709, 'Expiry-Time', 'Time', '-'],
	[710, 'Send-Data-Indication', 'Unsigned32', '-'], [711, 'DSAI-Tag', 'OctetString'], [712, 'One-Time-Notification', 'Unsigned32', '-'],
	[713, 'Requested-Nodes', 'Unsigned32', '-'], [714, 'Serving-Node-Indication', 'Unsigned32', '-'], [715, 'Repository-Data-ID', 'Grouped', '-'],
	[716, 'Sequence-Number', 'Unsigned32', '-'], [717, 'Pre-paging-Supported', 'Unsigned32', '-'],
	[718, 'Local-Time-Zone-Indication', 'Unsigned32', '-'], [719, 'UDR-Flags', 'Unsigned32', '-'],
];

function avp(vendorId) {
	return ([code, name, type, flag]) => ({
		code, name, vendorId, type, flags: { vendorBit: vendorId > 0, mandatory: flag !== '-', protected: false, mayEncrypt: false },
	});
}
const avps = base.map(avp(0)).concat(threegpp.map(avp(V)));

function find(list, wanted) {
	return list.find((x) => Object.keys(wanted).every((k) => x[k] === wanted[k]));
}
dictionary.getApplicationById = (code) => find(applications, { code });
dictionary.getApplicationByName = (name) => find(applications, { name });
dictionary.getCommandByCode = (code) => find(commands, { code });
dictionary.getCommandByName = (name) => find(commands, { name });
dictionary.getAvpByCodeAndVendorId = (code, vendorId) => find(avps, { code, vendorId });
dictionary.getAvpByName = (name) => find(avps, { name });

const { encode, decode } = types;
types.encode = (type, value) => type === 'Octets' ? Buffer.from(value, 'hex') : encode(type, value);
types.decode = (type, octets) => type === 'Octets' ? octets.toString('hex') : decode(type, octets);
