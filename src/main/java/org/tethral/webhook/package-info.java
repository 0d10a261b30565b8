/// Events as signed HTTP requests to a receiver's URL: CloudEvents 1.0, signed as Standard Webhooks
/// asks for, and never to an address inside the own network that nobody allowed.
@NullMarked
package org.tethral.webhook;

import org.jspecify.annotations.NullMarked;
