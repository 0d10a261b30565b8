package org.tethral.http;

import java.util.List;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// `/api/v1/system`: the program itself, and how full its parts are.
final class SystemRoutes {

    private final Machinery machinery;
    private final List<HttpEdge.Component> components;

    SystemRoutes(HttpEdge.Parts parts) {
        this.machinery = parts.machinery();
        this.components = parts.components();
    }

    void on(Operations.Target operations) {
        operations.on("system", _ -> Reply.ok(document(machinery.look().get())));
        operations.on("takeBackup", _ -> backUp());
    }

    private Reply backUp() {
        return switch (machinery.backUp().get()) {
            case Machinery.Begun.Started(var name) -> {
                var made = new Fields().text("name", name).document();
                yield Reply.json(202, made).audited(Act.added(name, null, made));
            }
            case Machinery.Begun.Running _ ->
                    Reply.of(Problem.of(409, "backup-under-way", "a backup is being made already"));
            case Machinery.Begun.TooMany(var most) ->
                    Reply.of(
                            Problem.of(
                                    409,
                                    "too-many",
                                    "there are " + most + " backups: move some elsewhere first"));
        };
    }

    private Document document(Machinery.View view) {
        var about = view.about();
        var store = view.store();
        var bytes = store.bytes();
        return new Fields()
                .text("version", about.version())
                .text("node", about.node())
                .time("started_at", about.startedAt())
                .time("now", about.now())
                .text("java", about.java())
                .number("processors", about.processors())
                .number("cpu", about.cpu())
                .value(
                        "store",
                        new Fields()
                                .text("engine", store.engine())
                                .number("schema", store.schema())
                                .value("bytes", bytes == null ? Value.Null.NULL : Value.of(bytes))
                                .time("last_commit_at", store.lastCommitAt())
                                .document())
                .list("components", components, SystemRoutes::document)
                .list("loads", view.loads(), SystemRoutes::document)
                .list("breakers", view.breakers(), SystemRoutes::document)
                .counts("counts", view.counts(), name -> name)
                .list("nodes", view.nodes(), SystemRoutes::document)
                .value("backups", document(view.backups()))
                .document();
    }

    private static Document document(HttpEdge.Component component) {
        return new Fields()
                .text("name", component.name())
                .truth("needed", component.needed())
                .text("problem", Health.problem(component).orElse(null))
                .document();
    }

    private static Document document(Machinery.Load load) {
        return new Fields()
                .text("name", load.name())
                .text("unit", load.unit())
                .number("used", load.used())
                .number("capacity", load.capacity())
                .document();
    }

    private static Document document(Machinery.Breaker breaker) {
        return new Fields()
                .text("name", breaker.name())
                .counts("circuits", breaker.circuits(), state -> state)
                .document();
    }

    private static Document document(Machinery.Node node) {
        return new Fields()
                .text("name", node.name())
                .time("started_at", node.startedAt())
                .time("seen_at", node.seenAt())
                .document();
    }

    private static Document document(Machinery.Backups backups) {
        return new Fields()
                .text("folder", backups.folder())
                .truth("running", backups.running())
                .text("problem", backups.problem())
                .list("files", backups.files(), SystemRoutes::document)
                .document();
    }

    private static Document document(Machinery.Backup backup) {
        return new Fields()
                .text("name", backup.name())
                .number("bytes", backup.bytes())
                .time("taken_at", backup.takenAt())
                .document();
    }
}
