package org.tethral.http;

import java.util.Map;

/// What programs and people change without a row in the audit log, and why.
final class NotAudited {

    static final Map<String, String> OPERATIONS =
            Map.of(
                    "commandDevice", "command_logs keeps who issued what, with each attempt",
                    "command", "as commandDevice",
                    "publishEvent", "the event is the record of itself",
                    "previewAlertRule", "changes nothing",
                    "testCodec", "changes nothing",
                    "tellChirpStack", "what it tells is the history of its devices",
                    "tellThingsStack", "as tellChirpStack");

    private NotAudited() {}
}
