package dev.interlock.store;

class InMemoryCircuitStoreTest extends CircuitStoreContract {
    private final CircuitStore store = new InMemoryCircuitStore();

    @Override
    protected CircuitStore open() {
        return store;
    }
}
