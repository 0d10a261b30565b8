/// Password hashing with Argon2id (RFC 9106), by Bouncy Castle.
@NullMarked
package org.tethral.argon2;

import org.jspecify.annotations.NullMarked;
