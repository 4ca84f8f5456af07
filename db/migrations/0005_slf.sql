-- SPDX-License-Identifier: Apache-2.0
-- The Subscription Locator Function: which HSS has whom. [TS 23.228 5.8.1]

CREATE TABLE slf_route (
	name TEXT PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('identity', 'wildcard', 'domain')),
	prefix TEXT NOT NULL,
	hss TEXT NOT NULL,
	revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX slf_route_wildcard ON slf_route (prefix) WHERE kind = 'wildcard';
