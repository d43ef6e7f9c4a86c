package dev.interlock.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerOptions;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A body that nobody wants, because its request has been refused. */
class StrictDecoderTest {
    private static final String HEAD = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n";

    @Test
    void the_rest_of_a_refused_body_is_passed_over_and_bounded() {
        AtomicInteger beyond = new AtomicInteger();
        StrictDecoder decoder = new StrictDecoder(new HttpServerOptions(), new StrictDecoder.Listener() {
            @Override
            public void head() {}

            @Override
            public void brokenBody() {}
        });
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        channel.writeInbound(bytes(HEAD + " ".repeat(10)));
        assertThat(taken(channel)).as("head and body").isGreaterThanOrEqualTo(1);
        assertThat(decoder.at()).isEqualTo(StrictDecoder.At.BODY);

        decoder.discardRest(5_000, beyond::incrementAndGet);
        channel.writeInbound(bytes(" ".repeat(5_000)));
        assertThat(taken(channel)).as("what was skipped").isZero();
        assertThat(beyond).hasValue(0);

        channel.writeInbound(bytes(" "));
        assertThat(beyond).hasValue(1);
        channel.close();
    }

    private static int taken(EmbeddedChannel channel) {
        int count = 0;
        for (Object part = channel.readInbound(); part != null; part = channel.readInbound()) {
            ReferenceCountUtil.release(part);
            count++;
        }
        return count;
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }
}
