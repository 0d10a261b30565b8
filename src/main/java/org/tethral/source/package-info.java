/// Readings that are kept elsewhere and fetched from there: channels, how far each is read, and the
/// door for further kinds.
@NullMarked
package org.tethral.source;

import org.jspecify.annotations.NullMarked;
