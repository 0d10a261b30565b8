package org.tethral.sql;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Runs a test class once per engine: SQLite, PostgreSQL, and CockroachDB where
/// `TETHRAL_TEST_COCKROACH_URL` names one. Its constructor takes a [TestDatabase], the same for all
/// methods of a run.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@MethodSource("org.tethral.sql.TestDatabases#engines")
@interface EachEngine {}
