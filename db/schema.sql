-- SPDX-License-Identifier: Apache-2.0
-- What the HSS keeps. All migrations together give exactly this; a unit test proves it.
-- Identities are canonical; secrets are sealed under the master key and bound to their row.

CREATE TABLE subscription (                      -- IMS Subscription [TS 23.228 4.3.3.4, TS 29.228 B.2.1]
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,               -- ours: private identities that share identities name the same one
	scscf_name TEXT,                         -- assigned S-CSCF [TS 29.228 6.1.2, 6.3.1]; while nothing is registered yet it
	                                         -- also says that an authentication is pending
	scscf_host TEXT,                         -- its Diameter identity, for RTR and PPR [TS 29.228 6.1.3, 6.2.2]
	reassignment_pending INTEGER NOT NULL DEFAULT 0 CHECK (reassignment_pending IN (0, 1)), -- [TS 29.228 6.1.1.1, 6.1.4.1]
	primary_ccf TEXT, secondary_ccf TEXT,    -- Charging-Information [TS 29.229 6.3.19]
	primary_ecf TEXT, secondary_ecf TEXT,
	scscf_features INTEGER NOT NULL DEFAULT 0, -- Feature-List that the S-CSCF said it supports [TS 29.229 7.1.1]
	former_scscf_host TEXT,                  -- overwritten while identities were registered there [TS 29.228 8.1.1]
	reference_access_type TEXT,              -- ReferenceLocationInformation [TS 29.228 B.2.1]
	reference_access_info TEXT,
	reference_access_value TEXT,
	revision INTEGER NOT NULL DEFAULT 0      -- another number after each change by provisioning: its ETag [RFC 9110 8.8.3]
) STRICT;
CREATE INDEX subscription_scscf ON subscription (scscf_name) WHERE scscf_name IS NOT NULL;

CREATE TABLE default_charging (                  -- Charging-Information of subscriptions without their own [TS 29.229 6.3.19]
	id INTEGER PRIMARY KEY CHECK (id = 1),   -- one row at most
	revision INTEGER NOT NULL,
	primary_ccf TEXT, secondary_ccf TEXT, primary_ecf TEXT, secondary_ecf TEXT
) STRICT;

