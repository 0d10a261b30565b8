/// The program: its entry point, and the wiring of its parts.
@NullMarked
package org.tethral;

import org.jspecify.annotations.NullMarked;
