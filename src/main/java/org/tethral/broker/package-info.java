/// What a message broker means, without a wire: topics and filters, who subscribed to what, what is
/// retained, what waits for a session, and what of it is kept.
@NullMarked
package org.tethral.broker;

import org.jspecify.annotations.NullMarked;
