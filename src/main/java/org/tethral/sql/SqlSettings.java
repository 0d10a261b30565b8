package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tethral.account.Actor;
import org.tethral.account.SettingStore;

public final class SqlSettings implements SettingStore {

    private final Database database;

    public SqlSettings(Database database) {
        this.database = database;
    }

    @Override
    public Map<String, Kept> all() {
        return database.read(
                "read the settings",
                session -> {
                    var all = new LinkedHashMap<String, Kept>();
                    session.sql(
                                    "SELECT name, value, changed_by, changed_at FROM settings ORDER BY name")
                            .each(row ->
                                    all.put(
                                            row.text("name"),
                                            new Kept(
                                                    row.text("value"),
                                                    Actor.parse(row.text("changed_by")),
                                                    row.time("changed_at"))));
                    return all;
                });
    }

    @Override
    public void change(Map<String, Optional<String>> values, Actor by, Instant at) {
        database.write(
                "change settings",
                session -> {
                    for (var value : values.entrySet()) {
                        if (value.getValue().isPresent()) {
                            keep(session, value.getKey(), value.getValue().get(), by, at);
                        } else {
                            session.sql("DELETE FROM settings WHERE name = ?")
                                    .set(value.getKey())
                                    .update();
                        }
                    }
                    return values.size();
                });
    }

    private static void keep(Session session, String name, String value, Actor by, Instant at)
            throws SQLException {
        session.sql(
                        """
                        INSERT INTO settings (name, value, changed_by, changed_at) VALUES (?, ?, ?, ?)
                        ON CONFLICT (name) DO UPDATE
                        SET value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at
                        """)
                .set(name)
                .set(value)
                .set(by.toString())
                .set(at)
                .update();
    }
}
