package dev.interlock.store;

class InMemoryGatesTest extends GateStoreContract {
    private final InMemoryCircuitStore store = new InMemoryCircuitStore();

    @Override
    protected GateStore open() {
        return store.gates();
    }
}
