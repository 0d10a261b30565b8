/// The stores on SQLite, PostgreSQL and CockroachDB: databases, migrations, and the SQL beside its
/// mapping.
@NullMarked
package org.tethral.sql;

import org.jspecify.annotations.NullMarked;
