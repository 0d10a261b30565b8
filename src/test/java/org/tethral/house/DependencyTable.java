package org.tethral.house;

import static java.util.stream.Collectors.toCollection;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The two tables of ARCHITECTURE.md: which package may use which other, and which libraries.
///
/// @param root the package that all the others are in; its own row allows everything
/// @param rows by the name of the package below the root, in the order of the table
/// @param libraries by the name of a package, the prefixes of the library packages that it may use;
///   a package without an entry may use any
record DependencyTable(String root, Map<String, Row> rows, Map<String, Set<String>> libraries) {
    private static final Pattern NAME = Pattern.compile("`([\\w.]+)`");

    /// @param uses the packages that the row names, not those that follow from them
    /// @param line the row as it is written
    record Row(String name, boolean later, Set<String> uses, String line) {}

    static DependencyTable parse(String root, String markdown) {
        var rows = new LinkedHashMap<String, Row>();
        for (var line : table(markdown, "| package | may use |")) {
            var cells = cells(line);
            var name = names(cells.get(0)).getFirst();
            var row =
                    new Row(
                            name,
                            cells.get(0).contains("(later)"),
                            Set.copyOf(names(cells.get(1))),
                            line);
            if (rows.put(name, row) != null) {
                throw new IllegalArgumentException("Two rows for `" + name + "`");
            }
        }
        requireDownwards(rows);
        var libraries = new LinkedHashMap<String, Set<String>>();
        for (var line : table(markdown, "| package | may use of others |")) {
            var cells = cells(line);
            for (var name : names(cells.get(0))) {
                if (!rows.containsKey(name)) {
                    throw new IllegalArgumentException(
                            "Libraries for `" + name + "`, which has no row: " + line);
                }
                libraries.put(name, Set.copyOf(names(cells.get(1))));
            }
        }
        return new DependencyTable(root, rows, libraries);
    }

    private static List<String> table(String markdown, String header) {
        var lines =
                markdown.lines()
                        .dropWhile(line -> !line.equals(header))
                        .takeWhile(line -> line.startsWith("|"))
                        .skip(2)
                        .toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("No table that begins with " + header);
        }
        return lines;
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.split("\\|", -1)).skip(1).map(String::strip).toList();
    }

    private static List<String> names(String cell) {
        return NAME.matcher(cell).results().map(match -> match.group(1)).toList();
    }

    private static void requireDownwards(Map<String, Row> rows) {
        var above = new LinkedHashSet<String>();
        for (var row : rows.values()) {
            above.add(row.name());
            for (var used : row.uses()) {
                if (above.contains(used) || !rows.containsKey(used)) {
                    throw new IllegalArgumentException(
                            "`" + used + "` does not stand below: " + row.line());
                }
            }
        }
    }

    /// Compares the packages that have sources with the rows, both ways.
    List<String> compareWith(Set<String> packages) {
        var complaints = new ArrayList<String>();
        for (var name : packages) {
            if (!rows.containsKey(name)) {
                complaints.add("package `" + name + "` has no row");
            }
        }
        for (var row : rows.values()) {
            var exists = row.name().equals(root) || packages.contains(row.name());
            if (!exists && !row.later()) {
                complaints.add("no package for the row " + row.line());
            } else if (exists && row.later()) {
                complaints.add(
                        "package `" + row.name() + "` exists: drop the mark in " + row.line());
            }
        }
        return complaints;
    }

    /// The dependencies of these classes that no row allows, each once.
    List<String> violations(Iterable<JavaClass> classes) {
        var complaints = new TreeSet<String>();
        for (var origin : classes) {
            for (var dependency : origin.getDirectDependenciesFromSelf()) {
                complaint(dependency).ifPresent(complaints::add);
            }
        }
        return List.copyOf(complaints);
    }

    private Optional<String> complaint(Dependency dependency) {
        var from = nameOf(dependency.getOriginClass().getPackageName()).orElseThrow();
        var target = dependency.getTargetClass().getBaseComponentType();
        var row = rows.get(from);
        if (from.equals(root) || row == null || target.isPrimitive()) {
            return Optional.empty();
        }
        var to = nameOf(target.getPackageName());
        if (to.isPresent()) {
            return to.get().equals(from) || reach(from).contains(to.get())
                    ? Optional.empty()
                    : Optional.of(
                            "the row "
                                    + row.line()
                                    + " does not allow: "
                                    + dependency.getDescription());
        }
        return mayUse(from, target.getPackageName())
                ? Optional.empty()
                : Optional.of(
                        "the libraries "
                                + new TreeSet<>(libraries.get(from))
                                + " of `"
                                + from
                                + "` do not allow: "
                                + dependency.getDescription());
    }

    /// Everything of Tethral that the package may use, what its row implies included.
    Set<String> reach(String name) {
        var reached =
                rows.get(name).uses().stream()
                        .flatMap(used -> Stream.concat(Stream.of(used), reach(used).stream()));
        return reached.collect(toCollection(TreeSet::new));
    }

    private boolean mayUse(String name, String library) {
        var allowed = libraries.get(name);
        return allowed == null
                || Stream.concat(Stream.of("java", "javax"), allowed.stream())
                        .anyMatch(prefix ->
                                library.equals(prefix) || library.startsWith(prefix + "."));
    }

    /// The name by which the table knows a Java package; empty if it is none of ours.
    private Optional<String> nameOf(String javaPackage) {
        if (javaPackage.equals(root)) {
            return Optional.of(root);
        }
        return javaPackage.startsWith(root + ".")
                ? Optional.of(javaPackage.substring(root.length() + 1).replaceAll("\\..*", ""))
                : Optional.empty();
    }
}
