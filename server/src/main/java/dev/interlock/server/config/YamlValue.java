package dev.interlock.server.config;

/**
 * A value of the settings file.
 *
 * @param text as it is written; a list or map as JSON
 * @param place the file and the line
 */
record YamlValue(String text, String place) {}
