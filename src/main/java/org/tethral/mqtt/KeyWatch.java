package org.tethral.mqtt;

import java.time.InstantSource;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.AccountStore;
import org.tethral.account.Actor;
import org.tethral.account.ApiKey;
import org.tethral.kernel.StorageException;

/// Ends the connections and sessions of API keys that were revoked or have expired, also on other
/// nodes: within the time between two looks.
final class KeyWatch {

    private static final Logger LOG = LoggerFactory.getLogger(KeyWatch.class);

    private final AccountStore accounts;
    private final Sessions sessions;
    private final Afterlife afterlife;
    private final InstantSource clock;

    KeyWatch(AccountStore accounts, Sessions sessions, Afterlife afterlife, InstantSource clock) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.afterlife = afterlife;
        this.clock = clock;
    }

    /// May ask the database.
    void look() {
        var owners =
                sessions.owners().stream()
                        .filter(owner -> owner.kind().equals(Identity.API_KEY))
                        .toList();
        if (owners.isEmpty()) {
            return;
        }
        try {
            var now = clock.instant();
            var valid =
                    accounts.apiKeys(null).stream()
                            .filter(key -> key.validAt(now))
                            .map(ApiKey::id)
                            .map(id -> Actor.apiKey(id.toString()))
                            .collect(Collectors.toSet());
            for (var owner : owners) {
                if (!valid.contains(owner)) {
                    end(owner);
                }
            }
        } catch (StorageException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("cannot look at API keys");
        }
    }

    private void end(Actor owner) {
        for (var session : sessions.of(owner)) {
            var connection = session.connection();
            if (connection == null) {
                afterlife.forget(session);
            } else {
                connection.evicted("the API key was revoked or has expired");
            }
        }
    }
}
