/**
 * Circuit breakers for fleets of AI agents; start from {@link dev.interlock.CircuitBreakerManager}.
 *
 * <p><b>The face</b>, which decides nothing: {@code CircuitBreakerManager} (put together in {@code ManagerParts}), {@code
 * CircuitBreaker}, {@code Guard} (with {@code Attribution} and {@code JointPermit} where several circuits are around a
 * call), {@code Permit}, {@code CircuitSnapshot}.
 *
 * <p><b>One circuit</b>, in the order in which to read it:
 *
 * <ol>
 *   <li>{@code Epoch}, and what each state decides: {@code ClosedEpoch} (<b>the trip rule</b> is its {@code reasonToTrip}),
 *       {@code OpenEpoch}, {@code HalfOpenEpoch}. An epoch knows no circuit; it returns a {@code Move}.
 *   <li>{@code Circuit}: the one reference to the present epoch, and the one compare-and-set. {@code Epochs}: how an epoch
 *       begins.
 *   <li>{@code Admission} and {@code Places}: who is let in, and as a trial. {@code Settlements}: what becomes of an
 *       outcome. {@code Overrides}: what people and monitors ask for.
 *   <li>{@code Aftermath}: everything that follows a move. <b>A closing is announced</b>, as every transition is, at its
 *       end, by {@code Publisher.report}.
 *   <li>{@code Registry}: birth, cap, and <b>where an idle circuit is forgotten</b> ({@code sweep}, {@code makeRoom}).
 *   <li>{@code Engine} is what all these work with, and {@code Policy} the settings made ready; {@code TimeWindow} and
 *       {@code CountWindow} count, {@code Timers} and {@code Mailbox} carry out.
 * </ol>
 *
 * <p><b>With other processes</b>: {@code Fleet} says whether all decide together or this one alone; {@code Tallies} bring
 * what closed circuits count to a store that judges the sum ({@code tally.lua} of store-redis), and {@code
 * FleetCircuits.trip} carries it out. <b>A shared trial is granted</b> by the store ({@code ask.lua}), which {@code
 * TrialPlaces} asks ahead of calls, and handed to a call by {@code TrialPlaces.take}.
 *
 * <p><b>With a store</b>: {@code StoreWriter} brings circuits to it, {@code News} hears what others wrote, {@code
 * Agreement} decides who gives way, {@code CircuitRecords} translates.
 *
 * <p>Why it is so: {@code docs/decisions}, 0002 (epochs and moves), 0003 (windows), 0005 (listeners), 0090 (the seal and
 * forgetting), 0091 (what follows a move), 0060 to 0062 (shared circuits).
 */
@NullMarked
package dev.interlock;

import org.jspecify.annotations.NullMarked;
