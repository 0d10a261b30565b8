/// What happened: the durable, ordered event log.
@NullMarked
package org.tethral.event;

import org.jspecify.annotations.NullMarked;
