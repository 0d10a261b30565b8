/// What devices are and were: current state, reported and desired values, snapshots, roll-ups.
@NullMarked
package org.tethral.state;

import org.jspecify.annotations.NullMarked;
