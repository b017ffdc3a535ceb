package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass of a parameter that is broadcast against x: dγ = Σ dy·x̂, dβ = Σ dy, with dy·a′(z) for dy if an
 * activation a follows. Every output depends on one element of the parameter.
 */
final class ParameterFormula implements BackwardFormula {
    /** Which parameter of a normalization. */
    enum Role {
        GAMMA("gamma"),
        BETA("beta"),
        OTHER("parameter");

        private final String title;

        Role(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    private final Role role;
    /** What it is a parameter of; null if its role is another one. */
    private final @Nullable NormStructure norm;

    private final long[] outputShape;
    private final ParameterUse use;
    private final int parameters;

    /** What dy is multiplied with: the slope of an activation, x̂ or 1, and 0 where a term is left out. */
    private double[] slope;

    private double[] factor;
    private double[] kept;

    /** The element that an output counts for; everywhere, if it counts for all. */
    private int[] target;

    private boolean everywhere;

    private ParameterFormula(
            Role role, @Nullable NormStructure norm, long[] outputShape, ParameterUse use, int parameters) {
        this.role = role;
        this.norm = norm;
        this.outputShape = outputShape;
        this.use = use;
        this.parameters = parameters;
        double[] ones = filled(1);
        this.slope = norm == null ? ones : norm.slope();
        this.factor = norm == null
                ? use.weight()
                : role == Role.GAMMA ? norm.statistics().xHat() : ones;
        this.kept = ones;
        this.target = use.target();
    }

    /** A parameter, recognised by its Jacobian, or null if outputs depend on several of its elements. */
    static @Nullable ParameterFormula recognise(
            RealMatrix jacobian, @Nullable NormStructure norm, long... outputShape) {
        ParameterUse use = ParameterUse.of(jacobian, outputShape);
        if (use == null) {
            return null;
        }
        Role role = Role.OTHER;
        if (norm != null && RowFactors.same(use.weight(), norm.slope())) {
            role = Role.BETA;
        } else if (norm != null
                && RowFactors.same(
                        use.weight(),
                        NormMistakes.product(norm.slope(), norm.statistics().xHat()))) {
            role = Role.GAMMA;
        }
        return new ParameterFormula(
                role, role == Role.OTHER ? null : norm, outputShape, use, jacobian.getColumnDimension());
    }

    private double[] filled(double value) {
        double[] values = new double[use.target().length];
        Arrays.fill(values, value);
        return values;
    }

    Role role() {
        return role;
    }

    /** The number of outputs that an element of the parameter goes into. */
    int copies() {
        return target.length / parameters;
    }

    @Override
    public BackwardFormula fresh() {
        return new ParameterFormula(role, norm, outputShape, use, parameters);
    }

    @Override
    public RealMatrix jacobian() {
        double[] weight = NormMistakes.product(NormMistakes.product(slope, factor), kept);
        return Matrices.of(target.length, parameters, (i, j) -> everywhere || target[i] == j ? weight[i] : 0);
    }

    @Override
    public String formula() {
        String which = "over the " + copies() + " outputs that each element goes into";
        String dy = norm != null && norm.hasActivation() ? "dy·a′" : "dy";
        return switch (role) {
            case GAMMA -> "dγ = Σ " + dy + "·x̂, " + which;
            case BETA -> "dβ = Σ " + dy + ", " + which;
            case OTHER -> "Σ dy·∂y/∂p, " + which;
        };
    }

    @Override
    public List<Mistake> mistakes() {
        List<Mistake> all = new ArrayList<>();
        addAxes(all);
        addOneCopy(all);
        if (norm != null) {
            addOfNorm(all, norm);
        }
        return all;
    }

    private void addOfNorm(List<Mistake> all, NormStructure of) {
        if (of.hasActivation()) {
            add(all, Cause.ACTIVATION_MISSING, "", b -> b.slope = filled(1));
        }
        double[] xHat = of.statistics().xHat();
        boolean gamma = role == Role.GAMMA;
        double[] other = gamma ? filled(1) : xHat;
        add(all, Cause.GAMMA_AND_BETA_SWAPPED, "", b -> b.factor = other);
        add(all, Cause.WRONG_CACHE, "γ·dy in place of dy", b -> b.factor = NormMistakes.product(b.factor, of.gamma()));
        if (gamma) {
            add(all, Cause.WRONG_CACHE, "x in place of x̂", b -> b.factor = of.x());
            if (of.statistic().isCentered()) {
                double[] centered = of.statistics().centered();
                add(all, Cause.WRONG_CACHE, "x − μ in place of x̂", b -> b.factor = centered);
            }
            add(all, Cause.WRONG_CACHE, "y in place of x̂", b -> b.factor = of.y());
        }
    }

    /** Where other axes have as many elements, or one sum over everything is broadcast, the shape does not tell. */
    private void addAxes(List<Mistake> all) {
        List<GroupIndex> byAxes = GroupIndex.byAxes(outputShape);
        String right = byAxes.stream()
                .filter(groups -> Arrays.equals(groups.group(), use.target()))
                .map(GroupIndex::text)
                .findFirst()
                .orElse("those that it is broadcast along");
        for (GroupIndex groups : byAxes) {
            if (groups.groups() == parameters && !Arrays.equals(groups.group(), use.target())) {
                add(all, Cause.WRONG_AXES, "over " + groups.text() + ", not " + right, b -> b.target = groups.group());
            }
        }
        if (parameters > 1) {
            String everything = byAxes.get(byAxes.size() - 1).text();
            add(all, Cause.WRONG_AXES, "over " + everything + ", not " + right, b -> b.everywhere = true);
        }
    }

    private void addOneCopy(List<Mistake> all) {
        for (int a = 0; a < outputShape.length; a++) {
            int axis = a;
            int last = (int) outputShape[axis] - 1;
            if (last > 0) {
                addCopy(all, "the first along axis " + axis, i -> indexAlong(i, axis) == 0);
                addCopy(all, "the last along axis " + axis, i -> indexAlong(i, axis) == last);
            }
        }
    }

    private void addCopy(List<Mistake> all, String detail, IntPredicate isKept) {
        double[] one = IntStream.range(0, target.length)
                .mapToDouble(i -> isKept.test(i) ? 1 : 0)
                .toArray();
        add(all, Cause.ONE_COPY_ONLY, detail, b -> b.kept = one);
    }

    private int indexAlong(int output, int axis) {
        return Elements.index(output, outputShape)[axis];
    }

    private void add(List<Mistake> all, Cause cause, String detail, Consumer<ParameterFormula> edit) {
        all.add(new Mistake(cause, detail, formula(), 1, backward -> edit.accept((ParameterFormula) backward)));
    }
}
