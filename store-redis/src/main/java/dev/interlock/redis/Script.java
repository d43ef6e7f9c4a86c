package dev.interlock.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** A script that Redis runs as one step. It is sent whole only to a Redis that does not know it. */
final class Script {
    static final Script WRITE = new Script("write");
    static final Script GENERATION = new Script("generation");
    static final Script KEEP_GENERATION = new Script("keep-generation");
    static final Script INDEX = new Script("index");
    static final Script UNINDEX = new Script("unindex");
    static final Script TALLY = new Script("tally");
    static final Script ASK = new Script("ask");
    static final Script RENEW = new Script("renew");
    static final Script END = new Script("end");
    static final Script LEND = new Script("lend");
    static final Script UNLEND = new Script("unlend");
    static final Script MARK = new Script("mark");
    static final Script NOTE = new Script("note");
    static final Script GATE = new Script("gate");
    static final Script FORGET_GATE = new Script("forget-gate");
    static final Script PROCESS = new Script("process");
    static final Script OBEYING = new Script("obeying");
    static final Script TRUST = new Script("trust");
    static final Script FORGET_TRUST = new Script("forget-trust");
    static final Script PROBE = new Script("probe");
    static final Script HEARTBEAT = new Script("heartbeat");

    private final String text;
    private final String digest;

    private Script(String name) {
        try (InputStream file = Objects.requireNonNull(Script.class.getResourceAsStream(name + ".lua"))) {
            text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Runs it; the answer has the type that the caller expects. */
    <T> CompletableFuture<T> run(
            RedisClusterAsyncCommands<String, String> redis,
            ScriptOutputType type,
            String[] keys,
            String... arguments) {
        CompletionStage<T> known = redis.evalsha(digest, type, keys, arguments);
        return known.toCompletableFuture()
                .thenApply(CompletableFuture::completedFuture)
                .exceptionally(failed -> cause(failed) instanceof RedisNoScriptException
                        ? redis.<T>eval(text, type, keys, arguments).toCompletableFuture()
                        : CompletableFuture.failedFuture(cause(failed)))
                .thenCompose(answer -> answer);
    }

    private static Throwable cause(Throwable failed) {
        Throwable cause = failed.getCause();
        return failed instanceof CompletionException && cause != null ? cause : failed;
    }
}
