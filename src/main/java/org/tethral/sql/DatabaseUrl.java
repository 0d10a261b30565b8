package org.tethral.sql;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;

/// Which database: `sqlite:FILE`, or `postgresql://user:password@host:port/name?parameters` (also
/// `postgres://` and `cockroachdb://`), each also as a `jdbc:` URL.
public sealed interface DatabaseUrl {

    /// The URL without a password, for people and logs.
    String describe();

    record Sqlite(Path file) implements DatabaseUrl {
        @Override
        public String describe() {
            return "sqlite:" + file;
        }
    }

    /// @param hosts `host:port`, or several with commas
    /// @param parameters go to the driver: `sslmode`, `sslrootcert`, `prepareThreshold`, …
    record Postgres(
            String hosts,
            String name,
            @Nullable String user,
            @Nullable Secret password,
            Map<String, String> parameters)
            implements DatabaseUrl {

        /// Port of Supabase's pooler in transaction mode.
        private static final String SUPABASE_TRANSACTION_POOLER = ".pooler.supabase.com:6543";

        public Postgres {
            parameters = Map.copyOf(parameters);
        }

        /// True where each transaction may meet another server session: no server-side prepared
        /// statements then.
        boolean throughTransactionPooler() {
            return hosts.endsWith(SUPABASE_TRANSACTION_POOLER)
                    || "true".equals(parameters.get("pgbouncer"));
        }

        String jdbc() {
            return "jdbc:postgresql://" + hosts + "/" + name;
        }

        @Override
        public String describe() {
            return "postgresql://" + (user == null ? "" : user + "@") + hosts + "/" + name;
        }

        @Override
        public String toString() {
            return describe();
        }
    }

    /// @throws IllegalArgumentException says what is wrong; never repeats a password
    static DatabaseUrl parse(String text) {
        var url = text.strip();
        if (url.startsWith("jdbc:")) {
            url = url.substring("jdbc:".length());
        }
        if (url.startsWith("sqlite:")) {
            return sqlite(url.substring("sqlite:".length()));
        }
        for (var scheme : new String[] {"postgresql://", "postgres://", "cockroachdb://"}) {
            if (url.startsWith(scheme)) {
                return postgres(url.substring(scheme.length()));
            }
        }
        throw new IllegalArgumentException(
                "a database URL is sqlite:FILE or postgresql://user:password@host:port/name");
    }

    private static Sqlite sqlite(String rest) {
        var file = rest.startsWith("///") ? rest.substring(2) : rest;
        if (file.isEmpty()
                || file.startsWith(":")
                || file.startsWith("file:")
                || file.indexOf('?') >= 0) {
            throw new IllegalArgumentException(
                    "sqlite: is followed by the name of a file; there is no database in memory only");
        }
        try {
            return new Sqlite(Path.of(file));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("sqlite: is followed by the name of a file", e);
        }
    }

    private static Postgres postgres(String rest) {
        var query = rest.lastIndexOf('?');
        var parameters = new LinkedHashMap<String, String>();
        if (query >= 0 && query > rest.lastIndexOf('@')) {
            for (var one : rest.substring(query + 1).split("&", -1)) {
                var equals = one.indexOf('=');
                if (equals > 0) {
                    parameters.put(one.substring(0, equals), decoded(one.substring(equals + 1)));
                }
            }
            rest = rest.substring(0, query);
        }
        var at = rest.lastIndexOf('@');
        var login = at < 0 ? "" : rest.substring(0, at);
        var place = rest.substring(at + 1);
        var slash = place.indexOf('/');
        var hosts = slash < 0 ? place : place.substring(0, slash);
        var name = slash < 0 ? "" : decoded(place.substring(slash + 1));
        var colon = login.indexOf(':');
        var user = decoded(colon < 0 ? login : login.substring(0, colon));
        var password = colon < 0 ? "" : decoded(login.substring(colon + 1));
        var userParameter = parameters.remove("user");
        var passwordParameter = parameters.remove("password");
        user = user.isEmpty() && userParameter != null ? userParameter : user;
        password = password.isEmpty() && passwordParameter != null ? passwordParameter : password;
        name = name.isEmpty() ? user : name;
        if (hosts.isEmpty() || name.isEmpty()) {
            throw new IllegalArgumentException(
                    "a PostgreSQL URL names a host and a database: postgresql://user:password@host:port/name");
        }
        return new Postgres(
                hosts,
                name,
                user.isEmpty() ? null : user,
                password.isEmpty() ? null : new Secret(password),
                parameters);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a password with a bare % in it
        }
    }
}
