/// The platform's promises, proven on the whole program in a process of its own: killed, starved,
/// cut off, counted.
@NullMarked
package org.tethral.proof;

import org.jspecify.annotations.NullMarked;
