package org.tethral.cli;

import org.jspecify.annotations.Nullable;

/// Something about the program that can be set: `--http-port 8080` on the command line,
/// `TETHRAL_HTTP_PORT` in the environment, `http-port = 8080` in a file.
///
/// @param name lower case, words joined by `-`
/// @param label what a value looks like: `PORT`
/// @param standard the value where none is given; null: none, or it depends on others
public record Setting(String name, String label, @Nullable String standard, String description) {

    public static final String ENVIRONMENT_PREFIX = "TETHRAL_";

    public String flag() {
        return "--" + name;
    }

    public String variable() {
        return ENVIRONMENT_PREFIX + name.toUpperCase(java.util.Locale.ROOT).replace('-', '_');
    }

    /// A setting with the value that is in force.
    ///
    /// @param value as it may be shown: secrets in it are masked; null: not set
    /// @param origin who set it: `--http-port`, `TETHRAL_HTTP_PORT`, a file, or `default`
    public record InForce(Setting setting, @Nullable String value, String origin) {}
}
