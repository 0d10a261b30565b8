package org.tethral.websocket;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Secret;

/// What a handshake says of itself: which device wants to connect, and the token that is to prove
/// it.
sealed interface Claim {

    String PATH = "/ws/";

    /// A device and its token, neither of them checked yet.
    record Made(DeviceId device, Secret token) implements Claim {}

    /// No connection can come of this request.
    ///
    /// @param identity as the device called itself, empty when it did not
    /// @param status of the HTTP answer
    record Unusable(String identity, int status, String reason) implements Claim {}

    /// @param uri the request target, `/ws/{device_id}?token=…`
    /// @param authorization the header of that name; goes before the token in the address
    static Claim parse(String uri, @Nullable String authorization) {
        QueryStringDecoder address;
        String path;
        List<String> tokens;
        try {
            address = new QueryStringDecoder(uri);
            path = address.path();
            tokens = address.parameters().getOrDefault("token", List.of());
        } catch (IllegalArgumentException e) {
            return new Unusable("", 400, "the address is not percent-encoded as it should be");
        }
        if (!path.startsWith(PATH) || path.length() == PATH.length()) {
            return new Unusable("", 404, "devices connect at /ws/{device_id}");
        }
        var name = path.substring(PATH.length());
        var token =
                authorization != null
                        ? bearer(authorization)
                        : tokens.isEmpty() ? "" : tokens.getFirst();
        if (token.isEmpty()) {
            return new Unusable(
                    name, 401, "no token: send 'Authorization: Bearer TOKEN', or ?token=TOKEN");
        }
        try {
            return new Made(new DeviceId(name), new Secret(token));
        } catch (IllegalArgumentException e) {
            return new Unusable(name, 400, String.valueOf(e.getMessage()));
        }
    }

    private static String bearer(String authorization) {
        var scheme = "Bearer ";
        return authorization.regionMatches(true, 0, scheme, 0, scheme.length())
                ? authorization.substring(scheme.length()).strip()
                : "";
    }
}
