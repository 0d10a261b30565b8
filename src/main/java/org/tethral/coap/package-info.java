/// The CoAP edge (RFC 7252, with Observe and block-wise transfer) on Eclipse Californium: plain
/// over UDP, and over DTLS, where devices prove with a shared key or a certificate who they are.
@NullMarked
package org.tethral.coap;

import org.jspecify.annotations.NullMarked;
