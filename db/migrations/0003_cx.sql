-- SPDX-License-Identifier: Apache-2.0
-- What all of Cx needs beyond the first schema: pushes that outlive a death, wildcarded identities that are found, and the rest of
-- what a User-Data and an SAA carry.

ALTER TABLE subscription ADD COLUMN scscf_features INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscription ADD COLUMN former_scscf_host TEXT;
ALTER TABLE subscription ADD COLUMN reference_access_type TEXT;
ALTER TABLE subscription ADD COLUMN reference_access_info TEXT;
ALTER TABLE subscription ADD COLUMN reference_access_value TEXT;

ALTER TABLE private_identity ADD COLUMN privileged_sender INTEGER NOT NULL DEFAULT 0 CHECK (privileged_sender IN (0, 1));

ALTER TABLE public_identity ADD COLUMN loose_route INTEGER NOT NULL DEFAULT 0 CHECK (loose_route IN (0, 1));
ALTER TABLE public_identity ADD COLUMN alias_group TEXT;
ALTER TABLE public_identity ADD COLUMN service_priority INTEGER;
ALTER TABLE public_identity ADD COLUMN max_registrations INTEGER;
ALTER TABLE public_identity ADD COLUMN trace_info TEXT;

CREATE TABLE wildcard (
	public_identity_id INTEGER PRIMARY KEY REFERENCES public_identity ON DELETE CASCADE,
	prefix BLOB NOT NULL,
	tail BLOB NOT NULL
) STRICT;
CREATE INDEX wildcard_place ON wildcard (prefix, tail);

CREATE TABLE pending_push (
	id INTEGER PRIMARY KEY,
	scscf_host TEXT NOT NULL,
	private_identity TEXT NOT NULL,
	registration_set_id INTEGER REFERENCES registration_set ON DELETE CASCADE,
	revision INTEGER NOT NULL DEFAULT 0,
	request TEXT,
	created_s INTEGER NOT NULL,
	UNIQUE (scscf_host, private_identity, registration_set_id)
) STRICT;
CREATE INDEX pending_push_host ON pending_push (scscf_host, id);
CREATE INDEX pending_push_set ON pending_push (registration_set_id);
