package org.tethral.simulate;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What the devices of the demonstration can do: a few things, and one that never works, so that
/// there is a failure to look at.
final class DemoObedience {

    private static final Set<String> KNOWN =
            Set.of("identify", "set_interval", "read_now", "self_test");

    private DemoObedience() {}

    /// `{"status", "result"}` or `{"status", "message"}`.
    static Document answer(Document command) {
        var name = command.text("command_name").orElse("");
        if (name.equals("calibrate")) {
            return error("the reference sensor does not answer");
        }
        if (!KNOWN.contains(name)) {
            return error("this device does not know '" + name + "'");
        }
        return Document.of("status", Value.of("success"))
                .with("result", Document.of(name, command.find("payload").orElse(Document.EMPTY)));
    }

    /// What waits for a device that asks.
    static List<Document> commands(String answer) throws IOException {
        try {
            return Json.parseObject(answer).find("commands").orElse(Value.Null.NULL)
                            instanceof Value.Array(var items)
                    ? items.stream().map(Document.class::cast).toList()
                    : List.of();
        } catch (MalformedJson e) {
            throw new IOException("no commands", e);
        }
    }

    /// Below `/device/v1/`.
    static String answerPath(Document command) {
        return "commands/" + command.text("command_id").orElseThrow() + "/ack";
    }

    private static Document error(String message) {
        return Document.of("status", Value.of("error")).with("message", Value.of(message));
    }
}
