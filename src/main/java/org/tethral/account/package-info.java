/// Who may do what: communities (the tenants), roles, API keys, and the actors named in every
/// history.
@NullMarked
package org.tethral.account;

import org.jspecify.annotations.NullMarked;
