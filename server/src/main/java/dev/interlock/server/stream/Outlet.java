package dev.interlock.server.stream;

/** The way to one client. But for {@link #run} all methods are called on the outlet's own thread only. */
interface Outlet {
    /** Whether more should not be written until there is room. */
    boolean isFull();

    /** Sends a text, or keeps it until it can be sent. */
    void write(String text);

    /** Calls once, when there is room again. */
    void onRoom(Runnable then);

    /** Runs something on the outlet's own thread, later. Any thread may call this. */
    void run(Runnable task);

    /** As {@link #run}, for what takes long: when it is the organization's turn. */
    default void inTurn(Runnable task) {
        run(task);
    }

    /** Ends the connection with a code of RFC 6455 and a reason. */
    void close(int code, String reason);
}
