package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.TimeSource;
import dev.interlock.UsageListener;
import dev.interlock.jdbc.Database;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.BudgetListener;
import dev.interlock.monitor.budgets.BudgetStore;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Budgets of a database or of a store of one's own, and who counts what models used: these budgets, else the agent log, for
 * those of a server.
 */
@Configuration(proxyBeanMethods = false)
final class BudgetConfiguration {
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(BudgetStore.class)
    BudgetKeeper interlockBudgets(
            BudgetStore store,
            CircuitBreakerManager circuits,
            ObjectProvider<TimeSource> time,
            ObjectProvider<BudgetListener> listener) {
        BudgetKeeper keeper = new BudgetKeeper(store, circuits.gates(), time.getIfAvailable(TimeSource::system));
        listener.ifAvailable(keeper::listen);
        return keeper;
    }

    @Bean
    @ConditionalOnBean(BudgetKeeper.class)
    BudgetSteps interlockBudgetSteps(BudgetKeeper keeper, ObjectProvider<TimeSource> time) {
        return new BudgetSteps(keeper, time.getIfAvailable(TimeSource::system));
    }

    @Bean
    @ConditionalOnMissingBean(UsageListener.class)
    @ConditionalOnBean(BudgetKeeper.class)
    UsageListener interlockUsage(BudgetKeeper keeper) {
        return keeper.meter();
    }

    @Bean
    @ConditionalOnMissingBean(UsageListener.class)
    @ConditionalOnBean(AgentLogger.class)
    UsageListener interlockLoggedUsage(AgentLogger log) {
        return log.usage();
    }

    /** The budgets that people set at the servers of the same database. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Database.class)
    @ConditionalOnBean(Database.class)
    static final class OfDatabase {
        @Bean
        @ConditionalOnMissingBean(BudgetStore.class)
        BudgetStore interlockBudgetStore(Database database) {
            return database.budgetUsage();
        }
    }
}
