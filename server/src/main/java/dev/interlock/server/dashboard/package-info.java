/** What people look at in a browser: static files from the class path; begin at {@link Dashboard}. */
@NullMarked
package dev.interlock.server.dashboard;

import org.jspecify.annotations.NullMarked;
