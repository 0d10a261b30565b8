/// HTTP: the API for people and programs, the device channel, live streams, and the web page's
/// files. Reports of devices stay on the event loop up to the inbound queue; everything that may
/// block runs on virtual threads.
@NullMarked
package org.tethral.http;

import org.jspecify.annotations.NullMarked;
