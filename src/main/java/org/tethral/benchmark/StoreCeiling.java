package org.tethral.benchmark;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Batch;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Situation;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;
import org.tethral.sql.SqlJournal;

/// What a store takes when nothing else is in the way: one journal, commits of a size, the same
/// work as through the wires, decided as a lane decides it. No network, no queue, no roll-ups.
final class StoreCeiling {

    private StoreCeiling() {}

    /// Reports a second.
    static double measure(
            Workbench workbench,
            int devices,
            long reports,
            int perCommit,
            InstantSource clock,
            long seed) {
        var bench = workbench.fresh();
        try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
            Fleet.register(database, devices, 0, clock);
            var random = new SplittableRandom(seed);
            try (var journal = SqlJournal.open(database, "benchmark", 0, random)) {
                var feed = new Feed(journal, new Work(Fleet.connecting(devices), seed), clock);
                feed.commit(Math.min(reports / 5, 50_000), perCommit); // classes, statements, pages
                var begin = System.nanoTime();
                feed.commit(reports, perCommit);
                return reports * 1e9 / (System.nanoTime() - begin);
            }
        } finally {
            workbench.drop(bench);
        }
    }

    private static final class Feed {
        private final SqlJournal journal;
        private final Work work;
        private final InstantSource clock;
        private final Map<DeviceId, Situation> known = new HashMap<>();
        private long number;

        Feed(SqlJournal journal, Work work, InstantSource clock) {
            this.journal = journal;
            this.work = work;
            this.clock = clock;
            this.number = journal.lastCommitted();
        }

        void commit(long reports, int perCommit) {
            for (long done = 0; done < reports; done += perCommit) {
                var messages = new ArrayList<Inbound>(perCommit + perCommit / 10);
                var now = clock.instant();
                for (long i = 0; i < Math.min(perCommit, reports - done); i++) {
                    messages.addAll(work.next(now, now));
                }
                var batch = Batch.ofMessages(messages);
                journal.commit(++number, transaction -> batch.run(transaction, known, now));
                batch.situations().forEach(situation -> known.put(situation.device(), situation));
            }
        }
    }
}
