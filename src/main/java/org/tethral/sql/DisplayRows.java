package org.tethral.sql;

import java.sql.SQLException;
import java.util.EnumMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.space.DisplayCode;
import org.tethral.space.DisplayCodes;
import org.tethral.space.DisplayDevice;
import org.tethral.space.DisplayType;
import org.tethral.space.LorawanDevice;
import org.tethral.space.SpaceState;

/// The rows of `display_devices`.
final class DisplayRows {

    static final String COLUMNS =
            """
            d.device_id, d.dev_eui, d.display_type, d.display_codes, d.fport, d.confirmed_downlinks, d.application,
            d.network, d.wanted_state
            """;

    private static final String SELECT =
            "SELECT " + COLUMNS + " FROM display_devices d WHERE d.device_id = ?";

    private DisplayRows() {}

    /// @param wanted what it was told last to show; null: nothing yet
    record Told(DisplayDevice about, @Nullable SpaceState wanted) {}

    static DisplayDevice read(Row row) throws SQLException {
        return new DisplayDevice(
                row.device(),
                SpaceRows.devEui(row, "dev_eui"),
                DisplayType.parse(row.text("display_type")),
                codes(row.document("display_codes")),
                (int) row.number("fport"),
                row.flag("confirmed_downlinks"),
                row.maybeText("application"),
                row.maybeText("network"));
    }

    static Optional<DisplayDevice> find(Session session, DeviceId id) throws SQLException {
        return session.sql(SELECT).set(id).find(DisplayRows::read);
    }

    /// Nobody else tells it anything until this is committed.
    static Optional<Told> lock(Session session, DeviceId id) throws SQLException {
        return session.sql(SELECT + session.dialect().choose("", " FOR UPDATE"))
                .set(id)
                .find(row -> {
                    var wanted = row.maybeText("wanted_state");
                    return new Told(read(row), wanted == null ? null : SpaceState.parse(wanted));
                });
    }

    static void want(Session session, DeviceId id, @Nullable SpaceState wanted)
            throws SQLException {
        session.sql("UPDATE display_devices SET wanted_state = ? WHERE device_id = ?")
                .set(wanted == null ? null : wanted.word())
                .set(id)
                .update();
    }

    static @Nullable LorawanDevice lorawan(DisplayDevice display) {
        return display.devEui() == null
                ? null
                : new LorawanDevice(
                        display.devEui(),
                        display.device(),
                        null,
                        display.application(),
                        display.network());
    }

    private static DisplayCodes codes(Document document) {
        var codes = new EnumMap<SpaceState, DisplayCode>(SpaceState.class);
        document.values()
                .forEach((state, code) -> {
                    if (code instanceof Value.Text(var hex)) {
                        codes.put(SpaceState.parse(state), DisplayCode.parse(hex));
                    }
                });
        return new DisplayCodes(codes);
    }

    static Document document(DisplayCodes codes) {
        var document = Document.EMPTY;
        for (var state : SpaceState.values()) {
            var code = codes.of(state);
            if (code.isPresent()) {
                document = document.with(state.word(), Value.of(code.get().hex()));
            }
        }
        return document;
    }
}
