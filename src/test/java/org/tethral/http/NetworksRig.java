package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.tethral.codec.CodecKinds;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.payload.Malformed;

/// A door behind which nothing is known: messages without a DevEUI are malformed, all others are
/// kept.
final class NetworksRig {

    private NetworksRig() {}

    static Networks networks() {
        return new Networks(
                new CodecKinds(),
                (_, event, message, _) -> {
                    if (event.equals("nonsense")) {
                        throw new Malformed("'event' is none");
                    }
                    return message.isEmpty() ? Networks.Told.STORED : Networks.Told.KEPT;
                },
                () ->
                        List.of(
                                new Networks.Standing(
                                        "chirpstack-http",
                                        "chirpstack",
                                        Map.of("address", "/integrations/chirpstack"),
                                        null,
                                        null,
                                        null,
                                        null,
                                        Map.of("received", 1L))));
    }

    /// Each of its operations, as a client would.
    static void call(ApiServer server) {
        codecs(server);
        networks(server);
    }

    private static void codecs(ApiServer server) {
        var test = "/api/v1/codecs/test";
        var decoded =
                server.post(test, "{\"language\":\"cayenne-lpp\",\"bytes\":\"03 67 01 10\"}")
                        .body();
        assertThat(decoded.find("data")).contains(Document.of("temperature_3", Value.of(27.2)));
        var encoded =
                server.post(test, "{\"language\":\"raw\",\"data\":{\"bytes\":\"0aff\"}}").body();
        assertThat(encoded.text("bytes")).contains("0aff");
        var failed =
                server.post(
                                test,
                                "{\"language\":\"javascript\",\"bytes\":\"01\",\"f_port\":3,"
                                        + "\"source\":\"function decodeUplink(i) {\\n  throw new Error('port ' + i.fPort);\\n}\"}")
                        .body();
        assertThat(failed.find("data")).contains(Value.Null.NULL);
        assertThat(failed.find("errors"))
                .hasValueSatisfying(errors ->
                        assertThat(errors.toString()).contains("port 3", "line=Numeric[value=2]"));
        for (var refused :
                new String[] {
                    "{\"language\":\"cobol\",\"bytes\":\"01\"}",
                    "{\"language\":\"raw\",\"bytes\":\"0\"}",
                    "{\"language\":\"raw\"}",
                    "{\"language\":\"raw\",\"bytes\":\"01\",\"data\":{}}"
                }) {
            assertThat(server.post(test, refused).status()).as(refused).isEqualTo(400);
        }
    }

    private static void networks(ApiServer server) {
        var chirpStack = "/integrations/chirpstack?event=";
        assertThat(server.post(chirpStack + "up", "{}").status()).isEqualTo(204);
        assertThat(server.post(chirpStack + "up", "{\"a\":1}").status()).isEqualTo(202);
        assertThat(server.post(chirpStack + "nonsense", "{}").status()).isEqualTo(400);
        assertThat(server.post("/integrations/chirpstack", "{}").status()).isEqualTo(400);
        assertThat(server.post("/integrations/tts", "{\"a\":1}").status()).isEqualTo(202);
        server.get("/api/v1/integrations");
    }
}
