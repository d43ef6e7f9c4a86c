package dev.interlock.benchmarks;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A log as CSV that nobody recorded, made while it is read: one incident after the other, each with its own length before
 * and after it, and with agents and a model of its own. The same seed makes the same log.
 */
final class GeneratedLog extends InputStream {
    private static final String HEADER = "time,agent,target,duration_ms,ok,kind\n";
    private static final double PAUSE = 3_600;
    private static final double SLOWEST = 86_400;

    /** When an agent calls next, in seconds since the log's beginning. */
    private record Turn(double at, int agent) {}

    private final IncidentWorld world;
    private final int incidents;
    private final Random random;
    private final Quantiles lengths = Quantiles.incidents();
    private final Quantiles gaps = Quantiles.gaps();
    private final Quantiles durations = Quantiles.durations();
    private final StringBuilder incidentFile = new StringBuilder("start,end\n");
    private final PriorityQueue<Turn> turns = new PriorityQueue<>(Comparator.comparingDouble(Turn::at));

    private byte[] piece = HEADER.getBytes(StandardCharsets.US_ASCII);
    private int at;
    private int segment = -1;
    private double begin = PAUSE;
    private double length;

    GeneratedLog(IncidentWorld world, int incidents, long seed) {
        this.world = world;
        this.incidents = incidents;
        this.random = new Random(seed);
    }

    /** When the incidents are, as CSV; their lengths are the quantiles' middles, so that every log has the same. */
    String incidents() {
        double[] begins = begins();
        double[] lengths = lengths();
        for (int i = 0; i < begins.length; i++) {
            double start = begins[i] + lengths[i];
            incidentFile.append(start).append(',').append(start + lengths[i]).append('\n');
        }
        return incidentFile.toString();
    }

    /** When each incident's part of the log begins, in seconds. */
    double[] begins() {
        double[] begins = lengths();
        double start = PAUSE;
        for (int i = 0; i < begins.length; i++) {
            double lasts = begins[i];
            begins[i] = start;
            start += 3 * lasts + PAUSE;
        }
        return begins;
    }

    /** How long each incident lasts, in seconds. */
    double[] lengths() {
        double[] lengths = new double[incidents * world.runs()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = length(i);
        }
        return lengths;
    }

    @Override
    public int read() {
        return isAtEnd() ? -1 : piece[at++] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int wanted) {
        if (isAtEnd()) {
            return -1;
        }
        int taken = Math.min(wanted, piece.length - at);
        System.arraycopy(piece, at, target, offset, taken);
        at += taken;
        return taken;
    }

    private boolean isAtEnd() {
        while (at == piece.length) {
            if (turns.isEmpty() && !beginSegment()) {
                return true;
            }
            StringBuilder rows = new StringBuilder(1 << 16);
            while (rows.length() < 1 << 15 && !turns.isEmpty()) {
                call(turns.remove(), rows);
            }
            piece = rows.toString().getBytes(StandardCharsets.US_ASCII);
            at = 0;
        }
        return false;
    }

    private boolean beginSegment() {
        begin += segment < 0 ? 0 : 3 * length + PAUSE;
        segment++;
        if (segment >= incidents * world.runs()) {
            return false;
        }
        length = length(segment);
        for (int agent = 0; agent < world.agents(); agent++) {
            if (world.isKnown()) {
                turns.add(new Turn(begin - PAUSE + 1, agent));
            }
            turns.add(new Turn(begin + random.nextDouble() * gap(), agent));
        }
        return true;
    }

    private void call(Turn turn, StringBuilder rows) {
        double since = turn.at - begin - length;
        boolean isInside = since >= 0 && since < length;
        double took = durations.at(random.nextDouble()) * (isInside ? world.slowness() : 1);
        boolean isEarly = turn.at < begin;
        boolean failed = !isEarly && random.nextDouble() < world.failure(since, length);
        rows.append(Math.round(turn.at * 1_000) / 1_000.0)
                .append(",a")
                .append(segment)
                .append('-')
                .append(turn.agent)
                .append(",model:m")
                .append(segment)
                .append(',')
                .append(Math.round(Math.min(isEarly ? 1 : took, SLOWEST) * 1_000))
                .append(failed ? ",false,SERVER_ERROR\n" : ",true,\n");
        double next = turn.at + gap();
        if (!isEarly && next < begin + 3 * length) {
            turns.add(new Turn(next, turn.agent));
        }
    }

    private double gap() {
        return Math.max(0.001, gaps.at(random.nextDouble()));
    }

    @SuppressWarnings("NarrowCalculation") // which of the incidents, a whole number
    private double length(int which) {
        return lengths.at((which / world.runs() + 0.5) / incidents);
    }
}
