/// Channels of ThingSpeak: its REST interface as a source of readings.
@NullMarked
package org.tethral.thingspeak;

import org.jspecify.annotations.NullMarked;
