package org.tethral.sql;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.tethral.command.Nodes;

public final class SqlNodes implements Nodes {

    private final Database database;

    public SqlNodes(Database database) {
        this.database = database;
    }

    @Override
    public Map<String, Long> beat(String node, Instant now) {
        return database.write(
                "say that this node lives",
                session -> {
                    session.sql(
                                    """
                                    INSERT INTO nodes (node, beats, started_at, beat_at) VALUES (?, 1, ?, ?)
                                    ON CONFLICT (node) DO UPDATE SET beats = nodes.beats + 1, beat_at = excluded.beat_at
                                    """)
                            .set(node)
                            .set(now)
                            .set(now)
                            .update();
                    var beats = new HashMap<String, Long>();
                    session.sql("SELECT node, beats FROM nodes")
                            .each(row -> beats.put(row.text("node"), row.number("beats")));
                    return beats;
                });
    }

    @Override
    public void leave(String node) {
        database.write(
                "say that this node ends",
                session -> session.sql("DELETE FROM nodes WHERE node = ?").set(node).update());
    }
}
