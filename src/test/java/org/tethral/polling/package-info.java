@NullMarked
package org.tethral.polling;

import org.jspecify.annotations.NullMarked;
