package org.tethral.cli;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// SIGTERM, SIGINT and SIGHUP: the first one asks the program to end, the second one ends it at
/// once. A shutdown hook could not do that: while it runs, the JVM ignores further signals.
public final class Signals implements Terminal.Stop {

    /// 128 + SIGTERM, as shells report it.
    private static final int EXIT_CODE_STOPPED = 143;

    private final CountDownLatch asked = new CountDownLatch(1);

    @Override
    public void listen() {
        for (var name : List.of("TERM", "INT", "HUP")) {
            handle(name);
        }
    }

    @Override
    public void await() throws InterruptedException {
        listen();
        asked.await();
    }

    private void received() {
        if (asked.getCount() == 0) {
            Runtime.getRuntime().halt(EXIT_CODE_STOPPED);
        }
        asked.countDown();
    }

    /// By reflection, because the compiler warns of `sun.misc` in a way that cannot be turned off.
    /// The module `jdk.unsupported` supports exactly this class.
    @SuppressWarnings("ReferenceEquality") // a proxy equals itself only
    private void handle(String name) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var ours =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, arguments) ->
                                    switch (method.getName()) {
                                        case "handle" -> {
                                            received();
                                            yield null;
                                        }
                                        case "equals" -> proxy == arguments[0];
                                        case "hashCode" -> System.identityHashCode(proxy);
                                        default -> name;
                                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
        } catch (ReflectiveOperationException e) {
            // this system has no such signal, or another part of the JVM has it: its default stays
        }
    }
}
