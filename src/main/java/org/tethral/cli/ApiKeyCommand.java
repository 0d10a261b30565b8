package org.tethral.cli;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tethral.account.ApiKey;
import org.tethral.account.CommunityId;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
        return context.group(Context.Reach.DATABASE, new ApiKeyCommand(), new Add(context));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "api-key what? add");
    }

    @Command(
            name = "add",
            description = "Make a key. The secret is printed once, alone on the last line.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Add implements Callable<Integer> {

        private final Context context;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Mixin private ServerOptions server = new ServerOptions();

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
                names = "--scope",
                paramLabel = "SCOPE",
                description =
                        "only for that, once or more: read, devices:write, commands:send, events:write,"
                                + " subscriptions:write, alerts:write, spaces:write, admin; without, all that the role may do")
        private List<String> scopes = List.of();

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "what it is for, as histories will name it")
        private String name = "command line";

        @Option(names = "--json", description = "print JSON")
        private boolean json;

        Add(Context context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            var terminal = context.terminal();
            Role parsedRole;
            CommunityId parsedCommunity;
            Set<Scope> parsedScopes;
            try {
                parsedRole = Role.parse(role);
                parsedCommunity = community == null ? null : CommunityId.parse(community);
                parsedScopes = scopes.stream().map(Scope::parse).collect(Collectors.toSet());
            } catch (IllegalArgumentException e) {
                throw Failure.misused(String.valueOf(e.getMessage()));
            }
            if (parsedRole != Role.SUPERADMIN && parsedCommunity == null) {
                parsedCommunity = CommunityId.DEFAULT;
            }
            var found = server.find(context);
            var secret =
                    found.isPresent()
                            ? addAt(found.get(), parsedRole, parsedCommunity, parsedScopes)
                            : addHere(parsedRole, parsedCommunity, parsedScopes);
            if (json) {
                var key =
                        Document.of("name", Value.of(name))
                                .with("role", Value.of(parsedRole.word()))
                                .with("scopes", words(parsedScopes))
                                .with("secret", Value.of(secret.reveal()));
                terminal.out().println(Json.write(key));
                return 0;
            }
            terminal.err()
                    .println(
                            "an API key with the role "
                                    + parsedRole.word()
                                    + "; it is not shown again:");
            terminal.out().println(secret.reveal());
            return 0;
        }

        private Secret addHere(
                Role parsedRole, @Nullable CommunityId parsedCommunity, Set<Scope> parsedScopes) {
            var random = context.terminal().random();
            var secret = Secret.generate(ApiKey.SECRET_PREFIX, random);
            var now = Micros.truncated(context.terminal().clock().instant());
            var key =
                    new ApiKey(
                            new UUID(random.nextLong(), random.nextLong()),
                            name,
                            secret.sha256(),
                            parsedRole,
                            parsedCommunity,
                            parsedScopes,
                            null,
                            null,
                            null,
                            now);
            try (var stores = context.programs().open(context.given(spec))) {
                stores.accounts().addApiKey(key);
                new LocalAudit(stores.audit(), context.terminal())
                        .add(
                                "api_key.add",
                                key.id().toString(),
                                key.community(),
                                null,
                                Document.of("name", Value.of(name))
                                        .with("role", Value.of(parsedRole.word()))
                                        .with("scopes", words(parsedScopes)));
            }
            return secret;
        }

        private Secret addAt(
                ServerOptions.Server at,
                Role parsedRole,
                @Nullable CommunityId parsedCommunity,
                Set<Scope> parsedScopes) {
            var wanted =
                    Document.of("name", Value.of(name))
                            .with("role", Value.of(parsedRole.word()))
                            .with("scopes", words(parsedScopes));
            if (parsedCommunity != null) {
                wanted = wanted.with("community_id", Value.of(parsedCommunity.toString()));
            }
            try (var api = new Api(at)) {
                var made = api.call("POST", "/api/v1/api-keys", wanted);
                if (made.status() != 201) {
                    throw Api.refused(made);
                }
                return new Secret(Lines.text(made.body(), "secret"));
            }
        }

        private static Value words(Set<Scope> scopes) {
            return new Value.Array(
                    scopes.stream().map(Scope::word).sorted().<Value>map(Value::of).toList());
        }
    }
}
