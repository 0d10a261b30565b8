/// The command line: what is asked for in a terminal, and how it is answered there.
@NullMarked
package org.tethral.cli;

import org.jspecify.annotations.NullMarked;
