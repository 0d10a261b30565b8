/// People who sign in with an OpenID provider: OpenID Connect Core 1.0, the authorization code flow
/// with PKCE (RFC 7636), by the OAuth 2.0 SDK of Connect2id.
@NullMarked
package org.tethral.oidc;

import org.jspecify.annotations.NullMarked;