CREATE TABLE scscf (                             -- what an operator records of an S-CSCF; ours, no clause
	name TEXT PRIMARY KEY,                   -- Server-Name [TS 29.229 6.3.3]
	note TEXT,
	revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scscf_capability (                  -- what it can do, in the numbers of Server-Capabilities [TS 29.229 6.3.4]
	scscf_name TEXT NOT NULL REFERENCES scscf ON DELETE CASCADE,
	value INTEGER NOT NULL CHECK (value >= 0),
	PRIMARY KEY (scscf_name, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE visited_network (                   -- where the subscription may roam; no row: everywhere [TS 29.228 6.1.1.1]
	subscription_id INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE,
	name TEXT NOT NULL,                      -- Visited-Network-Identifier [TS 29.229 6.3.1]
	PRIMARY KEY (subscription_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE capability (                        -- Server-Capabilities [TS 29.229 6.3.4]
	subscription_id INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE,
	value INTEGER NOT NULL CHECK (value >= 0),
	mandatory INTEGER NOT NULL CHECK (mandatory IN (0, 1)), -- [TS 29.229 6.3.5, 6.3.6]
	PRIMARY KEY (subscription_id, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE preferred_scscf (                   -- Server-Name inside Server-Capabilities [TS 29.229 6.3.4]
	subscription_id INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE,
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	PRIMARY KEY (subscription_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE private_identity (                  -- IMPI [TS 23.003 13.3]
	id INTEGER PRIMARY KEY,
	impi TEXT NOT NULL UNIQUE,
	subscription_id INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE,
	scheme TEXT NOT NULL CHECK (scheme IN ('none', 'digest', 'aka')), -- SIP-Authentication-Scheme [TS 29.229 6.3.9]
	privileged_sender INTEGER NOT NULL DEFAULT 0 CHECK (privileged_sender IN (0, 1)) -- Priviledged-Sender-Indication [TS 29.229 6.3.58]
) STRICT;
CREATE INDEX private_identity_subscription ON private_identity (subscription_id);

CREATE TABLE master_key (                        -- what secrets are sealed under; two while one takes the place of the other
	id INTEGER PRIMARY KEY,
	check_value BLOB                         -- opens under this key only; NULL: not met yet
) STRICT;
INSERT INTO master_key (id) VALUES (1);

CREATE TABLE digest_credential (                 -- SIP Digest [TS 33.203 N.2.1.2, TS 29.228 6.3]
	private_identity_id INTEGER NOT NULL REFERENCES private_identity ON DELETE CASCADE,
	algorithm TEXT NOT NULL CHECK (algorithm IN ('MD5', 'SHA-256')), -- Digest-Algorithm [RFC 7616]
	realm TEXT NOT NULL,                     -- Digest-Realm
	ha1 BLOB NOT NULL,                       -- Digest-HA1, sealed
	key_id INTEGER NOT NULL REFERENCES master_key, -- under this one
	PRIMARY KEY (private_identity_id, algorithm)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE registration_set (                  -- implicit registration set [TS 23.228 5.2.1a]; one identity alone is a set, too
	id INTEGER PRIMARY KEY,
	subscription_id INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE,
	number INTEGER NOT NULL,                 -- within the subscription
	unregistered INTEGER NOT NULL DEFAULT 0 CHECK (unregistered IN (0, 1)), -- served though not registered [TS 29.228 6.1.2]
	UNIQUE (subscription_id, number)
) STRICT;

CREATE TABLE service_profile (                   -- [TS 29.228 B.2.2]
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	media_profile INTEGER,                   -- SubscribedMediaProfileId [TS 29.228 B.2.1A]; NULL: none
	revision INTEGER NOT NULL DEFAULT 0      -- as that of a subscription
) STRICT;

CREATE TABLE shared_ifc_set (                    -- SharedIFCSetID [TS 29.228 B.2.2]
	service_profile_id INTEGER NOT NULL REFERENCES service_profile ON DELETE CASCADE,
	number INTEGER NOT NULL,
	PRIMARY KEY (service_profile_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE filter_criterion (                  -- Initial Filter Criteria [TS 29.228 B.2.2]
	id INTEGER PRIMARY KEY,
	service_profile_id INTEGER NOT NULL REFERENCES service_profile ON DELETE CASCADE,
	priority INTEGER NOT NULL,
	part INTEGER CHECK (part IN (0, 1)),     -- ProfilePartIndicator: registered, unregistered; NULL: both
	has_trigger INTEGER NOT NULL,
	cnf INTEGER NOT NULL,                    -- ConditionTypeCNF
	server_name TEXT NOT NULL,               -- Application Server [TS 29.228 B.2.2]
	terminate_on_failure INTEGER NOT NULL,   -- DefaultHandling
	service_info TEXT,
	include_request INTEGER NOT NULL,        -- IncludeRegisterRequest
	include_response INTEGER NOT NULL        -- IncludeRegisterResponse
) STRICT;
CREATE INDEX filter_criterion_profile ON filter_criterion (service_profile_id);

CREATE TABLE service_point_trigger (             -- [TS 29.228 B.2.3]
	filter_criterion_id INTEGER NOT NULL REFERENCES filter_criterion ON DELETE CASCADE,
	position INTEGER NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('request-uri', 'method', 'sip-header', 'session-case', 'session-description')),
	negated INTEGER NOT NULL,                -- ConditionNegated
	group_mask INTEGER NOT NULL,             -- bit n: Group n
	registration_types INTEGER NOT NULL,     -- bit n: RegistrationType n
	session_case INTEGER CHECK (session_case BETWEEN 0 AND 4),
	text TEXT,                               -- RequestURI, Method, Header or Line
	content TEXT,                            -- Content
	PRIMARY KEY (filter_criterion_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE public_identity (                   -- IMPU, PSI [TS 23.003 13.4, 13.5]
	id INTEGER PRIMARY KEY,
	impu TEXT NOT NULL UNIQUE,
	registration_set_id INTEGER NOT NULL REFERENCES registration_set ON DELETE CASCADE,
	rank INTEGER NOT NULL DEFAULT 0,         -- the first not barred is the default one [TS 24.229 5.4.1.2.2F]
	kind INTEGER NOT NULL DEFAULT 0 CHECK (kind IN (0, 1, 2, 4)), -- IdentityType [TS 29.228 annex E]: user, PSI, wildcarded both
	wildcard TEXT,                           -- WildcardedPSI, WildcardedIMPU; how it is found: table wildcard
	barred INTEGER NOT NULL DEFAULT 0 CHECK (barred IN (0, 1)), -- BarringIndication
	display_name TEXT,
	service_profile_id INTEGER REFERENCES service_profile, -- NULL: one without criteria
	as_name TEXT,                            -- a PSI is routed to it directly [TS 29.228 6.1.4.1]
	loose_route INTEGER NOT NULL DEFAULT 0 CHECK (loose_route IN (0, 1)), -- Loose-Route-Indication [TS 29.229 6.3.45]
	alias_group TEXT,                        -- AliasIdentityGroupID [TS 29.228 B.2.1]
	service_priority INTEGER,                -- ServicePriorityLevel
	max_registrations INTEGER,               -- MaxNumOfAllowedSimultRegs
	trace_info TEXT                          -- ServiceLevelTraceInfo
) STRICT;
CREATE INDEX public_identity_set ON public_identity (registration_set_id);
CREATE INDEX public_identity_profile ON public_identity (service_profile_id);

CREATE TABLE wildcard (                          -- where a wildcarded identity is looked for [TS 23.003 13.4A, 13.5]
	public_identity_id INTEGER PRIMARY KEY REFERENCES public_identity ON DELETE CASCADE,
	prefix BLOB NOT NULL,                    -- what stands before the expression
	tail BLOB NOT NULL                       -- what stands behind it, backwards
) STRICT;
CREATE INDEX wildcard_place ON wildcard (prefix, tail);

CREATE TABLE identity_link (                     -- who may register what, n to m [TS 23.228 4.3.3.4]
	private_identity_id INTEGER NOT NULL REFERENCES private_identity ON DELETE CASCADE,
	public_identity_id INTEGER NOT NULL REFERENCES public_identity ON DELETE CASCADE,
	PRIMARY KEY (private_identity_id, public_identity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_link_public ON identity_link (public_identity_id);

CREATE TABLE registration (                      -- a private identity registered with a set [TS 29.228 6.1.2]
	registration_set_id INTEGER NOT NULL REFERENCES registration_set ON DELETE CASCADE,
	private_identity_id INTEGER NOT NULL REFERENCES private_identity ON DELETE CASCADE,
	restoration TEXT,                        -- SCSCF-Restoration-Info as JSON [TS 29.229 6.3.49, TS 23.380 4.2]
	PRIMARY KEY (registration_set_id, private_identity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX registration_private ON registration (private_identity_id);

CREATE TABLE pending_push (                      -- what an S-CSCF has not answered yet [TS 29.228 6.1.3, 6.2.2]
	id INTEGER PRIMARY KEY,
	scscf_host TEXT NOT NULL,                -- its Diameter identity
	private_identity TEXT NOT NULL,          -- User-Name, maybe no longer provisioned; '': any of the set
	registration_set_id INTEGER REFERENCES registration_set ON DELETE CASCADE, -- of a PPR, whose content is read when it is sent
	revision INTEGER NOT NULL DEFAULT 0,     -- changed again while it was under way
	request TEXT,                            -- of an RTR: the rest of it as JSON; NULL: a PPR
	created_s INTEGER NOT NULL,              -- seconds since 1970
	UNIQUE (scscf_host, private_identity, registration_set_id)
) STRICT;
CREATE INDEX pending_push_host ON pending_push (scscf_host, id);
CREATE INDEX pending_push_set ON pending_push (registration_set_id);

CREATE TABLE cloud_profile (                     -- who the subscriber is in a cloud; ours, no clause
	id INTEGER PRIMARY KEY,
	private_identity_id INTEGER NOT NULL REFERENCES private_identity ON DELETE CASCADE,
	provider TEXT NOT NULL,
	user TEXT, project TEXT, domain TEXT, role TEXT, -- Keystone's
	registration_guard TEXT NOT NULL DEFAULT 'none' CHECK (registration_guard IN ('none', 'token', 'token+digest', 'window')),
	second_factor INTEGER NOT NULL DEFAULT 0 CHECK (second_factor IN (0, 1)),
	UNIQUE (private_identity_id, provider)
) STRICT;

CREATE TABLE cloud_service (                     -- what the subscriber is enrolled in
	cloud_profile_id INTEGER NOT NULL REFERENCES cloud_profile ON DELETE CASCADE,
	service TEXT NOT NULL,
	most INTEGER,                            -- at the same time; NULL: no limit
	PRIMARY KEY (cloud_profile_id, service)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_progress (                   -- a bulk import under way: what is stored of it, to go on from there
	name TEXT PRIMARY KEY,                   -- the client's
	line INTEGER NOT NULL,                   -- the last one stored or refused
	loaded INTEGER NOT NULL,
	failed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE provisioning (                      -- one row, or none yet; what was noted while reading is void when it has changed
	id INTEGER PRIMARY KEY CHECK (id = 1),
	version INTEGER NOT NULL                 -- one more with every change of the operator's
) STRICT;

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

CREATE TABLE slf_route (                         -- which HSS has whom [TS 23.228 5.8.1]; used when the HSS is an SLF
	name TEXT PRIMARY KEY,                   -- a public or private identity, a wildcarded one [TS 23.003 13.5], a domain
	kind TEXT NOT NULL CHECK (kind IN ('identity', 'wildcard', 'domain')),
	prefix TEXT NOT NULL,                    -- of a wildcard: what stands before its expression
	hss TEXT NOT NULL,                       -- Diameter identities or URIs of its front ends, a space between them
	revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX slf_route_wildcard ON slf_route (prefix) WHERE kind = 'wildcard';
