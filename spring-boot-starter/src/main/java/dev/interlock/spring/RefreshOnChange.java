package dev.interlock.spring;

import dev.interlock.InvalidSettingsException;
import dev.interlock.Ticker;
import dev.interlock.TimeSource;
import java.time.Duration;
import java.util.List;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;

/** Reads policies again when Spring Cloud says that properties have changed, and by a timer where one is asked for. */
final class RefreshOnChange implements ApplicationListener<ApplicationEvent>, AutoCloseable {
    private static final Log LOG = LogFactory.getLog(RefreshOnChange.class);
    private static final String CHANGED = "org.springframework.cloud.context.environment.EnvironmentChangeEvent";

    private final PolicyRefresher refresher;
    private final @Nullable Ticker ticker;

    /** @param interval null for no timer */
    RefreshOnChange(PolicyRefresher refresher, TimeSource time, @Nullable Duration interval) {
        this.refresher = refresher;
        this.ticker = interval == null ? null : Ticker.every("interlock-refresh", time, interval, this::refresh);
    }

    @Override
    public void onApplicationEvent(ApplicationEvent event) {
        for (Class<?> type = event.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(CHANGED)) {
                refresh();
            }
        }
    }

    /** What cannot be is logged, and the policies stay as they are. */
    private void refresh() {
        try {
            List<String> changes = refresher.refresh();
            if (!changes.isEmpty()) {
                LOG.info("Policies were read again: " + String.join(", ", changes));
            }
        } catch (InvalidSettingsException | BindException invalid) {
            LOG.error("Policies stay as they are: " + invalid.getMessage());
        }
    }

    @Override
    public void close() {
        if (ticker != null) {
            ticker.close();
        }
    }
}
