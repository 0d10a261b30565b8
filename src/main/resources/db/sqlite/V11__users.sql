-- People who sign in, and where they are signed in.

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    -- in lower case
    email         TEXT NOT NULL UNIQUE CHECK (length(email) BETWEEN 3 AND 254),
    -- Argon2id; null: signs in with an identity provider only
    password_hash TEXT,
    role          TEXT NOT NULL CHECK (role IN ('superadmin', 'community_admin', 'operator', 'viewer')),
    community_id  TEXT REFERENCES communities (id),
    active        INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at    INTEGER NOT NULL,
    last_login_at INTEGER,
    version       INTEGER NOT NULL DEFAULT 1,
    CHECK ((role = 'superadmin') = (community_id IS NULL))
) STRICT;

CREATE INDEX users_by_community ON users (community_id, email);
CREATE INDEX users_by_role ON users (role, email);
CREATE INDEX users_by_community_and_role ON users (community_id, role, email);

CREATE TABLE user_sessions (
    -- SHA-256 of the secret in the cookie
    secret_hash    TEXT PRIMARY KEY,
    -- null: an administrator who came by a one-time link
    user_id        TEXT REFERENCES users (id) ON DELETE CASCADE,
    method         TEXT NOT NULL CHECK (method IN ('password', 'link', 'oidc')),
    opened_at      INTEGER NOT NULL,
    last_seen_at   INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    remote_address TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX user_sessions_by_user ON user_sessions (user_id, opened_at);
CREATE INDEX user_sessions_by_end ON user_sessions (expires_at);

CREATE INDEX api_keys_by_user ON api_keys (user_id) WHERE user_id IS NOT NULL;
