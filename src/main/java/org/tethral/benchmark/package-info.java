/// The published figures, measured: each beside what it is to reach and beside its yardstick, from
/// the same run.
@NullMarked
package org.tethral.benchmark;

import org.jspecify.annotations.NullMarked;
