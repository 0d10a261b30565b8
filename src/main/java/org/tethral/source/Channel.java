package org.tethral.source;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;

/// Where readings of a device are kept elsewhere, and how they are fetched.
///
/// @param kind of source, see [SourceKind]
/// @param name of the channel there
/// @param key what lets us read it, sealed by [ChannelKeys]; null: it is public
/// @param account whose calls there are counted together: all channels of a community that name the
///   same one share one token bucket
/// @param fields which field becomes which value; empty: each under its own name
/// @param interval from one look to the next
/// @param version counts changes of all of this, from 1
public record Channel(
        UUID id,
        DeviceId device,
        String kind,
        String name,
        @Nullable String key,
        String account,
        Map<String, String> fields,
        Duration interval,
        boolean enabled,
        long version,
        Instant createdAt) {

    /// Channels of the devices of one community.
    public static final int PER_COMMUNITY_MAX = 2_000;

    public static final int CHANNELS_MAX = 10_000;
    public static final String ACCOUNT_DEFAULT = "default";
    public static final Duration INTERVAL_DEFAULT = Duration.ofSeconds(60);
    public static final Duration INTERVAL_MIN = Duration.ofSeconds(1);
    public static final Duration INTERVAL_MAX = Duration.ofDays(1);

    public Channel {
        fields = Map.copyOf(fields);
        if (interval.compareTo(INTERVAL_MIN) < 0 || interval.compareTo(INTERVAL_MAX) > 0) {
            throw new IllegalArgumentException(
                    "a channel is read every 1 to " + INTERVAL_MAX.toSeconds() + " seconds");
        }
    }
}
