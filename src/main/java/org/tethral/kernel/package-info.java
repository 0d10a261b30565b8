/// What every other package may lean on: JSON-shaped values, pages, time in microseconds. Imports
/// only the JDK.
@NullMarked
package org.tethral.kernel;

import org.jspecify.annotations.NullMarked;
