package org.tethral.delivery;

import org.tethral.kernel.Document;

/// Where events go: the kind of receiver, and what that kind needs to know, checked by it.
public record SinkSettings(String kind, Document settings) {}
