package org.tethral.coap;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapHandler;
import org.eclipse.californium.core.CoapObserveRelation;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.UDPConnector;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.scandium.config.DtlsConfig;

/// A device that speaks CoAP, by Californium's client.
final class Client implements AutoCloseable {

    static final int JSON = MediaTypeRegistry.APPLICATION_JSON;
    static final int CBOR = MediaTypeRegistry.APPLICATION_CBOR;

    private final CoapEndpoint endpoint;

    Client() {
        this(new UDPConnector(null, configuration()));
    }

    Client(Connector connector) {
        endpoint =
                new CoapEndpoint.Builder()
                        .setConfiguration(configuration())
                        .setConnector(connector)
                        .build();
    }

    static Configuration configuration() {
        return new Configuration(
                        CoapConfig.DEFINITIONS,
                        UdpConfig.DEFINITIONS,
                        SystemConfig.DEFINITIONS,
                        DtlsConfig.DEFINITIONS)
                .set(CoapConfig.MAX_ACTIVE_PEERS, 10)
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 1_000_000)
                .set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1);
    }

    /// What came back.
    record Reply(CoapResponse response) {
        ResponseCode code() {
            return response.getCode();
        }

        String text() {
            return response.getResponseText();
        }
    }

    Reply post(String uri, String json) throws Exception {
        return send(Request.newPost(), uri, json.getBytes(StandardCharsets.UTF_8), JSON);
    }

    Reply post(String uri, byte[] body, int format) throws Exception {
        return send(Request.newPost(), uri, body, format);
    }

    Reply get(String uri) throws Exception {
        return send(Request.newGet(), uri, null, -1);
    }

    Reply send(Request request, String uri, byte[] body, int format) throws Exception {
        return sendLater(request, uri, body, format).get(30, TimeUnit.SECONDS);
    }

    CompletableFuture<Reply> sendLater(Request request, String uri, byte[] body, int format) {
        request.setURI(uri);
        if (body != null) {
            request.setPayload(body);
        }
        if (format >= 0) {
            request.getOptions().setContentFormat(format);
        }
        var future = new CompletableFuture<Reply>();
        client(uri)
                .advanced(
                        new CoapHandler() {
                            @Override
                            public void onLoad(CoapResponse response) {
                                future.complete(new Reply(response));
                            }

                            @Override
                            public void onError() {
                                future.completeExceptionally(new AssertionError("no answer"));
                            }
                        },
                        request);
        return future;
    }

    /// An observation under way.
    record Observed(BlockingQueue<CoapResponse> all, CoapObserveRelation relation) {
        CoapResponse next() throws InterruptedException {
            var next = all.poll(30, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("no notification within 30 s");
            }
            return next;
        }
    }

    Observed observe(String uri) {
        var all = new LinkedBlockingQueue<CoapResponse>();
        var relation =
                client(uri)
                        .observe(
                                new CoapHandler() {
                                    @Override
                                    public void onLoad(CoapResponse response) {
                                        all.add(response);
                                    }

                                    @Override
                                    public void onError() {}
                                });
        return new Observed(all, relation);
    }

    private CoapClient client(String uri) {
        var client = new CoapClient(uri);
        client.setEndpoint(endpoint);
        client.setTimeout(30_000L);
        return client;
    }

    @Override
    public void close() {
        endpoint.destroy();
    }
}
