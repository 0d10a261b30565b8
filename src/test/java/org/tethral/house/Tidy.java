package org.tethral.house;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// The rules of size and name. Each method returns one complaint per finding, with its place as
/// `file:line`.
final class Tidy {
    static final int FILE_LINES_MAX = 400;
    static final int METHOD_LINES_MAX = 59;

    private static final Pattern VAGUE_NAME = Pattern.compile(".+(Impl|Utils?|Helper|Manager)");
    private static final Pattern LEFT_OVER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME)\\b");

    /// A folder of one person or one machine, or the name of a host that only one network knows.
    private static final Pattern WORKPLACE =
            Pattern.compile(
                    "(?<![\\w.~*}-])/(?:(?:home|Users)/\\w+|root|work|workspace)/"
                            + "|[A-Z]:\\\\+Users\\\\"
                            + "|//[\\w.-]+\\.(?:internal|intranet|corp|lan)\\b");

    private static final Set<String> CALENDARS =
            Set.of(
                    "Instant",
                    "LocalDate",
                    "LocalDateTime",
                    "LocalTime",
                    "OffsetDateTime",
                    "OffsetTime",
                    "ZonedDateTime");

    private Tidy() {}

    /// What holds for every text file: source, script, page, document.
    static List<String> text(String file, String text) {
        var complaints = new ArrayList<String>();
        var lines = text.lines().toList();
        for (var i = 0; i < lines.size(); i++) {
            if (LEFT_OVER.matcher(lines.get(i)).find()) {
                complaints.add(
                        file + ":" + (i + 1) + " leaves work for later: file an issue or do it");
            }
            if (WORKPLACE.matcher(lines.get(i)).find()) {
                complaints.add(file + ":" + (i + 1) + " names a path or host of one workplace");
            }
        }
        return complaints;
    }

    /// A file of Java.
    static final class Source extends SimpleJavaFileObject {
        private final String file;
        private final String text;
        private final boolean mayReadTheClock;

        /// @param mayReadTheClock whether this file may ask for the current time or for chance
        ///   itself
        Source(String file, String text, boolean mayReadTheClock) {
            super(URI.create("string:///" + file), JavaFileObject.Kind.SOURCE);
            this.file = file;
            this.text = text;
            this.mayReadTheClock = mayReadTheClock;
        }

        @Override
        public String getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /// What holds for Java besides. Parses all in one go, since it is the compiler's start that
    /// takes time.
    static List<String> java(List<Source> sources) {
        var complaints = new ArrayList<String>();
        for (var source : sources) {
            var lines = source.text.lines().count();
            if (lines > FILE_LINES_MAX) {
                complaints.add(
                        source.file
                                + ":1 has "
                                + lines
                                + " lines, of "
                                + FILE_LINES_MAX
                                + " at most");
            }
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        var task = (JavacTask) compiler.getTask(null, null, null, null, null, sources);
        try {
            var of = sources.iterator();
            var positions = Trees.instance(task).getSourcePositions();
            for (var unit : task.parse()) {
                new Scan(of.next(), unit, positions, complaints).scan(unit, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("parse the sources", e);
        }
        return complaints;
    }

    private static final class Scan extends TreeScanner<Void, Void> {
        private final Source source;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> complaints;

        Scan(
                Source source,
                CompilationUnitTree unit,
                SourcePositions positions,
                List<String> complaints) {
            this.source = source;
            this.unit = unit;
            this.positions = positions;
            this.complaints = complaints;
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            if (VAGUE_NAME.matcher(type.getSimpleName()).matches()) {
                complain(
                        type,
                        "is called "
                                + type.getSimpleName()
                                + ", which says nothing about what it is");
            }
            return super.visitClass(type, null);
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            var lines = line(positions.getEndPosition(unit, method)) - line(start(method)) + 1;
            if (lines > METHOD_LINES_MAX) {
                complain(
                        method,
                        method.getName()
                                + " has "
                                + lines
                                + " lines, of "
                                + METHOD_LINES_MAX
                                + " at most");
            }
            return super.visitMethod(method, null);
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void nothing) {
            if (call.getArguments().isEmpty()
                    && call.getMethodSelect() instanceof MemberSelectTree select) {
                checkClock(call, select.getExpression(), select.getIdentifier().toString());
            }
            return super.visitMethodInvocation(call, null);
        }

        @Override
        public Void visitMemberReference(MemberReferenceTree reference, Void nothing) {
            checkClock(
                    reference, reference.getQualifierExpression(), reference.getName().toString());
            return super.visitMemberReference(reference, null);
        }

        @Override
        public Void visitNewClass(NewClassTree creation, Void nothing) {
            if (creation.getArguments().isEmpty()
                    && simpleName(creation.getIdentifier()).equals("Random")) {
                complainOfClock(creation, "new Random()");
            }
            return super.visitNewClass(creation, null);
        }

        private void checkClock(Tree place, ExpressionTree target, String method) {
            var type = simpleName(target);
            var readsClock =
                    (method.equals("now") && CALENDARS.contains(type))
                            || (method.equals("currentTimeMillis") && type.equals("System"))
                            || (method.equals("random") && type.equals("Math"));
            if (readsClock) {
                complainOfClock(place, type + "." + method);
            }
        }

        private void complainOfClock(Tree place, String what) {
            if (!source.mayReadTheClock) {
                complain(place, "uses " + what + ": take time and chance as arguments");
            }
        }

        private static String simpleName(Tree type) {
            return switch (type) {
                case IdentifierTree identifier -> identifier.getName().toString();
                case MemberSelectTree select -> select.getIdentifier().toString();
                default -> "";
            };
        }

        private void complain(Tree place, String what) {
            complaints.add(source.file + ":" + line(start(place)) + " " + what);
        }

        private long start(Tree tree) {
            return positions.getStartPosition(unit, tree);
        }

        private long line(long position) {
            return unit.getLineMap().getLineNumber(position);
        }
    }
}
