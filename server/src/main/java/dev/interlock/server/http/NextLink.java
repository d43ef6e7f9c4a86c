package dev.interlock.server.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The header {@code Link} that leads to the next page of a list; the filters stay. For one thread. */
public final class NextLink {
    private final StringBuilder link;

    /**
     * A link to a page.
     *
     * @param path of the list, encoded
     * @param limit how many entries a page has
     */
    public NextLink(String path, int limit) {
        link = new StringBuilder("<").append(path).append("?limit=").append(limit);
    }

    /**
     * Adds a parameter.
     *
     * @param name of the parameter
     * @param value null leaves it out
     * @return this link
     */
    public NextLink with(String name, @Nullable String value) {
        if (value != null) {
            link.append('&').append(name).append('=').append(encoded(value));
        }
        return this;
    }

    /**
     * Adds what a call was asked with.
     *
     * @param exchange the call
     * @param names of parameters
     * @return this link
     */
    public NextLink with(Exchange exchange, List<String> names) {
        names.forEach(name -> with(name, exchange.query(name)));
        return this;
    }

    /**
     * The header.
     *
     * @return its value
     */
    public String header() {
        return link + ">; rel=\"next\"";
    }

    /**
     * A text encoded for a path or a query.
     *
     * @param text any
     * @return encoded
     */
    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
