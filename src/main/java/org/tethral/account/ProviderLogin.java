package org.tethral.account;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Vault;

/// Signs in whom an identity provider knows: users of the platform, by their verified e-mail
/// address; and others too, where their groups there have roles here.
public final class ProviderLogin {

    /// How long somebody may take to sign in there.
    public static final Duration AWAY_MAX = Duration.ofMinutes(10);

    public static final String METHOD = "oidc";

    public sealed interface Outcome {
        /// @param added they were no user before
        record SignedIn(User user, Secret session, boolean added) implements Outcome {}

        /// @param reason for whoever looks after the server
        record Refused(String reason) implements Outcome {}
    }

    /// For whom memories are sealed.
    private static final String OWNER = "sign-in";

    private final IdentityProvider provider;
    private final Map<String, Role> roles;
    private final UserStore users;
    private final Sessions sessions;
    private final Vault vault;
    private final InstantSource clock;
    private final RandomGenerator random;

    /// @param roles of groups at the provider; whoever is in one of them and no user yet becomes
    ///   one
    /// @param random must be hard to guess
    public ProviderLogin(
            IdentityProvider provider,
            Map<String, Role> roles,
            UserStore users,
            Sessions sessions,
            Vault vault,
            InstantSource clock,
            RandomGenerator random) {
        this.provider = provider;
        this.roles = Map.copyOf(roles);
        this.users = users;
        this.sessions = sessions;
        this.vault = vault;
        this.clock = clock;
        this.random = random;
    }

    public String providerName() {
        return provider.name();
    }

    /// @param sealed for the browser to keep and to bring back
    public record Sent(URI where, String sealed) {}

    /// @throws IdentityProvider.Away the provider does not answer
    public Sent depart(URI callback) {
        var departure = provider.depart(callback);
        var memory = departure.memory();
        var text =
                String.join(
                        "\n",
                        Long.toString(Micros.of(clock.instant().plus(AWAY_MAX))),
                        memory.state(),
                        memory.nonce(),
                        memory.verifier());
        return new Sent(
                departure.where(), vault.seal(text.getBytes(StandardCharsets.UTF_8), OWNER));
    }

    /// @param sealed as the browser kept it
    /// @throws IdentityProvider.Away the provider does not answer
    public Outcome arrive(URI callback, URI back, String sealed, String remoteAddress) {
        var memory = opened(sealed);
        return memory.isPresent()
                ? arrive(provider.arrive(callback, back, memory.get()), remoteAddress)
                : new Outcome.Refused("the browser did not begin here, or took too long");
    }

    private Optional<IdentityProvider.Memory> opened(String sealed) {
        return vault.open(sealed, OWNER)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).split("\n", -1))
                .filter(parts ->
                        parts.length == 4 && Micros.of(clock.instant()) < Long.parseLong(parts[0]))
                .map(parts -> new IdentityProvider.Memory(parts[1], parts[2], parts[3]));
    }

    private Outcome arrive(IdentityProvider.Arrival arrival, String remoteAddress) {
        return switch (arrival) {
            case IdentityProvider.Arrival.Refused(var reason) -> new Outcome.Refused(reason);
            case IdentityProvider.Arrival.Proven proven -> {
                var known = users.find(proven.email());
                var user =
                        known.isPresent()
                                ? known
                                : role(proven).flatMap(role -> added(proven, role));
                yield user.filter(User::active)
                        .<Outcome>map(one ->
                                new Outcome.SignedIn(
                                        one,
                                        sessions.open(one, METHOD, remoteAddress),
                                        known.isEmpty()))
                        .orElseGet(() ->
                                new Outcome.Refused(
                                        "there is no active user of that address here"));
            }
        };
    }

    /// The highest of those of the person's groups.
    private Optional<Role> role(IdentityProvider.Arrival.Proven proven) {
        return proven.groups().stream()
                .flatMap(group -> Optional.ofNullable(roles.get(group)).stream())
                .min(Role::compareTo);
    }

    private Optional<User> added(IdentityProvider.Arrival.Proven proven, Role role) {
        var user =
                User.add(
                        new UUID(random.nextLong(), random.nextLong()),
                        proven.email(),
                        null,
                        role,
                        role == Role.SUPERADMIN ? null : CommunityId.DEFAULT,
                        Micros.truncated(clock.instant()));
        return switch (users.add(user)) {
            case UserStore.Outcome.Stored(var stored) -> Optional.of(stored);
            case UserStore.Outcome.EmailTaken(var email) -> users.find(email);
            case UserStore.Outcome.Unknown _, UserStore.Outcome.VersionIsNow _ -> Optional.empty();
        };
    }
}
