package org.tethral.ingest;

import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;

/// Protocols as others may write them, well and badly.
public final class TestProtocols {

    private TestProtocols() {}

    private static ProtocolKind.Listener listener(int port) {
        return new ProtocolKind.Listener() {
            @Override
            public int port() {
                return port;
            }

            @Override
            public void close() {}
        };
    }

    public static final class Working implements ProtocolKind {
        @Override
        public String name() {
            return "working";
        }

        @Override
        public Listener open(InetSocketAddress at, Inlet inlet) {
            return listener(at.getPort());
        }
    }

    public static final class Throwing implements ProtocolKind {
        @Override
        public String name() {
            return "throwing";
        }

        @Override
        public Listener open(InetSocketAddress at, Inlet inlet) throws BindException {
            throw new BindException("the port is taken");
        }
    }

    /// Opens for ever, and cannot be interrupted.
    public static final class Hanging implements ProtocolKind {
        @Override
        public String name() {
            return "hanging";
        }

        @Override
        public Listener open(InetSocketAddress at, Inlet inlet) {
            var never = new CountDownLatch(1);
            while (never.getCount() > 0) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    // it does not listen
                }
            }
            return listener(0);
        }
    }

    /// Cannot even be made.
    public static final class NotThere implements ProtocolKind {
        public NotThere() {
            throw new NoClassDefFoundError("a library that was forgotten");
        }

        @Override
        public String name() {
            return "not-there";
        }

        @Override
        public Listener open(InetSocketAddress at, Inlet inlet) {
            return listener(0);
        }
    }
}
