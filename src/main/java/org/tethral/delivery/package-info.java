/// Who wants which events, and how each of them gets there: subscriptions, sinks, deliveries.
@NullMarked
package org.tethral.delivery;

import org.jspecify.annotations.NullMarked;
