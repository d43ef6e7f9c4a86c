/** What users get, and what they can make of it by the documents alone. */
package dev.interlock.published;
