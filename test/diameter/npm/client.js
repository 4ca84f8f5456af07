// SPDX-License-Identifier: Apache-2.0
// usage: node client.js SERVER PORT SOURCE IDENTITY REALM
// A Diameter peer whose codec is the npm package diameter. It shakes hands, then obeys lines of JSON and prints lines of JSON:
//   {"id": 1, "application": "Cx", "command": "User-Authorization", "avps": [["User-Name", "a@ims.test"], ...]}
//   {"id": 1, "answer": {"error": false, "avps": [...]}}          or "why" it has none
//   {"push": "Push-Profile", "avps": [...]}                       the server's own question, answered with DIAMETER_SUCCESS
// Its own watchdogs are commands of the application base. It ends with its input, by Disconnect-Peer. [RFC 6733 5.3, 5.4, 5.5]
'use strict';
process.removeAllListeners('warning'); // the package makes its buffers the old way
require('./dictionary.js');
const diameter = require('diameter');
const readline = require('readline');

const [server, port, source, identity, realm] = process.argv.slice(2);
const SUCCESS = 2001;
const APPLICATIONS = { Cx: 16777216, Sh: 16777217, S6a: 16777251 };
const origin = [['Origin-Host', identity], ['Origin-Realm', realm]];
let sessions = 0;

function say(what) {
	process.stdout.write(JSON.stringify(what) + '\n');
}

function fail(why) {
	say({ failed: String(why && why.stack || why) });
	process.exit(1);
}

const socket = diameter.createConnection({ host: server, port: Number(port), localAddress: source }, begin);
const connection = socket.diameterConnection;
socket.setNoDelay(true);
socket.on('error', fail);
socket.on('close', () => process.exit(0));
socket.on('diameterMessage', onQuestion);
// The package takes one message from what it has read: let it look again for those that came together.
socket.on('data', (octets) => {
	if (octets.length)
		for (let i = 0; i < 16; i++)
			socket.emit('data', Buffer.alloc(0));
});

function ownApplication(name) {
	return ['Vendor-Specific-Application-Id', [['Vendor-Id', 10415], ['Auth-Application-Id', APPLICATIONS[name]]]];
}

function build(application, command, avps) {
	const request = connection.createRequest(application, command, `${identity};${process.pid};${++sessions}`);
	if (application === 'base') {
		request.body = [...origin, ...avps];
		return request;
	}
	request.header.flags.proxiable = true;
	request.body.push(ownApplication(application), ['Auth-Session-State', 1], ...origin, ['Destination-Realm', realm], ...avps);
	return request;
}

function begin() {
	const avps = [['Host-IP-Address', source], ['Vendor-Id', 0], ['Product-Name', 'independent'], ['Supported-Vendor-Id', 10415],
		ownApplication('Cx'), ownApplication('Sh')];
	connection.sendRequest(build('base', 'Capabilities-Exchange', avps)).then((answer) => {
		say({ ready: answer.body });
		readline.createInterface({ input: process.stdin }).on('line', obey).on('close', end);
	}, fail);
}

function obey(line) {
	const { id, application, command: asked, avps } = JSON.parse(line);
	connection.sendRequest(build(application, asked, avps)).then(
		({ header, command, body }) => say({ id, answer: { error: header.flags.error, proxiable: header.flags.proxiable, command, avps: body } }),
		(why) => say({ id, why: String(why) }));
}

function onQuestion(event) {
	const { message, response } = event;
	response.body.push(['Result-Code', SUCCESS], ...origin);
	if (message.header.applicationId) {
		response.body.push(ownApplication(message.header.application), ['Auth-Session-State', 1]);
		say({ push: message.command, avps: message.body });
	}
	event.callback(response);
}

function end() {
	connection.sendRequest(build('base', 'Disconnect-Peer', [['Disconnect-Cause', 0]])).then(() => socket.end(), fail);
}
