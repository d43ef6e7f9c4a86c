# An image of the archive that ./mvnw -Pdist package makes. From the folder that holds the archive:
#
#   docker build -f Dockerfile -t interlock .
#   docker run -p 8080:8080 -v interlock:/var/lib/interlock interlock
#
# The server listens on all addresses of its container, so give it TLS (INTERLOCK_TLS_CERT, INTERLOCK_TLS_KEY) or let only a
# reverse proxy that speaks it reach the port: keys travel in a header.
FROM eclipse-temurin:17-jre

WORKDIR /opt/interlock
COPY interlock-*.tar.gz /tmp/
RUN tar -xzf /tmp/interlock-*.tar.gz --strip-components=1 -C /opt/interlock && rm /tmp/interlock-*.tar.gz
RUN /opt/interlock/bin/quick-starts
RUN mkdir -p /var/lib/interlock && chown 10001:10001 /var/lib/interlock && chmod 700 /var/lib/interlock

ENV INTERLOCK_HOST=0.0.0.0
ENV INTERLOCK_DATA_DIR=/var/lib/interlock
ENV INTERLOCK_LOG_FORMAT=json
ENV INTERLOCK_JAVA_OPTS=-XX:MaxRAMPercentage=60

USER 10001:10001
WORKDIR /var/lib/interlock
VOLUME /var/lib/interlock
EXPOSE 8080
ENTRYPOINT ["/opt/interlock/bin/interlock"]
CMD ["serve"]
