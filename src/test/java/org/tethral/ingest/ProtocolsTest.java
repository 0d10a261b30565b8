package org.tethral.ingest;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.kernel.Eventually.eventually;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tethral.command.CommandId;
import org.tethral.command.CommandName;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.Protocol;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Protocols that others bring: those that work do, and those that do not harm only themselves.
class ProtocolsTest {

    private static final Instant NOW = Instant.parse("2026-05-01T08:00:00Z");
    private static final InetSocketAddress ANYWHERE =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 7);
    private static final DeviceId PUMP = new DeviceId("pump-7");

    private final MemoryJournal journal = new MemoryJournal();
    private final Ingest ingest =
            new Ingest(1, _ -> journal, InstantSource.fixed(NOW), new SimpleMeterRegistry());
    private final Board board = new Board();
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void start() {
        ingest.start();
    }

    @AfterEach
    void close() throws Exception {
        for (var one : open) {
            one.close();
        }
        ingest.close();
    }

    /// Remembers the newest way down.
    private static final class Board implements Switchboard {
        final AtomicReference<@Nullable Downlink> way = new AtomicReference<>();

        @Override
        public void reachable(DeviceId device, Downlink downlink) {
            way.set(downlink);
        }

        @Override
        public void unreachable(DeviceId device, Downlink downlink) {
            way.compareAndSet(downlink, null);
        }
    }

    /// What the dispatcher is told.
    private static final class Told implements Handover {
        final CompletableFuture<String> failed = new CompletableFuture<>();

        @Override
        public void delivered() {}

        @Override
        public void failed(String reason) {
            failed.complete(reason);
        }
    }

    private Inlet inlet(String name) {
        var inlet =
                new Inlet(
                        name,
                        ingest,
                        _ -> new DeviceLogin.Refused("nobody"),
                        board,
                        InstantSource.fixed(NOW));
        open.add(inlet);
        return inlet;
    }

    private Protocols protocols(Duration patience, String... names) {
        var wanted = new java.util.TreeMap<String, InetSocketAddress>();
        for (var name : names) {
            wanted.put(name, ANYWHERE);
        }
        var protocols = new Protocols(wanted, this::inlet, patience);
        open.add(protocols);
        return protocols;
    }

    private static Instruction instruction() {
        return new Instruction(
                new CommandId(new UUID(1, 2)),
                new CommandName("open"),
                Document.EMPTY,
                NOW.plusSeconds(60),
                1,
                false);
    }

    @Test
    @Timeout(30)
    void oneThatThrowsAndOneThatHangsAreNotThereAndTheOthersAre() {
        var protocols = protocols(Duration.ofSeconds(1), "hanging", "throwing", "working");

        protocols.start();

        assertThat(protocols.ports()).containsExactly(Map.entry("working", 7));
        assertThat(protocols.problems())
                .containsEntry("working", Optional.empty())
                .containsEntry("hanging", Optional.of("is not open yet"))
                .containsEntry("throwing", Optional.of("cannot be opened: the port is taken"));
    }

    @Test
    void saysWhichThereAreWhereOneIsNotThere() {
        assertThatThrownBy(() -> protocols(Duration.ofSeconds(1), "no-such"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no protocol 'no-such': there are hanging, throwing, working");
    }

    @Test
    @Timeout(30)
    void waitsOnTheCallersThreadUntilTheMessageIsDurable() throws Exception {
        var device = journal.register(PUMP.value());
        journal.hold();
        var inlet = inlet("lines");
        var answer = new CompletableFuture<Answer>();
        var report =
                new Inbound.Report(
                        device,
                        NOW,
                        List.of(
                                new Inbound.Measurement(
                                        NOW, null, Document.of("t", Value.of(21.5)))));
        var caller =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                answer.complete(inlet.store(report, 10));
                            } catch (InterruptedException e) {
                                answer.completeExceptionally(e);
                            }
                        });
        eventually(() -> journal.held() > 0);
        assertThat(answer).isNotDone();

        journal.release();

        assertThat(answer.get(20, TimeUnit.SECONDS)).isInstanceOf(Answer.Stored.class);
        caller.join();
    }

    @Test
    @Timeout(30)
    void aDownlinkThatHangsHoldsUpNobodyAndIsHandedNoMoreThanItsBound() {
        var never = new CountDownLatch(1);
        var inlet = inlet("lines");
        inlet.reachable(
                PUMP,
                down((_, _) -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }));
        var way = requireNonNull(board.way.get());

        var last = new Told();
        for (int n = 0; n < Inlet.INSTRUCTIONS_WAITING_MAX + 2; n++) {
            last = new Told();
            way.send(instruction(), last);
        }

        assertThat(last.failed)
                .isCompletedWithValue("the protocol lines takes no more instructions");
    }

    @Test
    void aDownlinkThatThrowsHandsNothingOver() throws Exception {
        var inlet = inlet("lines");
        var reached =
                inlet.reachable(
                        PUMP,
                        down((_, _) -> {
                            throw new NoClassDefFoundError("a library that was forgotten");
                        }));
        var told = new Told();
        requireNonNull(board.way.get()).send(instruction(), told);

        assertThat(told.failed.get(20, TimeUnit.SECONDS))
                .isEqualTo("the protocol lines failed by a fault");
        reached.close();
        assertThat(board.way.get()).isNull();
    }

    private interface Sending {
        void send(Instruction instruction, Handover handover);
    }

    private static Downlink down(Sending sending) {
        return new Downlink() {
            @Override
            public void send(Instruction instruction, Handover handover) {
                sending.send(instruction, handover);
            }

            @Override
            public Protocol protocol() {
                return Protocol.WEBSOCKET;
            }
        };
    }
}
