package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Secret;

class DatabaseUrlTest {

    @Test
    void namesAFileOfSqlite() {
        for (var url :
                List.of(
                        "sqlite:data/tethral.db",
                        "jdbc:sqlite:data/tethral.db",
                        " sqlite:data/tethral.db ")) {
            assertThat(DatabaseUrl.parse(url))
                    .isEqualTo(new DatabaseUrl.Sqlite(Path.of("data/tethral.db")));
        }
        assertThat(DatabaseUrl.parse("sqlite:///var/tethral.db"))
                .isEqualTo(new DatabaseUrl.Sqlite(Path.of("/var/tethral.db")));
    }

    @Test
    void readsAllPartsOfAPostgresUrl() {
        assertThat(
                        DatabaseUrl.parse(
                                "postgresql://tess:s%40fe%2Fword@db.example:6543/fleet?sslmode=require&a=b%20c"))
                .isEqualTo(
                        postgres(
                                "db.example:6543",
                                "fleet",
                                "tess",
                                "s@fe/word",
                                Map.of("sslmode", "require", "a", "b c")));
        assertThat(DatabaseUrl.parse("postgres://tess@[::1]:5432/fleet"))
                .isEqualTo(postgres("[::1]:5432", "fleet", "tess", null, Map.of()));
        assertThat(DatabaseUrl.parse("cockroachdb://root@a:26257,b:26257/fleet"))
                .isEqualTo(postgres("a:26257,b:26257", "fleet", "root", null, Map.of()));
        assertThat(
                        DatabaseUrl.parse(
                                "jdbc:postgresql://host/fleet?user=tess&password=secret&prepareThreshold=0"))
                .isEqualTo(
                        postgres(
                                "host",
                                "fleet",
                                "tess",
                                "secret",
                                Map.of("prepareThreshold", "0")));
        assertThat(DatabaseUrl.parse("postgresql://tess@host"))
                .isEqualTo(postgres("host", "tess", "tess", null, Map.of()));
    }

    @Test
    void takesPasswordsAsPeopleWriteThem() {
        assertThat(DatabaseUrl.parse("postgresql://tess:p@ss:50%+1@host/fleet"))
                .isEqualTo(postgres("host", "fleet", "tess", "p@ss:50%+1", Map.of()));
    }

    @Test
    void neverShowsThePassword() {
        for (var text :
                List.of(
                        "postgresql://tess:hunter2@host/fleet",
                        "postgresql://host/fleet?user=tess&password=hunter2")) {
            var url = DatabaseUrl.parse(text);
            assertThat(url.describe()).isEqualTo("postgresql://tess@host/fleet");
            assertThat(url.toString()).doesNotContain("hunter2");
        }
    }

    @Test
    void refusesWhatNamesNoDatabase() {
        for (var text :
                List.of(
                        "",
                        "tethral.db",
                        "mysql://host/db",
                        "sqlite:",
                        "sqlite::memory:",
                        "sqlite:a?mode=ro",
                        "postgresql://",
                        "postgresql:///",
                        "postgresql://:secret@/")) {
            assertThatThrownBy(() -> DatabaseUrl.parse(text))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .message()
                    .doesNotContain("secret");
        }
    }

    @Test
    void preparesNothingOnTheServerBehindATransactionPooler() {
        assertThat(pooled("postgresql://u@aws-0.pooler.supabase.com:6543/postgres")).isTrue();
        assertThat(pooled("postgresql://u@host:6432/db?pgbouncer=true")).isTrue();
        assertThat(pooled("postgresql://u@aws-0.pooler.supabase.com:5432/postgres")).isFalse();
        assertThat(pooled("postgresql://u@host/db")).isFalse();
    }

    private static boolean pooled(String url) {
        return DatabaseUrl.parse(url) instanceof DatabaseUrl.Postgres postgres
                && postgres.throughTransactionPooler();
    }

    private static DatabaseUrl.Postgres postgres(
            String hosts,
            String name,
            String user,
            @Nullable String password,
            Map<String, String> parameters) {
        return new DatabaseUrl.Postgres(
                hosts, name, user, password == null ? null : new Secret(password), parameters);
    }
}
