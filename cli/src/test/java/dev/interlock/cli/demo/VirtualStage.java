package dev.interlock.cli.demo;

import dev.interlock.ManualTimeSource;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A stage on a clock that is driven by hand: minutes of the story take no time. */
final class VirtualStage implements Stage {
    private final ManualTimeSource time;
    private final PriorityQueue<Step> steps =
            new PriorityQueue<>(Comparator.comparingLong(Step::at).thenComparingLong(Step::number));
    private long now;
    private long number;

    private record Step(long at, long number, Runnable what) {}

    VirtualStage(ManualTimeSource time) {
        this.time = time;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public void after(long millis, Runnable step) {
        steps.add(new Step(now + millis, number++, step));
    }

    /** Plays on until a moment of the story. */
    void playUntil(long end) {
        while (!steps.isEmpty() && steps.peek().at() <= end) {
            Step next = steps.poll();
            moveTo(next.at());
            next.what().run();
        }
        moveTo(end);
    }

    private void moveTo(long moment) {
        time.advance(Duration.ofMillis(moment - now));
        now = moment;
    }
}
