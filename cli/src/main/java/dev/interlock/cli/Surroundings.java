package dev.interlock.cli;

import java.util.Map;

/** What the program finds where it is started; the topmost command knows it. */
interface Surroundings {
    /** The environment's variables. */
    Map<String, String> environment();
}
