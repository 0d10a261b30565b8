package org.tethral.proof;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.tethral.simulate.Plan;
import org.tethral.simulate.Watcher;

/// Compares what devices saw acknowledged with what is stored.
final class Counting {

    private static final int EXAMPLES_MAX = 20;

    private Counting() {}

    /// The acknowledged reports of one simulation, each as `device message-id`.
    static final class Acknowledged implements Watcher {
        private final ConcurrentLinkedQueue<String> reports = new ConcurrentLinkedQueue<>();
        private final String run;
        private final java.util.concurrent.atomic.AtomicInteger count =
                new java.util.concurrent.atomic.AtomicInteger();

        Acknowledged(Plan.Content content) {
            this.run = content.run();
        }

        @Override
        public void acknowledged(String device, long number) {
            reports.add(device + " " + run + "-" + number);
            count.incrementAndGet();
        }

        Collection<String> reports() {
            return reports;
        }

        int count() {
            return count.get();
        }
    }

    /// How often each report is there.
    static Map<String, Integer> stored(Connection connection) throws SQLException {
        var stored = new HashMap<String, Integer>();
        try (var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT device_id, message_id FROM device_state_snapshots")) {
            while (rows.next()) {
                stored.merge(rows.getString(1) + " " + rows.getString(2), 1, Integer::sum);
            }
        }
        return stored;
    }

    static List<String> missing(Collection<String> acknowledged, Map<String, Integer> stored) {
        return acknowledged.stream()
                .filter(report -> !stored.containsKey(report))
                .limit(EXAMPLES_MAX)
                .toList();
    }

    static List<String> doubled(Map<String, Integer> stored) {
        return stored.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .map(Map.Entry::getKey)
                .limit(EXAMPLES_MAX)
                .toList();
    }
}
