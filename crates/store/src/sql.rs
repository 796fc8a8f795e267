//! Every SQL text of the product, written once and prepared by SQLite and by PostgreSQL alike: `$1` for arguments,
//! `RETURNING`, `ON CONFLICT`, and types that both have. A parameter that may be null stands in a `CAST` where it is
//! tested, for PostgreSQL wants to know its type.

/// A SQL text and the table it is about, for error messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement {
    pub(crate) table: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! statements {
    ($($name:ident on $table:literal = $text:expr;)*) => {
        $(pub(crate) const $name: Statement = Statement { table: $table, text: $text };)*

        /// Each statement's name and text, for the test that prepares them all on both engines.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $name.text)),*];
    };
}

macro_rules! select_account {
    ($rest:literal) => {
        concat!("SELECT id, number, realm, name, second_factor, change_number FROM account ", $rest)
    };
}

macro_rules! select_api {
    ($rest:literal) => {
        concat!("SELECT id, definition, change_number FROM api ", $rest)
    };
}

macro_rules! select_service {
    ($rest:literal) => {
        concat!("SELECT name, digest, apis, created_at, change_number FROM service ", $rest)
    };
}

macro_rules! select_user {
    ($rest:expr) => {
        concat!(
            "SELECT p.id, p.username, p.email, p.name, p.state, p.standing, p.memberships, p.created_at, p.updated_at,
                p.last_sign_in_at, p.change_number,
                CAST(CASE WHEN p.password_hash IS NULL THEN 0 ELSE 1 END AS BIGINT),
                (SELECT MIN(f.since) FROM (
                    SELECT confirmed_at AS since FROM factor_totp WHERE user_id = p.id
                    UNION ALL SELECT created_at FROM passkey WHERE user_id = p.id) f)
            FROM app_user p ",
            $rest
        )
    };
}

macro_rules! select_passkey {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, credential_id, credential, name, created_at, last_used_at FROM passkey ",
            $rest
        )
    };
}

// An account's id is in no other id, so that it is in the text of memberships only where somebody belongs to it.
macro_rules! list_users {
    ($behind:literal, $order:literal) => {
        select_user!(concat!(
            "WHERE ",
            $behind,
            " AND (CAST($2 AS TEXT) IS NULL OR replace(p.memberships, $2, '') <> p.memberships) ORDER BY ",
            $order,
            " LIMIT $3"
        ))
    };
}

macro_rules! select_role {
    ($rest:literal) => {
        concat!("SELECT account_id, slug, name, rights, access, change_number FROM role ", $rest)
    };
}

macro_rules! select_invitation {
    ($rest:literal) => {
        concat!(
            "SELECT id, account_id, email, roles, invited_by, created_at, expires_at FROM invitation ",
            $rest
        )
    };
}

macro_rules! select_credential {
    ($($rest:literal),*) => {
        concat!(
            "SELECT c.id, c.digest, c.account_id, c.environment_id, c.key_type, c.state, c.allowlist, c.permissions,
                c.not_before, c.expires_at, c.origin, c.user_id, c.successor, c.vouched_factor, c.change_number, c.label, c.hint, c.created_at,
                c.updated_at, c.revoked_at, c.revoked_reason, c.memo, c.owners, c.tags, c.predecessor,
                c.rotation_started_at, c.rotation_ends_at, c.rotation_expiry_before, c.late_uses,
                u.credential_id, u.version, u.used_at, u.other_version, u.other_used_at
            FROM credential c LEFT JOIN credential_use u ON u.credential_id = c.id ",
            $($rest),*
        )
    };
}

