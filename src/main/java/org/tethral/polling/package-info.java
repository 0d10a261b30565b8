/// Fetches readings from sources, whatever their kind: when, how often at most, trying again,
/// breaking off; and each entry is stored once.
@NullMarked
package org.tethral.polling;

import org.jspecify.annotations.NullMarked;
