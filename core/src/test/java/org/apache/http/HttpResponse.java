package org.apache.http;

/** Bears the name of an interface of Apache's client. */
public interface HttpResponse {}
