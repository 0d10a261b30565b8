package org.tethral.ingest;

/// What a commit writes as it is, because nothing about a device has to be decided for it: it goes
/// through the same queue and the same group commit as what devices report, and is answered when it
/// is durable.
public interface Posting {}
