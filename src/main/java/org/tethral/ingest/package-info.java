/// The way in: inbound message → decision → one commit for many → answers → committed facts, in
/// order.
@NullMarked
package org.tethral.ingest;

import org.jspecify.annotations.NullMarked;
