package dev.interlock.server.outbound;

import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.List;

/** Finds the addresses of names. */
@FunctionalInterface
interface Names {
    /** The addresses of a name, in the order in which they should be tried; fails if there are none. */
    Future<List<InetAddress>> resolve(String name);
}
