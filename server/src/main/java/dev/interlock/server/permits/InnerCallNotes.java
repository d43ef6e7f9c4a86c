package dev.interlock.server.permits;

import dev.interlock.server.permits.Ancestor.Note;
import dev.interlock.server.permits.SettledTogether.Answer;
import dev.interlock.server.permits.SettledTogether.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Notes with permits what becomes of the calls within them: in this server's memory, and where servers remember
 * together in theirs, so that an outer outcome is ignored where it should be whichever server takes it in. Safe for use
 * by any thread; never blocks.
 */
final class InnerCallNotes {
    private static final CompletionStage<Boolean> NOT_SETTLED = CompletableFuture.completedFuture(false);

    private final InnerNotes own;
    private final @Nullable SettledTogether together;

    InnerCallNotes(InnerNotes own, @Nullable SettledTogether together) {
        this.own = own;
        this.together = together;
    }

    /** Notes an inner call of these circuits with all permits around it, here. */
    void note(String organization, List<Ancestor> around, Collection<String> circuits, Note note, long now) {
        for (Ancestor each : around) {
            long bits = each.bits(circuits, note);
            if (bits != 0) {
                own.note(organization, each.generation(), each.number(), bits, now);
            }
        }
    }

    /** As {@link #note} does, with the other servers; says whether they know the innermost permit as settled. */
    CompletionStage<Boolean> share(List<Ancestor> around, Collection<String> circuits, Note note) {
        SettledTogether others = together;
        if (others == null || around.isEmpty() || !others.isAttached()) {
            return NOT_SETTLED;
        }
        long[] generations = new long[around.size()];
        long[] numbers = new long[around.size()];
        long[] bits = new long[around.size()];
        for (int i = 0; i < bits.length; i++) {
            generations[i] = around.get(i).generation();
            numbers[i] = around.get(i).number();
            bits[i] = around.get(i).bits(circuits, note);
        }
        return others.note(generations, numbers, bits).thenApply(words -> words[0] == Word.REPEATED);
    }

    /**
     * Asks the other servers about permits that are settled now, and notes with them which of their calls have failed within
     * others.
     *
     * @return an answer to each claim, in their order; never fails, and comes in bounded time
     */
    CompletionStage<Answer[]> settle(List<Claim> claims) {
        SettledTogether others = together;
        if (others == null) {
            Answer[] none = new Answer[claims.size()];
            Arrays.fill(none, Answer.UNKNOWN);
            return CompletableFuture.completedFuture(none);
        }
        long[] generations = new long[claims.size()];
        long[] permits = new long[claims.size()];
        for (int i = 0; i < permits.length; i++) {
            generations[i] = claims.get(i).token().generation();
            permits[i] = claims.get(i).token().number();
        }
        return others.settle(generations, permits).thenCombine(shareFailures(claims), (answers, shared) -> answers);
    }

    /** Notes with the other servers which of some calls have failed within others. */
    private CompletionStage<?> shareFailures(List<Claim> claims) {
        List<CompletableFuture<?>> shared = new ArrayList<>();
        for (Claim claim : claims) {
            PermitToken token = claim.token();
            if (!token.around().isEmpty() && isFailed(claim)) {
                shared.add(share(token.around(), token.circuits(), Note.FAILED).toCompletableFuture());
            }
        }
        return shared.isEmpty() ? NOT_SETTLED : CompletableFuture.allOf(shared.toArray(CompletableFuture[]::new));
    }

    /** Notes here that a call has failed within others, if it has. */
    void noteFailure(Claim claim, long now) {
        PermitToken token = claim.token();
        if (!token.around().isEmpty() && isFailed(claim)) {
            note(token.organization(), token.around(), token.circuits(), Note.FAILED, now);
        }
    }

    /** What was noted here with a permit that is settled now. */
    long take(PermitToken token) {
        return own.take(token.organization(), token.generation(), token.number());
    }

    private static boolean isFailed(Claim claim) {
        return claim.report().outcome(-1).isFailed();
    }
}
