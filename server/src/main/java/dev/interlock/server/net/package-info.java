/** Internet addresses and networks: what belongs to which. Begin with {@link dev.interlock.server.net.Network}. */
@org.jspecify.annotations.NullMarked
package dev.interlock.server.net;
