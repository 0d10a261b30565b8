package org.tethral.mqtt;

/// What a CONNECT comes to: somebody to get to know, or a no.
sealed interface Introduction permits Hello, Refusal {}
