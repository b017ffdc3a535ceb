package io.github.dl4jnorm.layer;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What the layers log. */
final class Warnings {
    private Warnings() {}

    /** The messages of BatchNorm while an action runs; they go nowhere else. */
    static List<String> during(Runnable action) {
        Logger logger = (Logger) LoggerFactory.getLogger(BatchNormImpl.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.setAdditive(false);
        logger.addAppender(appender);
        try {
            action.run();
        } finally {
            logger.detachAppender(appender);
            logger.setAdditive(true);
        }
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
