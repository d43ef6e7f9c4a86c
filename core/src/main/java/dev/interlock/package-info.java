/**
 * Circuit breakers for fleets of AI agents; start from {@link dev.interlock.CircuitBreakerManager}.
 *
 * <p>Words: an <i>epoch</i> is the time that a circuit spends in one state, and its number; a <i>move</i> is the change
 * to the next; a <i>trial</i> is a call let through in half-open, which holds one of a few <i>places</i> until it ends
 * or its lease does; a permit is <i>settled</i> once, by the outcome of its call; a <i>fleet</i> is all processes that
 * share a store.
 *
 * <p><b>What users hold</b>: {@code CircuitBreakerManager} (its parts are put together in {@code ManagerParts}), {@code
 * Guard}, {@code CircuitBreaker}, {@code Permit}, {@code CircuitSnapshot}. They ask the parts below.
 *
 * <p><b>One circuit</b>, in the order in which to read it:
 *
 * <ol>
 *   <li>{@code Epoch}, and what each state decides: {@code ClosedEpoch} (<b>the trip rule</b> is its {@code
 *       reasonToTrip}), {@code OpenEpoch}, {@code HalfOpenEpoch}. An epoch never changes its circuit; it returns a
 *       {@code Move}.
 *   <li>{@code Circuit}: the one reference to the present epoch, and the one compare-and-set ({@code replace}) that
 *       makes a move. {@code Epochs}: how an epoch begins.
 *   <li>{@code Admission} and {@code Places}: who is let in, and as a trial. {@code Settlements}: outcomes carried to
 *       the epoch that admitted the call. {@code Overrides}: what people and monitors ask for.
 *   <li>{@code Aftermath}: everything that follows a move. <b>A closing is announced</b>, as every transition is, at
 *       its end: to listeners by {@code Publisher.report}, to the store by {@code StoreWriter.note}.
 *   <li>{@code Registry}: birth, cap, and <b>where an idle circuit is forgotten</b> ({@code forget}, at the call of
 *       {@code sweep} and {@code makeRoom}).
 *   <li>{@code Policy}: the settings made ready; <b>what a Retry-After does to the cooldown</b> is its {@code
 *       cooldown}. {@code TimeWindow} and {@code CountWindow} count, {@code Callers} know who asked and who fails.
 *       {@code Engine} holds what all these need: clock, chance, timers, executors.
 * </ol>
 *
 * <p><b>Around a call</b>: {@code Circuits} asks several circuits at once and reports the outcome to them, which {@code
 * Attribution} attributes to one. <b>A gate</b> (a stop, a budget) is looked at before the circuits: in {@code
 * CircuitBreaker.acquire} and {@code Circuits.acquire}, on the list that {@code Gates} keeps. Calls within calls:
 * {@code CallChain} knows which permits enclose a thread's work; <b>where an inner call was admitted the outer outcome
 * is ignored</b>, in {@code SinglePermit.settle}, or by {@code InnerCalls.hide} where the permit's object is elsewhere.
 * Failures become kinds in {@code FailureClassifier}, by {@code dev.interlock.facts}.
 *
 * <p><b>With other processes</b>: {@code Fleet} says whether all decide together or this one alone. {@code Tallies}
 * bring what closed circuits count to a store that judges the sum ({@code tally.lua}; who is failing is judged here),
 * and {@code FleetCircuits.trip} makes the move. <b>A shared trial is granted</b> by the store, in {@code ask.lua}:
 * {@code TrialPlaces} asks for it ahead of calls, and {@code TrialDesk.take} hands it to a call. Both scripts are in
 * {@code store-redis/src/main/resources/dev/interlock/redis}.
 *
 * <p><b>With a store</b>: {@code StoreWriter} brings circuits to it, {@code News} hears what others wrote, {@code
 * Agreement} decides who gives way, {@code CircuitRecords} translates.
 *
 * <p>Why it is so: {@code docs/decisions}, 0002 (epochs and moves, by older names), 0003 (windows), 0005 (listeners),
 * 0090 (the seal and forgetting), 0091 (what follows a move), 0060 to 0062 (shared circuits), 0103 (calls within
 * calls), 0106 (callers), 0112 (gates).
 */
@NullMarked
package dev.interlock;

import org.jspecify.annotations.NullMarked;
