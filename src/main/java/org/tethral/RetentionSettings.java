package org.tethral;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tethral.cli.Failure;
import org.tethral.cli.Setting;
import org.tethral.device.DeviceStore.History;
import org.tethral.retention.Kept;
import org.tethral.retention.Policy;

/// How long things are kept, as it is set.
final class RetentionSettings {

    private static final Pattern DAYS = Pattern.compile("([1-9]\\d{0,4})d");
    private static final String OFF = "off";
    private static final String EVENTS_HELD = "retention-events-held";
    private static final String REMOVE_OFFLINE = "remove-offline-after";
    private static final String HISTORY = "remove-offline-history";

    static final List<Setting> LIST =
            Stream.concat(
                            Stream.of(Kept.values())
                                    .map(kept ->
                                            new Setting(
                                                    name(kept),
                                                    "DAYS",
                                                    kept.standard().toDays() + "d",
                                                    "how long "
                                                            + kept.word().replace('_', ' ')
                                                            + " are kept; off: for good")),
                            Stream.of(
                                    new Setting(
                                            EVENTS_HELD,
                                            "DAYS",
                                            Policy.EVENTS_HELD_STANDARD.toDays() + "d",
                                            "how long older events wait for subscriptions that are behind"),
                                    new Setting(
                                            REMOVE_OFFLINE,
                                            "DAYS",
                                            OFF,
                                            "devices that were not heard of for so long are removed"),
                                    new Setting(
                                            HISTORY,
                                            "keep|purge",
                                            "keep",
                                            "what becomes of the history of those")))
                    .toList();

    private RetentionSettings() {}

    private static String name(Kept kept) {
        return "retention-" + kept.word().replace('_', '-');
    }

    /// @param text the value of a setting
    /// @param wrong makes the complaint about a setting, by its name
    static Policy policy(UnaryOperator<String> text, BiFunction<String, String, Failure> wrong) {
        var periods = new EnumMap<Kept, Duration>(Kept.class);
        for (var kept : Kept.values()) {
            var period = days(name(kept), text, wrong);
            if (period != null) {
                periods.put(kept, period);
            }
        }
        var held = days(EVENTS_HELD, text, wrong);
        var history = text.apply(HISTORY);
        if (!history.equals("keep") && !history.equals("purge")) {
            throw wrong.apply(HISTORY, "must be keep or purge");
        }
        return new Policy(
                periods,
                held == null ? Duration.ofDays(36_500) : held,
                days(REMOVE_OFFLINE, text, wrong),
                history.equals("purge") ? History.PURGE : History.KEEP);
    }

    private static @Nullable Duration days(
            String name, UnaryOperator<String> text, BiFunction<String, String, Failure> wrong) {
        var value = text.apply(name);
        if (value.equals(OFF)) {
            return null;
        }
        var form = DAYS.matcher(value);
        if (!form.matches()) {
            throw wrong.apply(name, "must be a number of days such as 90d, or off");
        }
        return Duration.ofDays(Long.parseLong(form.group(1)));
    }
}
