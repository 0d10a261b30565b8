package org.tethral.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;

/// The registry as commands use it: that of a running server, or the database where none runs.
/// Devices are objects as in [DeviceRow]. Each act throws [Failure] where it cannot be done.
interface Registry extends AutoCloseable {

    /// Adds a device with an access token.
    ///
    /// @param token null: a new one is made
    /// @return the token
    /// @throws Failure the id is taken, or a value cannot be used
    Secret add(Document device, @Nullable Secret token);

    /// Adds those whose ids are free.
    ///
    /// @param devices may have a `token`
    /// @return for each device, in order, why it was not added; empty when it was
    List<Optional<String>> addAll(List<Document> devices);

    Optional<Document> find(DeviceId id);

    /// In the order of their ids, at most `limit`; null filters nothing.
    void list(Wanted wanted, long limit, Consumer<Document> consumer);

    /// False when there is none.
    boolean remove(DeviceId id, History history);

    @Override
    void close();

    record Wanted(
            @Nullable String status,
            @Nullable String type,
            @Nullable String protocol,
            @Nullable String search) {
        static final Wanted ALL = new Wanted(null, null, null, null);
    }
}
