/** Policies as files and requests write them; start with {@link dev.interlock.settings.PolicySettings}. */
@NullMarked
package dev.interlock.settings;

import org.jspecify.annotations.NullMarked;
