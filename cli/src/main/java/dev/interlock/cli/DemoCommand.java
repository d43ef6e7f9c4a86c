package dev.interlock.cli;

import dev.interlock.cli.demo.Demo;
import dev.interlock.cli.demo.DemoException;
import dev.interlock.cli.demo.Line;
import dev.interlock.server.StartException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code interlock demo}: a server, a fleet that does not exist, and what happens to it, a line an event. */
@Command(
        name = "demo",
        description = {
            "Shows what Interlock does: a server in a temporary folder, and a simulated fleet of agents with"
                    + " incidents.",
            "Runs until Ctrl-C, and leaves nothing behind.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped on request",
            "1:could not start: the port is taken, there can be no temporary folder, …",
            "2:wrong usage"
        })
final class DemoCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int HIGHEST_PORT = 65_535;
    private static final int SEEDS = 10_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "where the server listens, 0 for any free port; else 8080, or any free one if that is taken")
    private @Nullable Integer port;

    @Option(
            names = "--seed",
            paramLabel = "NUMBER",
            description = "which story: the same troubles at the same times. Else another one each time")
    private long seed = ThreadLocalRandom.current().nextInt(1, SEEDS);

    @Option(names = "--fast", description = "ten times as fast")
    private boolean fast;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final boolean colours = Terminal.hasColours();

    @Override
    public Integer call() {
        if (port != null && (port < 0 || port > HIGHEST_PORT)) {
            throw new ParameterException(spec.commandLine(), "--port = " + port + ": must be 0 to " + HIGHEST_PORT);
        }
        Demo demo = new Demo(new Demo.Options(port, seed, fast));
        Thread stop = new Thread(() -> stop(demo), "interlock-stop");
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            demo.start(this::greet, this::say);
            ended.await();
            return 0;
        } catch (StartException | DemoException failed) {
            spec.commandLine().getErr().println(failed.getMessage());
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        } finally {
            demo.close();
            forget(stop);
        }
    }

    /** The end that was asked for, by Ctrl-C or SIGTERM, is no failure. */
    private void stop(Demo demo) {
        demo.close();
        PrintWriter out = out();
        out.println();
        out.println(ending(demo.summary()));
        out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static void forget(Thread stop) {
        try {
            Runtime.getRuntime().removeShutdownHook(stop);
        } catch (IllegalStateException stopping) {
            // the hook is at work, and ends the process when it is done
        }
    }

    private void greet(Demo.Welcome welcome) {
        PrintWriter out = out();
        out.println("Interlock demo: " + welcome.fleet() + ". Seed " + seed + (fast ? ", ten times as fast." : "."));
        out.println();
        out.println("  dashboard      " + welcome.address());
        out.println("  documents      " + welcome.address().resolve("docs/"));
        out.println("  viewer's key   " + welcome.viewerKey());
        out.println("  operator's key " + welcome.operatorKey() + "  (may override circuits, too)");
        out.println();
        out.println("Ctrl-C ends it and removes all of it. What happens from now on:");
        out.println();
        out.flush();
    }

    private void say(Line line) {
        PrintWriter out = out();
        String text = Words.clean(line.plain());
        out.println(colours ? colour(line.tone()) + text + Terminal.PLAIN : text);
        out.flush();
        if (out.checkError() || System.out.checkError()) {
            ended.countDown(); // nobody reads it any more
        }
    }

    private static String ending(Demo.Summary done) {
        return String.format(
                Locale.ROOT,
                "Stopped. In %d s: %,d calls, %,d of them failed; %,d were refused, %,d of those done in another way."
                        + " Nothing is left behind.",
                done.millis() / 1_000,
                done.calls(),
                done.failures(),
                done.refusals(),
                done.fallbacks());
    }

    private static String colour(Line.Tone tone) {
        return switch (tone) {
            case TROUBLE, OPEN, INCIDENT, ALERT, STOP -> Terminal.RED;
            case HALF_OPEN, FALLBACK, HEALTH, ACTION -> Terminal.YELLOW;
            case CLOSED, OVER, RESUME -> Terminal.GREEN;
        };
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
