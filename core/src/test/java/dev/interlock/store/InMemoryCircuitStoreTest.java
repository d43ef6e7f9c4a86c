package dev.interlock.store;

import org.jspecify.annotations.Nullable;

class InMemoryCircuitStoreTest extends CircuitStoreContract {
    private final CircuitStore store = new InMemoryCircuitStore();

    @Override
    protected CircuitStore open() {
        return store;
    }

    @Override
    protected boolean canBeAltered() {
        return false;
    }

    @Override
    protected void alter(String name, @Nullable String state) {
        throw new AssertionError("Nobody can");
    }
}
