package org.tethral.simulate;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.tethral.kernel.Document;

/// A connected device, as the program on a small board sees it: each call returns when the platform
/// has acknowledged.
interface DemoClient extends AutoCloseable {

    void report(Document values) throws IOException, InterruptedException;

    void state(String word) throws IOException, InterruptedException;

    /// Lets time pass, and obeys commands that come meanwhile, where the protocol brings them.
    default void idle(Duration time) throws IOException, InterruptedException {
        TimeUnit.MILLISECONDS.sleep(time.toMillis());
    }

    @Override
    void close();
}
