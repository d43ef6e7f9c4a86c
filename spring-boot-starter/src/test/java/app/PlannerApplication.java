package app;

import dev.interlock.CircuitOpenException;
import dev.interlock.spring.Guarded;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.stereotype.Service;

@SpringBootApplication
public class PlannerApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(PlannerApplication.class, arguments);
    }

    @Service
    public static class Planner {
        private volatile boolean broken;

        @Guarded(value = "planner", dependingOn = "model:${planner.model:kimi-k2}", fallbackMethod = "fromYesterday")
        public String plan(String goal) {
            if (broken) {
                throw new IllegalStateException("The model gave no plan");
            }
            return "a plan for " + goal; // call the model here
        }

        private String fromYesterday(String goal, CircuitOpenException refused) {
            return "yesterday's plan for " + goal;
        }

        public void breakDown(boolean isBroken) {
            broken = isBroken;
        }
    }
}
