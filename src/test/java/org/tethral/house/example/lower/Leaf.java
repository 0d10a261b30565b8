package org.tethral.house.example.lower;

public record Leaf(String name) {}
