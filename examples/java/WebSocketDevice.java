import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A device over WebSocket, in one file and with nothing but the JDK.
///
/// `java WebSocketDevice.java ID TOKEN [ws://127.0.0.1:8080] [REPORTS]`
///
/// It is connected all the time, so commands come at once. Each report has a `message_id`, and is acknowledged when it is in the
/// database. When the connection breaks this device ends; a real one connects again, and sends what was not acknowledged.
final class WebSocketDevice {

    private static final Pattern COMMAND = Pattern.compile("\"command_id\":\"([^\"]+)\"");
    private static final Pattern NAME = Pattern.compile("\"command_name\":\"([^\"]+)\"");

    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>(100);

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 2) {
            System.err.println("java WebSocketDevice.java ID TOKEN [SERVER] [REPORTS]");
            System.exit(2);
        }
        var server = arguments.length > 2 ? arguments[2] : "ws://127.0.0.1:8080";
        var reports = arguments.length > 3 ? Integer.parseInt(arguments[3]) : Integer.MAX_VALUE;
        new WebSocketDevice().run(URI.create(server + "/ws/" + arguments[0]), arguments[1], reports);
    }

    private void run(URI address, String token, int reports) throws InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var socket =
                    client.newWebSocketBuilder()
                            .header("Authorization", "Bearer " + token)
                            .buildAsync(address, new Ear())
                            .join();
            send(socket, "{\"message_type\": \"register\", \"device_type\": \"example\"}");
            for (int count = 1; count <= reports; count++) {
                send(
                        socket,
                        "{\"message_type\": \"status\", \"message_id\": %d, \"payload\": {\"temperature\": %s}}"
                                .formatted(System.currentTimeMillis(), 20 + count % 10));
                var answer = answers.poll(10, TimeUnit.SECONDS);
                System.out.println(answer == null ? "no answer" : "stored: " + answer);
                Thread.sleep(reports == Integer.MAX_VALUE ? 5_000 : 100);
            }
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        }
    }

    private static synchronized void send(WebSocket socket, String text) {
        socket.sendText(text, true).join();
    }

    /// Hears what the server says.
    private final class Ear implements WebSocket.Listener {
        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            parts.append(part);
            if (last) {
                var text = parts.toString();
                parts.setLength(0);
                if (text.contains("\"message_type\":\"command\"")) {
                    Thread.startVirtualThread(() -> obey(socket, text));
                } else if (!text.contains("\"message_type\":\"desired\"")) {
                    answers.offer(text);
                }
            }
            socket.request(1);
            return null;
        }

        private void obey(WebSocket socket, String text) {
            System.out.println("command: " + first(NAME, text));
            send(
                    socket,
                    "{\"message_type\": \"command_ack\", \"command_id\": \"%s\", \"status\": \"success\"}"
                            .formatted(first(COMMAND, text)));
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            System.out.println("closed: " + code + " " + reason);
            return null;
        }
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }
}