// Engines find no index behind `$1 IS NULL OR ...`, so the narrowest condition stands alone in front.
macro_rules! list_credentials {
    ($narrowest:literal, $behind:literal, $order:literal) => {
        select_credential!(
            "WHERE ",
            $narrowest,
            $behind,
            "
                AND (CAST($1 AS TEXT) IS NULL OR c.account_id = $1)
                AND (CAST($2 AS TEXT) IS NULL OR c.api_id = $2)
                AND (CAST($3 AS TEXT) IS NULL OR c.environment_id = $3)
                AND (CAST($4 AS TEXT) IS NULL OR $4 = CASE
                    WHEN c.state <> 'active' THEN c.state
                    WHEN c.expires_at <= CAST($10 AS BIGINT) THEN 'expired'
                    WHEN c.not_before > CAST($10 AS BIGINT) THEN 'not_yet_valid'
                    ELSE 'active' END)
                AND (CAST($5 AS TEXT) IS NULL OR replace(c.search, $5, '') <> c.search)
                AND (CAST($8 AS TEXT) IS NULL OR replace(c.tags, $8, '') <> c.tags)
                AND (CAST($9 AS TEXT) IS NULL OR replace(lower(c.owners), $9, '') <> lower(c.owners))
                AND (CAST($11 AS TEXT) IS NULL OR c.user_id = $11)
                AND (CAST($12 AS TEXT) IS NULL OR c.environment_id <> $12)
            ORDER BY ",
            $order,
            " LIMIT $7"
        )
    };
}

macro_rules! select_audit {
    ($($rest:literal),*) => {
        concat!(
            "SELECT seq, at, actor, via, came_from, action, object_kind, object, account_id, request_id, reason,
                object_before, object_after, hash
            FROM audit ",
            $($rest),*
        )
    };
}

macro_rules! list_audit {
    ($narrowest:literal) => {
        select_audit!(
            "WHERE ",
            $narrowest,
            "seq > $1
                AND (CAST($2 AS TEXT) IS NULL OR account_id = $2)
                AND (CAST($3 AS TEXT) IS NULL OR object = $3)
                AND (CAST($4 AS TEXT) IS NULL OR action = $4)
                AND (CAST($5 AS BIGINT) IS NULL OR at >= $5)
            ORDER BY seq LIMIT $6"
        )
    };
}

