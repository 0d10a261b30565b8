/// JSON text and bytes to [org.tethral.kernel.Value] and back, by Jackson's streaming parser.
@NullMarked
package org.tethral.json;

import org.jspecify.annotations.NullMarked;
