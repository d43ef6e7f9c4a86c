package dev.interlock.benchmarks;

import org.openjdk.jmh.annotations.Threads;

/** Two threads on one healthy circuit around a function. */
@Threads(2)
public class ContendedCallBenchmark extends ClosedCallBenchmark {}
