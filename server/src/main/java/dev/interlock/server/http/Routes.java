package dev.interlock.server.http;

import dev.interlock.server.http.Operations.Answering;
import io.vertx.core.http.HttpMethod;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tree of path segments; a name goes before a parameter. Immutable once filled. */
final class Routes {
    /** What lies at one path. */
    static final class Place {
        private final Map<String, Place> named = new HashMap<>();
        private @Nullable Place any;
        private String parameter = "";
        private final Map<HttpMethod, Answering> methods = new LinkedHashMap<>();

        @Nullable
        Answering answering(HttpMethod method) {
            Answering answering = methods.get(method);
            return answering == null && method.equals(HttpMethod.HEAD) ? methods.get(HttpMethod.GET) : answering;
        }

        /** The methods that there are, as the header Allow lists them. */
        String allowed() {
            StringBuilder allowed = new StringBuilder();
            for (HttpMethod method : methods.keySet()) {
                allowed.append(method.name()).append(", ");
                if (method.equals(HttpMethod.GET)) {
                    allowed.append("HEAD, ");
                }
            }
            return allowed.append("OPTIONS").toString();
        }
    }

    /**
     * A place and the values of its parameters, still encoded.
     *
     * @param place where a path leads
     * @param parameters name to value
     */
    record Found(Place place, Map<String, String> parameters) {}

    private final Place root = new Place();

    void add(Answering answering) {
        Place place = root;
        for (String segment : Urls.segments(answering.operation().path())) {
            if (segment.startsWith("{")) {
                if (place.any == null) {
                    place.any = new Place();
                }
                place.parameter = segment.substring(1, segment.length() - 1);
                place = place.any;
            } else {
                place = place.named.computeIfAbsent(segment, name -> new Place());
            }
        }
        place.methods.put(answering.operation().method(), answering);
    }

    /** Where a path leads, or null if nowhere. */
    @Nullable
    Found find(String path) {
        Map<String, String> parameters = new HashMap<>(2);
        Place place = root;
        List<String> segments = Urls.segments(path);
        for (String segment : segments) {
            Place next = place.named.get(segment);
            if (next == null) {
                next = place.any;
                if (next == null) {
                    return null;
                }
                parameters.put(place.parameter, segment);
            }
            place = next;
        }
        return place.methods.isEmpty() ? null : new Found(place, parameters);
    }
}
