package org.tethral.source;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Vault;

/// Keys of channels, as they are kept: sealed, each for its channel only. They are never shown
/// again.
public final class ChannelKeys {

    private final Vault vault;

    public ChannelKeys(Vault vault) {
        this.vault = vault;
    }

    public String seal(UUID channel, Secret key) {
        return vault.seal(key.reveal().getBytes(StandardCharsets.UTF_8), owner(channel));
    }

    /// Empty: the channel is public.
    ///
    /// @throws IllegalStateException the key of the vault is another one
    public Optional<Secret> open(Channel channel) {
        var sealed = channel.key();
        if (sealed == null) {
            return Optional.empty();
        }
        return Optional.of(
                vault.open(sealed, owner(channel.id()))
                        .map(bytes -> new Secret(new String(bytes, StandardCharsets.UTF_8)))
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "its key was sealed with another key of the platform")));
    }

    private static String owner(UUID channel) {
        return "channel " + channel;
    }
}
