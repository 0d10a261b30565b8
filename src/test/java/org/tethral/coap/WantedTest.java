package org.tethral.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.coap.Client.JSON;
import static org.tethral.kernel.Eventually.eventually;

import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.device.Status;
import org.tethral.ingest.Inbound;

/// What is wanted of a device, asked for and observed.
class WantedTest {

    private static TestCoap platform;
    private static Client device;

    @BeforeAll
    static void start() {
        platform = TestCoap.started();
        device = new Client();
    }

    @AfterAll
    static void stop() {
        device.close();
        platform.close();
    }

    @Test
    void tellsDesiredValuesAndThatTheyDidNotChange() throws Exception {
        platform.device("valve");
        platform.desire("valve", "{\"open\":true}");
        var uri = platform.uri("/device/v1/desired?token=token-of-valve");
        var first = device.get(uri);
        assertThat(first.text())
                .isEqualTo("{\"desired\":{\"open\":true},\"version\":1,\"delta\":{\"open\":true}}");
        assertThat(first.response().getOptions().getContentFormat()).isEqualTo(JSON);

        var tag = first.response().getOptions().getETags().getFirst();
        var again = Request.newGet();
        again.getOptions().addETag(tag);
        var second = device.send(again, uri, null, -1);
        assertThat(second.code()).isEqualTo(ResponseCode.VALID);
        assertThat(second.text()).isEmpty();

        device.post(platform.uri("/device/v1/report?token=token-of-valve"), "{\"open\":true}");
        var third = Request.newGet();
        third.getOptions().addETag(tag);
        assertThat(device.send(third, uri, null, -1).text()).contains("\"delta\":{}");
    }

    @Test
    void tellsAnObserverEachChangeOfDesiredValues() throws Exception {
        platform.device("lamp");
        var observed = device.observe(platform.uri("/device/v1/desired?token=token-of-lamp"));
        assertThat(observed.next().getResponseText()).contains("\"version\":0");
        for (int i = 1; i <= 3; i++) {
            platform.desire("lamp", "{\"level\":" + i + "}");
            assertThat(observed.next().getResponseText())
                    .isEqualTo(
                            "{\"desired\":{\"level\":%d},\"version\":%d,\"delta\":{\"level\":%d}}"
                                    .formatted(i, i, i));
        }
        assertThat(observations()).isEqualTo(1);
        observed.relation().proactiveCancel();
        eventually(() -> observations() == 0);
    }

    @Test
    void takesAnAcknowledgedNotificationForASignOfLife() throws Exception {
        platform.device("quiet");
        var observed = device.observe(platform.uri("/device/v1/desired?token=token-of-quiet"));
        observed.next();
        platform.ingest
                .submit(
                        new Inbound.Silent(
                                platform.connecting("quiet"), Instant.now().plusSeconds(3_600)))
                .get(30, TimeUnit.SECONDS);
        assertThat(status("quiet")).isEqualTo(Status.OFFLINE);
        platform.desire("quiet", "{\"a\":1}");
        observed.next();
        eventually(() -> status("quiet") == Status.ONLINE);
        observed.relation().proactiveCancel();
        eventually(() -> observations() == 0);
    }

    private static Status status(String id) {
        return platform.journal.situation(new DeviceId(id)).orElseThrow().presence().status();
    }

    private static double observations() {
        return platform.meters.get("tethral.coap.observations").gauge().value();
    }

    @Test
    void endsTheObservationOfADeviceThatMayNotConnectAnyMore() throws Exception {
        platform.device("leaver");
        var observed = device.observe(platform.uri("/device/v1/desired?token=token-of-leaver"));
        observed.next();
        platform.evictions.evict(new DeviceId("leaver"), "removed");
        assertThat(observed.next().getCode()).isEqualTo(ResponseCode.UNAUTHORIZED);
        eventually(() -> observations() == 0);
    }

    @Test
    void forgetsTheOldestObservationsOfADeviceThatForgetsThem() throws Exception {
        platform.device("amnesiac");
        var all = new ArrayList<Client.Observed>();
        for (int i = 0; i < Observations.OBSERVATIONS_PER_DEVICE_MAX + 3; i++) {
            var observed =
                    device.observe(
                            platform.uri("/device/v1/desired?token=token-of-amnesiac&n=" + i));
            observed.next();
            all.add(observed);
        }
        eventually(() -> observations() == Observations.OBSERVATIONS_PER_DEVICE_MAX);
        all.forEach(observed -> observed.relation().proactiveCancel());
        eventually(() -> observations() == 0);
    }

    @Test
    void servesDevicesWrittenForThingsBoard() throws Exception {
        platform.device("tb");
        var base = "/api/v1/token-of-tb/";
        assertThat(
                        device.post(
                                        platform.uri(base + "telemetry"),
                                        "[{\"ts\":1700000000000,\"values\":{\"t\":1}},{\"t\":2}]")
                                .code())
                .isEqualTo(ResponseCode.CREATED);
        assertThat(device.post(platform.uri(base + "attributes"), "{\"fw\":\"1.2\"}").code())
                .isEqualTo(ResponseCode.CREATED);
        platform.desire("tb", "{\"interval\":10}");
        assertThat(
                        device.get(
                                        platform.uri(
                                                base
                                                        + "attributes?clientKeys=fw,t&sharedKeys=interval"))
                                .text())
                .isEqualTo("{\"client\":{\"fw\":\"1.2\",\"t\":2},\"shared\":{\"interval\":10}}");

        var observed = device.observe(platform.uri(base + "attributes"));
        assertThat(observed.next().getResponseText()).isEqualTo("{\"interval\":10}");
        platform.desire("tb", "{\"interval\":20}");
        assertThat(observed.next().getResponseText()).isEqualTo("{\"interval\":20}");
        observed.relation().proactiveCancel();
        eventually(() -> observations() == 0);
    }
}
