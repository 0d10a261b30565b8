package org.tethral.source;

import java.time.Instant;
import org.tethral.device.MessageId;
import org.tethral.kernel.Document;

/// One entry of a channel.
///
/// @param number rises with each entry that the source takes, from 1
/// @param at when it was measured; no two entries of a channel have the same time
/// @param fields those that have a value, by their names there
public record Entry(long number, Instant at, Document fields) {

    /// The same entry always has the same. A channel that was cleared counts from 1 again: the time
    /// tells those entries from the ones before.
    public MessageId messageId(Channel channel) {
        return new MessageId(
                channel.kind() + ":" + channel.name() + ":" + number + "@" + at.getEpochSecond());
    }

    /// What the device reports with it.
    public Document values(Channel channel) {
        if (channel.fields().isEmpty()) {
            return fields;
        }
        var values = Document.EMPTY;
        for (var field : fields.values().entrySet()) {
            var name = channel.fields().get(field.getKey());
            if (name != null) {
                values = values.with(name, field.getValue());
            }
        }
        return values;
    }
}
