/// What a device's bytes mean: codecs turn the payload of an uplink into values, and values into
/// the payload of a downlink. Published JavaScript codecs run in a sandbox.
@NullMarked
package org.tethral.codec;

import org.jspecify.annotations.NullMarked;
