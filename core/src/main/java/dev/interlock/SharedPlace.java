package dev.interlock;

import dev.interlock.store.GivenTrial;

/** A trial's place among all processes that share a circuit. */
final class SharedPlace extends Place {
    private final TrialDesk desk;
    private final TrialDesk.Ticket ticket;
    private final int needed;

    SharedPlace(long end, TrialDesk desk, TrialDesk.Ticket ticket, int needed) {
        super(end);
        this.desk = desk;
        this.ticket = ticket;
        this.needed = needed;
    }

    @Override
    GivenTrial given() {
        return ticket.given;
    }

    @Override
    void ended(Evidence evidence) {
        boolean bad = evidence.failed() || evidence.slow();
        desk.ended(ticket, !bad && evidence.verdict() == Verdict.SUCCESS, needed);
    }

    @Override
    void unused() {
        desk.ended(ticket, false, needed);
    }
}
