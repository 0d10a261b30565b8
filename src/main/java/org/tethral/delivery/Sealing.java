package org.tethral.delivery;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.kernel.Vault;

/// Secrets among the settings of a sink, as they are kept: each text of them sealed, for this
/// subscription only.
final class Sealing {

    private final Vault vault;
    private final String owner;

    Sealing(Vault vault, SubscriptionId subscription) {
        this.vault = vault;
        this.owner = "subscription " + subscription;
    }

    Document sealed(Document settings, Set<String> secrets) {
        var kept = settings;
        for (var name : secrets) {
            var value = settings.find(name);
            if (value.isPresent()) {
                kept = kept.with(name, sealed(value.get()));
            }
        }
        return kept;
    }

    /// @throws IllegalStateException the key of the vault is another one
    Document opened(Document kept, Set<String> secrets) {
        var settings = kept;
        for (var name : secrets) {
            var value = kept.find(name);
            if (value.isPresent()) {
                settings = settings.with(name, opened(name, value.get()));
            }
        }
        return settings;
    }

    private Value sealed(Value value) {
        return switch (value) {
            case Value.Text(var text) ->
                    Value.of(vault.seal(text.getBytes(StandardCharsets.UTF_8), owner));
            case Document document -> {
                var kept = Document.EMPTY;
                for (var entry : document.values().entrySet()) {
                    kept = kept.with(entry.getKey(), sealed(entry.getValue()));
                }
                yield kept;
            }
            case Value.Array(var items) ->
                    new Value.Array(items.stream().map(this::sealed).toList());
            case Value.Numeric _, Value.Bool _, Value.Null _ -> value;
        };
    }

    private Value opened(String name, Value value) {
        return switch (value) {
            case Value.Text(var text) ->
                    vault.open(text, owner)
                            .map(bytes -> Value.of(new String(bytes, StandardCharsets.UTF_8)))
                            .orElseThrow(() ->
                                    new IllegalStateException(
                                            "the setting "
                                                    + name
                                                    + " was sealed with another key"));
            case Document document -> {
                var settings = Document.EMPTY;
                for (var entry : document.values().entrySet()) {
                    settings = settings.with(entry.getKey(), opened(name, entry.getValue()));
                }
                yield settings;
            }
            case Value.Array(var items) ->
                    new Value.Array(items.stream().map(item -> opened(name, item)).toList());
            case Value.Numeric _, Value.Bool _, Value.Null _ -> value;
        };
    }
}
