/// A client of MQTT brokers that others run.
@NullMarked
package org.tethral.mqttclient;

import org.jspecify.annotations.NullMarked;
