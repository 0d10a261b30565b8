package org.tethral.http;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tethral.dashboard.Dashboard;
import org.tethral.dashboard.FleetStore;
import org.tethral.kernel.StorageException;
import org.tethral.sql.Database;
import org.tethral.sql.SqlFleetStore;

/// What a dashboard reads, out of a database that can be away.
record BreakableFleet(FleetStore store, AtomicBoolean away) {

    static Dashboard board(Database database, AtomicBoolean away, InstantSource clock) {
        var fleet = new BreakableFleet(new SqlFleetStore(database), away);
        return new Dashboard(fleet.broken(), () -> true, clock);
    }

    private FleetStore broken() {
        return (FleetStore)
                Proxy.newProxyInstance(
                        FleetStore.class.getClassLoader(),
                        new Class<?>[] {FleetStore.class},
                        (_, method, arguments) -> {
                            if (away.get()) {
                                throw new StorageException(
                                        StorageException.Cause.UNAVAILABLE, "away");
                            }
                            try {
                                return method.invoke(store, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
