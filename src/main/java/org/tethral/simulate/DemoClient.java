package org.tethral.simulate;

import java.io.IOException;
import org.tethral.kernel.Document;

/// A connected device, as the program on a small board sees it: each call returns when the platform
/// has acknowledged.
interface DemoClient extends AutoCloseable {

    void report(Document values) throws IOException, InterruptedException;

    void state(String word) throws IOException, InterruptedException;

    @Override
    void close();
}
