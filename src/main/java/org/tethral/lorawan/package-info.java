/// LoRaWAN network servers: what they tell of devices becomes reports of these, and what is for a
/// device goes down through them.
@NullMarked
package org.tethral.lorawan;

import org.jspecify.annotations.NullMarked;
