package dev.interlock.server.agentlog;

import dev.interlock.server.RunningServer;
import java.net.http.HttpRequest;

/** Figures of a whole running server, as its first admin sees them. */
final class RunningFigures {
    private RunningFigures() {}

    /** The value of a figure without labels. */
    static double of(RunningServer server, String name) {
        HttpRequest request = HttpRequest.newBuilder(server.uri("/metrics"))
                .header("Authorization", "Bearer " + RunningServer.ADMIN_KEY)
                .build();
        return server.send(request)
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no figure " + name));
    }
}
