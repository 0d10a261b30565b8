/// A fleet at a glance: counts, open alerts, and how well each device is.
@NullMarked
package org.tethral.dashboard;

import org.jspecify.annotations.NullMarked;
