package org.tethral.thingspeak;

import java.net.URI;
import java.util.regex.Pattern;
import org.tethral.source.SourceKind;

/// `thingspeak`: channels of <https://thingspeak.com>, or of a server of one's own that speaks the
/// same.
public final class ThingSpeak implements SourceKind {

    public static final String NAME = "thingspeak";
    public static final URI SERVER = URI.create("https://api.thingspeak.com");

    private static final Pattern CHANNEL = Pattern.compile("[1-9][0-9]{0,17}");
    private static final Pattern FIELD = Pattern.compile("field[1-8]");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void check(String channel, Iterable<String> fields) {
        if (!CHANNEL.matcher(channel).matches()) {
            throw new IllegalArgumentException("a channel of ThingSpeak is a number");
        }
        for (var field : fields) {
            if (!FIELD.matcher(field).matches()) {
                throw new IllegalArgumentException(
                        "ThingSpeak has the fields field1 to field8, not '" + field + "'");
            }
        }
    }

    @Override
    public Source open(Surroundings surroundings) {
        return new Feeds(surroundings.servers().getOrDefault(NAME, SERVER));
    }
}
