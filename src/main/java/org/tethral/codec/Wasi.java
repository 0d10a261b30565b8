package org.tethral.codec;

import static run.endive.wasm.types.ValType.I32;
import static run.endive.wasm.types.ValType.I64;

import java.time.InstantSource;
import java.util.List;
import run.endive.runtime.HostFunction;
import run.endive.runtime.Instance;
import run.endive.runtime.WasmFunctionHandle;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/// What the interpreter's module imports of its system (WASI preview 1): a clock, and else an empty
/// one. There are no files, what is written goes nowhere, and random bytes are zeros, as an image
/// repeats its random numbers anyway.
final class Wasi {

    private static final long[] SUCCESS = {0};
    private static final long[] BAD_FILE = {8};

    private Wasi() {}

    static HostFunction[] functions(InstantSource clock) {
        return new HostFunction[] {
            function(
                    "random_get",
                    (it, with) -> {
                        var from = (int) with[0];
                        it.memory().fill((byte) 0, from, from + (int) with[1]);
                        return SUCCESS;
                    },
                    I32,
                    I32),
            function("environ_get", (_, _) -> SUCCESS, I32, I32),
            function(
                    "environ_sizes_get",
                    (it, with) -> {
                        it.memory().writeI32((int) with[0], 0);
                        it.memory().writeI32((int) with[1], 0);
                        return SUCCESS;
                    },
                    I32,
                    I32),
            function(
                    "clock_time_get",
                    (it, with) -> {
                        it.memory().writeLong((int) with[2], clock.millis() * 1_000_000);
                        return SUCCESS;
                    },
                    I32,
                    I64,
                    I32),
            function("fd_close", (_, _) -> BAD_FILE, I32),
            function("fd_fdstat_get", (_, _) -> BAD_FILE, I32, I32),
            function("fd_prestat_get", (_, _) -> BAD_FILE, I32, I32),
            function("fd_prestat_dir_name", (_, _) -> BAD_FILE, I32, I32, I32),
            function("fd_read", (_, _) -> BAD_FILE, I32, I32, I32, I32),
            function("fd_seek", (_, _) -> BAD_FILE, I32, I64, I32, I32),
            function("fd_write", Wasi::write, I32, I32, I32, I32),
            new HostFunction(
                    "wasi_snapshot_preview1",
                    "proc_exit",
                    FunctionType.of(List.of(I32), List.of()),
                    (_, _) -> {
                        throw new WasmEngineException("the interpreter gave up");
                    })
        };
    }

    /// Into nothing: all of the list of addresses and lengths is written.
    private static long[] write(Instance caller, long... with) {
        var memory = caller.memory();
        var written = 0;
        for (int i = 0; i < (int) with[2]; i++) {
            written += memory.readInt((int) with[1] + 8 * i + 4);
        }
        memory.writeI32((int) with[3], written);
        return SUCCESS;
    }

    private static HostFunction function(
            String name, WasmFunctionHandle handle, ValType... parameters) {
        var type = FunctionType.of(List.of(parameters), List.of(I32));
        return new HostFunction("wasi_snapshot_preview1", name, type, handle);
    }
}
