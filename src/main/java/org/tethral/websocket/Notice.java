package org.tethral.websocket;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.tethral.command.Instruction;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.payload.NativePayload;

/// What the platform writes to a device, as JSON text.
final class Notice {

    private Notice() {}

    static String ack(Value messageId) {
        return Json.write(typed("ack").with("message_id", messageId));
    }

    static String error(@Nullable Value messageId, String reason) {
        var error = typed("error").with("reason", Value.of(reason));
        return Json.write(messageId == null ? error : error.with("message_id", messageId));
    }

    static String desired(Desired desired) {
        return Json.write(
                typed("desired")
                        .with("desired", desired.values())
                        .with("version", Value.of(desired.version()))
                        .with("delta", desired.delta()));
    }

    static String command(Instruction instruction) {
        var command = new LinkedHashMap<>(typed("command").values());
        command.putAll(NativePayload.command(instruction).values());
        return Json.write(new Document(command));
    }

    private static Document typed(String type) {
        return Document.of("message_type", Value.of(type));
    }
}
