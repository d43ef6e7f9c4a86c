package dev.interlock.replay;

/** What else guards calls: each decides as its own code does, and is not our circuit with other settings. */
enum Peer {
    RESILIENCE4J {
        @Override
        PeerCircuit circuit(String name, Incidents incidents) {
            return new Resilience4jCircuit(name, incidents);
        }
    },
    LITELLM {
        @Override
        PeerCircuit circuit(String name, Incidents incidents) {
            return new LiteLlmCircuit(name, incidents, false, 5);
        }
    },
    LITELLM_COUNT {
        @Override
        PeerCircuit circuit(String name, Incidents incidents) {
            return new LiteLlmCircuit(name, incidents, true, 60);
        }
    };

    /** One that is closed. */
    abstract PeerCircuit circuit(String name, Incidents incidents);
}
