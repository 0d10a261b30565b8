-- People who sign in, and where they are signed in.

CREATE TABLE users (
    id            UUID PRIMARY KEY,
    -- in lower case
    email         VARCHAR(254) ${bytewise} NOT NULL UNIQUE,
    -- Argon2id; null: signs in with an identity provider only
    password_hash VARCHAR(512),
    role          VARCHAR(32) NOT NULL CHECK (role IN ('superadmin', 'community_admin', 'operator', 'viewer')),
    community_id  UUID REFERENCES communities (id),
    active        BOOLEAN NOT NULL DEFAULT TRUE,
    created_at    TIMESTAMPTZ NOT NULL,
    last_login_at TIMESTAMPTZ,
    version       BIGINT NOT NULL DEFAULT 1,
    CHECK ((role = 'superadmin') = (community_id IS NULL))
);

CREATE INDEX users_by_community ON users (community_id, email);
CREATE INDEX users_by_role ON users (role, email);
CREATE INDEX users_by_community_and_role ON users (community_id, role, email);

CREATE TABLE user_sessions (
    -- SHA-256 of the secret in the cookie
    secret_hash    VARCHAR(64) PRIMARY KEY,
    -- null: an administrator who came by a one-time link
    user_id        UUID REFERENCES users (id) ON DELETE CASCADE,
    method         VARCHAR(16) NOT NULL CHECK (method IN ('password', 'link', 'oidc')),
    opened_at      TIMESTAMPTZ NOT NULL,
    last_seen_at   TIMESTAMPTZ NOT NULL,
    expires_at     TIMESTAMPTZ NOT NULL,
    remote_address VARCHAR(64)
);

CREATE INDEX user_sessions_by_user ON user_sessions (user_id, opened_at);
CREATE INDEX user_sessions_by_end ON user_sessions (expires_at);

CREATE INDEX api_keys_by_user ON api_keys (user_id) WHERE user_id IS NOT NULL;
