package dev.interlock.server.http;

import io.vertx.core.Handler;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/** Who answers which operation of the contract. Filled at the start by {@link Endpoints}. */
public final class Operations {
    /** How one operation is answered; a raw one reads its body itself. */
    record Answering(Operation operation, Handler<Exchange> handler, boolean raw) {}

    private final Map<String, Operation> open = new HashMap<>();
    private final Map<String, Answering> answered = new HashMap<>();

    Operations(Contract contract) {
        contract.operations().forEach(operation -> open.put(operation.id(), operation));
    }

    /**
     * Answers an operation. The handler is called on an event loop, with a known caller whose role suffices, and after
     * parameters and body were found valid; what it throws is answered as a problem.
     *
     * @param operationId as in {@code openapi.yaml}
     * @param handler answers each call once, now or later; must not block
     * @return this
     * @throws IllegalArgumentException if the contract has no such operation, or it is answered already
     */
    public Operations on(String operationId, Handler<Exchange> handler) {
        return add(operationId, handler, false);
    }

    /**
     * Answers an operation as {@link #on} does, but leaves the body to the handler, which is called before any of it was
     * read: for streams, and where validation would cost too much. Media type and declared length are checked.
     *
     * @param operationId as in {@code openapi.yaml}
     * @param handler answers each call once; reads the body from {@link Exchange#request()} before it returns, or pauses it
     * @return this
     * @throws IllegalArgumentException if the contract has no such operation, or it is answered already
     */
    public Operations onRaw(String operationId, Handler<Exchange> handler) {
        return add(operationId, handler, true);
    }

    private Operations add(String operationId, Handler<Exchange> handler, boolean raw) {
        Operation operation = open.remove(operationId);
        if (operation == null) {
            throw new IllegalArgumentException("openapi.yaml has no operation " + operationId
                    + " without a handler, only " + new TreeSet<>(open.keySet()));
        }
        answered.put(operationId, new Answering(operation, handler, raw));
        return this;
    }

    Iterable<Answering> answered() {
        return answered.values();
    }
}
