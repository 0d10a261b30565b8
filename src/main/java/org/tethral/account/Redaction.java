package org.tethral.account;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Strikes secrets out of documents that are kept for ever. Goes by names, at any depth: as
/// devices' configurations are anybody's, it strikes out too much rather than too little.
final class Redaction {

    private static final Value STRUCK_OUT = Value.of("[redacted]");

    /// Names that end in one of these words hold secrets: `provisioning_secret`, `wifiPassword`,
    /// `X-API-Key`.
    private static final Set<String> SECRET =
            Set.of(
                    "token",
                    "tokens",
                    "secret",
                    "secrets",
                    "password",
                    "passwd",
                    "passphrase",
                    "pwd",
                    "psk",
                    "key",
                    "keys",
                    "authorization",
                    "cookie",
                    "credential",
                    "credentials");

    private static final Pattern WORD_START =
            Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+");

    private Redaction() {}

    static Document of(Document document) {
        var values = new LinkedHashMap<String, Value>();
        document.values()
                .forEach((name, value) ->
                        values.put(
                                name,
                                value != Value.Null.NULL && isSecret(name)
                                        ? STRUCK_OUT
                                        : inside(value)));
        return new Document(values);
    }

    private static Value inside(Value value) {
        return switch (value) {
            case Document inner -> of(inner);
            case Value.Array(var items) ->
                    new Value.Array(items.stream().map(Redaction::inside).toList());
            case Value.Text _, Value.Numeric _, Value.Bool _, Value.Null _ -> value;
        };
    }

    private static boolean isSecret(String name) {
        var words = WORD_START.split(name, -1);
        return SECRET.contains(words[words.length - 1].toLowerCase(Locale.ROOT))
                || endsInSecret(name.toLowerCase(Locale.ROOT));
    }

    /// Without anything between the words: `wifipassword`, `APIKEY`.
    private static boolean endsInSecret(String name) {
        return name.endsWith("password")
                || name.endsWith("secret")
                || name.endsWith("token")
                || name.endsWith("apikey");
    }
}
