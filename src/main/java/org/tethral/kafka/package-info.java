/// Events as records of a Kafka topic. Nothing of Kafka is loaded before a subscription asks for
/// it.
@NullMarked
package org.tethral.kafka;

import org.jspecify.annotations.NullMarked;
