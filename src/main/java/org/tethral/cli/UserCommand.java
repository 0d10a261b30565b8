package org.tethral.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.EmailAddress;
import org.tethral.account.Role;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "user",
        description =
                "People who sign in: through a running server (--server, or the one of this --home), else in the database itself.",
        mixinStandardHelpOptions = true)
final class UserCommand implements Runnable {

    @Spec private CommandSpec spec = CommandSpec.create();

    static CommandLine build(Context context) {
        return context.group(
                Context.Reach.DATABASE,
                new UserCommand(),
                new Add(context),
                new ListUsers(context),
                new Deactivate(context),
                new Password(context));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "user what? add, list, deactivate or password");
    }

    /// What every act on users has.
    abstract static class Action implements Callable<Integer> {

        final Context context;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Mixin private ServerOptions server = new ServerOptions();

        Action(Context context) {
            this.context = context;
        }

        abstract int act(People people);

        /// A password for a person: alone on the last line.
        final void tell(String sentence, Secret password) {
            context.terminal().err().println(sentence);
            context.terminal().out().println(password.reveal());
        }

        /// A password for a program.
        final void print(Document user, Secret password) {
            var shown = user.with("password", Value.of(password.reveal()));
            context.terminal().out().println(Json.write(shown));
        }

        @Override
        public Integer call() {
            try (var people = people()) {
                return act(people);
            }
        }

        private People people() {
            var found = server.find(context);
            if (found.isPresent()) {
                return new RemotePeople(found.get());
            }
            return new LocalPeople(
                    context.programs().open(context.given(spec)), context.terminal());
        }
    }

    /// The user that an act is about.
    static final class Target {
        @Parameters(index = "0", paramLabel = "EMAIL", description = "the user's e-mail address")
        private String email = "";

        EmailAddress email() {
            try {
                return new EmailAddress(email);
            } catch (IllegalArgumentException e) {
                throw Failure.misused("'" + email + "' " + e.getMessage());
            }
        }
    }

    @Command(
            name = "add",
            description =
                    "Add a user. A password is made and printed once, alone on the last line.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Add extends Action {

        @Mixin private Target target = new Target();

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                required = true,
                description = "superadmin, community_admin, operator or viewer")
        private String role = "";

        @Option(
                names = "--community",
                paramLabel = "ID",
                description = "of that one (the first); a superadmin has none")
        private @Nullable String community;

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        Add(Context context) {
            super(context);
        }

        @Override
        int act(People people) {
            var email = target.email();
            Role parsedRole;
            CommunityId parsedCommunity;
            try {
                parsedRole = Role.parse(role);
                parsedCommunity = community == null ? null : CommunityId.parse(community);
            } catch (IllegalArgumentException e) {
                throw Failure.misused(String.valueOf(e.getMessage()));
            }
            if (parsedRole == Role.SUPERADMIN && parsedCommunity != null) {
                throw Failure.misused("a superadmin is of no single community");
            }
            var password = people.add(email, parsedRole, parsedCommunity);
            if (json) {
                var user =
                        Document.of("email", Value.of(email.value()))
                                .with("role", Value.of(parsedRole.word()));
                print(user, password);
                return 0;
            }
            tell(
                    "user "
                            + email
                            + " is added as "
                            + parsedRole.word()
                            + "; the password is not shown again:",
                    password);
            return 0;
        }
    }

    @Command(
            name = "list",
            description = "List users in the order of their addresses.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class ListUsers extends Action {

        @Option(names = "--json", description = "print a JSON array")
        private boolean json;

        ListUsers(Context context) {
            super(context);
        }

        @Override
        int act(People people) {
            var out = context.terminal().out();
            var users = people.list();
            if (json) {
                out.println(Json.write(new Value.Array(List.copyOf(users))));
                return 0;
            }
            var rows = new ArrayList<List<String>>();
            for (var user : users) {
                rows.add(
                        List.of(
                                Lines.text(user, "email"),
                                Lines.text(user, "role"),
                                Lines.text(user, "community_id"),
                                Lines.text(user, "active"),
                                Lines.text(user, "last_login_at")));
            }
            Lines.table(out, List.of("USER", "ROLE", "COMMUNITY", "ACTIVE", "LAST LOGIN"), rows);
            return 0;
        }
    }

    @Command(
            name = "deactivate",
            description = "Let a user sign in no more, and end their sessions and keys.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Deactivate extends Action {

        @Mixin private Target target = new Target();

        Deactivate(Context context) {
            super(context);
        }

        @Override
        int act(People people) {
            people.deactivate(target.email());
            context.terminal().err().println("user " + target.email() + " is deactivated");
            return 0;
        }
    }

    @Command(
            name = "password",
            description =
                    "Give a user a new password, printed once, alone on the last line, and sign them out.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Password extends Action {

        @Mixin private Target target = new Target();

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        Password(Context context) {
            super(context);
        }

        @Override
        int act(People people) {
            var password = people.newPassword(target.email());
            if (json) {
                print(Document.of("email", Value.of(target.email().value())), password);
                return 0;
            }
            tell("the new password of " + target.email() + "; it is not shown again:", password);
            return 0;
        }
    }
}
