package org.tethral.sql;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import org.tethral.ingest.Receipt;
import org.tethral.kernel.StorageException;

/// How one engine takes what a commit writes, in bulk.
sealed interface JournalTables permits SqliteTables, PostgresTables {

    Map<Receipt, Long> receipts(Session session, Collection<Receipt> receipts) throws SQLException;

    /// The first of so many consecutive numbers, above all given before.
    long reserveSnapshots(Session session, int count) throws SQLException;

    /// @throws StorageException CONFLICT where another writer was first
    void write(Session session, long number, JournalRows rows) throws SQLException;

    /// What was written last is durable.
    void committed();

    String OVERTAKEN = " was changed by another writer first";

    static String notAlone(String writer) {
        return "another process commits as '" + writer + "': each needs a node name of its own";
    }
}
