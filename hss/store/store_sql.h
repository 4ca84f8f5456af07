// SPDX-License-Identifier: Apache-2.0
/* Every statement of the HSS, by name, prepared once a connection; and the few words in which store_*.c use them. No database
 * shows here: what one does in its own way is behind hss/store/store_driver.h. */
#pragma once
#include "hss/store/store.h"

struct query;                                /* a statement, prepared once a connection */

#define EXTRAS "u.loose_route, u.alias_group, u.service_priority, u.max_registrations, u.trace_info" /* struct identity_extras */

#define STATEMENTS(X) \
	/* identities */ \
	X(PRIVATE_BY_IMPI, "SELECT id, subscription_id, impi, scheme, privileged_sender FROM private_identity WHERE impi = :impi") \
	X(IMPU_BY_URI, "SELECT u.id, u.registration_set_id, s.subscription_id, u.kind, u.barred, s.unregistered, b.reassignment_pending," \
		" u.impu, u.as_name, b.scscf_name, b.scscf_host, b.former_scscf_host, b.scscf_features," \
		" u.wildcard FROM public_identity u JOIN registration_set s ON s.id = u.registration_set_id" \
		" JOIN subscription b ON b.id = s.subscription_id WHERE u.impu = :impu") \
	X(IMPU_OF_SET, "SELECT u.id, u.registration_set_id, s.subscription_id, u.kind, u.barred, s.unregistered, b.reassignment_pending," \
		" u.impu, u.as_name, b.scscf_name, b.scscf_host, b.former_scscf_host, b.scscf_features," \
		" u.wildcard FROM public_identity u JOIN registration_set s ON s.id = u.registration_set_id" \
		" JOIN subscription b ON b.id = s.subscription_id WHERE s.id = :set ORDER BY u.rank, u.id LIMIT 1") \
	X(LINKED, "SELECT 1 FROM identity_link WHERE private_identity_id = :private AND public_identity_id = :public") \
	X(SET_HAS_UNBARRED, "SELECT 1 FROM public_identity WHERE registration_set_id = :set AND barred = 0") \
	X(SET_HAS_UNREGISTERED_SERVICES, "SELECT 1 FROM public_identity u JOIN filter_criterion c ON c.service_profile_id = u.service_profile_id" \
		" LEFT JOIN service_point_trigger t ON t.filter_criterion_id = c.id WHERE u.registration_set_id = :set AND (c.part = 1 OR" \
		" c.part IS NULL AND t.kind = 'session-case' AND t.session_case IN (2, 3) AND t.negated = 0) LIMIT 1") \
	X(ROAMS, "SELECT 1 WHERE EXISTS (SELECT 1 FROM visited_network WHERE subscription_id = :subscription AND name = :name)" \
		" OR NOT EXISTS (SELECT 1 FROM visited_network WHERE subscription_id = :subscription)") \
	X(CAPABILITIES, "SELECT value, mandatory FROM capability WHERE subscription_id = :subscription ORDER BY value") \
	X(PREFERRED_SCSCFS, "SELECT name FROM preferred_scscf WHERE subscription_id = :subscription ORDER BY position") \
	X(CHARGING, "SELECT primary_ccf, secondary_ccf, primary_ecf, secondary_ecf FROM subscription WHERE id = :subscription") \
	X(PRIVATE_OF_IMPU, "SELECT p.impi FROM identity_link l JOIN private_identity p ON p.id = l.private_identity_id" \
		" WHERE l.public_identity_id = :public ORDER BY p.id LIMIT 1") \
	X(PRIVATES_OF, "SELECT impi FROM private_identity WHERE subscription_id = :subscription ORDER BY id") \
	/* registration */ \
	X(REGISTERED, "SELECT 1 FROM registration WHERE registration_set_id = :set LIMIT 1") \
	X(REGISTRATION, "SELECT p.impi, r.restoration FROM registration r JOIN private_identity p ON p.id = r.private_identity_id" \
		" WHERE r.registration_set_id = :set AND r.private_identity_id = :private") \
	X(REGISTRATIONS, "SELECT p.impi, r.restoration FROM registration r JOIN private_identity p ON p.id = r.private_identity_id" \
		" WHERE r.registration_set_id = :set ORDER BY p.id") \
	X(REGISTERED_SETS, "SELECT registration_set_id FROM registration WHERE private_identity_id = :private") \
	X(SUBSCRIPTION_IN_USE, "SELECT 1 FROM registration_set s WHERE s.subscription_id = :subscription AND (s.unregistered = 1 OR" \
		" EXISTS (SELECT 1 FROM registration r WHERE r.registration_set_id = s.id)) LIMIT 1") \
	X(SETS_IN_USE, "SELECT s.id FROM registration_set s WHERE s.subscription_id = :subscription AND (s.unregistered = 1 OR" \
		" EXISTS (SELECT 1 FROM registration r WHERE r.registration_set_id = s.id)) ORDER BY s.id") \
	X(RELEASE_SERVER, "UPDATE subscription SET scscf_name = NULL, scscf_host = NULL, former_scscf_host = NULL, scscf_features = 0," \
		" reassignment_pending = 0 WHERE id = :subscription") \
	X(SWEEP_REGISTRATIONS, "DELETE FROM registration WHERE private_identity_id = :private AND NOT EXISTS (SELECT 1 FROM identity_link l" \
		" JOIN public_identity u ON u.id = l.public_identity_id WHERE l.private_identity_id = :private AND u.registration_set_id =" \
		" registration.registration_set_id)") \
	X(ASSIGN, "UPDATE subscription SET scscf_name = :name, scscf_host = :host, former_scscf_host = :former, scscf_features = :features," \
		" reassignment_pending = 0 WHERE id = :subscription") \
	X(ASSIGN_AS_SEEN, "UPDATE subscription SET scscf_name = :name, scscf_host = :host, scscf_features = :features, reassignment_pending = 0" \
		" WHERE id = :subscription AND former_scscf_host IS NULL AND coalesce(scscf_name, '') = :seen AND reassignment_pending = :pending AND" \
		" (SELECT coalesce(max(version), 0) FROM provisioning) = :version") \
	X(ASSIGNED_AS_SEEN, "SELECT 1 FROM subscription WHERE id = :subscription AND coalesce(scscf_name, '') = :seen AND reassignment_pending =" \
		" :pending AND (SELECT coalesce(max(version), 0) FROM provisioning) = :version") \
	X(PROVISIONING_VERSION, "SELECT coalesce(max(version), 0) FROM provisioning") \
	X(PROVISIONING_BEYOND, "UPDATE provisioning SET version = :version + 1 WHERE version <= :version") \
	X(SEQ_JUMP, "UPDATE aka_credential SET seq = CASE WHEN seq > 8796093022207 - :jump THEN 8796093022207 ELSE seq + :jump END") \
	X(PROVISIONED, "INSERT INTO provisioning (id, version) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = provisioning.version + 1") \
	X(REASSIGNMENT_PENDING, "UPDATE subscription SET reassignment_pending = 1 WHERE id = :subscription") \
	X(SET_UNREGISTERED, "UPDATE registration_set SET unregistered = :unregistered WHERE id = :set") \
	X(REGISTER, "INSERT INTO registration (registration_set_id, private_identity_id, restoration) VALUES (:set, :private, :restoration)" \
		" ON CONFLICT (registration_set_id, private_identity_id) DO UPDATE SET" \
		" restoration = coalesce(excluded.restoration, registration.restoration)") \
	X(REGISTER_NEW, "INSERT INTO registration (registration_set_id, private_identity_id, restoration) VALUES (:set, :private, :restoration)" \
		" ON CONFLICT (registration_set_id, private_identity_id) DO NOTHING") \
	X(REGISTER_AS_SEEN, "UPDATE registration SET restoration = :restoration WHERE registration_set_id = :set AND private_identity_id =" \
		" :private AND coalesce(restoration, '') = :seen") \
	X(DEREGISTER, "DELETE FROM registration WHERE registration_set_id = :set AND :private IN (0, private_identity_id)") \
	/* wildcards */ \
	X(WILDCARD_CLEAR, "DELETE FROM wildcard WHERE public_identity_id = :public") \
	X(WILDCARD_ADD, "INSERT INTO wildcard (public_identity_id, prefix, tail) VALUES (:public, :prefix, :tail)") \
	X(WILDCARD_PREFIX, "SELECT prefix FROM wildcard WHERE prefix <= :key ORDER BY prefix DESC LIMIT 1") \
	X(WILDCARD_TAIL, "SELECT tail FROM wildcard WHERE prefix = :prefix AND tail <= :key ORDER BY tail DESC LIMIT 1") \
	X(WILDCARDS_AT, "SELECT u.impu, coalesce(u.wildcard, u.impu) FROM wildcard w JOIN public_identity u ON u.id = w.public_identity_id" \
		" WHERE w.prefix = :prefix AND w.tail = :tail ORDER BY w.public_identity_id LIMIT 64") \
	X(WILDCARDS_UNPLACED, "SELECT u.id, coalesce(u.wildcard, u.impu) FROM public_identity u WHERE u.kind IN (2, 4) AND NOT EXISTS" \
		" (SELECT 1 FROM wildcard w WHERE w.public_identity_id = u.id) AND u.id > :after ORDER BY u.id LIMIT 256") \
	/* pushes */ \
	X(PUSH_RTR, "INSERT INTO pending_push (scscf_host, private_identity, request, created_s) VALUES (:host, :impi, :request, :now)") \
	X(PUSH_PPR, "INSERT INTO pending_push (scscf_host, private_identity, registration_set_id, created_s) VALUES (:host, :impi, :set, :now)" \
		" ON CONFLICT (scscf_host, private_identity, registration_set_id) DO UPDATE SET revision = pending_push.revision + 1") \
	X(PUSH_PROFILE, "INSERT INTO pending_push (scscf_host, private_identity, registration_set_id, created_s) SELECT" \
		" coalesce(b.former_scscf_host, b.scscf_host), '', s.id, :now FROM registration_set s JOIN subscription b ON" \
		" b.id = s.subscription_id WHERE b.scscf_host IS NOT NULL AND s.id IN" \
		" (SELECT u.registration_set_id FROM public_identity u WHERE u.service_profile_id = :profile OR u.service_profile_id IN" \
		" (SELECT h.service_profile_id FROM shared_ifc_set h WHERE h.number = :shared)) AND (s.unregistered = 1 OR" \
		" EXISTS (SELECT 1 FROM registration r WHERE r.registration_set_id = s.id))" \
		" ON CONFLICT (scscf_host, private_identity, registration_set_id) DO UPDATE SET revision = pending_push.revision + 1") \
	X(PUSH_DEFAULT_CHARGING, "INSERT INTO pending_push (scscf_host, private_identity, registration_set_id, created_s) SELECT" \
		" coalesce(b.former_scscf_host, b.scscf_host), '', s.id, :now FROM registration_set s JOIN subscription b ON" \
		" b.id = s.subscription_id WHERE b.scscf_host IS NOT NULL AND coalesce(b.primary_ccf, b.secondary_ccf, b.primary_ecf," \
		" b.secondary_ecf) IS NULL AND (s.unregistered = 1 OR EXISTS (SELECT 1 FROM registration r WHERE r.registration_set_id = s.id))" \
		" ON CONFLICT (scscf_host, private_identity, registration_set_id) DO UPDATE SET revision = pending_push.revision + 1") \
	X(PUSH_NEXT_HOST, "SELECT scscf_host FROM pending_push WHERE scscf_host > :after ORDER BY scscf_host LIMIT 1") \
	X(PUSHES_OF, "SELECT id, revision, registration_set_id, private_identity, request, created_s FROM pending_push" \
		" WHERE scscf_host = :host AND id > :after ORDER BY id LIMIT :most") \
	X(PUSH_CLEAR, "DELETE FROM pending_push") \
	X(PUSH_DONE, "DELETE FROM pending_push WHERE id = :id AND revision = :revision") \
	/* profiles */ \
	X(IDENTITIES_OF_SET, "SELECT u.impu, u.wildcard, u.display_name, u.kind, u.barred, u.service_profile_id, u.id, CASE WHEN EXISTS" \
		" (SELECT 1 FROM dsai d WHERE d.public_identity_id = u.id AND d.active = 0) THEN 1 ELSE 0 END, " EXTRAS \
		" FROM public_identity u WHERE u.registration_set_id = :set ORDER BY u.rank, u.id") \
	X(SET_LOOSE_ROUTE, "SELECT 1 FROM public_identity WHERE registration_set_id = :set AND loose_route = 1 LIMIT 1") \
	X(MASKED, "SELECT server_name FROM dsai WHERE public_identity_id = :public GROUP BY server_name HAVING max(active) = 0" \
		" ORDER BY server_name") \
	X(CRITERIA, "SELECT id, priority, part, has_trigger, cnf, terminate_on_failure, include_request, include_response, server_name," \
		" service_info FROM filter_criterion WHERE service_profile_id = :profile ORDER BY priority, id") \
	X(TRIGGERS, "SELECT kind, text, content, negated, group_mask, registration_types, session_case FROM service_point_trigger" \
		" WHERE filter_criterion_id = :criterion ORDER BY position") \
	X(SHARED_SETS, "SELECT number FROM shared_ifc_set WHERE service_profile_id = :profile ORDER BY number") \
	X(MEDIA_PROFILE, "SELECT media_profile FROM service_profile WHERE id = :profile AND media_profile IS NOT NULL") \
	/* Sh */ \
	X(PERMISSION, "SELECT p.operations FROM application_server a LEFT JOIN sh_permission p ON p.application_server_id = a.id" \
		" AND p.data_reference = :reference WHERE a.identity = :identity") \
	X(SERVERS, "SELECT a.identity, p.data_reference, p.operations FROM application_server a LEFT JOIN sh_permission p" \
		" ON p.application_server_id = a.id ORDER BY a.identity, p.data_reference") \
	X(SERVER_BY_IDENTITY, "SELECT id FROM application_server WHERE identity = :identity") \
	X(SERVER_ADD, "INSERT INTO application_server (identity) VALUES (:identity) ON CONFLICT (identity) DO UPDATE SET identity =" \
		" excluded.identity RETURNING id") \
	X(SERVER_REMOVE, "DELETE FROM application_server WHERE identity = :identity") \
	X(PERMISSIONS_CLEAR, "DELETE FROM sh_permission WHERE application_server_id = :server") \
	X(PERMISSION_ADD, "INSERT INTO sh_permission (application_server_id, data_reference, operations) VALUES (:server, :reference," \
		" :operations)") \
	X(REPOSITORY, "SELECT sequence_number, service_data FROM repository_data WHERE public_identity_id = :public AND" \
		" service_indication = :name") \
	X(REPOSITORY_PUT, "INSERT INTO repository_data (public_identity_id, service_indication, sequence_number, service_data) VALUES" \
		" (:public, :name, :number, :data) ON CONFLICT (public_identity_id, service_indication) DO UPDATE SET sequence_number =" \
		" excluded.sequence_number, service_data = excluded.service_data") \
	X(REPOSITORY_REMOVE, "DELETE FROM repository_data WHERE public_identity_id = :public AND service_indication = :name") \
	X(CLOUD_SEQUENCE, "SELECT sequence_number FROM cloud_sequence WHERE subscription_id = :subscription") \
	X(CLOUD_SEQUENCE_PUT, "INSERT INTO cloud_sequence (subscription_id, sequence_number) VALUES (:subscription, :number)" \
		" ON CONFLICT (subscription_id) DO UPDATE SET sequence_number = excluded.sequence_number") \
	X(CLOUD_SEQUENCE_NEXT, "INSERT INTO cloud_sequence (subscription_id, sequence_number) VALUES (:subscription, 0)" \
		" ON CONFLICT (subscription_id) DO UPDATE SET sequence_number = cloud_sequence.sequence_number % 65535 + 1") \
	X(OWNERS, "SELECT p.id, p.impi FROM identity_link l JOIN private_identity p ON p.id = l.private_identity_id" \
		" WHERE l.public_identity_id = :public ORDER BY p.id") \
	X(PSI_INACTIVE, "SELECT 1 FROM psi_inactive WHERE public_identity_id = :public") \
	X(PSI_DEACTIVATE, "INSERT INTO psi_inactive (public_identity_id) VALUES (:public) ON CONFLICT (public_identity_id) DO NOTHING") \
	X(PSI_ACTIVATE, "DELETE FROM psi_inactive WHERE public_identity_id = :public") \
	X(DSAIS, "SELECT tag, active FROM dsai WHERE public_identity_id = :public AND server_name = :server ORDER BY tag") \
	X(DSAI_PUT, "INSERT INTO dsai (public_identity_id, server_name, tag, active) VALUES (:public, :server, :tag, :active)" \
		" ON CONFLICT (public_identity_id, server_name, tag) DO UPDATE SET active = excluded.active") \
	X(DSAIS_CLEAR, "DELETE FROM dsai WHERE public_identity_id = :public") \
	X(ALL_DSAIS, "SELECT server_name, tag, active FROM dsai WHERE public_identity_id = :public ORDER BY server_name, tag") \
	X(IDENTITIES_OF_SUBSCRIPTION, "SELECT u.id, u.impu, u.barred, u.registration_set_id, u.kind, CASE WHEN EXISTS (SELECT 1 FROM" \
		" registration r WHERE r.registration_set_id = s.id) THEN 1 ELSE 0 END, u.alias_group, u.trace_info FROM registration_set s" \
		" JOIN public_identity u" \
		" ON u.registration_set_id = s.id WHERE s.subscription_id = :subscription ORDER BY s.number, u.rank, u.id") \
	X(PROFILE_OF_IMPU, "SELECT service_profile_id FROM public_identity WHERE id = :public AND service_profile_id IS NOT NULL") \
	X(WATCHES, "SELECT w.id, w.public_identity_id, w.host, w.realm, w.data_reference, w.server_name, w.name, w.identity_set, w.msisdn," \
		" w.one_time, w.together, u.impu, w.shown FROM registration_set s JOIN public_identity u ON u.registration_set_id = s.id" \
		" JOIN sh_subscription w ON w.public_identity_id = u.id WHERE s.subscription_id = :subscription AND" \
		" (w.expiry IS NULL OR w.expiry > :now) ORDER BY w.id") \
	X(WATCHES_OF_PROFILE, "SELECT w.id, w.public_identity_id, w.host, w.realm, w.data_reference, w.server_name, w.name, w.identity_set," \
		" w.msisdn, w.one_time, w.together, u.impu, w.shown FROM public_identity u JOIN sh_subscription w ON w.public_identity_id = u.id" \
		" WHERE u.service_profile_id = :profile AND w.data_reference = 13 AND (w.expiry IS NULL OR w.expiry > :now) ORDER BY w.id") \
	X(WATCHED, "SELECT 1 FROM registration_set s JOIN public_identity u ON u.registration_set_id = s.id JOIN sh_subscription w" \
		" ON w.public_identity_id = u.id WHERE s.subscription_id = :subscription LIMIT 1") \
	X(WATCH_PUT, "INSERT INTO sh_subscription (public_identity_id, host, realm, data_reference, server_name, name, identity_set, msisdn," \
		" expiry, one_time, together, shown) VALUES (:public, :host, :realm, :reference, :server, :name, :set, :msisdn, :expiry," \
		" :once, :together, :shown) ON CONFLICT (public_identity_id, host, data_reference, server_name, name, identity_set) DO UPDATE SET realm =" \
		" excluded.realm, msisdn = excluded.msisdn, expiry = excluded.expiry, one_time = excluded.one_time, together =" \
		" excluded.together, shown = excluded.shown") \
	X(WATCH_SHOWN, "UPDATE sh_subscription SET shown = :shown WHERE id = :id") \
	X(WATCH_END, "DELETE FROM sh_subscription WHERE public_identity_id = :public AND host = :host AND data_reference = :reference AND" \
		" server_name = :server AND name = :name AND identity_set = :set") \
	X(WATCH_REMOVE, "DELETE FROM sh_subscription WHERE id = :id") \
	X(WATCHES_SWEEP, "DELETE FROM sh_subscription WHERE expiry <= :now") \
	X(NOTICE_ADD, "INSERT INTO pending_notice (id, host, realm, watches, public_identity, msisdn, user_data, since) VALUES (:id, :host," \
		" :realm, :watches, :public, :msisdn, :data, :now)") \
	X(NOTICE_REPLACE, "DELETE FROM pending_notice WHERE host = :host AND watches = :watches") \
	X(NOTICE_REMOVE, "DELETE FROM pending_notice WHERE id = :id") \
	X(NOTICE_HOSTS, "SELECT DISTINCT host FROM pending_notice") \
	X(NOTICE_FIRST, "SELECT id, realm, watches, public_identity, msisdn, user_data, since FROM pending_notice WHERE host = :host" \
		" ORDER BY id LIMIT 1") \
	/* credentials */ \
	X(DIGESTS, "SELECT algorithm, realm, ha1 FROM digest_credential WHERE private_identity_id = :private ORDER BY algorithm DESC") \
	X(AKA, "SELECT k, opc, amf, seq, algorithm, iterations, res_bits FROM aka_credential WHERE private_identity_id = :private") \
	X(AKA_RESERVE, "UPDATE aka_credential SET seq = :limit WHERE private_identity_id = :private AND k = :k AND seq = :seq") \
	/* master keys */ \
	X(MASTER_KEYS, "SELECT id, check_value FROM master_key ORDER BY id") \
	X(MASTER_KEY_NEWEST, "SELECT max(id) FROM master_key") \
	X(MASTER_KEY_MET, "UPDATE master_key SET check_value = :check WHERE id = :id AND check_value IS NULL") \
	X(MASTER_KEY_ADD, "INSERT INTO master_key (id, check_value) VALUES (:id, :check)") \
	X(MASTER_KEYS_REMOVE, "DELETE FROM master_key WHERE id < :id") \
	X(DIGESTS_NOT_UNDER, "SELECT d.private_identity_id, p.impi, d.algorithm, d.ha1, NULL FROM digest_credential d JOIN private_identity p" \
		" ON p.id = d.private_identity_id WHERE d.private_identity_id >= :from AND d.key_id <> :key" \
		" ORDER BY d.private_identity_id LIMIT :most") \
	X(AKAS_NOT_UNDER, "SELECT a.private_identity_id, p.impi, a.algorithm, a.k, a.opc FROM aka_credential a JOIN private_identity p" \
		" ON p.id = a.private_identity_id WHERE a.private_identity_id >= :from AND a.key_id <> :key" \
		" ORDER BY a.private_identity_id LIMIT :most") \
	X(NOT_UNDER, "SELECT (SELECT count(*) FROM digest_credential WHERE key_id <> :key) +" \
		" (SELECT count(*) FROM aka_credential WHERE key_id <> :key)") \
	X(DIGEST_RESEAL, "UPDATE digest_credential SET ha1 = :ha1, key_id = :key WHERE private_identity_id = :private" \
		" AND algorithm = :algorithm AND ha1 = :old") \
	X(AKA_RESEAL, "UPDATE aka_credential SET k = :k, opc = :opc, key_id = :key WHERE private_identity_id = :private AND k = :old") \
	/* provisioning */ \
	X(SUBSCRIPTION_PUT, "INSERT INTO subscription (name, revision) VALUES (:name, :revision) ON CONFLICT (name) DO UPDATE SET" \
		" revision = excluded.revision RETURNING id") \
	X(SUBSCRIPTION_BY_NAME, "SELECT id FROM subscription WHERE name = :name") \
	X(SUBSCRIPTION_TOUCH, "UPDATE subscription SET revision = :revision WHERE id = :subscription") \
	X(SUBSCRIPTION_REVISION, "SELECT revision FROM subscription WHERE id = :subscription") \
	X(PROFILE_REVISION, "SELECT revision FROM service_profile WHERE id = :profile") \
	X(SWEEP_IMPUS, "DELETE FROM public_identity WHERE registration_set_id IN (SELECT id FROM registration_set WHERE subscription_id =" \
		" :subscription) AND NOT EXISTS (SELECT 1 FROM identity_link l WHERE l.public_identity_id = public_identity.id)") \
	X(SWEEP_SETS, "DELETE FROM registration_set WHERE subscription_id = :subscription AND NOT EXISTS (SELECT 1 FROM public_identity u" \
		" WHERE u.registration_set_id = registration_set.id)") \
	X(SWEEP_SUBSCRIPTION, "DELETE FROM subscription WHERE id = :subscription AND NOT EXISTS (SELECT 1 FROM private_identity" \
		" WHERE subscription_id = :subscription)") \
	X(PRIVILEGED_PUT, "UPDATE private_identity SET privileged_sender = :privileged WHERE id = :private") \
	X(REFERENCE_PUT, "UPDATE subscription SET reference_access_type = :type, reference_access_info = :info, reference_access_value = :value" \
		" WHERE id = :subscription") \
	X(REFERENCE, "SELECT reference_access_type, reference_access_info, reference_access_value FROM subscription WHERE id = :subscription") \
	X(CHARGING_PUT, "UPDATE subscription SET primary_ccf = :primary_ccf, secondary_ccf = :secondary_ccf, primary_ecf = :primary_ecf," \
		" secondary_ecf = :secondary_ecf WHERE id = :subscription") \
	X(DEFAULT_CHARGING, "SELECT primary_ccf, secondary_ccf, primary_ecf, secondary_ecf FROM default_charging WHERE id = 1") \
	X(DEFAULT_CHARGING_REVISION, "SELECT revision FROM default_charging WHERE id = 1") \
	X(DEFAULT_CHARGING_PUT, "INSERT INTO default_charging (id, revision, primary_ccf, secondary_ccf, primary_ecf, secondary_ecf) VALUES" \
		" (1, :revision, :primary_ccf, :secondary_ccf, :primary_ecf, :secondary_ecf) ON CONFLICT (id) DO UPDATE SET revision =" \
		" excluded.revision, primary_ccf = excluded.primary_ccf, secondary_ccf = excluded.secondary_ccf, primary_ecf =" \
		" excluded.primary_ecf, secondary_ecf = excluded.secondary_ecf") \
	X(DEFAULT_CHARGING_REMOVE, "DELETE FROM default_charging") \
	X(CHARGED, "SELECT name FROM subscription WHERE coalesce(primary_ccf, secondary_ccf, primary_ecf, secondary_ecf) IS NOT NULL" \
		" AND name > :after ORDER BY name LIMIT :most") \
	X(IMPORT, "SELECT line, loaded, failed FROM import_progress WHERE name = :name") \
	X(IMPORT_PUT, "INSERT INTO import_progress (name, line, loaded, failed) VALUES (:name, :line, :loaded, :failed) ON CONFLICT (name)" \
		" DO UPDATE SET line = excluded.line, loaded = excluded.loaded, failed = excluded.failed") \
	X(IMPORT_REMOVE, "DELETE FROM import_progress WHERE name = :name") \
	X(IMPORTS, "SELECT name FROM import_progress WHERE name > :after ORDER BY name LIMIT :most") \
	X(SCSCFS, "SELECT n.name FROM (SELECT name FROM scscf UNION SELECT scscf_name FROM subscription WHERE scscf_name IS NOT NULL) n" \
		" WHERE n.name > :after ORDER BY n.name LIMIT :most") \
	X(SCSCF, "SELECT note, revision FROM scscf WHERE name = :name") \
	X(SCSCF_ASSIGNED, "SELECT count(*) FROM subscription WHERE scscf_name = :name") \
	X(SCSCF_HOSTS, "SELECT DISTINCT scscf_host FROM subscription WHERE scscf_name = :name AND scscf_host IS NOT NULL ORDER BY scscf_host") \
	X(SCSCF_USERS, "SELECT id, name FROM subscription WHERE scscf_name = :name AND id > :after ORDER BY id LIMIT :most") \
	X(SCSCF_CAPABILITIES, "SELECT value FROM scscf_capability WHERE scscf_name = :name ORDER BY value") \
	X(SCSCF_PUT, "INSERT INTO scscf (name, note, revision) VALUES (:name, :note, :revision) ON CONFLICT (name) DO UPDATE SET" \
		" note = excluded.note, revision = excluded.revision") \
	X(SCSCF_CAPABILITIES_CLEAR, "DELETE FROM scscf_capability WHERE scscf_name = :name") \
	X(SCSCF_CAPABILITY_ADD, "INSERT INTO scscf_capability (scscf_name, value) VALUES (:name, :value) ON CONFLICT (scscf_name, value)" \
		" DO NOTHING") \
	X(SCSCF_REMOVE, "DELETE FROM scscf WHERE name = :name") \
	X(NETWORKS_CLEAR, "DELETE FROM visited_network WHERE subscription_id = :subscription") \
	X(NETWORK_ADD, "INSERT INTO visited_network (subscription_id, name) VALUES (:subscription, :name) ON CONFLICT DO NOTHING") \
	X(CAPABILITIES_CLEAR, "DELETE FROM capability WHERE subscription_id = :subscription") \
	X(CAPABILITY_ADD, "INSERT INTO capability (subscription_id, value, mandatory) VALUES (:subscription, :value, :mandatory)" \
		" ON CONFLICT (subscription_id, value) DO UPDATE SET mandatory = excluded.mandatory") \
	X(PREFERRED_CLEAR, "DELETE FROM preferred_scscf WHERE subscription_id = :subscription") \
	X(PREFERRED_ADD, "INSERT INTO preferred_scscf (subscription_id, position, name) VALUES (:subscription, :position, :name)") \
	X(PRIVATE_ADD, "INSERT INTO private_identity (impi, subscription_id, scheme) VALUES (:impi, :subscription, 'none')" \
		" ON CONFLICT (impi) DO UPDATE SET subscription_id = excluded.subscription_id RETURNING id") \
	X(PRIVATE_REMOVE, "DELETE FROM private_identity WHERE impi = :impi") \
	X(SCHEME_PUT, "UPDATE private_identity SET scheme = :scheme WHERE id = :private") \
	X(DIGESTS_CLEAR, "DELETE FROM digest_credential WHERE private_identity_id = :private") \
	X(DIGEST_ADD, "INSERT INTO digest_credential (private_identity_id, algorithm, realm, ha1, key_id) VALUES (:private, :algorithm, :realm," \
		" :ha1, :key)") \
	X(AKA_CLEAR, "DELETE FROM aka_credential WHERE private_identity_id = :private") \
	X(AKA_ADD, "INSERT INTO aka_credential (private_identity_id, algorithm, k, opc, key_id, iterations, res_bits, amf, seq) VALUES" \
		" (:private, :algorithm, :k, :opc, :key, :iterations, :res_bits, :amf, :seq)") \
	X(SET_ADD, "INSERT INTO registration_set (subscription_id, number) VALUES (:subscription, :number)" \
		" ON CONFLICT (subscription_id, number) DO UPDATE SET number = excluded.number RETURNING id") \
	X(IMPU_ADD, "INSERT INTO public_identity (impu, registration_set_id, rank, kind, wildcard, barred, display_name, service_profile_id," \
		" as_name, loose_route, alias_group, service_priority, max_registrations, trace_info) VALUES (:impu, :set, :rank, :kind," \
		" :wildcard, :barred, :display_name, :profile, :as_name, :loose_route, :alias_group, :service_priority, :max_registrations," \
		" :trace_info) ON CONFLICT (impu) DO UPDATE SET registration_set_id = excluded.registration_set_id, rank = excluded.rank, kind = excluded.kind, wildcard =" \
		" excluded.wildcard, barred = excluded.barred, display_name = excluded.display_name, service_profile_id =" \
		" excluded.service_profile_id, as_name = excluded.as_name, loose_route = excluded.loose_route, alias_group =" \
		" excluded.alias_group, service_priority = excluded.service_priority, max_registrations = excluded.max_registrations," \
		" trace_info = excluded.trace_info RETURNING id") \
	X(LINK_ADD, "INSERT INTO identity_link (private_identity_id, public_identity_id) VALUES (:private, :public) ON CONFLICT DO NOTHING") \
	X(UNLINK_ALL, "DELETE FROM identity_link WHERE private_identity_id = :private") \
	X(PROFILE_BY_NAME, "SELECT id FROM service_profile WHERE name = :name") \
	X(PROFILE_ADD, "INSERT INTO service_profile (name, media_profile, revision) VALUES (:name, :media, :revision) ON CONFLICT (name)" \
		" DO UPDATE SET media_profile = excluded.media_profile, revision = excluded.revision RETURNING id") \
	X(CRITERIA_CLEAR, "DELETE FROM filter_criterion WHERE service_profile_id = :profile") \
	X(SHARED_SETS_CLEAR, "DELETE FROM shared_ifc_set WHERE service_profile_id = :profile") \
	X(CRITERION_ADD, "INSERT INTO filter_criterion (service_profile_id, priority, part, has_trigger, cnf, server_name," \
		" terminate_on_failure, service_info, include_request, include_response) VALUES (:profile, :priority, :part, :has_trigger," \
		" :cnf, :server_name, :terminate, :service_info, :request, :response) RETURNING id") \
	X(TRIGGER_ADD, "INSERT INTO service_point_trigger (filter_criterion_id, position, kind, negated, group_mask, registration_types," \
		" session_case, text, content) VALUES (:criterion, :position, :kind, :negated, :groups, :types, :case, :text, :content)") \
	X(SHARED_SET_ADD, "INSERT INTO shared_ifc_set (service_profile_id, number) VALUES (:profile, :number) ON CONFLICT DO NOTHING") \
	X(PROFILE_REMOVE, "DELETE FROM service_profile WHERE name = :name") \
	X(CLOUD_REMOVE, "DELETE FROM cloud_profile WHERE private_identity_id = :private AND provider = :provider") \
	X(CLOUD_NAMES, "SELECT p.impi, c.provider FROM cloud_profile c JOIN private_identity p ON p.id = c.private_identity_id" \
		" WHERE (p.impi, c.provider) > (:impi, :provider) ORDER BY p.impi, c.provider LIMIT :most") \
	X(CRITERION_NAMES, "SELECT f.name, c.priority FROM filter_criterion c JOIN service_profile f ON f.id = c.service_profile_id" \
		" WHERE (f.name, c.priority) > (:name, :priority) ORDER BY f.name, c.priority LIMIT :most") \
	X(CLOUD_CLEAR, "DELETE FROM cloud_profile WHERE private_identity_id = :private") \
	X(CLOUD_ADD, "INSERT INTO cloud_profile (private_identity_id, provider, user, project, domain, role, registration_guard," \
		" second_factor) VALUES (:private, :provider, :user, :project, :domain, :role, :guard, :second_factor) RETURNING id") \
	X(CLOUD_SERVICE_ADD, "INSERT INTO cloud_service (cloud_profile_id, service, most) VALUES (:cloud, :service, :most)") \
	/* reading it back */ \
	X(IMPIS, "SELECT impi FROM private_identity WHERE impi > :after ORDER BY impi LIMIT :most") \
	X(SHOWN_IDENTITIES, "SELECT u.impu, u.wildcard, u.display_name, u.as_name, f.name, u.kind, u.barred, s.number, u.rank, " EXTRAS \
		" FROM identity_link l" \
		" JOIN public_identity u ON u.id = l.public_identity_id JOIN registration_set s ON s.id = u.registration_set_id" \
		" LEFT JOIN service_profile f ON f.id = u.service_profile_id WHERE l.private_identity_id = :private ORDER BY s.number, u.rank, u.id") \
	X(SUBSCRIPTION_NAME, "SELECT name, scscf_name FROM subscription WHERE id = :subscription") \
	X(NETWORKS, "SELECT name FROM visited_network WHERE subscription_id = :subscription ORDER BY name") \
	X(CLOUDS, "SELECT id, provider, user, project, domain, role, registration_guard, second_factor FROM cloud_profile" \
		" WHERE private_identity_id = :private ORDER BY provider") \
	X(CLOUD_SERVICES, "SELECT service, most FROM cloud_service WHERE cloud_profile_id = :cloud ORDER BY service") \
	X(PROFILES, "SELECT name FROM service_profile WHERE name > :after ORDER BY name LIMIT :most") \
	X(IMPUS, "SELECT impu FROM public_identity WHERE impu > :after ORDER BY impu LIMIT :most") \
	X(PRIVATES_OF_IMPU, "SELECT p.impi FROM identity_link l JOIN private_identity p ON p.id = l.private_identity_id" \
		" WHERE l.public_identity_id = :public ORDER BY p.impi") \
	X(SHOWN_IDENTITY, "SELECT u.impu, u.wildcard, u.display_name, u.as_name, f.name, u.kind, u.barred, s.number, u.rank, " EXTRAS \
		" FROM public_identity u" \
		" JOIN registration_set s ON s.id = u.registration_set_id LEFT JOIN service_profile f ON f.id = u.service_profile_id" \
		" WHERE u.id = :public") \
	X(COUNT, "SELECT count(*) FROM private_identity") \
	/* SLF */ \
	X(SLF_ROUTE, "SELECT hss, revision FROM slf_route WHERE name = :name") \
	X(SLF_WILDCARDS, "SELECT name, hss FROM slf_route WHERE kind = 'wildcard' AND substr(:identity, 1, length(prefix)) = prefix" \
		" ORDER BY length(prefix) DESC, name") \
	X(SLF_ROUTES, "SELECT name FROM slf_route WHERE name > :after ORDER BY name LIMIT :most") \
	X(SLF_COUNT, "SELECT count(*) FROM slf_route") \
	X(SLF_PUT, "INSERT INTO slf_route (name, kind, prefix, hss, revision) VALUES (:name, :kind, :prefix, :hss, :revision)" \
		" ON CONFLICT (name) DO UPDATE SET hss = excluded.hss, revision = excluded.revision") \
	X(SLF_REMOVE, "DELETE FROM slf_route WHERE name = :name")

