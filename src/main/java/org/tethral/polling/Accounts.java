package org.tethral.polling;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.source.Channel;

/// The accounts whose calls are counted. The same name in two communities is two accounts.
final class Accounts {

    private record Key(String kind, @Nullable CommunityId community, String name) {}

    private final IntSupplier callsPerMinute;
    private final InstantSource clock;
    private final LinkedHashMap<Key, Account> accounts = new LinkedHashMap<>(16, 0.75f, true);

    Accounts(IntSupplier callsPerMinute, InstantSource clock) {
        this.callsPerMinute = callsPerMinute;
        this.clock = clock;
    }

    synchronized Account of(String kind, @Nullable CommunityId community, String name) {
        var account =
                accounts.computeIfAbsent(
                        new Key(kind, community, name),
                        _ -> new Account(name, callsPerMinute, clock));
        if (accounts.size() > Channel.CHANNELS_MAX) { // as many as can be in use; the eldest is not
            accounts.pollFirstEntry();
        }
        return account;
    }
}
