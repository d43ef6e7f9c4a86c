package dev.interlock;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a desk of trials asks for at a moment, to be done outside its lock.
 *
 * @param unused a trial to be given back, or null
 * @param renew trials to be kept
 * @param ask the number of the question to be asked, or 0
 * @param untilStored whether it would ask if the circuit's epoch were stored already
 * @param rules by which to ask
 * @param next the tick from which there is more to do; {@link TrialDesk#NEVER} if the desk is not needed any more
 */
record TrialWork(
        @Nullable HeldTrial unused, List<HeldTrial> renew, int ask, boolean untilStored, TrialRules rules, long next) {}
