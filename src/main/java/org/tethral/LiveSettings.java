package org.tethral;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.Actor;
import org.tethral.account.SettingStore;
import org.tethral.account.Settings;
import org.tethral.cli.Failure;
import org.tethral.cli.Given;
import org.tethral.kernel.Routine;
import org.tethral.kernel.StorageException;
import org.tethral.retention.Policy;

/// The settings of this process, with those that were changed while it ran: these win over what it
/// was started with, so that they survive a restart. What another node changes is in force here
/// within [#LOOK_EVERY].
final class LiveSettings implements Settings, AutoCloseable {

    private static final String CALLS = "thingspeak-calls-per-minute";

    static final List<String> CHANGEABLE =
            Stream.concat(
                            Stream.of(
                                    "log-level",
                                    "message-bytes-max",
                                    "self-registration-profile",
                                    CALLS),
                            RetentionSettings.LIST.stream().map(org.tethral.cli.Setting::name))
                    .toList();

    static final Duration LOOK_EVERY = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(LiveSettings.class);

    private final Config started;
    private final SettingStore store;
    private final InstantSource clock;
    private final Routine looking =
            new Routine("settings", LOOK_EVERY, this::look, LiveSettings::failed);
    private volatile Map<String, SettingStore.Kept> kept = Map.of();
    private volatile Config changed;

    LiveSettings(Config started, SettingStore store, InstantSource clock) {
        this.started = started;
        this.store = store;
        this.clock = clock;
        this.changed = started;
        look();
    }

    LiveSettings start() {
        looking.start();
        return this;
    }

    int messageBytesMax() {
        return now("message-bytes-max").messageBytesMax();
    }

    Optional<String> selfRegistrationProfile() {
        return Optional.ofNullable(now("self-registration-profile").selfRegistrationProfile());
    }

    int callsPerMinute() {
        return now(CALLS).fetching().callsPerMinute();
    }

    Policy retention() {
        var known = kept;
        var texts = new LinkedHashMap<String, String>();
        for (var one : started.inForce()) {
            var name = one.setting().name();
            if (RetentionSettings.LIST.contains(one.setting())) {
                var change = known.get(name);
                texts.put(name, change == null ? String.valueOf(one.value()) : change.value());
            }
        }
        return parsed(texts).retention();
    }

    private Config now(String name) {
        return kept.containsKey(name) ? changed : started;
    }

    @Override
    public List<Setting> list() {
        var known = kept;
        var all = new ArrayList<Setting>();
        for (var one : started.inForce()) {
            var setting = one.setting();
            var change = known.get(setting.name());
            all.add(
                    new Setting(
                            setting.name(),
                            change == null ? one.value() : change.value(),
                            setting.standard(),
                            change == null
                                    ? one.origin()
                                    : "changed by " + change.by() + " at " + change.at(),
                            CHANGEABLE.contains(setting.name()),
                            setting.description()));
        }
        return List.copyOf(all);
    }

    @Override
    public synchronized Outcome change(Map<String, Optional<String>> wanted, Actor actor) {
        var reasons = new LinkedHashMap<String, String>();
        wanted.forEach((name, value) -> {
            var reason = reasonAgainst(name, value.orElse(null));
            if (reason != null) {
                reasons.put(name, reason);
            }
        });
        if (!reasons.isEmpty()) {
            return new Outcome.Refused(reasons);
        }
        if (!wanted.isEmpty()) {
            store.change(wanted, actor, clock.instant());
            look();
            LOG.atInfo()
                    .addKeyValue("settings", String.join(", ", wanted.keySet()))
                    .addKeyValue("actor", actor)
                    .log("settings changed");
        }
        return new Outcome.Changed(list());
    }

    private static @Nullable String reasonAgainst(String name, @Nullable String value) {
        if (!AllSettings.NAMES.contains(name)) {
            return "there is no such setting: did you mean "
                    + Spelling.nearest(name, AllSettings.NAMES)
                    + "?";
        }
        if (!CHANGEABLE.contains(name)) {
            return "changes only at a start; while the program runs "
                    + String.join(", ", CHANGEABLE)
                    + " can change";
        }
        try {
            if (value != null) {
                parsed(Map.of(name, value));
            }
            return null;
        } catch (Failure e) {
            var text = String.valueOf(e.getMessage());
            return text.substring(text.indexOf("' ") + 2);
        }
    }

    /// As the command line would read them.
    private static Config parsed(Map<String, String> values) {
        return Config.resolve(new Given(values, null, Map.of()));
    }

    /// What is kept comes into force. What this program does not know, or would not take, is left
    /// alone: another version may have kept it.
    synchronized void look() {
        var found = new LinkedHashMap<>(store.all());
        if (found.equals(kept) && !found.isEmpty()) {
            return;
        }
        found.entrySet()
                .removeIf(one -> reasonAgainst(one.getKey(), one.getValue().value()) != null);
        var texts = new LinkedHashMap<String, String>();
        found.forEach((name, one) -> texts.put(name, one.value()));
        changed = parsed(texts);
        kept = Map.copyOf(found);
        Logs.level(now("log-level").logLevel());
    }

    private static void failed(RuntimeException failure) {
        switch (failure) {
            case StorageException e ->
                    LOG.atDebug()
                            .addKeyValue("reason", e.getMessage())
                            .log("cannot look for changed settings now");
            default -> LOG.atError().setCause(failure).log("a look for changed settings failed");
        }
    }

    @Override
    public void close() {
        looking.close();
    }
}
