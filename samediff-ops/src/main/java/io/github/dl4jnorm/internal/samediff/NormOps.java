package io.github.dl4jnorm.internal.samediff;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.imports.converters.ImportClassMapping;
import org.nd4j.linalg.env.EnvironmentalAction;

/**
 * Makes the ops known to SameDiff, which clones and loads ops by name.
 *
 * <p>Registration needs no call: ND4J instantiates its {@link EnvironmentalAction} services when it starts, and this is
 * one, so that {@code SameDiff.load} works in a program that never names a class of this library.
 */
public final class NormOps implements EnvironmentalAction {
    private static final List<Supplier<JavaOp>> OPS =
            List.of(NormalizeOp::new, NormalizeBackwardOp::new, BatchNormOp::new);

    /** Called by ND4J when it starts; registers the ops. */
    public NormOps() {
        register();
    }

    /** Makes the ops known to SameDiff; more than once does no harm. */
    public static void register() {
        Map<String, DifferentialFunction> known = ImportClassMapping.getOpNameMapping();
        for (Supplier<JavaOp> constructor : OPS) {
            JavaOp op = constructor.get();
            known.putIfAbsent(op.opName(), op);
        }
    }

    /**
     * The environment variable that the service interface asks for; it has no effect.
     *
     * @return a name
     */
    @Override
    public String targetVariable() {
        return "DL4JNORM_OPS";
    }

    @Override
    public void process(String value) {
        // Registering on construction is all there is to do.
    }
}
