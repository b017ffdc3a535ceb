package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.Result.Status;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Checks a DL4J layer by its configuration and an input type:
 *
 * <pre>{@code
 * LayerCheckReport report = LayerCheck.of(new MyLayer.Builder().build(), InputType.convolutional(4, 5, 3)).run();
 * System.out.println(report);
 * report.assertPassed();
 * }</pre>
 *
 * <p>Each {@link Check} has one purpose and works on networks of its own, so that one that fails, or makes the layer
 * throw, does not disturb the others. All data are random, drawn from the seed; parameters are moved away from their
 * initial values by random amounts, because ones and zeros hide errors. GradientChecks are those of L = Σ w⊙y, for random
 * weights w, against central differences in double. Give small sizes: differences cost two forward passes per element,
 * and of arrays of more than {@value FiniteDifferences#MOST_ELEMENTS} elements only as many are checked, chosen at
 * random.
 *
 * <p>Random layers, such as dropout, are made repeatable by setting ND4J's seed before each forward pass. Output layers,
 * whose gradient comes from labels, keep the checks that need none. Recurrent input types without a length get {@value
 * LayerUnderTest#STEPS} steps.
 *
 * <p>While it runs, a check sets ND4J's default data types, the seed of its generator, and for workspaces its debug
 * mode. All but the seed is restored. Do not run other ND4J work meanwhile.
 */
public final class LayerCheck {
    private final Layer layer;
    private final InputType inputType;
    private int batch = 4;
    private long seed = 1;
    private double low = -1;
    private double high = 1;
    private Set<Check> checks = EnumSet.allOf(Check.class);

    private LayerCheck(Layer layer, InputType inputType) {
        this.layer = Objects.requireNonNull(layer, "layer");
        this.inputType = Objects.requireNonNull(inputType, "inputType");
    }

    /**
     * A check of a layer.
     *
     * @param layer configuration of the layer; networks are made of its clones, and it is not modified
     * @param inputType type of the input of a network whose first layer this is
     * @return a new check, with a batch of 4, seed 1, input values from −1 to 1, and all checks
     * @throws NullPointerException if an argument is null
     */
    public static LayerCheck of(Layer layer, InputType inputType) {
        return new LayerCheck(layer, inputType);
    }

    /**
     * Sets the number of examples.
     *
     * @param batch number of examples, two or more: masks hide one of them, and one alone has a check of its own
     * @return this
     * @throws IllegalArgumentException if there are fewer than two
     */
    public LayerCheck batch(int batch) {
        if (batch < 2) {
            throw new IllegalArgumentException("expected a batch of two examples or more, got " + batch);
        }
        this.batch = batch;
        return this;
    }

    /**
     * Sets the seed of all data and parameters.
     *
     * @param seed any number
     * @return this
     */
    public LayerCheck seed(long seed) {
        this.seed = seed;
        return this;
    }

    /**
     * Sets the range of the input values, which are uniformly distributed. A layer that is ill-conditioned for some
     * values, such as a division by a sum near zero, should be checked away from them.
     *
     * @param low least value
     * @param high greatest value, not reached
     * @return this
     * @throws IllegalArgumentException unless low is less than high
     */
    public LayerCheck values(double low, double high) {
        if (!(low < high)) {
            throw new IllegalArgumentException("expected low < high, got " + low + " and " + high);
        }
        this.low = low;
        this.high = high;
        return this;
    }

    /**
     * Runs these checks only. A check whose result depends on that of another one takes it as passed, if that one does
     * not run.
     *
     * @param first a check
     * @param more further checks
     * @return this
     */
    public LayerCheck only(Check first, Check... more) {
        checks = EnumSet.of(first, more);
        return this;
    }

    /**
     * Leaves out checks.
     *
     * @param first a check
     * @param more further checks
     * @return this
     */
    public LayerCheck without(Check first, Check... more) {
        checks.removeAll(EnumSet.of(first, more));
        return this;
    }

    /**
     * Runs the checks. It throws only what leaves the Java virtual machine unusable; everything else is in the report.
     *
     * @return a report of one result per check
     */
    public LayerCheckReport run() {
        LayerUnderTest subject = new LayerUnderTest(layer, inputType, batch, seed, low, high);
        DataType defaultType = Nd4j.dataType();
        DataType defaultFloatingPoint = Nd4j.defaultFloatingPointType();
        Map<Check, Result> results = new EnumMap<>(Check.class);
        try {
            for (Check check : checks) {
                Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
                results.put(check, result(check, subject, results));
            }
        } finally {
            Nd4j.setDefaultDataTypes(defaultType, defaultFloatingPoint);
        }
        return new LayerCheckReport(subject.toString(), new ArrayList<>(results.values()));
    }

    private static Result result(Check check, LayerUnderTest subject, Map<Check, Result> earlier) {
        List<Check> failed = check.presumed().stream()
                .filter(p -> earlier.containsKey(p) && earlier.get(p).status() == Status.FAILED)
                .toList();
        if (!failed.isEmpty()) {
            return new Result(check, Status.SKIPPED, "says nothing when '" + failed.get(0) + "' fails");
        }
        try {
            return new Result(check, Status.PASSED, check.examine(subject));
        } catch (Inapplicable e) {
            return new Result(check, Status.SKIPPED, message(e));
        } catch (CheckFailure e) {
            return new Result(check, Status.FAILED, message(e));
        } catch (VirtualMachineError e) {
            if (e instanceof StackOverflowError) {
                return threw(check, e);
            }
            throw e;
        } catch (Exception | Error e) {
            return threw(check, e);
        }
    }

    private static Result threw(Check check, Throwable e) {
        String message = message(e).lines().findFirst().map(": "::concat).orElse("");
        return new Result(check, Status.FAILED, "threw " + e.getClass().getSimpleName() + message);
    }

    private static String message(Throwable e) {
        return Objects.requireNonNullElse(e.getMessage(), "");
    }
}
