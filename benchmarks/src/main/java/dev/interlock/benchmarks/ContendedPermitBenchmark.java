package dev.interlock.benchmarks;

import org.openjdk.jmh.annotations.Threads;

/** Two threads on one healthy circuit, with permits. */
@Threads(2)
public class ContendedPermitBenchmark extends ClosedPermitBenchmark {}
