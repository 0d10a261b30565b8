package org.tethral.account;

/// Who did something, as every history names them: `device:pump-7`, `api_key:ops`,
/// `system:monitor`.
public record Actor(String kind, String name) {

    public static Actor device(String deviceId) {
        return new Actor("device", deviceId);
    }

    public static Actor apiKey(String name) {
        return new Actor("api_key", name);
    }

    public static Actor session(String name) {
        return new Actor("user", name);
    }

    public static Actor system(String part) {
        return new Actor("system", part);
    }

    public static Actor parse(String text) {
        var colon = text.indexOf(':');
        return colon < 0
                ? new Actor("system", text)
                : new Actor(text.substring(0, colon), text.substring(colon + 1));
    }

    @Override
    public String toString() {
        return kind + ":" + name;
    }
}
