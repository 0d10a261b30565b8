package org.tethral.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.codec.CodecFailed.Reason;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class HostileCodecTest {

    private static final JavaScriptKind KIND = new JavaScriptKind();
    private static final Uplink UPLINK =
            new Uplink(new byte[] {1}, 1, Instant.EPOCH, Document.EMPTY);

    private static Decoding decode(String body) {
        return KIND.open("function decodeUplink(input) {" + body + "}").decode(UPLINK);
    }

    private static Reason reason(String body) {
        var decoding = decode(body);
        assertThat(decoding).isInstanceOf(CodecFailed.class);
        return ((CodecFailed) decoding).reason();
    }

    @AfterEach
    void othersGoOn() {
        assertThat(decode("return {data: {fine: true}};"))
                .isEqualTo(new Decoding.Decoded(Document.of("fine", Value.of(true)), List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for (;;);",
                "try { for (;;); } finally { for (;;); }",
                "for (;;) { try { for (;;); } catch (e) { } }",
                "return /^(a+)+$/.test('a'.repeat(60) + '!');",
                "return [].indexOf.call({length: 2 ** 53 - 1}, 1);",
                "var a = [3, 2, 1]; a.sort(function () { for (;;); });",
                "return {data: {toJSON() { for (;;); }}};",
                "return {get data() { for (;;); }};",
                "return new Proxy({}, {get() { for (;;); }, ownKeys() { for (;;); }});"
            })
    void anEndlessLoopEnds(String body) {
        var before = System.nanoTime();
        assertThat(reason(body)).isEqualTo(Reason.TIME);
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .isLessThan(Sandbox.TIME_MAX.multipliedBy(3L * Sandbox.WALL_TIMES));
    }

    @Test
    void aScriptThatIsNeverLoadedEnds() {
        assertThat(KIND.open("for (;;);").decode(UPLINK))
                .isInstanceOfSatisfying(
                        CodecFailed.class, it -> assertThat(it.reason()).isEqualTo(Reason.TIME));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "var a = []; for (;;) a.push(new Array(1000).fill(1));",
                "var s = 'x'; for (;;) s += s;",
                "var a = []; for (;;) a.push(new Uint8Array(1 << 20));",
                "return {data: {s: 'x'.repeat(1 << 28)}};",
                "for (;;) try { new ArrayBuffer(2 ** 31 - 1) } catch (e) { if (!a) var a = []; a.push(a.concat(a, 1)) }"
            })
    void allocationWithoutEndEnds(String body) {
        assertThat(reason(body)).isIn(Reason.MEMORY, Reason.TIME, Reason.ERROR);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return decodeUplink(input) + 1;",
                "var f = () => [1].map(f); return f();",
                "var o = {}; for (var i = 0; i < 100000; i++) o = {o}; return {data: o};",
                "return JSON.parse('['.repeat(100000));"
            })
    void recursionWithoutEndEnds(String body) {
        assertThat(reason(body)).isIn(Reason.MEMORY, Reason.ERROR, Reason.TIME, Reason.OUTPUT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return {data: {s: 'x'.repeat(" + Sandbox.OUTPUT_BYTES_MAX + ")}};",
                "return {data: {a: Array(1000).fill('x'.repeat(100))}};",
                "return {data: {a: Array(40000).fill(1)}};",
                "var o = {}; for (var i = 0; i < 40; i++) o = {o}; return {data: o};"
            })
    void tooMuchOutputIsRefused(String body) {
        // A JVM that has not compiled the interpreter yet may spend all the codec's time first.
        eventually(() -> reason(body) == Reason.OUTPUT);
    }

    @Test
    void thereIsNoWayOut() {
        var names =
                "Java Packages java Polyglot Graal load loadFile require module exports process Deno"
                        + " std os fetch XMLHttpRequest WebSocket Worker importScripts setTimeout"
                        + " setInterval java_invoke Javy plugin scriptArgs readline print quickjs4j_engine";
        var found =
                decode(
                        "var all = Function('return this')(); return {data: {found: '"
                                + names
                                + "'.split(' ').filter(n => n in all || n in globalThis)}};");
        assertThat(found)
                .isInstanceOfSatisfying(
                        Decoding.Decoded.class,
                        it ->
                                assertThat(it.data().find("found"))
                                        .contains(new Value.Array(List.of())));
        assertThat(reason("return [].constructor.constructor('return java.lang.System')();"))
                .isEqualTo(Reason.ERROR);
        assertThat(decode("for (var i = 0; i < 1e4; i++) console.log('x'); return {data: {}};"))
                .isInstanceOf(Decoding.Decoded.class);
    }

    @Test
    void whatItLoadsInTheBackgroundIsNobodys() {
        var decoding =
                decode(
                        "import('fs').then(f => globalThis.f = f, () => {}); return {data: {a: 1}};");
        assertThat(decoding).isInstanceOf(Decoding.Decoded.class);
        assertThat(
                        reason(
                                "queueMicrotask(function f() { queueMicrotask(f); }); return {data: {}};"))
                .isEqualTo(Reason.TIME);
    }

    @Test
    void callsBeyondWhatMayWaitAreTold() throws Exception {
        var sandbox = new Sandbox(InstantSource.system(), 1, 2);
        var codec = new JavaScript(sandbox, "function decodeUplink() { for (;;); }");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<Decoding>>();
            for (int i = 0; i < 8; i++) {
                calls.add(() -> codec.decode(UPLINK));
            }
            var reasons = new ArrayList<Reason>();
            for (var call : threads.invokeAll(calls)) {
                reasons.add(((CodecFailed) call.get()).reason());
            }
            assertThat(reasons).containsOnly(Reason.TIME, Reason.BUSY);
            assertThat(reasons).filteredOn(it -> it == Reason.TIME).hasSizeBetween(1, 3);
        }
    }

    @Test
    void aSmallProcessSurvivesAllocationWithoutEnd() throws Exception {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:+ExitOnOutOfMemoryError",
                                "-cp",
                                System.getProperty("java.class.path"),
                                HostileProcess.class.getName())
                        .redirectErrorStream(true)
                        .start();
        try (var output = process.inputReader()) {
            var said = output.lines().toList();
            assertThat(said).last().isEqualTo("fine");
            assertThat(process.waitFor()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }
}
