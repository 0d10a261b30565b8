/// The file of a backup: what is in it, how each value is written there, and how two of them are
/// compared. Knows of no database.
@NullMarked
package org.tethral.archive;

import org.jspecify.annotations.NullMarked;
