/// The WebSocket device channel: `/ws/{device_id}`, JSON in text frames. The wire format is in
/// `docs/protocols/websocket.md`.
@NullMarked
package org.tethral.websocket;

import org.jspecify.annotations.NullMarked;
