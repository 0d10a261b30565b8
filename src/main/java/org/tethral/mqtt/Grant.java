package org.tethral.mqtt;

import java.util.ArrayList;
import java.util.List;
import org.tethral.broker.Subscription;

/// What all subscriptions of a session that match a message come to: one copy, with the best QoS.
///
/// @param qos -1: no copy
/// @param asPublished the retain flag is passed on
/// @param identifiers of those subscriptions that have one
record Grant(int qos, boolean asPublished, List<Integer> identifiers) {

    /// @param own the session itself published the message
    static Grant of(List<Subscription> subscriptions, boolean own) {
        var qos = -1;
        var asPublished = false;
        var identifiers = new ArrayList<Integer>(0);
        for (var one : subscriptions) {
            if (own && one.noLocal()) {
                continue;
            }
            qos = Math.max(qos, one.qos());
            asPublished |= one.retainAsPublished();
            if (one.identifier() > 0) {
                identifiers.add(one.identifier());
            }
        }
        return new Grant(qos, asPublished, List.copyOf(identifiers));
    }
}
