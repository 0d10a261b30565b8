package org.tethral.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// A finished backup, read row by row.
public final class BackupFile implements AutoCloseable {

    static final String MANIFEST = "manifest.json";

    private static final int MANIFEST_BYTES_MAX = 16 << 20;
    private static final int ROW_BYTES_MAX = 256 << 20;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int ROWS_PER_NOTICE = 1_000;

    private final ZipFile zip;
    private final Manifest manifest;

    private BackupFile(ZipFile zip, Manifest manifest) {
        this.zip = zip;
        this.manifest = manifest;
    }

    /// @throws UnusableBackup it is no complete backup that this program can read
    public static BackupFile open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new UnusableBackup("there is no such file");
        }
        try {
            var zip = new ZipFile(file.toFile());
            try {
                return new BackupFile(zip, manifest(zip));
            } catch (IOException | RuntimeException e) {
                zip.close();
                throw e;
            }
        } catch (ZipException e) {
            throw new UnusableBackup("it is no backup, or not all of one: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UnusableBackup("it cannot be read: " + e.getMessage(), e);
        }
    }

    private static Manifest manifest(ZipFile zip) throws IOException {
        var entry = zip.getEntry(MANIFEST);
        if (entry == null) {
            throw new UnusableBackup("it has no " + MANIFEST);
        }
        try (var in = zip.getInputStream(entry)) {
            return Manifest.parse(in.readNBytes(MANIFEST_BYTES_MAX));
        }
    }

    public Manifest manifest() {
        return manifest;
    }

    @FunctionalInterface
    public interface RowConsumer<E extends Exception> {
        void accept(Cells cells) throws E;
    }

    /// All rows of a table.
    ///
    /// @throws UnusableBackup also at the end, where they are not those that the manifest counts
    public <E extends Exception> void read(Manifest.Contents table, RowConsumer<E> consumer)
            throws E {
        var tally = new Tally();
        var cells = new Cells(table.layout().columns().size());
        for (int part = 1; part <= table.parts(); part++) {
            var name = BackupWriter.member(table.layout().table(), part);
            var entry = zip.getEntry(name);
            if (entry == null) {
                throw new UnusableBackup("it has no " + name);
            }
            read(entry, tally, cells, consumer);
        }
        if (!tally.total().equals(table.total())) {
            throw new UnusableBackup(
                    "%s has %,d rows with the checksum %s, where %,d with %s were written"
                            .formatted(
                                    table.layout().table(),
                                    tally.total().rows(),
                                    tally.total().checksum(),
                                    table.total().rows(),
                                    table.total().checksum()));
        }
    }

    private <E extends Exception> void read(
            ZipEntry entry, Tally tally, Cells cells, RowConsumer<E> consumer) throws E {
        try (var in = new BufferedInputStream(zip.getInputStream(entry), BUFFER_BYTES)) {
            var lines = new Lines(in);
            for (var length = lines.next(); length >= 0; length = lines.next()) {
                tally.add(lines.bytes, length);
                cells.divide(lines.bytes, length);
                consumer.accept(cells);
            }
        } catch (IOException e) {
            throw new UnusableBackup(entry.getName() + " is damaged: " + e.getMessage(), e);
        }
    }

    /// Reads all of it.
    ///
    /// @param progress is told how many rows were read so far
    /// @throws UnusableBackup something is missing or damaged
    public void check(LongConsumer progress) {
        var rows = new long[1];
        for (var table : manifest.tables()) {
            this.<RuntimeException>read(
                    table,
                    _ -> {
                        if (++rows[0] % ROWS_PER_NOTICE == 0) {
                            progress.accept(rows[0]);
                        }
                    });
        }
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    private static final class Lines {
        private final InputStream in;
        private byte[] bytes = new byte[4_096];

        Lines(InputStream in) {
            this.in = in;
        }

        /// The length of the next line in `bytes`; -1 at the end.
        int next() throws IOException {
            var length = 0;
            for (var b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    if (length > 0) {
                        throw new IOException("its last row does not end");
                    }
                    return -1;
                }
                if (length == bytes.length) {
                    if (length >= ROW_BYTES_MAX) {
                        throw new IOException("a row does not end");
                    }
                    bytes = Arrays.copyOf(bytes, 2 * length);
                }
                bytes[length++] = (byte) b;
            }
            return length;
        }
    }
}
