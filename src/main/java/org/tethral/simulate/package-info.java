/// Devices that do not exist, on real sockets: bounded load to measure with, and a small fleet to
/// look at.
@NullMarked
package org.tethral.simulate;

import org.jspecify.annotations.NullMarked;