enum statement {
#define X(name, text) SQL_##name,
	STATEMENTS(X)
#undef X
	SQL_COUNT_OF_STATEMENTS
};

struct store {
	const struct store_driver *driver;   /* hss/store/store_driver.h */
	struct store_changed changed[STORE_CHANGED_MAX];
	size_t changed_count;                /* what the operator changed and nobody was told of yet */
	bool writes;
	struct store_plan *plan;             /* of a reading one: where changes are noted; NULL: they are refused */
	struct query *prepared[SQL_COUNT_OF_STATEMENTS];
};

/* store_plan.c, for store_registration.c: the change is noted, or -EROFS: it cannot be. */
int store_plan_assign(struct store *s, const struct impu *seen, bool so, const struct assignment *a); /* so: it is so already */
int store_plan_register(struct store *s, int64_t set, int64_t private_identity, const char *restoration);
int store_plan_registered(struct store *s, int64_t set); /* served unregistered no more */

/* The statement, prepared and free of old values; NULL after logging why. A NULL passes through all of the below as an error. */
struct query *sql(struct store *s, enum statement which);
void sql_int(struct query *q, const char *name, int64_t value);
void sql_null_or_int(struct query *q, const char *name, bool null, int64_t value);
void sql_text(struct query *q, const char *name, const char *value);   /* NULL is NULL; borrowed until the statement is done */
void sql_blob(struct query *q, const char *name, struct bytes value);

