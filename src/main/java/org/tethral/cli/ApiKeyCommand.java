package org.tethral.cli;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tethral.account.ApiKey;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "api-key",
        description = "Keys with which programs use the API.",
        mixinStandardHelpOptions = true)
final class ApiKeyCommand implements Runnable {

    @Spec private CommandSpec spec = CommandSpec.create();

    static CommandLine build(Context context) {
        var add = CommandSpec.forAnnotatedObject(new Add(context));
        context.addSettings(add);
        return new CommandLine(new ApiKeyCommand()).addSubcommand("add", new CommandLine(add));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "api-key what? add");
    }

    @Command(
            name = "add",
            description =
                    "Make a key, in the database itself. The secret is printed once, alone on the last line.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Add implements Callable<Integer> {

        private final Context context;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                required = true,
                description = "superadmin, community_admin, operator or viewer")
        private String role = "";

        @Option(
                names = "--community",
                paramLabel = "ID",
                description = "of one community; a superadmin has none")
        private @Nullable String community;

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "what it is for, as histories will name it")
        private String name = "command line";

        Add(Context context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            var terminal = context.terminal();
            Role parsedRole;
            CommunityId parsedCommunity;
            try {
                parsedRole = Role.parse(role);
                parsedCommunity = community == null ? null : CommunityId.parse(community);
            } catch (IllegalArgumentException e) {
                throw Failure.misused(String.valueOf(e.getMessage()));
            }
            if (parsedRole != Role.SUPERADMIN && parsedCommunity == null) {
                parsedCommunity = CommunityId.DEFAULT;
            }
            var secret = Secret.generate(ApiKey.SECRET_PREFIX, terminal.random());
            var id = new UUID(terminal.random().nextLong(), terminal.random().nextLong());
            var key =
                    new ApiKey(
                            id,
                            name,
                            secret.sha256(),
                            parsedRole,
                            parsedCommunity,
                            Set.of(),
                            null,
                            null,
                            null,
                            Micros.truncated(terminal.clock().instant()));
            try (var stores = context.programs().open(context.given(spec))) {
                stores.accounts().addApiKey(key);
            }
            terminal.err()
                    .println("an API key for a " + parsedRole.word() + "; it is not shown again:");
            terminal.out().println(secret.reveal());
            return 0;
        }
    }
}
