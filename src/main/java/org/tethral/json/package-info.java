/// JSON and CBOR to [org.tethral.kernel.Value] and back, by Jackson's streaming parsers.
@NullMarked
package org.tethral.json;

import org.jspecify.annotations.NullMarked;
