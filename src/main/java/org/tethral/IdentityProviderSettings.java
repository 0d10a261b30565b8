package org.tethral;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Role;
import org.tethral.cli.Failure;
import org.tethral.cli.Setting;
import org.tethral.kernel.Secret;
import org.tethral.oidc.OpenIdProvider;

/// The OpenID provider with which people sign in, as it is configured.
///
/// @param roles of groups at the provider
/// @param publicUrl how browsers reach this server; null: as they ask
record IdentityProviderSettings(
        OpenIdProvider.Settings provider, Map<String, Role> roles, @Nullable URI publicUrl) {

    static final List<Setting> SETTINGS =
            List.of(
                    new Setting(
                            "oidc-issuer",
                            "URL",
                            null,
                            "an OpenID provider with which people sign in"),
                    new Setting("oidc-client-id", "ID", null, "who this server is there"),
                    new Setting(
                            "oidc-client-secret",
                            "FILE",
                            null,
                            "where its secret is, with which it proves that there"),
                    new Setting(
                            "oidc-name",
                            "NAME",
                            "the identity provider",
                            "as the sign-in page calls it"),
                    new Setting(
                            "oidc-groups-claim",
                            "NAME",
                            null,
                            "of the ID token: the groups of a person"),
                    new Setting(
                            "oidc-roles",
                            "LIST",
                            null,
                            "GROUP=ROLE, with commas between them: whoever is in such a group becomes a user"),
                    new Setting(
                            "public-url",
                            "URL",
                            null,
                            "how browsers reach this server, for the way back from the provider; else as they ask"));

    IdentityProviderSettings {
        roles = Map.copyOf(roles);
    }

    /// Null: there is none.
    ///
    /// @throws Failure names the setting
    static @Nullable IdentityProviderSettings of(Config config) {
        var given = new HashMap<String, @Nullable String>();
        config.inForce().forEach(one -> given.put(one.setting().name(), one.value()));
        return of(given::get);
    }

    private static @Nullable IdentityProviderSettings of(
            Function<String, @Nullable String> values) {
        var issuer = values.apply("oidc-issuer");
        if (issuer == null) {
            return null;
        }
        var publicUrl = values.apply("public-url");
        return new IdentityProviderSettings(
                new OpenIdProvider.Settings(
                        needed(values, "oidc-name"),
                        url("oidc-issuer", issuer),
                        needed(values, "oidc-client-id"),
                        secret(needed(values, "oidc-client-secret")),
                        values.apply("oidc-groups-claim")),
                roles(values.apply("oidc-roles")),
                publicUrl == null ? null : url("public-url", publicUrl));
    }

    private static String needed(Function<String, @Nullable String> values, String name) {
        var value = values.apply(name);
        if (value == null || value.isBlank()) {
            throw Failure.misused("oidc-issuer needs " + name + ", too");
        }
        return value;
    }

    /// What goes over the wire there lets people in: it is encrypted, except on this machine.
    private static URI url(String name, String text) {
        try {
            var url = URI.create(text);
            var host = url.getHost();
            if (host != null
                    && ("https".equals(url.getScheme())
                            || "http".equals(url.getScheme())
                                    && Config.LOOPBACK.matcher(host).matches())) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw Failure.misused(name + " = '" + text + "' is no URL with https");
    }

    private static Secret secret(String file) {
        try {
            return new Secret(Files.readString(Path.of(file)).strip());
        } catch (IOException | IllegalArgumentException e) {
            throw Failure.misused(
                    "oidc-client-secret: cannot read a secret in "
                            + file
                            + ": "
                            + Config.reason(e));
        }
    }

    private static Map<String, Role> roles(@Nullable String list) {
        var roles = new LinkedHashMap<String, Role>();
        for (var pair : (list == null ? "" : list).split(",", -1)) {
            var equals = pair.lastIndexOf('=');
            if (pair.isBlank()) {
                continue;
            }
            try {
                if (equals > 0) {
                    roles.put(
                            pair.substring(0, equals).strip(),
                            Role.parse(pair.substring(equals + 1).strip()));
                    continue;
                }
            } catch (IllegalArgumentException e) {
                throw Failure.misused("oidc-roles: " + e.getMessage());
            }
            throw Failure.misused("oidc-roles = '" + pair.strip() + "' is not GROUP=ROLE");
        }
        return roles;
    }
}
