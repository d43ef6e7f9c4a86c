package dev.interlock.server.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.interlock.server.text.Secrets;
import java.nio.charset.StandardCharsets;

/** Writes as another encoder does, and takes credentials out of the finished line, from any source. */
final class WithoutSecrets extends EncoderBase<ILoggingEvent> {
    private final Encoder<ILoggingEvent> lines;

    WithoutSecrets(Encoder<ILoggingEvent> lines) {
        this.lines = lines;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        byte[] line = lines.encode(event);
        String written = new String(line, StandardCharsets.UTF_8);
        String shown = Secrets.hidden(written);
        return shown.equals(written) ? line : shown.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] headerBytes() {
        return lines.headerBytes();
    }

    @Override
    public byte[] footerBytes() {
        return lines.footerBytes();
    }
}
