package org.tethral.dispatch;

/// Of a command, until it is closed.
public interface Watch extends AutoCloseable {

    @Override
    void close();
}
