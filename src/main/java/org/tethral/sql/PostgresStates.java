package org.tethral.sql;

import static org.tethral.sql.Columns.longs;
import static org.tethral.sql.Columns.texts;
import static org.tethral.sql.Columns.time;
import static org.tethral.sql.Columns.times;

import java.util.List;
import org.tethral.ingest.Journal;
import org.tethral.json.Json;
import org.tethral.kernel.Micros;

/// Bulk writes of `device_states` on PostgreSQL and CockroachDB.
final class PostgresStates {

    private static final Pipeline.Miss STATE_OVERTAKEN =
            PostgresTables.overtaken("the state of a device");

    private PostgresStates() {}

    /// Desired values and configuration: changed rarely, by people.
    static void wanted(Pipeline pipeline, List<Journal.Change> changes) {
        var changed = changes.stream().filter(Journal.Change::wantedChanged).toList();
        if (changed.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                UPDATE device_states s SET desired = x.desired::jsonb, desired_version = x.version,
                    configuration = x.configuration::jsonb
                FROM unnest(?::text[], ?::text[], ?::bigint[], ?::text[])
                    AS x (device_id, desired, version, configuration)
                WHERE s.device_id = x.device_id
                """,
                changed.size(),
                STATE_OVERTAKEN,
                texts(changed, change -> change.after().device().value()),
                texts(changed, change -> Json.write(change.after().values().desired())),
                longs(changed, change -> change.after().values().desiredVersion()),
                texts(changed, change -> Json.write(change.after().values().configuration())));
    }

    static void states(Pipeline pipeline, List<Journal.Change> changes) {
        if (changes.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                UPDATE device_states s SET current_state = x.state, state_since = %s, last_updated = %s,
                    reported = x.reported::jsonb, reported_at = %s, reported_times = x.times::jsonb,
                    reported_version = x.version, revision = x.revision + 1
                FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::bigint[], ?::text[], ?::bigint[],
                        ?::bigint[])
                    AS x (device_id, state, since, updated, reported, reported_at, times, version, revision)
                WHERE s.device_id = x.device_id AND s.revision = x.revision
                """
                        .formatted(time("x.since"), time("x.updated"), time("x.reported_at")),
                changes.size(),
                STATE_OVERTAKEN,
                texts(changes, change -> change.after().device().value()),
                texts(changes, change -> change.after().values().current().value()),
                longs(changes, change -> Micros.of(change.after().values().since())),
                longs(changes, change -> Micros.of(change.after().values().updatedAt())),
                texts(changes, change -> Json.write(change.after().values().reported())),
                times(changes, change -> change.after().values().latest().at()),
                texts(changes, change -> SituationRows.times(change.after().values().latest())),
                longs(changes, change -> change.after().values().reportedVersion()),
                longs(changes, change -> change.before().values().revision()));
    }
}
