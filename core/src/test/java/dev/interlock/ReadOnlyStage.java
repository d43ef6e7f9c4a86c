package dev.interlock;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** A stage of another library: it can be listened to, but neither cancelled nor made a CompletableFuture. */
public final class ReadOnlyStage<T> {
    private ReadOnlyStage() {}

    @SuppressWarnings("unchecked")
    public static <T> CompletionStage<T> of(CompletableFuture<T> source) {
        return (CompletionStage<T>) Proxy.newProxyInstance(
                ReadOnlyStage.class.getClassLoader(), new Class<?>[] {CompletionStage.class}, (proxy, method, args) -> {
                    if (method.getName().equals("whenComplete")) {
                        return source.whenComplete((BiConsumer<? super T, ? super Throwable>) args[0]);
                    }
                    if (method.getName().equals("toCompletableFuture")) {
                        throw new UnsupportedOperationException("read-only");
                    }
                    try {
                        return method.invoke(source, args);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }
}
