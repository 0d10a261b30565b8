package org.tethral.sql;

import org.junit.jupiter.api.Tag;

/// The same with a hundred thousand devices, a million alerts, and ten million snapshots.
@EachEngine
@Tag("soak")
final class FullHotQueryPlansTest extends HotQueryPlansTest {

    FullHotQueryPlansTest(TestDatabase test) {
        super(test);
    }

    @Override
    Crowd.Size size() {
        return Crowd.Size.FULL;
    }
}
