package org.tethral.house.example.upper;

import org.slf4j.LoggerFactory;
import org.tethral.house.example.lower.Leaf;

public final class Branch {
    private Branch() {}

    public static void log(Leaf[] leaves) {
        LoggerFactory.getLogger(Branch.class).info("{} leaves", leaves.length);
    }
}
