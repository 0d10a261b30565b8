package org.tethral.coap;

import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.Outbox;
import org.eclipse.californium.core.network.stack.BaseCoapStack;
import org.eclipse.californium.core.network.stack.BlockwiseLayer;
import org.eclipse.californium.core.network.stack.CongestionControlLayer;
import org.eclipse.californium.core.network.stack.ExchangeCleanupLayer;
import org.eclipse.californium.core.network.stack.Layer;
import org.eclipse.californium.core.network.stack.ObserveLayer;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.elements.config.Configuration;

/// Californium's layers, with a guard before block-wise transfers: the first block makes room for
/// the whole body, which nobody but a known device may cause.
final class Stack extends BaseCoapStack {

    /// @param transfers the configuration of block-wise transfers, whose number is bounded apart
    Stack(
            String tag,
            Configuration configuration,
            Configuration transfers,
            EndpointContextMatcher matcher,
            Outbox outbox,
            Door door,
            Meters meters) {
        super(outbox);
        setLayers(
                new Layer[] {
                    new ExchangeCleanupLayer(configuration),
                    new ObserveLayer(configuration),
                    new GuardedBlocks(tag, transfers, matcher, door, meters),
                    CongestionControlLayer.newImplementation(tag, configuration)
                });
    }

    private static final class GuardedBlocks extends BlockwiseLayer {

        private final Door door;
        private final Meters meters;

        GuardedBlocks(
                String tag,
                Configuration transfers,
                EndpointContextMatcher matcher,
                Door door,
                Meters meters) {
            super(tag, false, transfers, matcher);
            this.door = door;
            this.meters = meters;
        }

        @Override
        public void receiveRequest(Exchange exchange, Request request) {
            if (!request.getOptions().hasBlock1()) {
                super.receiveRequest(exchange, request);
                return;
            }
            var call = new Call(exchange, meters);
            door.authenticate(
                    call,
                    _ -> {
                        call.handOver();
                        super.receiveRequest(exchange, request);
                    });
        }
    }
}
