package dev.interlock.facts;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads what objects of foreign classes say, by the names of their methods: no library is needed to compile against.
 * Methods are looked up once a class; one that throws, is not public or is not there says null. Safe for use by any
 * thread.
 */
final class Accessors {
    private static final MethodType GETTER = MethodType.methodType(Object.class, Object.class);
    private static final MethodType LOOKUP = MethodType.methodType(Object.class, Object.class, String.class);

    /**
     * What hangs on a class lives as long as the class does, which may be longer than ours live: so it consists of the
     * JDK's objects alone. It keeps no application, neither the library's nor ours.
     */
    private static final ClassValue<Map<String, MethodHandle>> BY_CLASS = new ClassValue<>() {
        @Override
        protected Map<String, MethodHandle> computeValue(Class<?> type) {
            return find(type);
        }
    };

    private Accessors() {}

    /** What a path of methods such as {@code getResponse.getStatusCode} leads to; null where a step is missing. */
    static @Nullable Object follow(Object from, String path) {
        Object at = from;
        for (int begin = 0; at != null && begin < path.length(); ) {
            int point = path.indexOf('.', begin);
            int end = point < 0 ? path.length() : point;
            at = get(at, path.substring(begin, end));
            begin = end + 1;
        }
        return at;
    }

    /** What a method without parameters returns. */
    static @Nullable Object get(Object from, String name) {
        MethodHandle method = BY_CLASS.get(from.getClass()).get(name);
        if (method == null) {
            return null;
        }
        try {
            return (Object) method.invokeExact(from);
        } catch (Throwable refused) {
            return null; // an accessor that throws costs nothing: some do where a body lacks a field
        }
    }

    /** What a method with one text as parameter returns. */
    static @Nullable Object get(Object from, String name, String argument) {
        MethodHandle method = BY_CLASS.get(from.getClass()).get(name + "(String)");
        if (method == null) {
            return null;
        }
        try {
            return (Object) method.invokeExact(from, argument);
        } catch (Throwable refused) {
            return null;
        }
    }

    /** What OkHttp lets others see of a body that nobody has read yet; null for other answers. */
    static @Nullable Object peekBody(Object answer, long most) {
        if (!answer.getClass().getName().equals("okhttp3.Response")) {
            return null;
        }
        try {
            return answer.getClass().getMethod("peekBody", long.class).invoke(answer, most);
        } catch (ReflectiveOperationException | RuntimeException read) {
            return null; // read or closed before
        }
    }

    private static Map<String, MethodHandle> find(Class<?> type) {
        Map<String, MethodHandle> found = new HashMap<>();
        collect(type, found);
        return Map.copyOf(found);
    }

    private static void collect(@Nullable Class<?> type, Map<String, MethodHandle> found) {
        if (type == null) {
            return;
        }
        if (Modifier.isPublic(type.getModifiers())) {
            for (Method method : type.getMethods()) {
                add(method, found);
            }
        }
        collect(type.getSuperclass(), found);
        for (Class<?> each : type.getInterfaces()) {
            collect(each, found);
        }
    }

    private static void add(Method method, Map<String, MethodHandle> found) {
        boolean getter = method.getParameterCount() == 0;
        boolean lookup = method.getParameterCount() == 1 && method.getParameterTypes()[0] == String.class;
        String name = getter ? method.getName() : method.getName() + "(String)";
        if (Modifier.isStatic(method.getModifiers())
                || method.getReturnType() == void.class
                || !getter && !lookup
                || found.containsKey(name)) {
            return;
        }
        try {
            MethodHandle handle = MethodHandles.publicLookup().unreflect(method);
            found.put(name, handle.asFixedArity().asType(getter ? GETTER : LOOKUP));
        } catch (IllegalAccessException | RuntimeException | LinkageError hidden) {
            return; // of a class that its module does not export; a supertype may have it
        }
    }
}
