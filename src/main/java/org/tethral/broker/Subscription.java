package org.tethral.broker;

/// What a session asked for, and how (MQTT 5, 3.8.3.1).
///
/// @param qos what was granted: messages come with at most this
/// @param noLocal not what the session itself publishes
/// @param retainAsPublished the retain flag of a message is passed on, else it is only set on what
///   was retained before the subscription
/// @param identifier given by an MQTT 5 client, comes back with each message; 0 for none
public record Subscription(
        TopicFilter filter, int qos, boolean noLocal, boolean retainAsPublished, int identifier) {

    public static Subscription plain(TopicFilter filter, int qos) {
        return new Subscription(filter, qos, false, false, 0);
    }
}
