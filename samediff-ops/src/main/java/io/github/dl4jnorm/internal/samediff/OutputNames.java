package io.github.dl4jnorm.internal.samediff;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.Variable;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/**
 * What a graph calls the outputs of an op that is added to it.
 *
 * @param sd the graph
 */
public record OutputNames(SameDiff sd) {
    /**
     * The name that SameDiff gives an output: with the name scope before it.
     *
     * @param name name, or null
     * @return the name in the graph, or null
     */
    public @Nullable String scoped(@Nullable String name) {
        String scope = sd.currentNameScope();
        return name == null || scope == null || name.startsWith(scope + "/") ? name : scope + "/" + name;
    }

    /**
     * Names the first output of an op, and hides the others.
     *
     * @param name name, or null for one that SameDiff chooses
     * @param op an op whose first output is y, and whose others are saved statistics
     * @return y
     */
    public SDVariable named(@Nullable String name, DynamicCustomOp op) {
        SDVariable[] outputs = op.outputVariables();
        for (int i = 1; i < outputs.length; i++) {
            hide(outputs[i]);
        }
        return sd.updateVariableNameAndReference(outputs[0], name);
    }

    /**
     * Hides a saved statistic from SameDiff's search for a loss, which takes every variable that nothing depends on for
     * one: it found these too where no loss was named, as in DL4J's {@code SameDiffLayer}, and failed. A variable that
     * has a control dependency, here itself, is passed over; nothing else looks at it.
     */
    private void hide(SDVariable saved) {
        Variable variable = sd.getVariables().get(saved.name());
        variable.setControlDepsForVar(List.of(saved.name()));
        // Renaming looks for the other end.
        variable.setControlDeps(List.of());
    }
}
