package dev.interlock;

/** The work of a thread that is not started. */
final class NoWork implements FleetThread.Work {
    @Override
    public long work() {
        return 0;
    }

    @Override
    public boolean isIdle() {
        return true;
    }

    @Override
    public void end() {}
}
