/// Commands, and each one's journey to each of its devices. [Dispatch#after] decides every step of
/// it; [Downlink] and [Switchboard] are what a protocol implements and calls to carry them.
@NullMarked
package org.tethral.command;

import org.jspecify.annotations.NullMarked;
