/// An outside MQTT broker, on which devices publish: its messages go the way of all others.
@NullMarked
package org.tethral.bridge;

import org.jspecify.annotations.NullMarked;
