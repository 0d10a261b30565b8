package org.tethral.account;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;

/// Signs people in with their passwords. Whoever guesses is slowed down, per account and per
/// address, and learns neither from the answer nor from its time which addresses have accounts. The
/// limits are those of this process.
public final class UserLogin {

    static final int ATTEMPTS_PER_ACCOUNT_MAX = 10;
    public static final Duration PAUSE_PER_ACCOUNT = Duration.ofSeconds(30);
    static final int ATTEMPTS_PER_ADDRESS_MAX = 30;
    static final Duration PAUSE_PER_ADDRESS = Duration.ofSeconds(5);

    /// Accounts, and addresses, of which failures are remembered.
    static final int REMEMBERED_MAX = 10_000;

    /// Passwords that are hashed or wait for it; each takes a tenth of a second of a busy machine.
    static final int CONCURRENT_MAX = 16;

    public static final String METHOD = "password";

    public sealed interface Outcome {
        record SignedIn(User user, Secret session) implements Outcome {}

        /// Wrong password, no such user, deactivated: nobody is told which.
        ///
        /// @param limit null, or which one this attempt has reached
        record Refused(@Nullable Limit limit) implements Outcome {}

        record TooMany(Duration pause) implements Outcome {}
    }

    /// Somebody may be guessing.
    ///
    /// @param what `account` or `address`
    /// @param email as it was typed, if it is an address
    /// @param user whose that is
    public record Limit(String what, @Nullable EmailAddress email, @Nullable User user) {}

    private final UserStore users;
    private final Sessions sessions;
    private final PasswordHash passwords;
    private final InstantSource clock;
    private final Throttle accounts =
            new Throttle(ATTEMPTS_PER_ACCOUNT_MAX, PAUSE_PER_ACCOUNT, REMEMBERED_MAX);
    private final Throttle addresses =
            new Throttle(ATTEMPTS_PER_ADDRESS_MAX, PAUSE_PER_ADDRESS, REMEMBERED_MAX);
    private final Semaphore room = new Semaphore(CONCURRENT_MAX);

    /// Of a password that nobody knows, so that unknown users take as long as others.
    private final FutureTask<String> nobodysHash;

    /// @param random must be hard to guess
    public UserLogin(
            UserStore users,
            Sessions sessions,
            PasswordHash passwords,
            InstantSource clock,
            RandomGenerator random) {
        this.users = users;
        this.sessions = sessions;
        this.passwords = passwords;
        this.clock = clock;
        var nobodys = Secret.generate("", random);
        this.nobodysHash = new FutureTask<>(() -> passwords.hash(nobodys));
    }

    /// Takes a while, and asks the database.
    ///
    /// @param email as it was typed
    public Outcome signIn(String email, Secret password, String remoteAddress) {
        var wait = take(email, remoteAddress);
        if (wait.isPositive()) {
            return new Outcome.TooMany(wait);
        }
        if (!room.tryAcquire()) {
            return new Outcome.TooMany(Duration.ofSeconds(1));
        }
        try {
            var user = parsed(email).flatMap(users::find).filter(User::active);
            if (!proves(user.orElse(null), password)) {
                return new Outcome.Refused(reached(email, remoteAddress));
            }
            accounts.giveBack(account(email));
            addresses.giveBack(AddressBlock.of(remoteAddress));
            return new Outcome.SignedIn(
                    user.orElseThrow(), sessions.open(user.orElseThrow(), METHOD, remoteAddress));
        } finally {
            room.release();
        }
    }

    /// Whether that is the user's password; slowed down like a log-in.
    ///
    /// @return empty: too many attempts
    public Optional<Boolean> confirms(User user, Secret password) {
        if (accounts.take(user.email().value(), clock.instant()).isPositive()) {
            return Optional.empty();
        }
        var right = proves(user, password);
        if (right) {
            accounts.giveBack(user.email().value());
        }
        return Optional.of(right);
    }

    private Duration take(String email, String remoteAddress) {
        var now = clock.instant();
        var block = AddressBlock.of(remoteAddress);
        var ofAddress = addresses.take(block, now);
        if (ofAddress.isPositive()) {
            return ofAddress;
        }
        var ofAccount = accounts.take(account(email), now);
        if (ofAccount.isPositive()) {
            addresses.giveBack(block);
        }
        return ofAccount;
    }

    private @Nullable Limit reached(String email, String remoteAddress) {
        var now = clock.instant();
        var ofAddress = addresses.usedUp(AddressBlock.of(remoteAddress), now);
        var ofAccount = accounts.usedUp(account(email), now);
        if (!ofAddress && !ofAccount) {
            return null;
        }
        var typed = parsed(email);
        return new Limit(
                ofAccount ? "account" : "address",
                typed.orElse(null),
                typed.flatMap(users::find).orElse(null));
    }

    private boolean proves(@Nullable User user, Secret password) {
        var hash = user == null ? null : user.passwordHash();
        var matches = passwords.matches(password, hash == null ? nobodysHash() : hash);
        return matches && hash != null;
    }

    private String nobodysHash() {
        nobodysHash.run(); // once
        try {
            return nobodysHash.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("hash a password", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Optional<EmailAddress> parsed(String email) {
        try {
            return Optional.of(new EmailAddress(email));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// All that is no address is one account.
    private static String account(String email) {
        return parsed(email).map(EmailAddress::value).orElse("");
    }
}
