package org.tethral.archive;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Writes a backup, row by row, into `FILE.part`; with [#finish] it is on the disk and has its
/// name. The file is a ZIP of JSON Lines, `manifest.json` its last member. Only its owner may read
/// it.
public final class BackupWriter implements AutoCloseable {

    /// Rows of one member: none gets so large that tools have trouble with it.
    static final long ROWS_PER_PART = 1_000_000;

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final Path part;
    private final FileChannel channel;
    private final ZipOutputStream zip;
    private final OutputStream lines;
    private final List<Manifest.Contents> tables = new ArrayList<>();
    private final Line line = new Line();
    private boolean finished;

    private BackupWriter(Path file, Path part, FileChannel channel) {
        this.file = file;
        this.part = part;
        this.channel = channel;
        this.zip =
                new ZipOutputStream(
                        new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES));
        this.zip.setLevel(Deflater.BEST_SPEED);
        this.lines = new BufferedOutputStream(zip, BUFFER_BYTES);
    }

    /// @throws FileAlreadyExistsException there is such a file: it is not touched
    public static BackupWriter create(Path file) throws IOException {
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        var part = Path.of(file + ".part");
        Files.deleteIfExists(part);
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new BackupWriter(file, part, FileChannel.open(part, options, ownerOnly(part)));
    }

    private static FileAttribute<?>[] ownerOnly(Path part) throws IOException {
        var directory = part.toAbsolutePath().getParent();
        return directory != null && Files.getFileStore(directory).supportsFileAttributeView("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    /// Hands over the rows of a table one by one.
    @FunctionalInterface
    public interface Rows<E extends Exception> {
        void into(Sink sink) throws E, IOException;
    }

    /// Takes a row that was written into its line.
    public final class Sink {
        private final Layout layout;
        private final Tally tally = new Tally();
        private int parts;

        private Sink(Layout layout) {
            this.layout = layout;
        }

        public Line line() {
            return line;
        }

        /// The line is a row; the next one begins.
        public void add() throws IOException {
            if (tally.rows() % ROWS_PER_PART == 0) {
                open();
            }
            var utf8 = line.utf8();
            line.clear();
            tally.add(utf8, utf8.length);
            lines.write(utf8);
            lines.write('\n');
        }

        private void open() throws IOException {
            lines.flush();
            zip.putNextEntry(new ZipEntry(member(layout.table(), ++parts)));
        }
    }

    static String member(String table, int part) {
        return "%s.%04d.jsonl".formatted(table, part);
    }

    public <E extends Exception> void table(Layout layout, Rows<E> rows) throws E, IOException {
        var sink = new Sink(layout);
        line.clear();
        rows.into(sink);
        lines.flush();
        tables.add(new Manifest.Contents(layout, sink.parts, sink.tally.total()));
    }

    public List<Manifest.Contents> tables() {
        return List.copyOf(tables);
    }

    /// Returns when the file is durable under its name.
    public void finish(Manifest manifest) throws IOException {
        zip.putNextEntry(new ZipEntry(BackupFile.MANIFEST));
        zip.write(manifest.json().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
        zip.finish();
        zip.flush();
        channel.force(true);
        zip.close();
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        Durable.directoryOf(file);
        finished = true;
    }

    /// Without [#finish] nothing is left.
    @Override
    public void close() throws IOException {
        if (!finished) {
            channel.close(); // what the ZIP still holds is not to be written
            Files.deleteIfExists(part);
        }
    }
}
