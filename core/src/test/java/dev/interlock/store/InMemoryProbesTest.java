package dev.interlock.store;

class InMemoryProbesTest extends ProbeStoreContract {
    private final ProbeStore probes = new InMemoryCircuitStore().probes();

    @Override
    protected ProbeStore open() {
        return probes;
    }
}
