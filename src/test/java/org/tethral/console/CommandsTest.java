package org.tethral.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A person sends commands, and sees what comes of them.
final class CommandsTest extends ConsoleRig {

    private static final Pattern COMMAND_ID = Pattern.compile("\"command_id\":\"([^\"]+)\"");

    private final HttpClient http = HttpClient.newHttpClient();

    @AfterAll
    void leave() {
        http.close();
    }

    /// Answers each command in the same way.
    private final class Obedient implements WebSocket.Listener, AutoCloseable {
        private final String answer;
        private final WebSocket socket;

        Obedient(String id, String answer) {
            this.answer = answer;
            this.socket =
                    http.newWebSocketBuilder()
                            .header("Authorization", "Bearer token-of-" + id)
                            .buildAsync(
                                    URI.create(
                                            "ws://127.0.0.1:"
                                                    + server().http().getPort()
                                                    + "/ws/"
                                                    + id),
                                    this)
                            .orTimeout(30, TimeUnit.SECONDS)
                            .join();
            socket.sendText("{\"message_type\":\"register\"}", true).join();
        }

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket from, CharSequence text, boolean last) {
            var id = COMMAND_ID.matcher(text);
            if (id.find()) {
                var _ =
                        from.sendText(
                                "{\"message_type\":\"command_ack\",\"command_id\":\""
                                        + id.group(1)
                                        + "\","
                                        + answer
                                        + "}",
                                true);
            }
            from.request(1);
            return null;
        }

        @Override
        public void close() {
            socket.abort();
        }
    }

    private static Locator newest(Page page) {
        return page.locator(".commands-log tbody tr").first();
    }

    private static void send(Page page, String name, String payload) {
        page.locator("form input[name=name]").fill(name);
        page.locator("form input[name=payload]").fill(payload);
        page.locator("form button").click();
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void seesACommandWaitAndThenWhatTheDeviceAnswered(ColorScheme colors) throws Exception {
        var id = "valve-" + colors.name().charAt(0);
        server().add(id, "Valve");
        try (var context = visitor(colors)) {
            var page = at(context, "/devices/" + id);
            assertThat(page.locator(".commands-log")).containsText("not sent any command yet");
            send(page, "open", "{\"valve\": 3}");
            assertThat(newest(page)).containsText("pending");
            assertThat(newest(page)).containsText("{\"valve\":3}");

            try (var _ = new Obedient(id, "\"status\":\"success\",\"payload\":{\"at\":3}")) {
                assertThat(newest(page)).containsText("success");
                assertThat(newest(page)).containsText("{\"at\":3}");
            }
            try (var _ = new Obedient(id, "\"status\":\"error\",\"message\":\"stuck\"")) {
                send(page, "shut", "");
                assertThat(newest(page)).containsText("error");
                assertThat(newest(page)).containsText("stuck");
            }
            assertThat(page.locator(".commands-log tbody tr")).hasCount(2);
            assertThat(lowContrast(page)).isEmpty();
            page.setViewportSize(360, 740);
            assertThat(besideTheScreen(page)).isEmpty();
            assertThat(lowContrast(page)).isEmpty();
        }
    }

    /// A page that is a device, with what every browser has.
    @Test
    void carriesACommandToABrowser() throws Exception {
        server().add("browser-1", "A display in a browser");
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/devices/browser-1");
            page.evaluate(
                    """
                    new Promise((open) => {
                      const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws/browser-1?token=token-of-browser-1");
                      socket.onopen = () => {
                        socket.send(JSON.stringify({ message_type: "register", device_type: "browser" }));
                        open();
                      };
                      socket.onmessage = (event) => {
                        const message = JSON.parse(event.data);
                        if (message.message_type === "command") {
                          socket.send(JSON.stringify({
                            message_type: "command_ack",
                            command_id: message.command_id,
                            status: "success",
                            payload: { shown: message.payload.text },
                          }));
                        }
                      };
                    })\
                    """);
            send(page, "show", "{\"text\": \"hello\"}");
            assertThat(newest(page)).containsText("success");
            assertThat(newest(page)).containsText("{\"shown\":\"hello\"}");
        }
    }

    @Test
    void isToldWhatIsWrongWithACommand() throws Exception {
        server().add("wrong-1", "Wrong");
        try (var context = visitor(ColorScheme.LIGHT)) {
            var page = at(context, "/devices/wrong-1");
            send(page, "open", "{valve: 3}");
            assertThat(page.locator(".form-problem")).containsText("no JSON");
            send(page, " ", "");
            assertThat(page.locator(".form-problem")).containsText("command_name");
            send(page, "open", "");
            assertThat(page.locator(".form-problem")).hasCount(0);
            assertThat(newest(page)).containsText("open");
        }
    }

    @Test
    void findsCommandsByTheirStatusAndDeviceAndCancelsOne() throws Exception {
        server().add("asleep-1", "Asleep");
        server().add("asleep-2", "Asleep, too");
        server().send("POST", "/api/v1/devices/asleep-1/command", "{\"command_name\":\"wake\"}");
        server().send(
                        "POST",
                        "/api/v1/command",
                        "{\"command_name\":\"sing\",\"device_ids\":[\"asleep-1\",\"asleep-2\"]}");
        try (var context = visitor(ColorScheme.DARK)) {
            var page = signedIn(context);
            page.locator("nav a[href='#/commands']").click();
            var rows = page.locator(".commands tbody tr");
            assertThat(page.locator("h1")).hasText("Commands");
            page.locator("#search").fill("asleep-2");
            assertThat(rows).hasCount(1);
            assertThat(rows.first()).containsText("2 devices");
            page.locator("select").first().selectOption("cancelled");
            assertThat(page.locator(".empty h2")).hasText("No command matches");
            assertThat(lowContrast(page)).isEmpty();
            page.goBack();
            assertThat(rows).hasCount(1);

            rows.first().locator("a").click();
            assertThat(page.locator("h1")).hasText("sing");
            assertThat(page.locator(".commands-log tbody tr")).hasCount(2);
            try (var _ = new Obedient("asleep-1", "\"status\":\"success\"")) {
                assertThat(page.locator("tr[data-device='asleep-1']")).containsText("success");
            }
            page.getByText("Cancel", new Page.GetByTextOptions().setExact(true)).click();
            assertThat(page.locator(".vitals .status")).hasText("cancelled");
            assertThat(page.locator("tr[data-device='asleep-1']")).containsText("success");
            assertThat(page.locator("tr[data-device='asleep-2']")).containsText("cancelled");
            assertThat(lowContrast(page)).isEmpty();
            page.setViewportSize(360, 740);
            assertThat(besideTheScreen(page)).isEmpty();
            page.navigate(server().http() + "/#/commands/nothing");
            assertThat(page.locator(".empty h2")).hasText("No such command");
        }
    }
}
