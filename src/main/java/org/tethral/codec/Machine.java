package org.tethral.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.roastedroot.quickjs4j.core.JavyPluginModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.MemoryLimits;
import run.endive.wasm.types.ValType;

/// QuickJS in WebAssembly, as Java byte code, with a memory of its own that cannot grow beyond
/// [#PAGES_MAX]. Of the outside it has a clock, and two calls that hand text in and out. Not for
/// more than one thread at a time.
///
/// All that it knows lies in its memory, so an [Image] of that memory is a JavaScript world with
/// all that was loaded into it, and every call begins by putting the image back.
final class Machine {

    /// Pages of 64 KiB: 16 MiB.
    static final int PAGES_MAX = 256;

    /// A machine that has grown further than this is given up. Below it, what is left to a call is
    /// at least 12 MiB.
    static final int PAGES_KEPT_MAX = 64;

    private static final int PAGE_BYTES = 65_536;

    /// The bytes from the first to the last that is not zero. Below them is the stack of the
    /// interpreter, which is empty between calls.
    ///
    /// @param code where the byte code of the call lies
    @SuppressWarnings("ArrayRecordComponent")
    record Image(byte[] bytes, int at, int code, int codeLength, int pages) {}

    private final Instance instance;
    private final ExportFunction allocate;
    private final ExportFunction run;
    private byte[] input = {};
    private byte @Nullable [] output;

    Machine(InstantSource clock) {
        var six = Collections.nCopies(6, ValType.I32);
        var type = FunctionType.of(six, List.of(ValType.I32));
        var host = new HostFunction("endive", "invoke", type, this::invoke);
        var module = JavyPluginModule.load();
        instance =
                Instance.builder(module)
                        .withMachineFactory(JavyPluginModule::create)
                        .withMemoryFactory(limits ->
                                new ByteArrayMemory(
                                        new MemoryLimits(limits.initialPages(), PAGES_MAX)))
                        .withImportValues(
                                ImportValues.builder()
                                        .addFunction(Wasi.functions(clock))
                                        .addFunction(host)
                                        .build())
                        .build();
        allocate = instance.export("cabi_realloc");
        run = instance.export("eval");
    }

    /// A world without a codec. To be called once, of a new machine.
    Image blank() {
        instance.export("initialize_runtime").apply();
        var sandbox = compiled(resource("sandbox.js"));
        run.apply(put(sandbox), sandbox.length, 0, 0);
        var call = compiled("globalThis[Symbol.for('tethral')]()".getBytes(UTF_8));
        return image(put(call), call.length);
    }

    /// The world as the last call left it.
    Image after(Image before) {
        return image(before.code(), before.codeLength());
    }

    /// What the world of the image answers, or null if that is more than [65536]. After an
    /// exception this machine is of no more use.
    byte @Nullable [] call(Image image, byte[] text) {
        restore(image);
        input = text;
        output = null;
        run.apply(image.code(), image.codeLength(), 0, 0);
        return output;
    }

    /// Whether the last call found no memory any more.
    boolean isFull() {
        return pages() >= PAGES_MAX;
    }

    boolean isWorthKeeping() {
        return pages() <= PAGES_KEPT_MAX;
    }

    private int pages() {
        return instance.memory().pages();
    }

    private void restore(Image image) {
        var memory = instance.memory();
        if (pages() < image.pages()) {
            memory.grow(image.pages() - pages());
        }
        memory.write(image.at(), image.bytes());
    }

    private Image image(int code, int codeLength) {
        var all = instance.memory().readBytes(0, pages() * PAGE_BYTES);
        var from = 0;
        while (all[from] == 0) {
            from++;
        }
        var to = all.length;
        while (all[to - 1] == 0) {
            to--;
        }
        return new Image(Arrays.copyOfRange(all, from, to), from, code, codeLength, pages());
    }

    private byte[] compiled(byte[] source) {
        var at = (int) instance.export("compileSrc").apply(put(source), source.length)[0];
        var memory = instance.memory();
        return memory.readBytes(memory.readInt(at), memory.readInt(at + 4));
    }

    private int put(byte[] bytes) {
        var at = (int) allocate.apply(0, 0, 1, bytes.length)[0];
        instance.memory().write(at, bytes);
        return at;
    }

    /// Javy's way out of the sandbox: names of a module and a function, and an argument, each by
    /// address and length. The answer is the address of an address and a length.
    private long[] invoke(Instance caller, long... arguments) {
        var memory = caller.memory();
        byte[] answer = {'0'}; // an empty one would not be allocated, but freed
        if (memory.read((int) arguments[2]) == 'g') {
            answer = input;
        } else {
            var length = (int) arguments[5];
            output =
                    length > Sandbox.OUTPUT_BYTES_MAX
                            ? null
                            : memory.readBytes((int) arguments[4], length);
        }
        var at = put(answer);
        var pair = (int) allocate.apply(0, 0, 1, 8)[0];
        memory.writeI32(pair, at);
        memory.writeI32(pair + 4, answer.length);
        return new long[] {pair};
    }

    private static byte[] resource(String name) {
        try (var in = Machine.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("read " + name, e);
        }
    }
}
