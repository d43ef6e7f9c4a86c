package dev.interlock.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** All agents of the cast at work, and the story going on around them. For the stage's thread. */
final class Fleet {
    private final Stage stage;
    private final Story story;
    private final Narrator narrator;
    private final List<Agent> agents = new ArrayList<>();

    Fleet(long seed, Cast cast, Stage stage, Gate gate, Tally tally, Narrator narrator) {
        this.stage = stage;
        this.story = new Story(seed, cast);
        this.narrator = narrator;
        World world = new World(seed, story);
        for (Member member : cast.members()) {
            agents.add(new Agent(member, seed, world, stage, gate, tally, narrator::fellBack));
        }
    }

    /** Begins, now. */
    void begin() {
        agents.forEach(Agent::begin);
        play(0);
    }

    private void play(long round) {
        for (Incident incident : story.round(round)) {
            at(incident.from(), incident, narrator::began);
            at(incident.until(), incident, narrator::ended);
        }
        stage.after((round + 1) * Story.ROUND - stage.now(), () -> play(round + 1));
    }

    private void at(long time, Incident incident, Consumer<Incident> heard) {
        stage.after(Math.max(0, time - stage.now()), () -> heard.accept(incident));
    }
}
