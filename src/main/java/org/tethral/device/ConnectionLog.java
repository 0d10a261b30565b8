package org.tethral.device;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Page;

/// When which device connected, from where, for how long, and who was turned away.
public interface ConnectionLog {

    enum Kind {
        CONNECTED,
        DISCONNECTED,
        TIMEOUT,
        REJECTED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param device as it called itself: a rejected one may be unknown
    /// @param session how long the connection lasted, on its last entry
    record Entry(
            String device,
            Kind kind,
            Protocol protocol,
            @Nullable String remoteAddress,
            String node,
            @Nullable String reason,
            @Nullable Duration session,
            Instant at) {}

    /// Newest first.
    Page<Entry> list(DeviceId device, Page.Request page);

    /// Newest first, of devices that were of that community then; null: of all, also of unknown
    /// ones.
    Page<Entry> newest(@Nullable CommunityId community, Page.Request page);
}
