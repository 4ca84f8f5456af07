-- SPDX-License-Identifier: Apache-2.0
-- What provisioning over REST needs: revisions for ETags, a default for charging, what is known of S-CSCFs, imports that go on.

ALTER TABLE subscription ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE service_profile ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX subscription_scscf ON subscription (scscf_name) WHERE scscf_name IS NOT NULL;

CREATE TABLE default_charging (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	revision INTEGER NOT NULL,
	primary_ccf TEXT, secondary_ccf TEXT, primary_ecf TEXT, secondary_ecf TEXT
) STRICT;

CREATE TABLE scscf (
	name TEXT PRIMARY KEY,
	note TEXT,
	revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scscf_capability (
	scscf_name TEXT NOT NULL REFERENCES scscf ON DELETE CASCADE,
	value INTEGER NOT NULL CHECK (value >= 0),
	PRIMARY KEY (scscf_name, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_progress (
	name TEXT PRIMARY KEY,
	line INTEGER NOT NULL,
	loaded INTEGER NOT NULL,
	failed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
