package org.tethral.kernel;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where a listener's TLS identity is, in PEM.
///
/// @param clientAuthority certificates by which clients may prove who they are; null: clients show
///   none
public record TlsFiles(Path certificate, Path privateKey, @Nullable Path clientAuthority) {}
