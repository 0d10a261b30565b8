package org.tethral.http;

import java.util.random.RandomGenerator;
import org.tethral.sql.Database;
import org.tethral.sql.SpaceTurns;
import org.tethral.sql.SqlActuationStore;
import org.tethral.sql.SqlLocationStore;
import org.tethral.sql.SqlReservationStore;
import org.tethral.sql.SqlServingDevices;
import org.tethral.sql.SqlSpaceStore;

/// Spaces on a real database, that nobody keeps up to date.
final class SpaceParts {

    private SpaceParts() {}

    static HttpEdge.Spaces of(Database database, RandomGenerator random) {
        var turns = new SpaceTurns(database, random);
        return new HttpEdge.Spaces(
                new SqlSpaceStore(turns),
                new SqlLocationStore(database),
                new SqlServingDevices(turns),
                new SqlReservationStore(turns),
                new SqlActuationStore(turns),
                () -> {});
    }
}
