/// The registry: devices, their profiles, credentials, life cycle, connections, and the inbox of
/// unknown ones.
@NullMarked
package org.tethral.device;

import org.jspecify.annotations.NullMarked;
