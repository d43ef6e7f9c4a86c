/** How people sign in by an issuer: {@link dev.interlock.server.signin.SignInPages}. */
@NullMarked
package dev.interlock.server.signin;

import org.jspecify.annotations.NullMarked;
