package org.tethral.device;

import java.time.Instant;
import java.util.List;

/// Finds devices that are online and were not heard of for too long, by an index.
public interface Overdue {

    /// Online devices whose `overdue_at` has passed, longest overdue first; without those whose
    /// connection a node other than `node` holds, as that one watches over them while it lives.
    List<ConnectingDevice> overdue(Instant now, String node, int limit);
}
