package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Three bad answers in a row detach, ten good ones attach. */
class AttachmentTest {
    private final Attachment attachment = new Attachment();

    @Test
    void itBeginsDetachedUntilRedisIsFound() {
        assertThat(attachment.isAttached()).isFalse();

        attachment.begin();
        assertThat(attachment.isAttached()).isTrue();
    }

    @Test
    void threeBadAnswersInARowDetach() {
        attachment.begin();
        assertThat(attachment.bad()).isFalse();
        assertThat(attachment.bad()).isFalse();
        assertThat(attachment.good()).isFalse();
        assertThat(attachment.bad()).isFalse();
        assertThat(attachment.bad()).isFalse();
        assertThat(attachment.isAttached()).isTrue();

        assertThat(attachment.bad()).isTrue();
        assertThat(attachment.isAttached()).isFalse();
        assertThat(attachment.bad()).isFalse();
    }

    @Test
    void tenGoodAnswersInARowAttach() {
        for (int i = 0; i < 9; i++) {
            assertThat(attachment.good()).isFalse();
        }
        assertThat(attachment.bad()).isFalse();
        for (int i = 0; i < 9; i++) {
            assertThat(attachment.good()).isFalse();
        }
        assertThat(attachment.isAttached()).isFalse();

        assertThat(attachment.good()).isTrue();
        assertThat(attachment.isAttached()).isTrue();
        assertThat(attachment.good()).isFalse();
    }
}
