package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.account.Ownership;
import org.tethral.account.Role;
import org.tethral.account.Scope;

class AccessTest {

    private static final JsonObject WHOLE =
            new JsonObject()
                    .put(Access.TENANCY, "object:device:{device_id}")
                    .put(Access.ROLE, "operator")
                    .put(Access.SCOPE, "devices:write");

    @Test
    void readsWhoMayDoAnOperation() {
        assertThat(Access.of("x", WHOLE))
                .isEqualTo(
                        new Access.ByPrincipal(
                                Role.OPERATOR,
                                Optional.of(Scope.DEVICES_WRITE),
                                new Tenancy.Of(
                                        Ownership.Kind.DEVICE,
                                        Tenancy.Place.PATH,
                                        "device_id",
                                        false)));
        assertThat(Access.of("x", new JsonObject().put(Access.TENANCY, "public")))
                .isEqualTo(new Access.Open());
        assertThat(Tenancy.parse("shared:alert_rule:{id}"))
                .isEqualTo(
                        new Tenancy.Of(Ownership.Kind.ALERT_RULE, Tenancy.Place.PATH, "id", true));
        assertThat(Tenancy.parse("object:device:?device_id"))
                .isEqualTo(
                        new Tenancy.Of(
                                Ownership.Kind.DEVICE, Tenancy.Place.QUERY, "device_id", false));
        assertThat(Tenancy.parse("object:device:body.device_id"))
                .isEqualTo(
                        new Tenancy.Of(
                                Ownership.Kind.DEVICE, Tenancy.Place.BODY, "device_id", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {Access.TENANCY, Access.ROLE, Access.SCOPE})
    void servesNoOperationThatDoesNotSayWhoMayDoIt(String left) {
        var model = WHOLE.copy();
        model.remove(left);
        assertThatThrownBy(() -> Access.of("addThing", model))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("addThing", left);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "anything",
                "object:device:device_id",
                "object:unicorn:{id}",
                "object:device:{device_id} or not"
            })
    void servesNoOperationWhoseRuleNobodyUnderstands(String tenancy) {
        var model = WHOLE.copy().put(Access.TENANCY, tenancy);
        assertThatThrownBy(() -> Access.of("addThing", model))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("addThing");
    }
}