statements! {
    ACCOUNTS on "account" = select_account!("ORDER BY id");
    ACCOUNTS_AFTER on "account" = select_account!(
        "WHERE number > $1 AND (CAST($2 AS TEXT) IS NULL OR id = $2) ORDER BY number LIMIT $3"
    );
    ACCOUNT on "account" = select_account!("WHERE id = $1");
    ACCOUNT_BY_NUMBER on "account" = select_account!("WHERE number = $1");
    ACCOUNT_BY_REALM on "account" = select_account!("WHERE realm = $1");
    PUT_ACCOUNT on "account" =
        "INSERT INTO account (id, number, realm, name, change_number, second_factor) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE SET number = excluded.number, realm = excluded.realm, name = excluded.name,
            change_number = excluded.change_number, second_factor = excluded.second_factor";
    DELETE_ACCOUNT on "account" = "DELETE FROM account WHERE id = $1";

    APIS on "api" = select_api!("ORDER BY id");
    API on "api" = select_api!("WHERE id = $1");
    API_BY_SLUG on "api" = select_api!("WHERE slug = $1");
    PUT_API on "api" =
        "INSERT INTO api (id, slug, definition, change_number) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, definition = excluded.definition,
            change_number = excluded.change_number";
    DELETE_API on "api" = "DELETE FROM api WHERE id = $1";
    DOCUMENTS on "api_document" = "SELECT version, body FROM api_document WHERE api_id = $1 ORDER BY version";
    DELETE_DOCUMENTS on "api_document" = "DELETE FROM api_document WHERE api_id = $1";
    INSERT_DOCUMENT on "api_document" = "INSERT INTO api_document (api_id, version, body) VALUES ($1, $2, $3)";

    CREDENTIAL on "credential" = select_credential!("WHERE c.id = $1");
    CREDENTIALS on "credential" = list_credentials!("", "c.id < $6", "c.id DESC");
    CREDENTIALS_UP on "credential" = list_credentials!("", "c.id > $6", "c.id");
    CREDENTIALS_OF_ACCOUNT on "credential" = list_credentials!("c.account_id = $1 AND ", "c.id < $6", "c.id DESC");
    CREDENTIALS_OF_ACCOUNT_UP on "credential" = list_credentials!("c.account_id = $1 AND ", "c.id > $6", "c.id");
    CREDENTIALS_OF_USER on "credential" = list_credentials!("c.user_id = $11 AND ", "c.id < $6", "c.id DESC");
    CREDENTIALS_OF_USER_UP on "credential" = list_credentials!("c.user_id = $11 AND ", "c.id > $6", "c.id");
    CREDENTIALS_OF_API on "credential" = list_credentials!("c.api_id = $2 AND ", "c.id < $6", "c.id DESC");
    CREDENTIALS_OF_API_UP on "credential" = list_credentials!("c.api_id = $2 AND ", "c.id > $6", "c.id");
    CREDENTIALS_BY_LABEL on "credential" = list_credentials!(
        "c.account_id = $1 AND ",
        "(COALESCE(c.label, ''), c.id) > (CAST($13 AS TEXT), $6)",
        "COALESCE(c.label, ''), c.id"
    );
    CREDENTIALS_BY_LABEL_DOWN on "credential" = list_credentials!(
        "c.account_id = $1 AND ",
        "(COALESCE(c.label, ''), c.id) < (CAST($13 AS TEXT), $6)",
        "COALESCE(c.label, '') DESC, c.id DESC"
    );
    CREDENTIALS_BY_END on "credential" = list_credentials!(
        "c.account_id = $1 AND ",
        "(COALESCE(c.expires_at, 9223372036854775807), c.id) > (CAST($13 AS BIGINT), $6)",
        "COALESCE(c.expires_at, 9223372036854775807), c.id"
    );
    CREDENTIALS_BY_END_DOWN on "credential" = list_credentials!(
        "c.account_id = $1 AND ",
        "(COALESCE(c.expires_at, 9223372036854775807), c.id) < (CAST($13 AS BIGINT), $6)",
        "COALESCE(c.expires_at, 9223372036854775807) DESC, c.id DESC"
    );
    INSERT_CREDENTIAL on "credential" =
        "INSERT INTO credential (id, digest, account_id, environment_id, key_type, state, allowlist, permissions,
            not_before, expires_at, change_number, api_id, label, hint, created_at, updated_at, revoked_at,
            revoked_reason, sealed, origin, successor, predecessor, rotation_started_at, rotation_ends_at,
            rotation_expiry_before, late_uses, memo, owners, tags, search, user_id, vouched_factor)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
            $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";
    // Late uses are counted anew for each successor.
    UPDATE_CREDENTIAL on "credential" =
        "UPDATE credential SET key_type = $2, state = $3, allowlist = $4, permissions = $5, not_before = $6,
            expires_at = $7, change_number = $8, label = $9, updated_at = $10, revoked_at = $11, revoked_reason = $12,
            late_uses = CASE WHEN successor = $13 THEN late_uses ELSE 0 END, successor = $13,
            rotation_started_at = $14, rotation_ends_at = $15, rotation_expiry_before = $16,
            memo = $17, owners = $18, tags = $19, search = $20
        WHERE id = $1";
    ADD_LATE_USES on "credential" =
        "UPDATE credential SET late_uses = late_uses + $2 WHERE id = $1 AND successor IS NOT NULL";
    // Whoever has a token signed in for it: that was the first proof.
    PROVED_AT on "credential" =
        "SELECT COALESCE(proved_at, created_at) FROM credential
        WHERE id = $1 AND environment_id = $2 AND state = 'active'";
    PUT_PROOF on "credential" =
        "UPDATE credential SET proved_at = $3 WHERE id = $1 AND environment_id = $2 AND state = 'active'";
    SEALED_KEY on "credential" = "SELECT sealed FROM credential WHERE id = $1";

    INSERT_SLOW_DIGEST on "slow_digest" =
        "INSERT INTO slow_digest (credential_id, found_by, digest) VALUES ($1, $2, $3)";
    CREDENTIAL_BY_DIGEST on "credential" =
        "SELECT id FROM credential WHERE digest = $1
        UNION ALL SELECT credential_id FROM slow_digest WHERE found_by = $1";
    SLOW_DIGEST on "slow_digest" = "SELECT digest FROM slow_digest WHERE credential_id = $1";
    FORGET_SLOW_DIGEST on "slow_digest" = "UPDATE slow_digest SET digest = NULL WHERE credential_id = $1";
    REPLACE_DIGEST on "credential" =
        "UPDATE credential SET digest = $2, origin = $3, change_number = $4, updated_at = $5 WHERE id = $1";

    // One row for a whole page: a driver's work for each row, above all the hand-over between threads, costs more
    // than the row itself (measured for a million of them on SQLite: 1.1 s like this, parsed; 2.1 s row by row, not yet
    // parsed). No field but the last can contain `|`, and none a line break.
    CREDENTIAL_PAGE on "credential" =
        "SELECT max(id), string_agg(line, '\n') FROM (
            SELECT id, format('%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s', id, account_id, hex(digest), not_before,
                expires_at, change_number, successor, user_id, environment_id, key_type, state, origin,
                vouched_factor, permissions,
                allowlist) AS line
            FROM credential WHERE id > $1 ORDER BY id LIMIT $2
        ) AS page";
    USE_PAGE on "credential_use" =
        "SELECT max(credential_id), string_agg(line, '\n') FROM (
            SELECT credential_id, format('%s|%s|%s|%s|%s', credential_id, version, used_at, other_version,
                other_used_at) AS line
            FROM credential_use WHERE credential_id > $1 ORDER BY credential_id LIMIT $2
        ) AS page";
    SIGNER_PAGE on "signer" =
        "SELECT max(credential_id), string_agg(line, '\n') FROM (
            SELECT credential_id, format('%s|%s|%s|%s|%s', credential_id, algorithm, debug_until, change_number,
                hex(sealed)) AS line
            FROM signer WHERE credential_id > $1 ORDER BY credential_id LIMIT $2
        ) AS page";
    // The version that was last called before becomes the other one, unless a later call of another is reported.
    PUT_USE on "credential_use" =
        "INSERT INTO credential_use (credential_id, version, used_at, other_version, other_used_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (credential_id) DO UPDATE SET
            version = excluded.version,
            used_at = excluded.used_at,
            other_version = CASE
                WHEN credential_use.version <> excluded.version
                        AND credential_use.used_at >= COALESCE(excluded.other_used_at, credential_use.used_at)
                    THEN credential_use.version
                WHEN credential_use.version = excluded.version
                        AND credential_use.other_used_at
                            >= COALESCE(excluded.other_used_at, credential_use.other_used_at)
                    THEN credential_use.other_version
                ELSE excluded.other_version END,
            other_used_at = CASE
                WHEN credential_use.version <> excluded.version
                        AND credential_use.used_at >= COALESCE(excluded.other_used_at, credential_use.used_at)
                    THEN credential_use.used_at
                WHEN credential_use.version = excluded.version
                        AND credential_use.other_used_at
                            >= COALESCE(excluded.other_used_at, credential_use.other_used_at)
                    THEN credential_use.other_used_at
                ELSE excluded.other_used_at END
        WHERE excluded.used_at >= credential_use.used_at";

    SIGNER on "signer" = "SELECT credential_id, algorithm, sealed, debug_until FROM signer WHERE credential_id = $1";
    PUT_SIGNER on "signer" =
        "INSERT INTO signer (credential_id, algorithm, sealed, debug_until, change_number) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (credential_id) DO UPDATE SET algorithm = excluded.algorithm, sealed = excluded.sealed,
            debug_until = excluded.debug_until, change_number = excluded.change_number";

    LOCK_CHANGES on "change_counter" =
        "UPDATE change_counter SET changes = changes WHERE id = 1 RETURNING changes";
    NEXT_CHANGE on "change_counter" =
        "UPDATE change_counter SET changes = changes + 1 WHERE id = 1 RETURNING changes";
    HEAD on "change_counter" = "SELECT changes FROM change_counter WHERE id = 1";
    APPEND_CHANGE on "change_log" = "INSERT INTO change_log (number, at, body) VALUES ($1, $2, $3)";
    CHANGES_AFTER on "change_log" =
        "SELECT number, body FROM change_log WHERE number > $1 ORDER BY number LIMIT $2";
    OLDEST_CHANGE on "change_log" = "SELECT number FROM change_log ORDER BY number LIMIT 1";
    PRUNE_CHANGES on "change_log" =
        "DELETE FROM change_log WHERE number <= (SELECT changes FROM change_counter WHERE id = 1) - $1";

    NEXT_AUDIT on "change_counter" = "UPDATE change_counter SET audits = audits + 1 WHERE id = 1 RETURNING audits";
    APPEND_AUDIT on "audit" =
        "INSERT INTO audit (seq, at, actor, via, came_from, action, object_kind, object, account_id, request_id,
            reason, object_before, object_after, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    AUDIT_AFTER on "audit" = select_audit!("WHERE seq > $1 ORDER BY seq LIMIT $2");
    AUDIT on "audit" = list_audit!("");
    AUDIT_OF_ACCOUNT on "audit" = list_audit!("account_id = $2 AND ");
    AUDIT_OF_OBJECT on "audit" = list_audit!("object = $3 AND ");
    FIRST_AUDIT on "audit" = "SELECT seq FROM audit ORDER BY seq LIMIT 1";
    REMOVE_AUDITS on "audit" = "DELETE FROM audit WHERE seq <= $1";
    AUDIT_HEAD on "audit_head" =
        "SELECT seq, hash, chained_after, chained_hash, removed_to, mac FROM audit_head WHERE id = 1";
    PUT_AUDIT_HEAD on "audit_head" =
        "UPDATE audit_head SET seq = $1, hash = $2, chained_after = $3, chained_hash = $4, removed_to = $5, mac = $6
        WHERE id = 1";

    REFUSAL on "refusal" = "SELECT request_id, body FROM refusal WHERE request_id = $1";
    INSERT_REFUSAL on "refusal" =
        "INSERT INTO refusal (request_id, at, body) VALUES ($1, $2, $3) ON CONFLICT (request_id) DO NOTHING";
    PRUNE_OLD_REFUSALS on "refusal" = "DELETE FROM refusal WHERE at < $1";
    // SQLite takes no OFFSET without a LIMIT, and PostgreSQL no negative one.
    PRUNE_SURPLUS_REFUSALS on "refusal" =
        "DELETE FROM refusal WHERE request_id IN (
            SELECT request_id FROM refusal ORDER BY at DESC, request_id DESC LIMIT 9223372036854775807 OFFSET $1
        )";

    SERVICES on "service" = select_service!("ORDER BY name");
    SERVICES_AFTER on "service" = select_service!("WHERE name > $1 ORDER BY name LIMIT $2");
    SERVICE on "service" = select_service!("WHERE name = $1");
    INSERT_SERVICE on "service" =
        "INSERT INTO service (name, digest, apis, created_at, change_number) VALUES ($1, $2, $3, $4, $5)";
    DELETE_SERVICE on "service" = "DELETE FROM service WHERE name = $1";

    USERS on "app_user" = select_user!("ORDER BY p.id");
    USERS_MADE on "app_user" = list_users!("p.id > $1", "p.id");
    USERS_MADE_DOWN on "app_user" = list_users!("p.id < $1", "p.id DESC");
    USERS_NAMED on "app_user" = list_users!("lower(p.username) > $1", "lower(p.username)");
    USERS_NAMED_DOWN on "app_user" = list_users!("lower(p.username) < $1", "lower(p.username) DESC");
    ACTIVE_OPERATORS on "app_user" =
        select_user!("WHERE p.standing = 'operator' AND p.state = 'active' ORDER BY p.id");
    USER on "app_user" = select_user!("WHERE p.id = $1");
    USER_BY_HANDLE on "app_user" =
        select_user!("WHERE lower(p.username) = $1 OR lower(p.email) = $1 LIMIT 1");
    PUT_USER on "app_user" =
        "INSERT INTO app_user (id, username, email, name, state, standing, memberships, created_at, updated_at,
            last_sign_in_at, change_number)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (id) DO UPDATE SET username = excluded.username, email = excluded.email, name = excluded.name,
            state = excluded.state, standing = excluded.standing, memberships = excluded.memberships,
            updated_at = excluded.updated_at, change_number = excluded.change_number";
    DELETE_USER on "app_user" = "DELETE FROM app_user WHERE id = $1";
    PASSWORD_HASH on "app_user" = "SELECT password_hash FROM app_user WHERE id = $1";
    PUT_PASSWORD_HASH on "app_user" = "UPDATE app_user SET password_hash = $2 WHERE id = $1";
    USER_SIGNED_IN on "app_user" = "UPDATE app_user SET last_sign_in_at = $2 WHERE id = $1";

    ROLES on "role" = select_role!("ORDER BY account_id, slug");
    ROLES_OF_ACCOUNT on "role" = select_role!("WHERE account_id = $1 ORDER BY slug");
    PUT_ROLE on "role" =
        "INSERT INTO role (account_id, slug, name, rights, access, change_number) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (account_id, slug) DO UPDATE SET name = excluded.name, rights = excluded.rights,
            access = excluded.access, change_number = excluded.change_number";
    DELETE_ROLE on "role" = "DELETE FROM role WHERE account_id = $1 AND slug = $2";

    TOTP on "factor_totp" = "SELECT user_id, sealed, confirmed_at, last_step FROM factor_totp WHERE user_id = $1";
    PUT_TOTP on "factor_totp" =
        "INSERT INTO factor_totp (user_id, sealed, confirmed_at, last_step) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, confirmed_at = excluded.confirmed_at,
            last_step = excluded.last_step";
    // Of two that use one code, on whatever nodes, one changes the row.
    USE_TOTP_STEP on "factor_totp" =
        "UPDATE factor_totp SET last_step = $2 WHERE user_id = $1 AND last_step < $2";
    DELETE_TOTP on "factor_totp" = "DELETE FROM factor_totp WHERE user_id = $1";
    INSERT_RECOVERY_CODE on "recovery_code" = "INSERT INTO recovery_code (user_id, digest) VALUES ($1, $2)";
    USE_RECOVERY_CODE on "recovery_code" =
        "UPDATE recovery_code SET used_at = $3 WHERE user_id = $1 AND digest = $2 AND used_at IS NULL";
    DELETE_RECOVERY_CODES on "recovery_code" = "DELETE FROM recovery_code WHERE user_id = $1";

    PASSKEYS on "passkey" = select_passkey!("WHERE user_id = $1 ORDER BY id");
    PASSKEY_BY_CREDENTIAL on "passkey" = select_passkey!("WHERE credential_id = $1");
    INSERT_PASSKEY on "passkey" =
        "INSERT INTO passkey (id, user_id, credential_id, credential, name, created_at, last_used_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    PUT_PASSKEY on "passkey" = "UPDATE passkey SET credential = $2, name = $3, last_used_at = $4 WHERE id = $1";
    DELETE_PASSKEY on "passkey" = "DELETE FROM passkey WHERE id = $1";
    DELETE_PASSKEYS on "passkey" = "DELETE FROM passkey WHERE user_id = $1";
    // Of two that answer one challenge, on whatever nodes, one inserts the row.
    USE_PASSKEY_CHALLENGE on "passkey_challenge_used" =
        "INSERT INTO passkey_challenge_used (challenge, used_at) VALUES ($1, $2) ON CONFLICT (challenge) DO NOTHING";
    PRUNE_PASSKEY_CHALLENGES on "passkey_challenge_used" =
        "DELETE FROM passkey_challenge_used WHERE used_at < $1";

    ATTEMPTS on "sign_in_attempt" =
        "SELECT key, failures, last_failed_at, blocked_until, succeeded_at FROM sign_in_attempt WHERE key = $1";
    PUT_ATTEMPTS on "sign_in_attempt" =
        "INSERT INTO sign_in_attempt (key, failures, last_failed_at, blocked_until, succeeded_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last_failed_at = excluded.last_failed_at,
            blocked_until = excluded.blocked_until, succeeded_at = excluded.succeeded_at";
    PRUNE_ATTEMPTS on "sign_in_attempt" =
        "DELETE FROM sign_in_attempt WHERE last_failed_at < $1 AND (succeeded_at IS NULL OR succeeded_at < $2)";

    CLAIM_ANSWER on "kept_answer" =
        "INSERT INTO kept_answer (scope, key, request, asked_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    KEPT_ANSWER on "kept_answer" = "SELECT request, sealed FROM kept_answer WHERE scope = $1 AND key = $2";
    KEEP_ANSWER on "kept_answer" = "UPDATE kept_answer SET sealed = $3 WHERE scope = $1 AND key = $2";
    PRUNE_ANSWERS on "kept_answer" = "DELETE FROM kept_answer WHERE asked_at < $1";
    INVITATIONS on "invitation" = select_invitation!(
        "WHERE id > $1 AND (CAST($2 AS TEXT) IS NULL OR account_id = $2) AND expires_at > $3 ORDER BY id LIMIT $4"
    );
    INVITATIONS_OF_ACCOUNT on "invitation" =
        select_invitation!("WHERE account_id = $2 AND id > $1 AND expires_at > $3 ORDER BY id LIMIT $4");
    INVITATION on "invitation" = select_invitation!("WHERE id = $1");
    INVITATION_BY_DIGEST on "invitation" = select_invitation!("WHERE digest = $1");
    INSERT_INVITATION on "invitation" =
        "INSERT INTO invitation (id, account_id, digest, email, roles, invited_by, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    DELETE_INVITATION on "invitation" = "DELETE FROM invitation WHERE id = $1";
    PRUNE_INVITATIONS on "invitation" = "DELETE FROM invitation WHERE expires_at <= $1";

    SETUP_LINK on "setup_link" = "SELECT id, digest, expires_at FROM setup_link WHERE id = 1";
    PUT_SETUP_LINK on "setup_link" =
        "INSERT INTO setup_link (id, digest, expires_at) VALUES (1, $1, $2)
        ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at";
    DELETE_SETUP_LINK on "setup_link" = "DELETE FROM setup_link WHERE id = 1";

    SSO_IDENTITY on "sso_identity" =
        "SELECT user_id, account_id FROM sso_identity WHERE provider = $1 AND issuer = $2 AND subject = $3";
    PUT_SSO_IDENTITY on "sso_identity" =
        "INSERT INTO sso_identity (provider, issuer, subject, user_id, account_id, linked_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (provider, issuer, subject) DO UPDATE SET account_id = excluded.account_id";
    SSO_IDENTITIES_OF on "sso_identity" =
        "SELECT user_id, account_id FROM sso_identity WHERE user_id = $1 LIMIT 1";
    DELETE_SSO_IDENTITIES on "sso_identity" = "DELETE FROM sso_identity WHERE user_id = $1";
    USE_SSO_ANSWER on "sso_answered" =
        "INSERT INTO sso_answered (id, ends_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    PRUNE_SSO_ANSWERS on "sso_answered" = "DELETE FROM sso_answered WHERE ends_at < $1";

    WRAPPED_KEYS on "wrapped_key" =
        "SELECT purpose, generation, wrapped FROM wrapped_key ORDER BY purpose, generation";
    PUT_WRAPPED_KEY on "wrapped_key" =
        "INSERT INTO wrapped_key (purpose, generation, wrapped) VALUES ($1, $2, $3)
        ON CONFLICT (purpose, generation) DO UPDATE SET wrapped = excluded.wrapped";
}
