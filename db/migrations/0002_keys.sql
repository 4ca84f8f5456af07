-- SPDX-License-Identifier: Apache-2.0
-- Secrets say under which master key they are sealed, AKA by which algorithm set it goes.
CREATE TABLE master_key (                        -- what secrets are sealed under; two while one takes the place of the other
	id INTEGER PRIMARY KEY,
	check_value BLOB                         -- opens under this key only; NULL: not met yet
) STRICT;
INSERT INTO master_key (id) VALUES (1);

CREATE TABLE old_digest AS SELECT private_identity_id, algorithm, realm, ha1 FROM digest_credential;
DROP TABLE digest_credential;
CREATE TABLE digest_credential (                 -- SIP Digest [TS 33.203 N.2.1.2, TS 29.228 6.3]
	private_identity_id INTEGER NOT NULL REFERENCES private_identity ON DELETE CASCADE,
	algorithm TEXT NOT NULL CHECK (algorithm IN ('MD5', 'SHA-256')), -- Digest-Algorithm [RFC 7616]
	realm TEXT NOT NULL,                     -- Digest-Realm
	ha1 BLOB NOT NULL,                       -- Digest-HA1, sealed
	key_id INTEGER NOT NULL REFERENCES master_key, -- under this one
	PRIMARY KEY (private_identity_id, algorithm)
) STRICT, WITHOUT ROWID;
INSERT INTO digest_credential (private_identity_id, algorithm, realm, ha1, key_id)
	SELECT private_identity_id, algorithm, realm, ha1, 1 FROM old_digest;
DROP TABLE old_digest;

CREATE TABLE old_aka AS SELECT private_identity_id, k, opc, amf, seq FROM aka_credential;
DROP TABLE aka_credential;
CREATE TABLE aka_credential (                    -- IMS AKA [TS 33.203 6.1]
	private_identity_id INTEGER PRIMARY KEY REFERENCES private_identity ON DELETE CASCADE,
	algorithm TEXT NOT NULL CHECK (algorithm IN ('milenage', 'tuak')), -- [TS 35.206, TS 35.231]
	k BLOB NOT NULL,                         -- sealed
	opc BLOB NOT NULL,                       -- OPc or TOPc, sealed; an OP or TOP is turned into it when it comes
	key_id INTEGER NOT NULL REFERENCES master_key, -- both under this one
	iterations INTEGER NOT NULL CHECK (iterations BETWEEN 1 AND 255), -- TUAK: of Keccak-f [TS 35.231]
	res_bits INTEGER NOT NULL CHECK (res_bits IN (32, 64, 128)), -- [TS 33.102 6.3.7]
	amf INTEGER NOT NULL CHECK (amf BETWEEN 0 AND 65535), -- [TS 33.102 annex F]
	seq INTEGER NOT NULL CHECK (seq BETWEEN 0 AND 8796093022207) -- none above this one was given out [TS 33.102 C.1.1.1]
) STRICT;
INSERT INTO aka_credential (private_identity_id, algorithm, k, opc, key_id, iterations, res_bits, amf, seq)
	SELECT private_identity_id, 'milenage', k, opc, 1, 1, 64, amf, seq FROM old_aka;
DROP TABLE old_aka;
