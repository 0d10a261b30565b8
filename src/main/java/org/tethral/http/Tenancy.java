package org.tethral.http;

import java.util.Locale;
import java.util.regex.Pattern;
import org.tethral.account.Ownership;

/// What an operation has to do with communities, as its `x-tenancy` says: how somebody of a single
/// community is kept to it.
sealed interface Tenancy {

    /// Only for those of no single community.
    record Platform() implements Tenancy {}

    /// About the caller.
    record Self() implements Tenancy {}

    /// Its action looks at nothing but what is of [ApiRequest#community].
    record Filtered() implements Tenancy {}

    /// What it makes is of the caller's community, also if the request does not say so.
    record Creates() implements Tenancy {}

    /// About one thing, which must be of the caller's community.
    ///
    /// @param shared what is of no community will do, too
    record Of(Ownership.Kind kind, Place place, String name, boolean shared) implements Tenancy {}

    /// Where a request names the thing.
    enum Place {
        PATH,
        QUERY,
        BODY
    }

    /// `object:device:{device_id}`, `object:device:?device_id` (in the query),
    /// `object:device:body.device_id`, or `shared:` instead of `object:`.
    Pattern OBJECT =
            Pattern.compile(
                    "(object|shared):([a-z_]+):(?:\\{([a-z_]+)}|\\?([a-z_]+)|body\\.([a-z_]+))");

    /// @throws IllegalArgumentException it is none of these
    static Tenancy parse(String text) {
        return switch (text) {
            case "platform" -> new Platform();
            case "self" -> new Self();
            case "filtered" -> new Filtered();
            case "creates" -> new Creates();
            default -> object(text);
        };
    }

    private static Tenancy object(String text) {
        var matcher = OBJECT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no x-tenancy: '" + text + "'");
        }
        var kind = Ownership.Kind.valueOf(matcher.group(2).toUpperCase(Locale.ROOT));
        var shared = matcher.group(1).equals("shared");
        if (matcher.group(3) != null) {
            return new Of(kind, Place.PATH, matcher.group(3), shared);
        }
        return matcher.group(4) != null
                ? new Of(kind, Place.QUERY, matcher.group(4), shared)
                : new Of(kind, Place.BODY, matcher.group(5), shared);
    }
}
