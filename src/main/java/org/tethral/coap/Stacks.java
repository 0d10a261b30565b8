package org.tethral.coap;

import org.eclipse.californium.core.network.ExtendedCoapStackFactory;
import org.eclipse.californium.core.network.Outbox;
import org.eclipse.californium.core.network.stack.CoapStack;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.elements.config.Configuration;

/// Makes the layers of an endpoint.
@SuppressWarnings("deprecation") // the interface that this one replaces, and extends
record Stacks(Configuration transfers, Door door, Meters meters)
        implements ExtendedCoapStackFactory {

    @Override
    public CoapStack createCoapStack(
            String protocol,
            String tag,
            Configuration configuration,
            EndpointContextMatcher matcher,
            Outbox outbox,
            Object unused) {
        return new Stack(tag, configuration, transfers, matcher, outbox, door, meters);
    }

    @Override
    public CoapStack createCoapStack(
            String protocol,
            String tag,
            Configuration configuration,
            Outbox outbox,
            Object unused) {
        throw new UnsupportedOperationException("the older form, which nobody calls");
    }
}
