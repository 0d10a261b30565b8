/// Spaces (parking lots, desks, rooms): the sensors and displays that serve them, their
/// reservations, and each change of a display.
@NullMarked
package org.tethral.space;

import org.jspecify.annotations.NullMarked;
