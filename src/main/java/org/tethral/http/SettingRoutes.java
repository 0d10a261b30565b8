package org.tethral.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tethral.account.Settings;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// `/api/v1/settings`: what the program is set to, and what of it changes while it runs.
final class SettingRoutes {

    private final Settings settings;

    SettingRoutes(HttpEdge.Parts parts) {
        this.settings = parts.settings();
    }

    void on(Operations.Target operations) {
        operations.on("listSettings", _ -> Reply.ok(document(settings.list())));
        operations.on("changeSettings", this::change);
    }

    private Reply change(ApiRequest request) {
        var wanted = wanted(request.body());
        var before = values(settings.list(), wanted.keySet());
        return switch (settings.change(wanted, request.principal().actor())) {
            case Settings.Outcome.Changed(var all) ->
                    Reply.ok(document(all))
                            .audited(
                                    Act.changed(
                                            String.join(",", wanted.keySet()),
                                            null,
                                            before,
                                            values(all, wanted.keySet())));
            case Settings.Outcome.Refused(var reasons) ->
                    Reply.of(
                            Problem.invalid(
                                    reasons.entrySet().stream()
                                            .map(one ->
                                                    new Problem.FieldError(
                                                            one.getKey(), one.getValue()))
                                            .toList()));
        };
    }

    private static Document values(List<Settings.Setting> all, Set<String> names) {
        var values = Document.EMPTY;
        for (var one : all) {
            if (names.contains(one.name())) {
                values =
                        values.with(
                                one.name(),
                                one.value() == null ? Value.Null.NULL : Value.of(one.value()));
            }
        }
        return values;
    }

    /// Numbers and truth values are taken as they would be written on the command line.
    private static Map<String, Optional<String>> wanted(Document body) {
        var wanted = new LinkedHashMap<String, Optional<String>>();
        body.values()
                .forEach((name, value) ->
                        wanted.put(
                                name,
                                switch (value) {
                                    case Value.Null _ -> Optional.empty();
                                    case Value.Text(var text) -> Optional.of(text);
                                    case Value.Numeric _, Value.Bool _, Value.Array _, Document _ ->
                                            Optional.of(Json.write(value));
                                }));
        return wanted;
    }

    private static Document document(List<Settings.Setting> all) {
        return Fields.whole(
                all,
                one ->
                        new Fields()
                                .text("name", one.name())
                                .text("value", one.value())
                                .text("default", one.standard())
                                .text("origin", one.origin())
                                .truth("changeable", one.changeable())
                                .text("description", one.description())
                                .document());
    }
}
