package org.tethral.command;

/// How the protocol tells what became of an attempt. From any thread; each returns at once. What is
/// told after the first call, or after [Switchboard#unreachable], is nothing.
public interface Handover {

    /// The transport has acknowledged it; of a one-way instruction on a transport that never does:
    /// it is written out.
    void delivered();

    /// Nothing was written: the attempt does not count, and is made again soon.
    ///
    /// @param reason for people
    void failed(String reason);
}
