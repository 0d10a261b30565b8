package org.tethral.http;

import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.tethral.account.Role;
import org.tethral.account.Scope;

/// Who may do an operation, as the document says. An operation that does not say so is not served.
sealed interface Access {

    String TENANCY = "x-tenancy";
    String ROLE = "x-minimum-role";
    String SCOPE = "x-scope";

    /// Whoever asks; what it answers, anybody may know.
    record Open() implements Access {}

    /// Devices, which show a token or secret of their own.
    record ByDevice() implements Access {}

    /// People and programs.
    ///
    /// @param scope empty: any will do
    record ByPrincipal(Role role, Optional<Scope> scope, Tenancy tenancy) implements Access {}

    /// @throws IllegalStateException it is not said, or not as it should be
    static Access of(String operation, JsonObject model) {
        try {
            var tenancy = needed(model, TENANCY);
            return switch (tenancy) {
                case "public" -> new Open();
                case "device" -> new ByDevice();
                default ->
                        new ByPrincipal(
                                Role.parse(needed(model, ROLE)),
                                scope(needed(model, SCOPE)),
                                Tenancy.parse(tenancy));
            };
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "who may do " + operation + " is not said: " + e.getMessage(), e);
        }
    }

    private static Optional<Scope> scope(String text) {
        return text.equals("any") ? Optional.empty() : Optional.of(Scope.parse(text));
    }

    private static String needed(JsonObject model, String name) {
        if (model.getValue(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("it has no " + name);
    }
}
