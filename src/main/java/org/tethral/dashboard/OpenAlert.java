package org.tethral.dashboard;

import org.tethral.alert.Alert;

/// An alert that is not resolved, with the name that people gave its device.
public record OpenAlert(Alert alert, String deviceName) {}
