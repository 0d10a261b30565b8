package org.tethral.coap;

import java.util.List;

/// What the path of a request names.
sealed interface Destination {

    /// Tethral's own device API, `/device/v1/…`.
    enum Native implements Destination {
        REPORT,
        STATE,
        EVENT,
        DESIRED,
        COMMANDS,
        REGISTER
    }

    /// `/device/v1/commands/{id}/ack`: a device's answer to a command.
    record CommandAnswer(String command) implements Destination {}

    /// ThingsBoard's device API, `/api/v1/{token}/…`, or `/api/v1/…` over DTLS.
    ///
    /// @param token empty: who sends is known by other means
    record ThingsBoard(String token, Resource resource) implements Destination {

        enum Resource {
            TELEMETRY,
            ATTRIBUTES,
            RPC,
            CLAIM
        }
    }

    /// `/api/v1/{token}/rpc/{id}`: a device's answer to a request.
    ///
    /// @param token empty: who sends is known by other means
    record RpcAnswer(String token, String number) implements Destination {}

    /// `/api/v1/provision`: ThingsBoard's device provisioning.
    enum Provision implements Destination {
        PROVISION
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
            case "device" -> ofDevice(path.subList(2, path.size()));
            case "api" -> ofThingsBoard(path.subList(2, path.size()));
            default -> Nowhere.NOWHERE;
        };
    }

    private static Destination ofDevice(List<String> path) {
        return switch (path.size()) {
            case 1 -> own(path.getFirst());
            case 3 ->
                    path.getFirst().equals("commands") && path.getLast().equals("ack")
                            ? new CommandAnswer(path.get(1))
                            : Nowhere.NOWHERE;
            default -> Nowhere.NOWHERE;
        };
    }

    private static Destination ofThingsBoard(List<String> path) {
        var answer = path.size() > 1 && path.get(path.size() - 2).equals("rpc");
        return switch (path.size()) {
            case 1 ->
                    path.getFirst().equals("provision")
                            ? Provision.PROVISION
                            : thingsBoard("", path.getFirst());
            case 2 ->
                    answer
                            ? new RpcAnswer("", path.getLast())
                            : thingsBoard(path.getFirst(), path.getLast());
            case 3 -> answer ? new RpcAnswer(path.getFirst(), path.getLast()) : Nowhere.NOWHERE;
            default -> Nowhere.NOWHERE;
        };
    }

    private static Destination own(String name) {
        return switch (name) {
            case "report" -> Native.REPORT;
            case "state" -> Native.STATE;
            case "event" -> Native.EVENT;
            case "desired" -> Native.DESIRED;
            case "commands" -> Native.COMMANDS;
            case "register" -> Native.REGISTER;
            default -> Nowhere.NOWHERE;
        };
    }

    private static Destination thingsBoard(String token, String name) {
        return switch (name) {
            case "telemetry" -> new ThingsBoard(token, ThingsBoard.Resource.TELEMETRY);
            case "attributes" -> new ThingsBoard(token, ThingsBoard.Resource.ATTRIBUTES);
            case "rpc" -> new ThingsBoard(token, ThingsBoard.Resource.RPC);
            case "claim" -> new ThingsBoard(token, ThingsBoard.Resource.CLAIM);
            default -> Nowhere.NOWHERE;
        };
    }
}
