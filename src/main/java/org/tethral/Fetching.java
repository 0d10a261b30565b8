package org.tethral;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.tethral.cli.Failure;
import org.tethral.http.HttpEdge;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Vault;
import org.tethral.polling.Polling;
import org.tethral.polling.Terms;
import org.tethral.source.ChannelKeys;
import org.tethral.source.ChannelStore;
import org.tethral.source.SourceKind;
import org.tethral.source.SourceKinds;
import org.tethral.sql.SqlChannelStore;
import org.tethral.thingspeak.ThingSpeak;

/// What is read from elsewhere, wired.
record Fetching(Polling polling, ChannelStore channels, SourceKinds kinds, ChannelKeys keys)
        implements AutoCloseable {

    /// How it is set up.
    ///
    /// @param thingspeak where ThingSpeak is
    /// @param callsPerMinute of one account there
    record Settings(URI thingspeak, int callsPerMinute) {

        /// @throws Failure that is no address of a server
        static Settings of(String url, int callsPerMinute) {
            if (!url.matches("https?://[^/@?#\\s]+(/[^@?#\\s]*)?")) {
                throw Failure.misused(
                        "thingspeak-url = '" + url + "' must be http://HOST or https://HOST");
            }
            return new Settings(URI.create(url), callsPerMinute);
        }
    }

    static Fetching of(
            Config config,
            LiveSettings live,
            Tethral.Storage kept,
            Ingest ingest,
            String node,
            Vault vault,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        var channels = new SqlChannelStore(kept.database());
        var keys = new ChannelKeys(vault);
        var kinds =
                new SourceKinds(
                        new SourceKind.Surroundings(
                                clock, Map.of(ThingSpeak.NAME, config.fetching().thingspeak())));
        var polling =
                new Polling(
                        channels,
                        keys,
                        kinds,
                        ingest,
                        Terms.of(live::callsPerMinute),
                        node,
                        clock,
                        random,
                        meters);
        return new Fetching(polling, channels, kinds, keys);
    }

    HttpEdge.Sources forHttp() {
        return new HttpEdge.Sources(channels, kinds, keys, polling::changed);
    }

    void start() {
        polling.start();
    }

    @Override
    public void close() {
        polling.close();
    }
}
