package org.tethral.coap;

import java.util.List;

/// What the path of a request names.
sealed interface Destination {

    /// Tethral's own device API, `/device/v1/…`.
    enum Native implements Destination {
        REPORT,
        STATE,
        EVENT,
        DESIRED
    }

    /// ThingsBoard's device API, `/api/v1/{token}/…`, or `/api/v1/…` over DTLS.
    ///
    /// @param token empty: who sends is known by other means
    record ThingsBoard(String token, Resource resource) implements Destination {

        enum Resource {
            TELEMETRY,
            ATTRIBUTES
        }
    }

    /// `/.well-known/core` (RFC 6690): what there is.
    enum Directory implements Destination {
        DIRECTORY
    }

    enum Nowhere implements Destination {
        NOWHERE
    }

    static Destination of(List<String> path) {
        if (path.size() == 2 && path.getFirst().equals(".well-known")) {
            return path.getLast().equals("core") ? Directory.DIRECTORY : Nowhere.NOWHERE;
        }
        if (path.size() < 3 || !path.get(1).equals("v1")) {
            return Nowhere.NOWHERE;
        }
        return switch (path.getFirst()) {
            case "device" -> path.size() == 3 ? own(path.get(2)) : Nowhere.NOWHERE;
            case "api" ->
                    switch (path.size()) {
                        case 3 -> thingsBoard("", path.get(2));
                        case 4 -> thingsBoard(path.get(2), path.get(3));
                        default -> Nowhere.NOWHERE;
                    };
            default -> Nowhere.NOWHERE;
        };
    }

    private static Destination own(String name) {
        return switch (name) {
            case "report" -> Native.REPORT;
            case "state" -> Native.STATE;
            case "event" -> Native.EVENT;
            case "desired" -> Native.DESIRED;
            default -> Nowhere.NOWHERE;
        };
    }

    private static Destination thingsBoard(String token, String name) {
        return switch (name) {
            case "telemetry" -> new ThingsBoard(token, ThingsBoard.Resource.TELEMETRY);
            case "attributes" -> new ThingsBoard(token, ThingsBoard.Resource.ATTRIBUTES);
            default -> Nowhere.NOWHERE;
        };
    }
}
