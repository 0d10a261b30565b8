/// Carries commands: claims what waits for the devices that this node reaches, hands it to their
/// protocols, tries again, and knows who waits for an end.
@NullMarked
package org.tethral.dispatch;

import org.jspecify.annotations.NullMarked;
