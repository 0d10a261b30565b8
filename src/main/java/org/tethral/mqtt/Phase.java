package org.tethral.mqtt;

/// How far a connection has come.
sealed interface Phase {
    enum Connecting implements Phase {
        WAITING
    }

    record LoggingIn(Hello hello) implements Phase {}

    record Open(Conversation conversation) implements Phase {}

    record Provisioning(ProvisioningTalk talk) implements Phase {}

    /// Nothing is taken any more; the channel may still write.
    enum Closed implements Phase {
        CLOSED
    }
}
