package org.tethral.http;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationSuccessResponse;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenErrorResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.SubjectType;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/// An OpenID provider, by the server's side of the SDK: it checks requests as one does, and gives
/// tokens that are right, unless a test asks for others.
final class TestProvider implements AutoCloseable {

    static final String CLIENT = "tethral";
    static final String SECRET = "the client's secret, known to both";

    private final HttpServer server;
    private final URI issuer;
    private final RSAKey key;
    private final RSAKey otherKey;
    private final Map<String, AuthenticationRequest> asked = new ConcurrentHashMap<>();

    /// What a token says, before it is signed.
    volatile UnaryOperator<JWTClaimsSet.Builder> claims = UnaryOperator.identity();

    volatile boolean signsWithAnotherKey;

    TestProvider() throws IOException, JOSEException {
        key = new RSAKeyGenerator(2_048).keyID("1").generate();
        otherKey = new RSAKeyGenerator(2_048).keyID("1").generate();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        server.createContext("/.well-known/openid-configuration", this::metadata);
        server.createContext("/keys", this::keys);
        server.createContext("/token", this::token);
        server.start();
    }

    URI issuer() {
        return issuer;
    }

    /// What the provider does when somebody has signed in at it: where it sends the browser.
    URI signedIn(URI request) throws ParseException {
        var parsed = AuthenticationRequest.parse(request);
        if (!parsed.getClientID().getValue().equals(CLIENT)
                || parsed.getCodeChallenge() == null
                || parsed.getNonce() == null) {
            throw new ParseException("not as this provider wants it");
        }
        var code = new AuthorizationCode();
        asked.put(code.getValue(), parsed);
        return new AuthorizationSuccessResponse(
                        parsed.getRedirectionURI(), code, null, parsed.getState(), null)
                .toURI();
    }

    private void metadata(HttpExchange exchange) throws IOException {
        var metadata =
                new OIDCProviderMetadata(
                        new Issuer(issuer), List.of(SubjectType.PUBLIC), issuer.resolve("/keys"));
        metadata.setAuthorizationEndpointURI(issuer.resolve("/authorize"));
        metadata.setTokenEndpointURI(issuer.resolve("/token"));
        metadata.setIDTokenJWSAlgs(List.of(JWSAlgorithm.RS256));
        send(exchange, 200, metadata.toJSONObject().toJSONString());
    }

    private void keys(HttpExchange exchange) throws IOException {
        send(exchange, 200, new JWKSet(key.toPublicJWK()).toString());
    }

    private void token(HttpExchange exchange) throws IOException {
        try {
            var request = new HTTPRequest(HTTPRequest.Method.POST, issuer.resolve("/token"));
            exchange.getRequestHeaders()
                    .forEach((name, values) -> request.setHeader(name, values.getFirst()));
            request.setBody(
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            var answer = answer(TokenRequest.parse(request));
            send(exchange, answer.getStatusCode(), answer.getBody());
        } catch (ParseException | JOSEException e) {
            send(exchange, 400, "{\"error\":\"invalid_request\"}");
        }
    }

    private HTTPResponse answer(TokenRequest request) throws JOSEException {
        var secret =
                request.getClientAuthentication() instanceof ClientSecretBasic basic
                        ? basic.getClientSecret().getValue()
                        : "";
        if (!secret.equals(SECRET)) {
            return refused(OAuth2Error.INVALID_CLIENT);
        }
        var grant = (AuthorizationCodeGrant) request.getAuthorizationGrant();
        var before = asked.remove(grant.getAuthorizationCode().getValue());
        if (before == null
                || !grant.getRedirectionURI().equals(before.getRedirectionURI())
                || !CodeChallenge.compute(before.getCodeChallengeMethod(), grant.getCodeVerifier())
                        .equals(before.getCodeChallenge())) {
            return refused(OAuth2Error.INVALID_GRANT);
        }
        return new OIDCTokenResponse(new OIDCTokens(signed(before), new BearerAccessToken(), null))
                .toHTTPResponse();
    }

    private static HTTPResponse refused(ErrorObject error) {
        return new TokenErrorResponse(error).toHTTPResponse();
    }

    private String signed(AuthenticationRequest request) throws JOSEException {
        var now = Instant.now();
        var all =
                new JWTClaimsSet.Builder()
                        .issuer(issuer.toString())
                        .subject("subject-1")
                        .audience(CLIENT)
                        .claim("iat", now.getEpochSecond())
                        .claim("exp", now.getEpochSecond() + 300)
                        .claim("nonce", request.getNonce().getValue())
                        .claim("email", "ada@example.org")
                        .claim("email_verified", true);
        var token =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("1").build(),
                        claims.apply(all).build());
        token.sign(new RSASSASigner(signsWithAnotherKey ? otherKey : key));
        return token.serialize();
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
