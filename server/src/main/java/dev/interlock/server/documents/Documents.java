package dev.interlock.server.documents;

import dev.interlock.server.http.Outside;
import dev.interlock.server.http.Problem;
import dev.interlock.server.http.Requests;
import dev.interlock.server.http.StaticFile;
import dev.interlock.server.workers.Workers;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Serves the documents below {@code /docs/}, to anybody: they hold no data, and who reads them may be unable to sign in. A
 * page is written when it is first asked for, on a worker, and kept. All other requests go on. Safe for use by any thread.
 */
public final class Documents implements Handler<HttpServerRequest> {
    /** Styles and pictures of this server only; no script, nothing inline, nothing framed. */
    static final String POLICY = String.join(
            "; ",
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'");

    static final String STYLE = "documents.css";

    private static final String FOLDER = "/docs/";
    private static final String BARE = "/docs";
    private static final int PERMANENT = 308;

    /** Links of a page lead up from where it is: who asks for what lies deeper than that must not make it long. */
    private static final int DEEPEST = 8;

    /** For whom workers write pages: all readers are one. */
    private static final String READERS = "";

    private final Workers workers;
    private final Requests requests;
    private final Handler<HttpServerRequest> next;

    /** What has been asked for, by its address: as many entries as there are documents, at most. */
    private final Map<String, StaticFile> kept = new ConcurrentHashMap<>();

    private volatile @Nullable Library library;

    /**
     * Documents before others.
     *
     * @param workers write pages
     * @param requests counts what is asked here
     * @param next takes what is no document
     */
    public Documents(Workers workers, Requests requests, Handler<HttpServerRequest> next) {
        this.workers = workers;
        this.requests = requests;
        this.next = next;
    }

    @Override
    public void handle(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        boolean isBare = path.equals(BARE);
        if (!isBare && !(path.startsWith(FOLDER) && Library.depth(path) < DEEPEST)) {
            next.handle(request);
            return;
        }
        requests.count(request, "documents");
        if (StaticFile.answeredOtherMethod(request)) {
            return;
        }
        if (isBare) {
            redirect(request, "docs/");
            return;
        }
        String name = path.substring(FOLDER.length());
        StaticFile file = kept.get(name);
        if (file != null) {
            file.answer(request, POLICY);
            return;
        }
        workers.run(READERS, () -> found(name)).onComplete(found -> {
            if (request.response().closed()) {
                return;
            }
            if (found.failed()) {
                refuse(request, found.cause());
            } else {
                found.result().answer(request);
            }
        });
    }

    /** What there is at an address, or in its place. */
    private interface Found {
        void answer(HttpServerRequest request);
    }

    private Found found(String name) {
        Library present = library();
        String source = name.equals(STYLE) ? STYLE : present.source(name);
        if (source != null) {
            StaticFile file = kept.computeIfAbsent(name, address -> file(present, source));
            return request -> file.answer(request, POLICY);
        }
        String meant = present.meant(name);
        if (meant != null) {
            String to = Library.up(name) + meant;
            return request -> redirect(request, to.isEmpty() ? "./" : to);
        }
        StaticFile missing = page(new PageWriter(present).notFound(name));
        return request -> missing.answerNotFound(request, POLICY);
    }

    private static StaticFile file(Library library, String source) {
        if (source.equals(STYLE)) {
            return StaticFile.read("documents/" + STYLE);
        }
        return Library.isPage(source)
                ? page(new PageWriter(library).page(source))
                : StaticFile.of(source, Library.bytes(source));
    }

    private static StaticFile page(String html) {
        return StaticFile.of("page.html", html.getBytes(StandardCharsets.UTF_8));
    }

    private Library library() {
        Library read = library;
        if (read == null) {
            read = Library.read();
            library = read;
        }
        return read;
    }

    /** Relative, so that it is right below any path of a reverse proxy. */
    private static void redirect(HttpServerRequest request, String to) {
        request.response().setStatusCode(PERMANENT).putHeader("Location", to).end();
    }

    private static void refuse(HttpServerRequest request, Throwable why) {
        Problem problem = Outside.problem(request, why);
        problem.headers().forEach((name, value) -> request.response().putHeader(name, value));
        request.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .end(problem.json().toBuffer());
    }
}
