package dev.interlock.test;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2ServerUpgradeCodec;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A provider that speaks HTTP/2 without TLS on a local port, upgraded or with prior knowledge, and fails by frames: the
 * path of a request names the {@link Fault}.
 */
final class Http2Server implements AutoCloseable {
    /** How a request is answered. */
    enum Fault {
        NONE,
        /** The connection goes away, and this request was not worked on. */
        GOAWAY,
        /** As {@link #GOAWAY}, within a body that never ends. */
        GOAWAY_IN_BODY,
        REFUSED_STREAM,
        INTERNAL_ERROR,
        INTERNAL_ERROR_IN_BODY,
        ENHANCE_YOUR_CALM,
        /** The server gives the call up, in the middle of a body. */
        CANCEL_IN_BODY,
        FIN,
        FIN_IN_BODY,
        RST,
        RST_IN_BODY,
        STALL,
        STALL_IN_BODY,
        STATUS_503,
        STATUS_529;

        String path() {
            return "/" + name();
        }

        private boolean isInBody() {
            return name().endsWith("_IN_BODY");
        }
    }

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private final Queue<Long> resets = new ConcurrentLinkedQueue<>();
    private final Channel listening;

    Http2Server() {
        listening = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        HttpServerCodec plain = new HttpServerCodec();
                        HttpServerUpgradeHandler upgrade = new HttpServerUpgradeHandler(
                                plain,
                                protocol -> AsciiString.contentEquals("h2c", protocol) ? upgraded() : null,
                                65_536);
                        channel.pipeline()
                                .addLast(new CleartextHttp2ServerUpgradeHandler(
                                        plain, upgrade, new ChannelInitializer<Channel>() {
                                            @Override
                                            protected void initChannel(Channel known) {
                                                Http2FrameCodec codec = codec();
                                                known.pipeline().addLast(codec, new Answering(codec));
                                            }
                                        }));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    URI uri(Fault fault) {
        return URI.create(
                "http://127.0.0.1:" + ((InetSocketAddress) listening.localAddress()).getPort() + fault.path());
    }

    /** The paths of requests that came over HTTP/2. */
    Queue<String> asked() {
        return asked;
    }

    /** The codes with which clients have reset their streams. */
    Queue<Long> resets() {
        return resets;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Http2ServerUpgradeCodec upgraded() {
        Http2FrameCodec codec = codec();
        return new Http2ServerUpgradeCodec(codec, new Answering(codec));
    }

    private static Http2FrameCodec codec() {
        return Http2FrameCodecBuilder.forServer().build();
    }

    /** Answers the requests of one connection. */
    private final class Answering extends ChannelInboundHandlerAdapter {
        private final Http2FrameCodec codec;

        private @Nullable ChannelHandlerContext pipeline;

        Answering(Http2FrameCodec codec) {
            this.codec = codec;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            pipeline = context;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            try {
                if (message instanceof Http2HeadersFrame request) {
                    String path = String.valueOf(request.headers().path());
                    asked.add(path);
                    answer(context, request.stream(), Fault.valueOf(path.substring(1)));
                } else if (message instanceof Http2ResetFrame reset) {
                    resets.add(reset.errorCode());
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void answer(ChannelHandlerContext context, Http2FrameStream stream, Fault fault) {
            if (fault.isInBody() || fault == Fault.NONE || fault.name().startsWith("STATUS_")) {
                String status =
                        fault.name().startsWith("STATUS_") ? fault.name().substring(7) : "200";
                context.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status(status)).stream(stream));
                context.writeAndFlush(new DefaultHttp2DataFrame(
                                Unpooled.copiedBuffer("data: half\n\n", StandardCharsets.UTF_8), !fault.isInBody())
                        .stream(stream));
            }
            switch (fault) {
                case GOAWAY, GOAWAY_IN_BODY -> goAway(fault == Fault.GOAWAY ? 0 : stream.id());
                case REFUSED_STREAM -> reset(stream, Http2Error.REFUSED_STREAM);
                case INTERNAL_ERROR, INTERNAL_ERROR_IN_BODY -> reset(stream, Http2Error.INTERNAL_ERROR);
                case ENHANCE_YOUR_CALM -> reset(stream, Http2Error.ENHANCE_YOUR_CALM);
                case CANCEL_IN_BODY -> reset(stream, Http2Error.CANCEL);
                case FIN, FIN_IN_BODY -> context.channel().close();
                case RST, RST_IN_BODY -> {
                    context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                    context.channel().unsafe().closeForcibly();
                }
                case NONE, STALL, STALL_IN_BODY, STATUS_503, STATUS_529 -> {}
            }
        }

        /** As it goes over the wire: what this side keeps of the stream plays no part. */
        private void reset(Http2FrameStream stream, Http2Error error) {
            ChannelHandlerContext own = own();
            codec.encoder().frameWriter().writeRstStream(own, stream.id(), error.code(), own.newPromise());
            own.flush();
        }

        /** Says which stream was the last to be worked on; then the connection ends. */
        private void goAway(int last) {
            ChannelHandlerContext own = own();
            codec.encoder()
                    .frameWriter()
                    .writeGoAway(own, last, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, own.newPromise());
            own.flush();
            own.channel().eventLoop().schedule(() -> own.channel().close(), 100, TimeUnit.MILLISECONDS);
        }

        private ChannelHandlerContext own() {
            return Objects.requireNonNull(pipeline, "not added yet").pipeline().context(codec);
        }
    }
}
