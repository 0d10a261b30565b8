/// How long things are kept, and that what is older goes: in small steps beside the work of the
/// server, on one node at a time.
@NullMarked
package org.tethral.retention;

import org.jspecify.annotations.NullMarked;
