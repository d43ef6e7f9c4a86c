package dev.interlock.cli;

/** A command that could not be carried out; its message says what to do. */
final class RemoteException extends Exception {
    private static final long serialVersionUID = 1;

    RemoteException(String message) {
        super(message, null, false, false);
    }
}
