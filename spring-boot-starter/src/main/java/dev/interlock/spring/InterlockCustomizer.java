package dev.interlock.spring;

import dev.interlock.ManagerBuilder;

/** A bean that sets up the manager of circuits further than properties can, with probes for instance; after them. */
@FunctionalInterface
public interface InterlockCustomizer {
    /**
     * Called once, before the manager is built.
     *
     * @param builder what properties and beans have set up so far
     */
    void customize(ManagerBuilder builder);
}