/* 1: a row; 0: no more, the statement is done; -errno, logged, done. */
int sql_step(struct store *s, struct query *q);
/* Steps to the one row that is asked for. 0, -ENOENT or -errno. */
int sql_row(struct store *s, struct query *q);
/* Ends a statement of which rows may be left. */
void sql_done(struct query *q);
/* Runs one that gives no rows. 0 or -errno. */
int sql_run(struct store *s, struct query *q);
/* The same, in a transaction, where nothing is to be done about an error but to take all back: it may come with a later word's. */
int sql_run_later(struct store *s, struct query *q);
/* Runs one that asks yes or no. 1, 0 or -errno. */
int sql_ask(struct store *s, struct query *q);
/* Runs one that gives one number. 0, -ENOENT or -errno. */
int sql_number(struct store *s, struct query *q, int64_t *out);
/* Each row's first column, a text, until the end. 0 or -errno. */
int sql_each_text(struct store *s, struct query *q, struct obstack *pool, void (*each)(void *context, const char *text), void *context);
/* The same of a statement that gives :most names behind :after. */
int sql_each_name(struct store *s, enum statement which, struct obstack *pool, const char *after, size_t most,
		  void (*each)(void *context, const char *name), void *context);
/* How many rows the last statement changed. */
int64_t sql_changes(struct store *s);

/* Of the row that sql_step() gave: a number, a text that lives until the next step, whether it is NULL. */
int64_t sql_column(struct query *q, int column);
const char *sql_column_text(struct query *q, int column);
bool sql_column_null(struct query *q, int column);
/* Five columns from this one on. */
struct identity_extras sql_take_extras(struct query *q, int column, struct obstack *pool);
/* Copied to the pool; NULL for NULL. */
const char *sql_take(struct query *q, int column, struct obstack *pool);
struct bytes sql_take_blob(struct query *q, int column, struct obstack *pool);
