package org.tethral.device;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One connection of a device to this or another node.
///
/// @param id made new for each connection
/// @param node the node that holds it
public record Link(UUID id, Protocol protocol, @Nullable String remoteAddress, String node) {}
