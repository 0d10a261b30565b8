/// The console in a real browser, before the whole program.
@NullMarked
package org.tethral.console;

import org.jspecify.annotations.NullMarked;
