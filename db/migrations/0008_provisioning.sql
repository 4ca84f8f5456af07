-- SPDX-License-Identifier: Apache-2.0
-- What was provisioned since somebody read.
CREATE TABLE provisioning (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	version INTEGER NOT NULL
) STRICT;
