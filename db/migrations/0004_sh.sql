-- SPDX-License-Identifier: Apache-2.0
-- Sh: what application servers may, keep and watch. [TS 29.328]

CREATE TABLE application_server (                -- AS permissions list [TS 29.328 6.2]
	id INTEGER PRIMARY KEY,
	identity TEXT NOT NULL UNIQUE            -- Origin-Host [TS 29.328 7.9]
) STRICT;

CREATE TABLE sh_permission (                     -- no row: nothing
	application_server_id INTEGER NOT NULL REFERENCES application_server ON DELETE CASCADE,
	data_reference INTEGER NOT NULL,         -- [TS 29.328 table 7.6.1]; 1000: the cloud profile, ours
	operations INTEGER NOT NULL CHECK (operations BETWEEN 1 AND 7), -- 1 Sh-Pull, 2 Sh-Update, 4 Sh-Subs-Notif, added
	PRIMARY KEY (application_server_id, data_reference)
) STRICT, WITHOUT ROWID;

CREATE TABLE repository_data (                   -- transparent data [TS 29.328 7.6.1, C.2]
	public_identity_id INTEGER NOT NULL REFERENCES public_identity ON DELETE CASCADE,
	service_indication TEXT NOT NULL,        -- [TS 29.328 7.4]
	sequence_number INTEGER NOT NULL CHECK (sequence_number BETWEEN 0 AND 65535),
	service_data TEXT NOT NULL,              -- the element ServiceData with all that is in it
	PRIMARY KEY (public_identity_id, service_indication)
) STRICT;

CREATE TABLE cloud_sequence (                    -- sequence number of the cloud profiles as repository data
	subscription_id INTEGER PRIMARY KEY REFERENCES subscription ON DELETE CASCADE,
	sequence_number INTEGER NOT NULL CHECK (sequence_number BETWEEN 0 AND 65535)
) STRICT;

CREATE TABLE psi_inactive (                      -- PSIActivation [TS 29.328 7.6.10]; no row: active
	public_identity_id INTEGER PRIMARY KEY REFERENCES public_identity ON DELETE CASCADE
) STRICT;

CREATE TABLE dsai (                              -- dynamic service activation information [TS 29.328 7.6.11, 7.14]
	public_identity_id INTEGER NOT NULL REFERENCES public_identity ON DELETE CASCADE,
	server_name TEXT NOT NULL,               -- of the AS whose service it is [TS 29.328 7.10]
	tag TEXT NOT NULL,                       -- DSAI-Tag
	active INTEGER NOT NULL CHECK (active IN (0, 1)), -- DSAI-Value
	PRIMARY KEY (public_identity_id, server_name, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE sh_subscription (                   -- an AS wants to know of changes [TS 29.328 6.1.3]
	id INTEGER PRIMARY KEY,
	public_identity_id INTEGER NOT NULL REFERENCES public_identity ON DELETE CASCADE,
	host TEXT NOT NULL, realm TEXT NOT NULL, -- the AS: Origin-Host and Origin-Realm of the SNR
	data_reference INTEGER NOT NULL,
	server_name TEXT NOT NULL,               -- of filter criteria and DSAI; else ''
	name TEXT NOT NULL,                      -- Service-Indication or DSAI-Tag; else ''
	identity_set INTEGER NOT NULL,           -- Identity-Set; else 0
	msisdn TEXT,                             -- the user's name in the SNR, when it was this
	expiry INTEGER,                          -- seconds since 1970 [TS 29.329 6.3.16]; NULL: for ever
	one_time INTEGER NOT NULL CHECK (one_time IN (0, 1)), -- One-Time-Notification [TS 29.329 6.3.12]
	together INTEGER NOT NULL CHECK (together IN (0, 1)), -- several changes may come in one PNR: Notif-Eff [TS 29.329 7.1.1]
	shown INTEGER NOT NULL,                  -- fingerprint of the data as it was when the AS subscribed or was told last
	UNIQUE (public_identity_id, host, data_reference, server_name, name, identity_set)
) STRICT;
CREATE INDEX sh_subscription_expiry ON sh_subscription (expiry);

CREATE TABLE pending_notice (                    -- Sh-Notif that its AS has not acknowledged yet [TS 29.328 6.1.4]
	id INTEGER PRIMARY KEY,                  -- grows, and is never used again
	host TEXT NOT NULL, realm TEXT NOT NULL, -- where it goes
	watches TEXT NOT NULL,                   -- rows of sh_subscription it comes from: "12 17"; a newer one takes its place
	public_identity TEXT NOT NULL, msisdn TEXT, -- User-Identity: the latter, if it is there
	user_data TEXT NOT NULL,                 -- the document as it was after the change
	since INTEGER NOT NULL                   -- seconds since 1970
) STRICT;
CREATE INDEX pending_notice_host ON pending_notice (host);
