package org.tethral.codec;

/// A kind of codec. The extension point for more of them: a public class with a constructor without
/// arguments, named in `META-INF/services/org.tethral.codec.CodecKind` of a jar on the class path.
/// The built-in kinds come in by the same door.
public interface CodecKind {

    /// As a profile names it: lower-case words with hyphens.
    String name();

    /// Cheap, also for scripts: a script is first read when it is first used, and what is wrong
    /// with it is told then.
    ///
    /// @param script empty for kinds that have none
    Codec open(String script);
}
