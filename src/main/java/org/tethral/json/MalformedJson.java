package org.tethral.json;

/// The text is no JSON, or more than is taken; the message says where and what, for the person who
/// wrote it.
public final class MalformedJson extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedJson(String reason) {
        super(reason);
    }
}
