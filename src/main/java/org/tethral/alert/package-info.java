/// What people want to be told of: rules, what is watched for them, and the alerts that came of it.
@NullMarked
package org.tethral.alert;

import org.jspecify.annotations.NullMarked;
