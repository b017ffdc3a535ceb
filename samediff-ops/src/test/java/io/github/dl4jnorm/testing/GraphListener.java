package io.github.dl4jnorm.testing;

import org.nd4j.autodiff.listeners.BaseListener;
import org.nd4j.autodiff.listeners.Operation;

/** Listens to whatever a graph does. */
public class GraphListener extends BaseListener {
    @Override
    public boolean isActive(Operation operation) {
        return true;
    }
}
