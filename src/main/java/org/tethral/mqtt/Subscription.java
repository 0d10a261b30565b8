package org.tethral.mqtt;

/// @param qos what was granted
/// @param identifier given by an MQTT 5 client, comes back with each message; 0 for none
record Subscription(TopicFilter filter, int qos, int identifier) {}
