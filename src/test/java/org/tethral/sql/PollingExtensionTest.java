package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import org.tethral.source.Entry;
import org.tethral.source.Fetched;
import org.tethral.source.Query;
import org.tethral.source.SourceKind;
import org.tethral.thingspeak.FakeThingSpeak;

/// Sources that others bring are read like the built-in one, and harm nobody but themselves.
@ParameterizedClass(name = "{0}")
@MethodSource("sqlite")
class PollingExtensionTest extends PollingRig {

    PollingExtensionTest(TestDatabase test) {
        super(test, new FakeThingSpeak());
    }

    static List<TestDatabase> sqlite() {
        return List.of(TestDatabase.sqlite());
    }

    /// @param answer to each question
    private record Kind(String name, Function<Query, Fetched> answer) implements SourceKind {

        @Override
        public void check(String channel, Iterable<String> fields) {}

        @Override
        public Source open(Surroundings surroundings) {
            return new Source() {
                @Override
                public Fetched fetch(String channel, @Nullable Secret key, Query query) {
                    return answer.apply(query);
                }

                @Override
                public void close() {}
            };
        }
    }

    @Override
    List<SourceKind> extensions() {
        return List.of(
                new Kind(
                        "rain",
                        _ ->
                                new Fetched.Entries(
                                        List.of(
                                                new Entry(
                                                        1,
                                                        start,
                                                        Document.of("field1", Value.of(3.5)))),
                                        1,
                                        false)),
                new Kind(
                        "throws",
                        _ -> {
                            throw new IllegalArgumentException("with a secret in it");
                        }),
                new Kind(
                        "missing",
                        _ -> {
                            throw new NoClassDefFoundError("somebody");
                        }),
                new Kind(
                        "hangs",
                        _ -> {
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return new Fetched.Failed("interrupted");
                        }));
    }

    @Test
    void readsTheOnesThatWorkBesideTheOnesThatDoNot() {
        var hangs = read("hangs", device("hangs"), number(), start, null);
        var throwing = read("throws", device("throws"), number(), start, null);
        var missing = read("missing", device("missing"), number(), start, null);
        var unknown = read("unknown", device("unknown"), number(), start, null);
        var rain = device("rain");
        read("rain", rain, number(), start, null);
        var number = number();
        upstream.channel(number).add(start, "field1", "1");
        var device = device("built-in");
        read(device, number, start, null);
        eventually(() -> stored(device).size() == 1 && stored(rain).size() == 1);
        eventually(() -> standing(throwing).health().error() != null);
        assertThat(standing(throwing).health().error()).isEqualTo("the source failed by a fault");
        eventually(() -> standing(missing).health().error() != null);
        eventually(() -> standing(unknown).health().error() != null);
        assertThat(standing(unknown).health().error())
                .isEqualTo("this platform has no source 'unknown'");
        assertThat(standing(hangs).health().polledAt()).isNull();
    }
}
