package org.tethral.codec;

import org.tethral.kernel.Document;

/// Reads what one type of device sends, and writes what it understands. Safe for any number of
/// threads; nothing of one call is seen by another. May block for the time that a script may take,
/// so not on an event loop.
public interface Codec {

    /// Never throws because of what a device sent.
    Decoding decode(Uplink uplink);

    /// @param variables of the device, as it was set up
    Encoding encode(Document data, Document variables);
}
