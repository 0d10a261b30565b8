package org.tethral.http;

/// Where this node listens, for devices, programs and people.
///
/// @param name `http`, `mqtts`, `mqtt-websocket`, `coaps` …, or that of a protocol that a jar
///   brings
/// @param scheme before the address as it is printed; empty where that says nothing more
/// @param path after the address; empty where there is none
public record Endpoint(String name, String scheme, int port, String path) {}
