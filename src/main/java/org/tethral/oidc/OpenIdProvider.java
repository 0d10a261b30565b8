package org.tethral.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.account.EmailAddress;
import org.tethral.account.IdentityProvider;

/// An OpenID provider, found by its issuer's discovery document. Thread-safe.
public final class OpenIdProvider implements IdentityProvider {

    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

    /// What the provider says of itself is asked for again after that long.
    private static final Duration DISCOVERED_FOR = Duration.ofHours(1);

    private static final int KEYS_BYTES_MAX = 256 * 1024;

    /// Those with a key pair: our own secret signs for nobody.
    private static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(
                    JWSAlgorithm.RS256,
                    JWSAlgorithm.RS384,
                    JWSAlgorithm.RS512,
                    JWSAlgorithm.PS256,
                    JWSAlgorithm.ES256,
                    JWSAlgorithm.ES384);

    /// @param groupsClaim of the ID token; null: groups do not matter
    public record Settings(
            String name,
            URI issuer,
            String clientId,
            org.tethral.kernel.Secret clientSecret,
            @Nullable String groupsClaim) {}

    private record Discovered(
            OIDCProviderMetadata metadata, IDTokenValidator validator, Instant at) {}

    private final Settings settings;
    private final Issuer issuer;
    private final ClientID client;
    private final InstantSource clock;
    private volatile @Nullable Discovered discovered;

    public OpenIdProvider(Settings settings, InstantSource clock) {
        this.settings = settings;
        this.issuer = new Issuer(settings.issuer());
        this.client = new ClientID(settings.clientId());
        this.clock = clock;
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public Departure depart(URI callback) {
        var state = new State();
        var nonce = new Nonce();
        var verifier = new CodeVerifier();
        var request =
                new AuthenticationRequest.Builder(
                                ResponseType.CODE, new Scope("openid", "email"), client, callback)
                        .endpointURI(provider().metadata().getAuthorizationEndpointURI())
                        .state(state)
                        .nonce(nonce)
                        .codeChallenge(verifier, CodeChallengeMethod.S256)
                        .build();
        return new Departure(
                request.toURI(),
                new Memory(state.getValue(), nonce.getValue(), verifier.getValue()));
    }

    @Override
    public Arrival arrive(URI callback, URI back, Memory memory) {
        try {
            var response = AuthenticationResponseParser.parse(back);
            var state = response.getState();
            if (state == null || !state.getValue().equals(memory.state())) {
                return new Arrival.Refused("the answer is not to what this browser asked");
            }
            if (!response.indicatesSuccess()) {
                return new Arrival.Refused(
                        "the provider says " + response.toErrorResponse().getErrorObject());
            }
            var code = response.toSuccessResponse().getAuthorizationCode();
            if (code == null) {
                return new Arrival.Refused("the provider gave no code");
            }
            return proven(claims(code, callback, memory));
        } catch (ParseException e) {
            return new Arrival.Refused("the answer cannot be read: " + e.getMessage());
        } catch (BadJOSEException | JOSEException e) {
            return new Arrival.Refused("the ID token is not valid: " + e.getMessage());
        } catch (IOException e) {
            throw new Away("the provider does not answer: " + e.getMessage(), e);
        }
    }

    private IDTokenClaimsSet claims(AuthorizationCode code, URI callback, Memory memory)
            throws ParseException, BadJOSEException, JOSEException, IOException {
        var provider = provider();
        var verifier = new CodeVerifier(memory.verifier());
        var request =
                new TokenRequest.Builder(
                                provider.metadata().getTokenEndpointURI(),
                                new ClientSecretBasic(
                                        client, new Secret(settings.clientSecret().reveal())),
                                new AuthorizationCodeGrant(code, callback, verifier))
                        .build()
                        .toHTTPRequest();
        request.setConnectTimeout((int) CONNECT_MAX.toMillis());
        request.setReadTimeout((int) ANSWER_MAX.toMillis());
        request.setFollowRedirects(false);
        var response = OIDCTokenResponseParser.parse(request.send());
        if (!(response instanceof OIDCTokenResponse tokens)) {
            throw new ParseException(
                    "no token for the code: " + response.toErrorResponse().getErrorObject());
        }
        return provider.validator()
                .validate(tokens.getOIDCTokens().getIDToken(), new Nonce(memory.nonce()));
    }

    private Arrival proven(IDTokenClaimsSet claims) {
        var email = claims.getStringClaim("email");
        if (email == null || !Boolean.TRUE.equals(claims.getBooleanClaim("email_verified"))) {
            return new Arrival.Refused("the provider has verified no e-mail address");
        }
        try {
            return new Arrival.Proven(new EmailAddress(email), groups(claims));
        } catch (IllegalArgumentException e) {
            return new Arrival.Refused("the provider's e-mail address " + e.getMessage());
        }
    }

    private Set<String> groups(IDTokenClaimsSet claims) {
        var claim = settings.groupsClaim();
        if (claim == null) {
            return Set.of();
        }
        var list = claims.getStringListClaim(claim);
        if (list != null) {
            return Set.copyOf(list);
        }
        var one = claims.getStringClaim(claim);
        return one == null ? Set.of() : Set.copyOf(List.of(one));
    }

    /// As it was found, or is found now.
    private Discovered provider() {
        var known = discovered;
        if (known != null && clock.instant().isBefore(known.at().plus(DISCOVERED_FOR))) {
            return known;
        }
        try {
            var metadata =
                    OIDCProviderMetadata.resolve(
                            issuer, (int) CONNECT_MAX.toMillis(), (int) ANSWER_MAX.toMillis());
            var found = new Discovered(metadata, validator(metadata), clock.instant());
            discovered = found;
            return found;
        } catch (GeneralException | IOException e) {
            if (known != null) {
                return known; // what it said before will do until it answers again
            }
            throw new Away("the provider " + issuer + " is not found: " + e.getMessage(), e);
        }
    }

    private IDTokenValidator validator(OIDCProviderMetadata metadata) throws IOException {
        var retriever =
                new DefaultResourceRetriever(
                        (int) CONNECT_MAX.toMillis(), (int) ANSWER_MAX.toMillis(), KEYS_BYTES_MAX);
        var keys =
                JWKSourceBuilder.<SecurityContext>create(metadata.getJWKSetURI().toURL(), retriever)
                        .build();
        return new IDTokenValidator(
                issuer, client, new JWSVerificationKeySelector<>(ALGORITHMS, keys), null);
    }
}
