/// Spaces (parking lots, desks, rooms): the sensors and displays that serve them, their
/// reservations, and each change of a display. [Standing#stateAt] decides what a space is,
/// [Actuation#after] how a change gets to its display.
@NullMarked
package org.tethral.space;

import org.jspecify.annotations.NullMarked;
