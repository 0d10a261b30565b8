/// What devices write in JSON: Tethral's own messages and those of the ThingsBoard device API,
/// parsed into inbound messages or refused with a reason. The same on every protocol.
@NullMarked
package org.tethral.payload;

import org.jspecify.annotations.NullMarked;
