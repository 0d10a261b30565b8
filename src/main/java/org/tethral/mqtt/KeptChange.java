package org.tethral.mqtt;

import org.tethral.broker.SessionChange;
import org.tethral.broker.SessionId;

/// A change of a session, to be kept if the session is.
@FunctionalInterface
interface KeptChange {
    SessionChange of(SessionId session);
}
