package org.tethral.account;

import java.time.Instant;
import org.tethral.kernel.Document;

/// A tenant: sees its own devices and nothing else.
public record Community(CommunityId id, String name, Document metadata, Instant createdAt) {}
