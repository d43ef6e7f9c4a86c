package dev.interlock.cli.demo;

import java.util.List;

/**
 * One agent of the fleet, as it was hired. Immutable.
 *
 * @param name the agent, as its circuit is called
 * @param model the model that it asks
 * @param spareModel the one that it asks while the other is not available
 * @param key the key of its team, with which it asks
 * @param tools what it uses, each as its circuit is called
 * @param watched whether it is not guarded at all, and known by its log or its traces alone
 */
record Member(String name, String model, String spareModel, String key, List<String> tools, boolean watched) {}
