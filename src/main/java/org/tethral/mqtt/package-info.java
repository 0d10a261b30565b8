/// The MQTT edge: MQTT 3.1.1 and 5 over TCP, TLS and WebSocket, on netty-codec-mqtt. Packets come
/// in on event loops and go no further than the inbound queue there; what blocks runs on virtual
/// threads.
@NullMarked
package org.tethral.mqtt;

import org.jspecify.annotations.NullMarked;
