import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/// A device over HTTP, in one file and with nothing but the JDK.
///
/// `java HttpDevice.java TOKEN [http://127.0.0.1:8080] [REPORTS]`
///
/// A report that was not acknowledged is sent again with the same `message_id`, so it is stored once however often it is sent.
final class HttpDevice {

    private static final Duration PAUSE_MAX = Duration.ofMinutes(1);

    private final HttpClient client = HttpClient.newHttpClient();
    private final String server;
    private final String token;

    private HttpDevice(String server, String token) {
        this.server = server;
        this.token = token;
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length == 0) {
            System.err.println("java HttpDevice.java TOKEN [SERVER] [REPORTS]");
            System.exit(2);
        }
        var server = arguments.length > 1 ? arguments[1] : "http://127.0.0.1:8080";
        var reports = arguments.length > 2 ? Integer.parseInt(arguments[2]) : Integer.MAX_VALUE;
        var device = new HttpDevice(server, arguments[0]);
        for (int count = 0; count < reports; count++) {
            var temperature = 21 + ThreadLocalRandom.current().nextInt(-20, 20) / 10.0;
            System.out.println("stored: " + device.report("{\"temperature\": " + temperature + "}"));
            Thread.sleep(reports == Integer.MAX_VALUE ? 10_000 : 100);
        }
    }

    /// Returns when the values are in the database.
    private String report(String values) throws InterruptedException {
        var body = "{\"message_id\": \"%s\", \"values\": %s}".formatted(UUID.randomUUID(), values);
        var request =
                HttpRequest.newBuilder(URI.create(server + "/device/v1/report"))
                        .header("Authorization", "Bearer " + token)
                        .timeout(Duration.ofSeconds(10))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        var pause = Duration.ofSeconds(1);
        while (true) {
            try {
                var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 200) {
                    return answer.body();
                }
                if (answer.statusCode() < 500) { // the same request will never be taken
                    throw new IllegalStateException("refused: " + answer.body());
                }
                System.err.println("not now: " + answer.statusCode());
            } catch (IOException e) {
                System.err.println("not now: " + e);
            }
            Thread.sleep(pause);
            pause = pause.compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
        }
    }
}
